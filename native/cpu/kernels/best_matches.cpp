// The largest cosine of every row of two dictionaries, in both directions, from one pass over all
// pairs.
#include "../screen/matches.hpp"
#include "concord/similarity.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

void matches_float(BestMatches& a, ThreadPool& pool) {
  using Micro = Float32Micro;
  // Packed like an encoder without biases, whose weights are b.
  const EncoderPacking packing = encoder_packing(a.d, a.m, 0);
  Buffer<char> packed(packing.bytes);
  pack_encoder(packing, a.b, a.d, a.m, nullptr, packed.data, pool);
  const int padded = packing.panels * packing.panel;
  const int rows = chunk_rows(a.n, Micro::kRows, pool.threads());
  const int chunks = chunk_count(a.n, rows);
  const PaddedBias bias(nullptr, 1.0f, a.m, padded, nullptr);
  Buffer<float> best(static_cast<std::size_t>(chunks) * padded);
  Buffer<std::int32_t> partner(static_cast<std::size_t>(chunks) * padded);

  pool.for_each(chunks, [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.n - first < rows ? a.n - first : rows;
    const int tile = round_up(count, Micro::kRows);
    auto* x = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(tile) * a.d);
    std::memcpy(x, a.a + static_cast<std::size_t>(first) * a.d, static_cast<std::size_t>(count) * a.d * sizeof(float));
    std::memset(x + static_cast<std::size_t>(count) * a.d, 0,
                static_cast<std::size_t>(tile - count) * a.d * sizeof(float));
    float* column_best = best.data + static_cast<std::size_t>(chunk) * padded;
    std::int32_t* column_partner = partner.data + static_cast<std::size_t>(chunk) * padded;
    for (int j = 0; j < padded; j++) {
      column_best[j] = -__builtin_inff();
      column_partner[j] = -1;
    }
    for (int r = 0; r < count; r++) {
      a.best_of_a[first + r] = -__builtin_inff();
      a.partner_of_a[first + r] = -1;
    }
    screen_rows<Micro>(x, a.d, count, packing, reinterpret_cast<const float*>(packed.data), bias.values,
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

void best_matches(BestMatches& a, ThreadPool& pool) {
#ifdef CONCORD_HAS_SCREEN
  const EncoderPacking packing = encoder_packing(a.d, a.m, 1);
  if (packing.rounded && static_cast<long>(a.n) * a.m >= kFewPairs) {
    ScreenedMatches screened(a, pool, packing);
    if (screened.run()) return;
  }
#endif
  matches_float(a, pool);
}

}  // namespace concord::CONCORD_ISA
