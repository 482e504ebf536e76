// Dense kernels: matrix product, and elementwise work around it.
#include <cstdlib>
#include <cstring>

#include "../screen/float32.hpp"
#include "../vec.hpp"
#include "concord/error.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

constexpr int kDepth = 256;  // depth of a packed panel
constexpr int kRows = Float32Micro::kRows * 16;
constexpr int kBlock = 16;  // numbers of a cache line
constexpr int kTasks = 8;   // pieces that a product is cut into at least, where it can be

/// Element (row, column) of op(M).
struct View {
  const float* data;
  long row_stride, column_stride;
  const float* at(long row, long column) const { return data + row * row_stride + column * column_stride; }
};

/// [rows, depth] of op(A), row-major, rows padded with zeros to whole tiles.
void pack_rows(const View& a, int row, int rows, int k0, int depth, float* out) {
  const int padded = (rows + Float32Micro::kRows - 1) / Float32Micro::kRows * Float32Micro::kRows;
  for (int r = 0; r < rows && a.column_stride == 1; r++)
    std::memcpy(out + r * depth, a.at(row + r, k0), static_cast<std::size_t>(depth) * sizeof(float));
  // Blocks of a transposed matrix, so that each cache line is read once.
  for (int r0 = a.column_stride == 1 ? rows : 0; r0 < rows; r0 += kBlock)
    for (int k = 0; k < depth; k++)
      for (int r = r0; r < r0 + kBlock && r < rows; r++) out[r * depth + k] = *a.at(row + r, k0 + k);
  for (int i = rows * depth; i < padded * depth; i++) out[i] = 0.0f;
}

/// [depth, kPanel] of op(B), columns padded with zeros.
void pack_columns(const View& b, int column, int columns, int k0, int depth, float* out) {
  constexpr int panel = Float32Micro::kPanel;
  if (columns == panel && b.column_stride == 1) {
    for (int k = 0; k < depth; k++) std::memcpy(out + k * panel, b.at(k0 + k, column), panel * sizeof(float));
    return;
  }
  for (int block = 0; block < depth; block += kBlock)
    for (int c = 0; c < panel; c++)
      for (int k = block; k < block + kBlock && k < depth; k++)
        out[k * panel + c] = c < columns ? *b.at(k0 + k, column + c) : 0.0f;
}

}  // namespace

void gemm(Gemm& g, ThreadPool& pool) {
  using Micro = Float32Micro;
  const View a = g.transpose_a ? View{g.a, 1, g.m} : View{g.a, g.k, 1};
  const View b = g.transpose_b ? View{g.b, 1, g.k} : View{g.b, g.n, 1};
  for (int r = 0; r < g.m && g.k == 0; r++)
    for (int c = 0; c < g.n; c++) g.c[static_cast<std::size_t>(r) * g.n + c] *= g.beta;
  const int panels = (g.n + Micro::kPanel - 1) / Micro::kPanel;
  // Few rows are cut by panels as well. No cut changes a sum.
  const int chunks = chunk_count(g.m, kRows);
  const int together = chunks >= kTasks ? panels : chunk_count(static_cast<long>(panels) * chunks, kTasks);
  const int groups = chunk_count(panels, together);
  // One depth block of op(B) is packed at a time and shared by all rows.
  auto* packed_b = static_cast<float*>(std::aligned_alloc(
      64, (static_cast<std::size_t>(panels) * Micro::kPanel * kDepth * sizeof(float) + 63) / 64 * 64));
  if (!packed_b) fail("backend/failed", "[gemm] Out of memory.");
  struct Guard {
    float* memory;
    ~Guard() { std::free(memory); }
  } guard{packed_b};
  const float zero_bias[Micro::kPanel] = {};
  for (int k0 = 0; k0 < g.k; k0 += kDepth) {
    const int depth = g.k - k0 < kDepth ? g.k - k0 : kDepth;
    pool.for_each(panels, [&](int p, int) {
      const int column = p * Micro::kPanel;
      pack_columns(b, column, g.n - column < Micro::kPanel ? g.n - column : Micro::kPanel, k0, depth,
                   packed_b + static_cast<std::size_t>(p) * Micro::kPanel * kDepth);
    });
    pool.for_each(chunks * groups, [&](int task, int worker) {
      const int row = task / groups * kRows, rows = g.m - row < kRows ? g.m - row : kRows;
      const int first = task % groups * together, last = first + together < panels ? first + together : panels;
      auto* x = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(kRows) * kDepth);
      pack_rows(a, row, rows, k0, depth, x);
      alignas(64) float tile[Micro::kRows * Micro::kPanel];
      for (int p = first; p < last; p++) {
        const int column = p * Micro::kPanel, columns = g.n - column < Micro::kPanel ? g.n - column : Micro::kPanel;
        for (int r = 0; r < rows; r += Micro::kRows) {
          Micro::tile(x + r * depth, depth, packed_b + static_cast<std::size_t>(p) * Micro::kPanel * kDepth, zero_bias,
                      depth, tile);
          for (int q = 0; q < Micro::kRows && r + q < rows; q++) {
            float* c = g.c + static_cast<std::size_t>(row + r + q) * g.n + column;
            const float* t = tile + q * Micro::kPanel;
            if (k0 > 0)
              for (int j = 0; j < columns; j++) c[j] += g.alpha * t[j];
            else if (g.beta == 0.0f)
              for (int j = 0; j < columns; j++) c[j] = g.alpha * t[j];
            else
              for (int j = 0; j < columns; j++) c[j] = g.beta * c[j] + g.alpha * t[j];
          }
        }
      }
    });
  }
}

