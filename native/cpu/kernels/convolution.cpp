// The three derivatives of a convolution, as matrix products whose patches are gathered on the fly.
#include <cstring>

#include "../screen/buffer.hpp"
#include "../screen/float32.hpp"
#include "../vec.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

using Micro = Float32Micro;

constexpr int kDepth = 256;            // depth of a packed panel
constexpr int kRows = Micro::kRows * 16;  // positions that are gathered at a time
constexpr int kPieces = 16;            // of the images, in the weights' gradient
const float kNoBias[Micro::kPanel] = {};

inline int least(int a, int b) { return a < b ? a : b; }
inline int whole(int n, int of) { return (n + of - 1) / of * of; }

/// Numbers of a patch.
inline int patch_length(const ConvolutionShape& s) { return s.kernel_height * s.kernel_width * s.channels; }
/// Positions of an image, which are rows of y.
inline int positions(const ConvolutionShape& s) { return s.out_height * s.out_width; }
inline std::size_t image_length(const ConvolutionShape& s) {
  return static_cast<std::size_t>(s.height) * s.width * s.channels;
}

/// The numbers [first, last) of the patch at position (p, q) of one image: runs that are contiguous
/// in the image, in order. run(at, offset, n): n numbers of the patch from `at` on are those of the
/// image from `offset` on. gap(at, n): n numbers lie outside the image.
template <class Run, class Gap>
inline void patch_runs(const ConvolutionShape& s, int p, int q, int first, int last, Run run, Gap gap) {
  const int line = s.kernel_width * s.channels, width = s.width * s.channels;
  const int left = (q * s.stride - s.padding) * s.channels;
  for (int a = first / line; a * line < last; a++) {
    const int begin = a * line < first ? first : a * line, end = least(last, (a + 1) * line);
    const int h = p * s.stride + a - s.padding;
    if (h < 0 || h >= s.height) {
      gap(begin, end - begin);
      continue;
    }
    // Of this line, what lies inside the image.
    const int inside = a * line - left, beyond = inside + width;
    const int lo = inside < begin ? begin : least(inside, end);
    const int hi = beyond < lo ? lo : least(beyond, end);
    if (lo > begin) gap(begin, lo - begin);
    if (hi > lo) run(lo, h * width + left + lo - a * line, hi - lo);
    if (end > hi) gap(hi, end - hi);
  }
}

inline void copy(float* to, const float* from, int n) {
  if (n >= kLanes) {
    std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(float));
    return;
  }
  for (int i = 0; i < n; i++) to[i] = from[i];
}

/// The numbers [first, last) of the patch at position (p, q) of `image`.
inline void gather_patch(const ConvolutionShape& s, const float* image, int p, int q, int first, int last, float* out) {
  patch_runs(
      s, p, q, first, last, [&](int at, int offset, int n) { copy(out + at - first, image + offset, n); },
      [&](int at, int n) { fill(out + at - first, 0.0f, n); });
}

/// Panels of B [depth, columns], which at(k, c) reads, in blocks of kDepth: [block][panel][k][c],
/// columns padded with zeros.
template <class At>
void pack_panels(int depth, int columns, float* out, ThreadPool& pool, At at) {
  constexpr int panel = Micro::kPanel;
  const int padded = whole(columns, panel);
  pool.for_each(padded / panel, [&](int p, int) {
    for (int k0 = 0; k0 < depth; k0 += kDepth) {
      const int block = least(kDepth, depth - k0);
      float* to = out + static_cast<std::size_t>(k0) * padded + static_cast<std::size_t>(p) * panel * block;
      for (int k = 0; k < block; k++)
        for (int c = 0; c < panel; c++) to[k * panel + c] = p * panel + c < columns ? at(k0 + k, p * panel + c) : 0.0f;
    }
  });
}

