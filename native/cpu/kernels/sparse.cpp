// Decoding, the gradient of the code, and transposition from rows to latents.
#include <cstring>

#include "../vec.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

void decode(Decode& a, ThreadPool& pool) {
  constexpr int kRows = 32;
  pool.for_each(chunk_count(a.batch, kRows), [&](int chunk, int) {
    for (int b = chunk * kRows; b < a.batch && b < (chunk + 1) * kRows; b++) {
      const int begin = a.indptr[b], count = a.indptr[b + 1] - begin;
      const std::int32_t* indices = a.indices + begin;
      const float* values = a.values + begin;
      float* residual = a.residual + static_cast<std::size_t>(b) * a.d_in;
      const float* target = a.target + static_cast<std::size_t>(b) * a.d_in;
      const auto row = [&](int i) { return a.W_dec + static_cast<std::size_t>(indices[i]) * a.d_in; };
      for (int j = 0; j < a.d_in; j++) residual[j] = -a.target_scale * target[j];
      add_rows(residual, count, a.d_in, row, [&](int i) { return values[i]; });
      a.row_loss[b] = dot(residual, residual, a.d_in);
      if (!a.code_grad) continue;
      float* grad = a.code_grad + begin;
      int i = 0;
      for (; i + 4 <= count; i += 4) {
        const float* const rows[4] = {row(i), row(i + 1), row(i + 2), row(i + 3)};
        dot4(residual, rows, a.d_in, grad + i);
      }
      for (; i < count; i++) grad[i] = dot(residual, row(i), a.d_in);
      for (i = 0; i < count; i++)
        grad[i] = a.positive_only && !(values[i] > 0.0f) ? 0.0f : a.residual_scale * grad[i] + a.l1;
    }
  });
}

void transpose(Transpose& a, ThreadPool& pool) {
  // Each chunk owns a range of latents and reads the whole code, so rows come out in ascending
  // order without atomics.
  const int chunks = pool.threads() < 8 ? pool.threads() : 8;
  const int per_chunk = (a.d_sae + chunks - 1) / chunks;
  const int nnz = a.indptr[a.batch];
  std::memset(a.latent_indptr, 0, sizeof(std::int32_t) * (static_cast<std::size_t>(a.d_sae) + 1));
  for (int i = 0; i < nnz; i++) a.latent_indptr[a.indices[i] + 1]++;
  for (int f = 0; f < a.d_sae; f++) a.latent_indptr[f + 1] += a.latent_indptr[f];
  pool.for_each(chunks, [&](int chunk, int worker) {
    const int first = chunk * per_chunk, last = first + per_chunk < a.d_sae ? first + per_chunk : a.d_sae;
    if (first >= last) return;
    auto* next = pool.scratch_of<std::int32_t>(worker, 0, static_cast<std::size_t>(last - first));
    std::memcpy(next, a.latent_indptr + first, sizeof(std::int32_t) * (last - first));
    for (int f = first; f < last; f++) {
      a.bias_grad[f] = 0.0f;
      a.active_rows[f] = 0;
      a.magnitudes[f] = 0.0;
    }
    for (int b = 0; b < a.batch; b++)
      for (int i = a.indptr[b]; i < a.indptr[b + 1]; i++) {
        const int f = a.indices[i];
        if (f < first || f >= last) continue;
        const int at = next[f - first]++;
        a.rows[at] = b;
        a.latent_values[at] = a.values[i];
        a.latent_grads[at] = a.code_grad[i];
        a.bias_grad[f] += a.code_grad[i];
        a.active_rows[f] += a.values[i] != 0.0f;
        a.magnitudes[f] += std::fabs(a.values[i]);
      }
  });
}

void weighted_row_sum(WeightedRowSum& a, ThreadPool& pool) {
  constexpr int kRows = 256;
  const int chunks = chunk_count(a.rows, kRows);
  auto* partial = new float[static_cast<std::size_t>(chunks) * a.columns];
  struct Guard {
    float* memory;
    ~Guard() { delete[] memory; }
  } guard{partial};
  pool.for_each(chunks, [&](int chunk, int) {
    float* sum = partial + static_cast<std::size_t>(chunk) * a.columns;
    const int first = chunk * kRows, count = a.rows - first < kRows ? a.rows - first : kRows;
    fill(sum, 0.0f, a.columns);
    const float* rows = a.matrix + static_cast<std::size_t>(first) * a.columns;
    int kept[kRows], n = 0;
    for (int r = 0; r < count; r++)
      if (!a.weight || a.weight[first + r] != 0.0f) kept[n++] = r;
    add_rows(sum, n, a.columns, [&](int i) { return rows + static_cast<std::size_t>(kept[i]) * a.columns; },
             [&](int i) { return a.weight ? a.weight[first + kept[i]] : 1.0f; });
  });
  fill(a.out, 0.0f, a.columns);
  for (int chunk = 0; chunk < chunks; chunk++)
    add_scaled(a.out, 1.0f, partial + static_cast<std::size_t>(chunk) * a.columns, a.columns);
}

}  // namespace concord::CONCORD_ISA