void center(Center& a, ThreadPool& pool) {
  constexpr int kChunk = 64;
  const int chunks = chunk_count(a.batch, kChunk);
  auto* bad = new int[chunks];
  struct Guard {
    int* memory;
    ~Guard() { delete[] memory; }
  } guard{bad};
  pool.for_each(chunks, [&](int chunk, int) {
    bad[chunk] = -1;
    for (int b = chunk * kChunk; b < a.batch && b < (chunk + 1) * kChunk; b++) {
      const float* x = a.x + static_cast<std::size_t>(b) * a.d_in;
      float* out = a.out + static_cast<std::size_t>(b) * a.d_in;
      typedef std::int32_t Bits __attribute__((may_alias));
      const Bits* bits = reinterpret_cast<const Bits*>(x);
      std::int32_t not_finite = 0;  // an exponent of all ones is an infinity or a NaN
      for (int j = 0; j < a.d_in; j++) not_finite |= (bits[j] & 0x7f800000) == 0x7f800000;
      if (a.offset)
        for (int j = 0; j < a.d_in; j++) out[j] = x[j] - a.offset[j];
      else if (out != x) std::memcpy(out, x, static_cast<std::size_t>(a.d_in) * sizeof(float));
      if (not_finite && bad[chunk] < 0) bad[chunk] = b;
    }
  });
  a.bad_row = -1;
  for (int chunk = 0; chunk < chunks && a.bad_row < 0; chunk++) a.bad_row = bad[chunk];
}

void normalize_rows(NormalizeRows& a, ThreadPool& pool) {
  constexpr int kChunk = 64;
  pool.for_each(chunk_count(a.count, kChunk), [&](int chunk, int) {
    for (int r = chunk * kChunk; r < a.count && r < (chunk + 1) * kChunk; r++) {
      const float* row = a.rows + static_cast<std::size_t>(r) * a.columns;
      float* unit = a.unit + static_cast<std::size_t>(r) * a.columns;
      const float scale = inverse_norm(row, a.columns);
      for (int j = 0; j < a.columns; j++) unit[j] = scale * row[j];
    }
  });
}

void bias_relu(BiasRelu& a, ThreadPool& pool) {
  constexpr int kChunk = 16;
  pool.for_each(chunk_count(a.batch, kChunk), [&](int chunk, int) {
    for (int b = chunk * kChunk; b < a.batch && b < (chunk + 1) * kChunk; b++) {
      float* row = a.scores + static_cast<std::size_t>(b) * a.d_sae;
      std::int32_t active = 0;
      for (int f = 0; f < a.d_sae; f++) {
        const float s = a.bias ? row[f] + a.bias[f] : row[f];
        row[f] = s <= 0.0f ? 0.0f : s;  // NaN stays
        active += s > 0.0f;
      }
      float sums[16] = {};
      int f = 0;
      for (; f + 16 <= a.d_sae; f += 16)
        for (int q = 0; q < 16; q++) sums[q] += row[f + q];
      for (; f < a.d_sae; f++) sums[0] += row[f];
      float sum = 0.0f;
      for (int q = 0; q < 16; q++) sum += sums[q];
      a.active[b] = active;
      a.sum[b] = sum;
    }
  });
}

void mask_gradient(MaskGradient& a, ThreadPool& pool) {
  constexpr long kChunk = 1 << 16;
  pool.for_each(chunk_count(a.n, kChunk), [&](int chunk, int) {
    const long first = chunk * kChunk, last = first + kChunk < a.n ? first + kChunk : a.n;
    for (long i = first; i < last; i++) a.grad[i] = a.code[i] > 0.0f ? a.grad[i] * a.scale + a.l1 : 0.0f;
  });
}

void gather_rows(GatherRows& a, ThreadPool& pool) {
  constexpr int kChunk = 64;
  pool.for_each(chunk_count(a.count, kChunk), [&](int chunk, int) {
    for (int i = chunk * kChunk; i < a.count && i < (chunk + 1) * kChunk; i++)
      std::memcpy(a.out + static_cast<std::size_t>(i) * a.columns,
                  a.matrix + static_cast<std::size_t>(a.index[i]) * a.columns,
                  static_cast<std::size_t>(a.columns) * sizeof(float));
  });
}

}  // namespace concord::CONCORD_ISA