/// c[r][j] += or = the tile's rows and columns.
inline void store_tile(const float* tile, float* c, int stride, int rows, int columns, bool add) {
  for (int r = 0; r < rows; r++) {
    float* to = c + static_cast<std::size_t>(r) * stride;
    const float* t = tile + r * Micro::kPanel;
    if (add)
      for (int j = 0; j < columns; j++) to[j] += t[j];
    else
      for (int j = 0; j < columns; j++) to[j] = t[j];
  }
}

/// C [rows, columns] (+)= A B for one block of depth; A [rows padded to whole tiles, depth] packed.
inline void multiply_block(const float* a, const float* panels, float* c, int rows, int columns, int depth, bool add) {
  alignas(64) float tile[Micro::kRows * Micro::kPanel];
  for (int column = 0; column < columns; column += Micro::kPanel)
    for (int r = 0; r < rows; r += Micro::kRows) {
      Micro::tile(a + static_cast<std::size_t>(r) * depth, depth, panels + static_cast<std::size_t>(column) * depth,
                  kNoBias, depth, tile);
      store_tile(tile, c + static_cast<std::size_t>(r) * columns + column, columns, least(Micro::kRows, rows - r),
                 least(Micro::kPanel, columns - column), add);
    }
}

/// Every row becomes the bias, or zeros; nothing where results are added to what is there, but for
/// the bias.
inline void begin_rows(float* rows, const float* bias, std::size_t count, int columns, bool accumulate) {
  for (std::size_t r = 0; r < count; r++) {
    float* row = rows + r * columns;
    if (!accumulate)
      for (int j = 0; j < columns; j++) row[j] = bias ? bias[j] : 0.0f;
    else if (bias)
      for (int j = 0; j < columns; j++) row[j] += bias[j];
  }
}

}  // namespace

void convolve(Convolve& a, ThreadPool& pool) {
  const ConvolutionShape& s = a.shape;
  const int length = patch_length(s), filters = s.filters, padded = whole(filters, Micro::kPanel);
  const int per_image = positions(s);
  const long total = static_cast<long>(s.images) * per_image;
  Buffer<float> panels(static_cast<std::size_t>(length) * padded);
  pack_panels(length, filters, panels.data, pool,
              [&](int k, int c) { return a.weights[static_cast<std::size_t>(k) * filters + c]; });
  pool.for_each(chunk_count(total, kRows), [&](int chunk, int worker) {
    const long first = static_cast<long>(chunk) * kRows;
    const int rows = static_cast<int>(total - first < kRows ? total - first : kRows);
    float* x = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(kRows) * kDepth);
    float* y = a.y + static_cast<std::size_t>(first) * filters;
    begin_rows(y, a.bias, rows, filters, a.accumulate);
    for (int k0 = 0; k0 < length; k0 += kDepth) {
      const int depth = least(kDepth, length - k0);
      for (int r = 0; r < rows; r++) {
        const long at = first + r;
        const int position = static_cast<int>(at % per_image);
        gather_patch(s, a.x + static_cast<std::size_t>(at / per_image) * image_length(s), position / s.out_width,
                     position % s.out_width, k0, k0 + depth, x + static_cast<std::size_t>(r) * depth);
      }
      fill(x + static_cast<std::size_t>(rows) * depth, 0.0f, (whole(rows, Micro::kRows) - rows) * depth);
      multiply_block(x, panels.data + static_cast<std::size_t>(k0) * padded, y, rows, filters, depth, true);
    }
  });
}

