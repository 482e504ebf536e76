// Comparing dictionaries: largest cosines, and pulls.
#include <cstdlib>

#include "../screen/screen.hpp"
#include "../screen/float32.hpp"
#include "concord/similarity.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

void best_matches(BestMatches& a, ThreadPool& pool) {
  using Micro = Float32Micro;
  // Packed like an encoder without biases, whose weights are b.
  const EncoderPacking packing = encoder_packing(a.d, a.m, 0);
  auto* packed = static_cast<float*>(std::aligned_alloc(64, (packing.bytes + 63) / 64 * 64));
  if (!packed) fail("backend/failed", "[bestMatches] Out of memory.");
  pack_encoder(packing, a.b, a.d, a.m, nullptr, packed, pool);
  const int padded = packing.panels * packing.panel;
  const int rows = chunk_rows(a.n, Micro::kRows, pool.threads());
  const int chunks = chunk_count(a.n, rows);
  const PaddedBias bias(nullptr, 1.0f, a.m, padded, nullptr);
  auto* best = new float[static_cast<std::size_t>(chunks) * padded];
  auto* partner = new std::int32_t[static_cast<std::size_t>(chunks) * padded];
  struct Guard {
    float *packed, *best;
    std::int32_t* partner;
    ~Guard() {
      std::free(packed);
      delete[] best;
      delete[] partner;
    }
  } guard{packed, best, partner};

  pool.for_each(chunks, [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.n - first < rows ? a.n - first : rows;
    const int tile = round_up(count, Micro::kRows);
    auto* x = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(tile) * a.d);
    std::memcpy(x, a.a + static_cast<std::size_t>(first) * a.d, static_cast<std::size_t>(count) * a.d * sizeof(float));
    std::memset(x + static_cast<std::size_t>(count) * a.d, 0,
                static_cast<std::size_t>(tile - count) * a.d * sizeof(float));
    float* column_best = best + static_cast<std::size_t>(chunk) * padded;
    std::int32_t* column_partner = partner + static_cast<std::size_t>(chunk) * padded;
    for (int j = 0; j < padded; j++) {
      column_best[j] = -__builtin_inff();
      column_partner[j] = -1;
    }
    for (int r = 0; r < count; r++) {
      a.best_of_a[first + r] = -__builtin_inff();
      a.partner_of_a[first + r] = -1;
    }
    screen_rows<Micro>(x, a.d, count, packing, packed, bias.values,
                       [&](int row, int tile_rows, int column, const float* scores) {
      for (int q = 0; q < tile_rows; q++) {
        const float* s = scores + q * Micro::kPanel;
        const int r = first + row + q;
        float row_best = a.best_of_a[r];
        std::int32_t row_partner = a.partner_of_a[r];
        for (int j = 0; j < Micro::kPanel; j++) {
          if (s[j] > row_best) {
            row_best = s[j];
            row_partner = column + j;
          }
          if (s[j] > column_best[column + j]) {
            column_best[column + j] = s[j];
            column_partner[column + j] = r;
          }
        }
        a.best_of_a[r] = row_best;
        a.partner_of_a[r] = row_partner;
      }
    });
  });
  for (int j = 0; j < a.m; j++) {
    a.best_of_b[j] = -__builtin_inff();
    a.partner_of_b[j] = -1;
    for (int chunk = 0; chunk < chunks; chunk++) {
      const std::size_t at = static_cast<std::size_t>(chunk) * padded + j;
      if (best[at] > a.best_of_b[j]) {
        a.best_of_b[j] = best[at];
        a.partner_of_b[j] = partner[at];
      }
    }
  }
}

void pull_rows(PullRows& a, ThreadPool& pool) {
  constexpr int kLatents = 32;
  pool.for_each(chunk_count(a.d_sae, kLatents), [&](int chunk, int) {
    for (int f = chunk * kLatents; f < a.d_sae && f < (chunk + 1) * kLatents; f++) {
      float* out = a.out + static_cast<std::size_t>(f) * a.d_in;
      const float* unit = a.unit + static_cast<std::size_t>(f) * a.d_in;
      const int first = a.indptr[f], count = a.indptr[f + 1] - first;
      fill(out, 0.0f, a.d_in);
      if (count == 0) continue;
      add_rows(out, count, a.d_in, [&](int i) {
        return a.partners[a.partner[first + i]] + static_cast<std::size_t>(a.row[first + i]) * a.d_in;
      }, [&](int i) { return a.weight[first + i]; });
      float scale = 1.0f;
      if (a.parameter) {
        const float* row = a.parameter + static_cast<std::size_t>(f) * a.d_in;
        scale = inverse_norm(row, a.d_in);
      }
      const float along = dot(out, unit, a.d_in);
      for (int j = 0; j < a.d_in; j++) out[j] = scale * (out[j] - along * unit[j]);
    }
  });
}

void raise_reach(RaiseReach& a) {
  a.rows_above = 0;
  for (int r = 0; r < a.rows; r++) {
    float* reach = a.reach + static_cast<std::size_t>(r) * a.groups;
    const float by = a.by_row ? a.by_row[r] : 0.0f, level = a.level[r];
    if (a.by_group)
      for (int g = 0; g < a.groups; g++) reach[g] += by + a.by_group[g];
    else if (a.by_row)
      for (int g = 0; g < a.groups; g++) reach[g] += by;
    std::uint32_t above = 0;
    float most = -__builtin_inff();
    for (int g = 0; g < a.groups; g++) {
      above |= static_cast<std::uint32_t>(!(reach[g] <= level)) << g;
      most = reach[g] > most ? reach[g] : most;
    }
    a.above[r] = above;
    a.most[r] = most;
    a.rows_above += above != 0;
  }
}

void paired_dots(PairedDots& a, ThreadPool& pool) {
  constexpr int kRows = 128;
  pool.for_each(chunk_count(a.count, kRows), [&](int chunk, int) {
    for (int i = chunk * kRows; i < a.count && i < (chunk + 1) * kRows; i++)
      a.out[i] = dot(a.a + static_cast<std::size_t>(i) * a.d,
                     a.b + static_cast<std::size_t>(a.index ? a.index[i] : i) * a.d, a.d);
  });
}

}  // namespace concord::CONCORD_ISA
