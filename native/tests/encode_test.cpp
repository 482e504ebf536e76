// Top-k equals sorting every float32 score, on each instruction set, for shapes that fit no tile
// and for rows that are hard to screen; and the result does not depend on the number of threads.
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "check.hpp"

using namespace concord;

namespace {

struct Problem {
  int batch, d, f, k;
  std::vector<float> x, w, bias;
};

Problem random_problem(int batch, int d, int f, int k, unsigned seed) {
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

Code encode(const Kernels& kernels, const Problem& p, bool relu, int threads, int margin,
            const float* floor = nullptr) {
  ThreadPool pool(threads);
  const EncoderPacking packing = kernels.encoder_packing(p.d, p.f, p.k);
  AlignedBytes packed(packing.bytes);
  kernels.pack_encoder(packing, p.w.data(), p.d, p.f, nullptr, packed.memory, pool);
  Code code;
  code.indices.resize(static_cast<std::size_t>(p.batch) * p.k);
  code.values.resize(code.indices.size());
  EncodeTopK args{p.x.data(),         p.batch, p.d,    p.w.data(), p.bias.data(), p.f,  &packing,
                  packed.memory,      p.k,     margin, floor,      nullptr,       relu, code.indices.data(),
                  code.values.data(), 0};
  kernels.encode_topk(args, pool);
  code.redone = args.redone_rows;
  return code;
}

/// Scores in float64; the result must be a best set up to the rounding of float32, and exactly so
/// for equal scores.
void expect_best(const Problem& p, const Code& code, bool relu, const char* claim) {
  std::vector<double> score(p.f), size(p.f);
  int wrong = 0;
  for (int b = 0; b < p.batch; b++) {
    for (int f = 0; f < p.f; f++) {
      score[f] = p.bias[f];
      size[f] = std::fabs(p.bias[f]);
      for (int j = 0; j < p.d; j++) {
        const double product = static_cast<double>(p.x[b * p.d + j]) * p.w[static_cast<std::size_t>(f) * p.d + j];
        score[f] += product;
        size[f] += std::fabs(product);
      }
    }
    const int* chosen = code.indices.data() + static_cast<std::size_t>(b) * p.k;
    std::vector<char> in(p.f, 0);
    double weakest = std::numeric_limits<double>::infinity(), slack = 0;
    for (int i = 0; i < p.k; i++) {
      if (chosen[i] < 0 || chosen[i] >= p.f || (i > 0 && chosen[i] <= chosen[i - 1])) {
        wrong++;
        continue;
      }
      in[chosen[i]] = 1;
      const double tolerance = 1e-6 * size[chosen[i]];
      weakest = std::min(weakest, score[chosen[i]]);
      slack = std::max(slack, tolerance);
      const double expected = relu ? std::max(0.0, score[chosen[i]]) : score[chosen[i]];
      wrong += !(std::fabs(code.values[static_cast<std::size_t>(b) * p.k + i] - expected) <= tolerance + 1e-37);
    }
    for (int f = 0; f < p.f; f++) wrong += !in[f] && score[f] > weakest + slack + 1e-6 * size[f];
    // Among identical latents the lowest indices are taken.
    for (int f = 1; f < p.f; f++)
      if (in[f] && !in[f - 1] && p.bias[f] == p.bias[f - 1] &&
          std::memcmp(&p.w[static_cast<std::size_t>(f) * p.d], &p.w[static_cast<std::size_t>(f - 1) * p.d],
                      sizeof(float) * p.d) == 0)
        wrong++;
  }
  check::that(wrong == 0, claim, std::to_string(wrong).c_str());
}

void expect_same(const Code& a, const Code& b, const char* claim) {
  check::that(a.indices == b.indices && std::memcmp(a.values.data(), b.values.data(), a.values.size() * 4) == 0, claim);
}

/// `code` without the scores below the floors.
Code above(const Problem& p, const Code& code, const std::vector<float>& floor) {
  Code kept;
  for (int b = 0; b < p.batch; b++) {
    for (int i = b * p.k; i < (b + 1) * p.k; i++) {
      if (code.values[i] < floor[b]) continue;
      kept.indices.push_back(code.indices[i]);
      kept.values.push_back(code.values[i]);
    }
    kept.indices.resize(static_cast<std::size_t>(b + 1) * p.k, -1);
    kept.values.resize(kept.indices.size(), -std::numeric_limits<float>::infinity());
  }
  return kept;
}

/// Groups of latents in an order of their own; every row wants some of them.
void test_groups(const Kernels& kernels, const std::string& isa, int batch, int d, int f, int k, int size) {
  const Problem p = random_problem(batch, d, f, k, 31);
  std::vector<int> order(f), place(f);
  for (int i = 0; i < f; i++) place[order[i] = static_cast<int>((i * 7L + 5) % f)] = i;
  const int count = (f + size - 1) / size;
  std::vector<std::uint32_t> wanted(batch);
  std::vector<float> floor(batch);
  for (int b = 0; b < batch; b++) {
    wanted[b] = b % 5 == 0 ? 0u : static_cast<std::uint32_t>(b) * 2654435761u;
    floor[b] = (b % 3 == 0 ? -100.0f : 1.5f) * std::sqrt(static_cast<float>(d));
  }
  const auto in_wanted = [&](int b, int latent) { return (wanted[b] >> (place[latent] / size) & 1u) != 0; };
  ThreadPool pool(2);
  const EncoderPacking packing = kernels.encoder_packing(d, f, k);
  AlignedBytes packed(packing.bytes);
  kernels.pack_encoder(packing, p.w.data(), d, f, order.data(), packed.memory, pool);
  std::vector<float> reach(static_cast<std::size_t>(batch) * count, 77.0f), values(static_cast<std::size_t>(batch) * k);
  std::vector<int> indices(values.size());
  const LatentGroups groups{order.data(), size, wanted.data(), reach.data()};
  EncodeTopK args{p.x.data(),   batch,   d,     p.w.data(),     p.bias.data(), f, &packing, packed.memory, k, 8,
                  floor.data(), &groups, false, indices.data(), values.data(), 0};
  kernels.encode_topk(args, pool);
  int wrong_codes = 0, wrong_reaches = 0, loose_reaches = 0;
  for (int b = 0; b < batch; b++) {
    std::vector<double> score(f);
    for (int j = 0; j < f; j++) {
      score[j] = p.bias[j];
      for (int q = 0; q < d; q++)
        score[j] += static_cast<double>(p.x[b * d + q]) * p.w[static_cast<std::size_t>(j) * d + q];
    }
    std::vector<double> best;
    for (int j = 0; j < f; j++)
      if (in_wanted(b, j) && score[j] >= floor[b]) best.push_back(score[j]);
    std::sort(best.rbegin(), best.rend());
    const int expected = std::min<int>(k, static_cast<int>(best.size()));
    std::vector<char> listed(f, 0);
    int found = 0;
    for (int i = 0; i < k; i++) {
      const int latent = indices[static_cast<std::size_t>(b) * k + i];
      if (latent < 0) continue;
      found++;
      wrong_codes +=
          !in_wanted(b, latent) || std::fabs(values[static_cast<std::size_t>(b) * k + i] - score[latent]) > 1e-4 * d;
      wrong_codes += expected > 0 && score[latent] < best[expected - 1] - 1e-4 * d;
      listed[latent] = 1;
    }
    wrong_codes += found != expected;
    for (int g = 0; g < count; g++) {
      const float known = reach[static_cast<std::size_t>(b) * count + g];
      if ((wanted[b] >> g & 1u) == 0) {
        wrong_reaches += known != 77.0f;
        continue;
      }
      double most = -1e30, largest = -1e30;
      for (int i = g * size; i < f && i < (g + 1) * size; i++) {
        largest = std::max(largest, score[order[i]]);
        if (!listed[order[i]]) most = std::max(most, score[order[i]]);
      }
      wrong_reaches += most > known + 1e-4 * d;
      loose_reaches += known > largest + 0.05 * d;
    }
  }
  check::that(wrong_codes == 0, (isa + "a row's code comes from the groups it wants").c_str(),
              std::to_string(wrong_codes).c_str());
  check::that(wrong_reaches == 0, (isa + "nothing left out of a group exceeds its reach").c_str(),
              std::to_string(wrong_reaches).c_str());
  check::that(loose_reaches == 0, (isa + "a reach is little more than the group's best").c_str(),
              std::to_string(loose_reaches).c_str());
}

}  // namespace

int main() {
  check::each_isa([](const Kernels& kernels) {
    const std::string isa = std::string(kernels.isa) + ": ";
    const int shapes[][4] = {{1, 1, 1, 1},       {3, 5, 7, 7},      {13, 33, 100, 3}, {37, 64, 1000, 8},
                             {70, 130, 2049, 6}, {33, 96, 515, 32}, {5, 257, 4100, 1}};
    for (const auto& s : shapes) {
      const Problem p = random_problem(s[0], s[1], s[2], s[3], 7u + s[2]);
      for (const bool relu : {true, false}) {
        const Code one = encode(kernels, p, relu, 1, 16);
        expect_best(p, one, relu, (isa + "top-k is the best k of " + std::to_string(s[2])).c_str());
        expect_same(one, encode(kernels, p, relu, 2, 16), (isa + "top-k is the same on two threads").c_str());
        expect_same(one, encode(kernels, p, relu, 3, 80), (isa + "top-k is the same for any margin").c_str());
      }
      // Floors at a score itself, just above one, between scores, below and above all.
      const Code all = encode(kernels, p, false, 1, 16);
      std::vector<float> floor(p.batch);
      for (int b = 0; b < p.batch; b++) {
        const float some = all.values[b * p.k + b % p.k];
        const float choices[] = {
            some, std::nextafter(some, 1e9f), some - 0.3f, -1e9f, 1e9f, -std::numeric_limits<float>::infinity()};
        floor[b] = choices[b % 6];
      }
      for (const int margin : {0, 16})
        expect_same(above(p, all, floor), encode(kernels, p, false, 2, margin, floor.data()),
                    (isa + "what is below the floor is left out").c_str());
    }

    Problem duplicates = random_problem(20, 48, 1200, 5, 11);
    for (int f = 0; f < duplicates.f; f++)
      std::copy_n(&duplicates.w[static_cast<std::size_t>(f / 300 * 300) * 48], 48,
                  &duplicates.w[static_cast<std::size_t>(f) * 48]);
    std::fill(duplicates.bias.begin(), duplicates.bias.end(), 0.0f);
    const Code of_duplicates = encode(kernels, duplicates, false, 2, 16);
    expect_best(duplicates, of_duplicates, false, (isa + "ties go to the lower index").c_str());

    const std::vector<float> at_ties(duplicates.batch, of_duplicates.values[0]);
    expect_same(above(duplicates, of_duplicates, at_ties), encode(kernels, duplicates, false, 2, 0, at_ties.data()),
                (isa + "ties at the floor stay").c_str());

    Problem mean = random_problem(20, 64, 1500, 6, 12);
    for (int b = 0; b < mean.batch; b++) mean.x[b * 64 + 3] += 3000.0f;
    expect_best(mean, encode(kernels, mean, true, 2, 16), true, (isa + "a huge mean does not spoil the order").c_str());

    Problem tiny = random_problem(20, 64, 1500, 6, 13);
    for (float& v : tiny.x) v *= 1e-38f;
    for (float& v : tiny.w) v *= 1e-3f;
    for (float& v : tiny.bias) v = 0;
    const Code of_tiny = encode(kernels, tiny, false, 2, 16);
    expect_best(tiny, of_tiny, false, (isa + "subnormal scores are ordered").c_str());

    Problem broken = random_problem(4, 16, 40, 8, 14);
    for (float& w : broken.w) w = std::numeric_limits<float>::quiet_NaN();
    bool named = false;
    try {
      encode(kernels, broken, true, 2, 16);
    } catch (const Error& error) {
      named = error.code() == "numeric/not-finite" && std::strstr(error.what(), "Row ");
    }
    check::that(named, (isa + "NaN weights are an error that names a row").c_str());

    // A NaN in one row of many, whichever way it is scored and whichever thread gets there first.
    for (const int latents : {40, 1500}) {
      Problem one = random_problem(300, 21, latents, 4, 17);
      one.x[static_cast<std::size_t>(7) * 21 + 20] = one.x[static_cast<std::size_t>(250) * 21] =
          std::numeric_limits<float>::quiet_NaN();
      std::string message;
      try {
        const std::vector<float> floor(one.batch, 0.5f);
        encode(kernels, one, true, 3, 16, latents == 40 ? nullptr : floor.data());
      } catch (const Error& error) {
        message = error.what();
      }
      check::that(message.find("Row 7 ") != std::string::npos, (isa + "the first row with a NaN is named").c_str(),
                  message.c_str());
      one = random_problem(300, 21, latents, 4, 17);
      one.w[static_cast<std::size_t>(latents / 2) * 21 + 20] = std::numeric_limits<float>::quiet_NaN();
      message = "";
      try {
        encode(kernels, one, true, 3, 16);
      } catch (const Error& error) {
        message = error.what();
      }
      check::that(message.find("Row 0 ") != std::string::npos, (isa + "a NaN in one latent is not overlooked").c_str(),
                  message.c_str());
    }

    // Scores that differ in the last place of a huge bias, of more latents than k and fewer than
    // are kept.
    Problem biased = random_problem(30, 64, 1500, 6, 18);
    for (float& v : biased.x) v *= 0.02f;
    for (int f = 0; f < biased.f; f++) biased.bias[f] = f % 60 == 7 ? 1e6f : 0.0f;
    const Code of_biased = encode(kernels, biased, false, 2, 16);
    expect_same(of_biased, encode(kernels, biased, false, 2, 1494),
                (isa + "huge biases do not spoil the order").c_str());

    test_groups(kernels, isa, 100, 40, 1000, 4, 32);
    test_groups(kernels, isa, 37, 70, 1500, 16, 96);
    test_groups(kernels, isa, 30, 20, 100, 5, 32);

    // All scores above zero, against the same scores computed one by one.
    const Problem p = random_problem(29, 45, 333, 0, 15);
    ThreadPool pool(2);
    const EncoderPacking packing = kernels.encoder_packing(p.d, p.f, 0);
    AlignedBytes packed(packing.bytes);
    kernels.pack_encoder(packing, p.w.data(), p.d, p.f, nullptr, packed.memory, pool);
    std::vector<int> indptr(p.batch + 1), indices(static_cast<std::size_t>(p.batch) * p.f);
    std::vector<float> values(indices.size());
    EncodePositive args{
        p.x.data(), p.batch,       p.d,           p.w.data(),     p.bias.data(), p.f,
        &packing,   packed.memory, indptr.data(), indices.data(), values.data(), static_cast<long>(indices.size()),
        0};
    kernels.encode_positive(args, pool);
    int wrong = 0;
    for (int b = 0; b < p.batch; b++) {
      int at = indptr[b];
      for (int f = 0; f < p.f; f++) {
        double score = p.bias[f];
        for (int j = 0; j < p.d; j++)
          score += static_cast<double>(p.x[b * p.d + j]) * p.w[static_cast<std::size_t>(f) * p.d + j];
        if (std::fabs(score) < 1e-4) continue;  // either side of zero is right
        while (at < indptr[b + 1] && indices[at] < f) at++;
        const bool active = at < indptr[b + 1] && indices[at] == f;
        wrong += active != (score > 0) || (active && std::fabs(values[at] - score) > 1e-4);
      }
    }
    check::that(wrong == 0 && args.nnz == indptr[p.batch], (isa + "positive scores are all there").c_str());
    args.capacity = 3;
    kernels.encode_positive(args, pool);
    check::that(args.nnz == indptr[p.batch], (isa + "too little room reports how much is needed").c_str());
    std::vector<float> spoiled = p.x;
    spoiled[static_cast<std::size_t>(11) * p.d] = std::numeric_limits<float>::quiet_NaN();
    args.x = spoiled.data();
    std::string message;
    try {
      kernels.encode_positive(args, pool);
    } catch (const Error& error) {
      message = error.what();
    }
    check::that(message.find("Row 11 ") != std::string::npos, (isa + "a NaN among the scores names its row").c_str(),
                message.c_str());
  });
  return check::summary("encode_test");
}
