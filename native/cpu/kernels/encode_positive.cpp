// Encoding: all scores above zero.
#include "../screen/packed.hpp"
#include "../screen/screen.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// The code of one row, which grows.
struct RowCode {
  float* values = nullptr;
  std::int32_t* indices = nullptr;
  std::int32_t count = 0, capacity = 0;
  bool nan = false;

  void append(const float* scores, int n, std::int32_t first) {
    if (count + n > capacity) {
      capacity = 2 * capacity + n + 64;
      values = static_cast<float*>(grow(values, capacity));
      indices = static_cast<std::int32_t*>(grow(indices, capacity));
    }
    for (int i = 0; i < n; i++) {
      values[count] = scores[i];
      indices[count] = first + i;
      count += scores[i] > 0.0f;
      nan |= scores[i] != scores[i];
    }
  }

 private:
  static void* grow(void* memory, std::int32_t elements) {
    void* larger = __builtin_realloc(memory, static_cast<std::size_t>(elements) * 4);
    if (!larger) fail("backend/failed", "[encode] Out of memory for the active latents of a batch.");
    return larger;
  }
};

struct RowCodes {
  RowCode* rows;
  int count;
  explicit RowCodes(int n) : rows(new RowCode[n]), count(n) {}
  ~RowCodes() {
    for (int r = 0; r < count; r++) {
      __builtin_free(rows[r].values);
      __builtin_free(rows[r].indices);
    }
    delete[] rows;
  }
};

}  // namespace

void encode_positive(EncodePositive& a, ThreadPool& pool) {
  using Micro = Float32Micro;
  const EncoderPacking& packing = *a.packing;
  const auto* panels = static_cast<const float*>(view(packing, a.packed).panels);
  const PaddedBias bias(a.bias, 1.0f, a.d_sae, packing.panels * packing.panel, nullptr);
  RowCodes codes(a.batch);
  const int rows = chunk_rows(a.batch, Micro::kRows, pool.threads());
  pool.for_each(chunk_count(a.batch, rows), [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.batch - first < rows ? a.batch - first : rows;
    const float* x = whole_tiles(a.x + static_cast<std::size_t>(first) * a.d_in, count, a.d_in, pool, worker);
    screen_rows<Micro>(x, a.d_in, count, packing, panels, bias.values,
                       [&](int row, int tile_rows, int latent, const float* scores) {
      for (int q = 0; q < tile_rows; q++)
        codes.rows[first + row + q].append(scores + q * Micro::kPanel, Micro::kPanel, latent);
    });
  });
  a.nnz = 0;
  for (int r = 0; r < a.batch; r++) {
    if (codes.rows[r].nan) fail_not_finite("encode", r, "the input or the weights");
    a.indptr[r] = static_cast<std::int32_t>(a.nnz);
    a.nnz += codes.rows[r].count;
  }
  if (a.nnz > INT32_MAX) fail("backend/failed", "[encode] More than 2^31 active latents in one batch.");
  a.indptr[a.batch] = static_cast<std::int32_t>(a.nnz);
  if (a.nnz > a.capacity) return;
  pool.for_each(chunk_count(a.batch, 64), [&](int chunk, int) {
    for (int r = chunk * 64; r < a.batch && r < chunk * 64 + 64; r++) {
      const std::size_t bytes = static_cast<std::size_t>(codes.rows[r].count) * 4;
      if (bytes == 0) continue;
      std::memcpy(a.values + a.indptr[r], codes.rows[r].values, bytes);
      std::memcpy(a.indices + a.indptr[r], codes.rows[r].indices, bytes);
    }
  });
}

}  // namespace concord::CONCORD_ISA
