// Comparing dictionaries: pulls, and what matchings keep up to date.
#include "../vec.hpp"
#include "concord/similarity.hpp"
#include "concord/thread_pool.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

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