void convolve_back(ConvolveBack& a, ThreadPool& pool) {
  const ConvolutionShape& s = a.shape;
  const int length = patch_length(s), filters = s.filters, padded = whole(length, Micro::kPanel);
  const int per_image = positions(s);
  Buffer<float> panels(static_cast<std::size_t>(filters) * padded);
  pack_panels(filters, length, panels.data, pool,
              [&](int k, int c) { return a.weights[static_cast<std::size_t>(c) * filters + k]; });
  pool.for_each(s.images, [&](int n, int worker) {
    float* image = a.x + static_cast<std::size_t>(n) * image_length(s);
    begin_rows(image, a.bias, static_cast<std::size_t>(s.height) * s.width, s.channels, a.accumulate);
    float* y = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(kRows) * kDepth);
    float* patches = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(kRows) * length);
    for (int first = 0; first < per_image; first += kRows) {
      const int rows = least(kRows, per_image - first);
      for (int k0 = 0; k0 < filters; k0 += kDepth) {
        const int depth = least(kDepth, filters - k0);
        for (int r = 0; r < rows; r++)
          copy(y + static_cast<std::size_t>(r) * depth,
               a.y + (static_cast<std::size_t>(n) * per_image + first + r) * filters + k0, depth);
        fill(y + static_cast<std::size_t>(rows) * depth, 0.0f, (whole(rows, Micro::kRows) - rows) * depth);
        multiply_block(y, panels.data + static_cast<std::size_t>(k0) * padded, patches, rows, length, depth, k0 > 0);
      }
      for (int r = 0; r < rows; r++) {
        const float* patch = patches + static_cast<std::size_t>(r) * length;
        const int p = (first + r) / s.out_width, q = (first + r) % s.out_width;
        patch_runs(
            s, p, q, 0, length,
            [&](int at, int offset, int count) {
              for (int i = 0; i < count; i++) image[offset + i] += patch[at + i];
            },
            [](int, int) {});
      }
    }
  });
}

void convolve_weights(ConvolveWeights& a, ThreadPool& pool) {
  const ConvolutionShape& s = a.shape;
  const int length = patch_length(s), filters = s.filters, padded = whole(length, Micro::kPanel);
  const int per_image = positions(s), pieces = least(s.images, kPieces);
  const std::size_t size = static_cast<std::size_t>(filters) * length;
  // Of each piece the transposed gradient, [filters, length].
  Buffer<float> sums(size * pieces);
  pool.for_each(pieces, [&](int piece, int worker) {
    float* sum = sums.data + size * piece;
    std::memset(sum, 0, size * sizeof(float));
    const int from = static_cast<int>(static_cast<long>(s.images) * piece / pieces);
    const int to = static_cast<int>(static_cast<long>(s.images) * (piece + 1) / pieces);
    const long total = static_cast<long>(to - from) * per_image;
    float* y = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(whole(filters, Micro::kRows)) * kDepth);
    float* panels = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(padded) * kDepth);
    float* patch = pool.scratch_of<float>(worker, 2, padded);
    for (int k = length; k < padded; k++) patch[k] = 0.0f;
    for (long first = 0; first < total; first += kDepth) {
      const int depth = static_cast<int>(total - first < kDepth ? total - first : kDepth);
      for (int d = 0; d < depth; d++) {
        const long at = static_cast<long>(from) * per_image + first + d;
        const int position = static_cast<int>(at % per_image);
        const float* row = a.y + static_cast<std::size_t>(at) * filters;
        for (int o = 0; o < filters; o++) y[static_cast<std::size_t>(o) * depth + d] = row[o];
        gather_patch(s, a.x + static_cast<std::size_t>(at / per_image) * image_length(s), position / s.out_width,
                     position % s.out_width, 0, length, patch);
        for (int k = 0; k < padded; k += Micro::kPanel)
          std::memcpy(panels + static_cast<std::size_t>(k) * depth + static_cast<std::size_t>(d) * Micro::kPanel,
                      patch + k, Micro::kPanel * sizeof(float));
      }
      fill(y + static_cast<std::size_t>(filters) * depth, 0.0f, (whole(filters, Micro::kRows) - filters) * depth);
      multiply_block(y, panels, sum, filters, length, depth, true);
    }
  });
  for (int k = 0; k < length; k++)
    for (int o = 0; o < filters; o++) {
      float total = 0.0f;
      for (int piece = 0; piece < pieces; piece++) total += sums.data[size * piece + static_cast<std::size_t>(o) * length + k];
      float* to = a.weights + static_cast<std::size_t>(k) * filters + o;
      *to = a.accumulate ? *to + total : total;
    }
}

}  // namespace concord::CONCORD_ISA
