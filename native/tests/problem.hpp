// Random problems for the kernels that select the k largest scores, and their results.
#pragma once
#include <cstring>
#include <vector>

#include "check.hpp"

struct Problem {
  int batch, d, f, k;
  std::vector<float> x, w, bias;
};

inline Problem random_problem(int batch, int d, int f, int k, unsigned seed) {
  Problem p{batch,
            d,
            f,
            k,
            std::vector<float>(static_cast<std::size_t>(batch) * d),
            std::vector<float>(static_cast<std::size_t>(f) * d),
            std::vector<float>(f)};
  check::Numbers numbers{seed};
  numbers.fill_normal(p.x.data(), static_cast<long>(p.x.size()));
  numbers.fill_normal(p.w.data(), static_cast<long>(p.w.size()));
  for (float& b : p.bias) b = 0.1f * numbers.normal();
  return p;
}

struct Code {
  std::vector<int> indices;
  std::vector<float> values;
  int redone = 0;
};

struct AlignedBytes {
  void* memory;
  explicit AlignedBytes(std::size_t n) : memory(std::aligned_alloc(64, (n + 63) / 64 * 64)) {}
  ~AlignedBytes() { std::free(memory); }
};

inline void expect_same(const Code& a, const Code& b, const char* claim) {
  check::that(a.indices == b.indices && std::memcmp(a.values.data(), b.values.data(), a.values.size() * 4) == 0, claim);
}
