// The three derivatives of a convolution, as matrix products whose patches are gathered on the fly.
#include "../screen/buffer.hpp"
#include "../screen/float32.hpp"
#include "../vec.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

using Micro = Float32Micro;

constexpr int kDepth = 256;            // depth of a packed panel
constexpr int kRows = Micro::kRows * 16;  // positions that are gathered at a time
constexpr int kPieces = 16;            // of the images at most, in the weights' gradient
constexpr int kPiecePositions = 1024;  // of a piece at least, where there are more than four pieces
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

/// A position of y, counted up without divisions.
struct Position {
  const ConvolutionShape& s;
  const float* image;  // of x
  int p, q;

  Position(const ConvolutionShape& shape, const float* x, long at)
      : s(shape),
        image(x + static_cast<std::size_t>(at / positions(shape)) * image_length(shape)),
        p(static_cast<int>(at % positions(shape)) / shape.out_width),
        q(static_cast<int>(at % positions(shape)) % shape.out_width) {}

  void next() {
    if (++q < s.out_width) return;
    q = 0;
    if (++p < s.out_height) return;
    p = 0;
    image += image_length(s);
  }
};

/// The numbers [first, last) of the patch at position (p, q) of one image: runs that are contiguous
/// in the image, in order. run(at, offset, n): n numbers of the patch from `at` on are those of the
/// image from `offset` on. gap(at, n): n numbers lie outside the image.
template <class Run, class Gap>
inline void patch_runs(const ConvolutionShape& s, int p, int q, int first, int last, Run run, Gap gap) {
  const int line = s.kernel_width * s.channels, width = s.width * s.channels;
  const int left = (q * s.stride - s.padding) * s.channels;
  int h = p * s.stride - s.padding;
  const bool is_inside = h >= 0 && h + s.kernel_height <= s.height && left >= 0 && left + line <= width;
  if (is_inside && first == 0 && last == line * s.kernel_height) {
    for (int at = 0; at < last; at += line, h++) run(at, h * width + left, line);
    return;
  }
  for (int at = 0; at < last; at += line, h++) {
    const int begin = at < first ? first : at, end = least(last, at + line);
    if (end <= first) continue;
    if (h < 0 || h >= s.height) {
      gap(begin, end - begin);
      continue;
    }
    // Of this line, what lies inside the image.
    const int inside = at - left, beyond = inside + width;
    const int lo = inside < begin ? begin : least(inside, end);
    const int hi = beyond < lo ? lo : least(beyond, end);
    if (lo > begin) gap(begin, lo - begin);
    if (hi > lo) run(lo, h * width + left + lo - at, hi - lo);
    if (end > hi) gap(hi, end - hi);
  }
}

/// Short copies, in vectors: most runs are shorter than a call of memcpy is worth.
inline void copy(float* __restrict to, const float* __restrict from, int n) {
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, load(from + i));
  for (; i < n; i++) to[i] = from[i];
}

inline void add(float* __restrict to, const float* __restrict from, int n) {
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, load(to + i) + load(from + i));
  for (; i < n; i++) to[i] += from[i];
}

/// out [columns, depth] of rows [depth, columns]: sixteen rows at a time, so that whole cache lines
/// are written.
inline void transpose_rows(const float* rows, int depth, int columns, float* out) {
  constexpr int block = 16;
  for (int d0 = 0; d0 < depth; d0 += block) {
    const int n = least(block, depth - d0);
    for (int c = 0; c < columns; c++)
      for (int d = 0; d < n; d++)
        out[static_cast<std::size_t>(c) * depth + d0 + d] = rows[static_cast<std::size_t>(d0 + d) * columns + c];
  }
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
  const long total = static_cast<long>(s.images) * positions(s);
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
      Position at(s, a.x, first);
      for (int r = 0; r < rows; r++, at.next()) {
        float* patch = x + static_cast<std::size_t>(r) * depth;
        patch_runs(s, at.p, at.q, k0, k0 + depth, [&](int k, int offset, int n) {
          copy(patch + k - k0, at.image + offset, n);
        }, [&](int k, int n) { fill(patch + k - k0, 0.0f, n); });
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
      Position at(s, image, first);
      for (int r = 0; r < rows; r++, at.next()) {
        const float* patch = patches + static_cast<std::size_t>(r) * length;
        patch_runs(s, at.p, at.q, 0, length,
                   [&](int k, int offset, int count) { add(image + offset, patch + k, count); }, [](int, int) {});
      }
    }
  });
}

namespace {

/// What the positions [from, to) of y add to the weights' gradient.
struct Piece {
  const ConvolveWeights& a;
  long from, to;
  float* sum;
  ThreadPool& pool;
  int worker;

  /// Calls block(position, depth) for up to kDepth positions at a time.
  template <class Block>
  void blocks(Block block) const {
    for (long first = from; first < to; first += kDepth)
      block(first, static_cast<int>(to - first < kDepth ? to - first : kDepth));
  }

  /// sum [filters, length] = yᵀ patches.
  void transposed_sum() const {
    constexpr int panel = Micro::kPanel;
    const ConvolutionShape& s = a.shape;
    const int length = patch_length(s), filters = s.filters, padded = whole(length, panel);
    float* y = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(whole(filters, Micro::kRows)) * kDepth);
    float* panels = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(padded) * kDepth);
    Position at(s, a.x, from);
    blocks([&](long first, int depth) {
      transpose_rows(a.y + static_cast<std::size_t>(first) * filters, depth, filters, y);
      fill(y + static_cast<std::size_t>(filters) * depth, 0.0f, (whole(filters, Micro::kRows) - filters) * depth);
      for (int d = 0; d < depth; d++, at.next()) {
        // Numbers [k, k + n) of the patch, panel by panel.
        const auto place = [&](int k, int n, auto write) {
          for (int c = k % panel, done = 0; done < n; c = 0) {
            const int some = least(panel - c, n - done);
            write(panels + static_cast<std::size_t>(k + done - c) * depth + static_cast<std::size_t>(d) * panel + c,
                  done, some);
            done += some;
          }
        };
        const auto clear = [](float* out, int, int some) { fill(out, 0.0f, some); };
        patch_runs(s, at.p, at.q, 0, length, [&](int k, int offset, int n) {
          place(k, n, [&](float* out, int done, int some) { copy(out, at.image + offset + done, some); });
        }, [&](int k, int n) { place(k, n, clear); });
        if (padded > length) place(length, padded - length, clear);
      }
      multiply_block(y, panels, sum, filters, length, depth, first > from);
    });
  }

  /// sum [length, filters] = patchesᵀ y. For patches that are shorter than a panel.
  void short_sum() const {
    constexpr int panel = Micro::kPanel;
    const ConvolutionShape& s = a.shape;
    const int length = patch_length(s), filters = s.filters, padded = whole(filters, panel);
    const int rows = whole(length, Micro::kRows);
    float* patches = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(rows) * kDepth);
    float* panels = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(padded) * kDepth);
    Position at(s, a.x, from);
    blocks([&](long first, int depth) {
      fill(patches + static_cast<std::size_t>(length) * depth, 0.0f, (rows - length) * depth);
      for (int d = 0; d < depth; d++, at.next()) {
        patch_runs(s, at.p, at.q, 0, length, [&](int k, int offset, int n) {
          for (int i = 0; i < n; i++) patches[(k + i) * depth + d] = at.image[offset + i];
        }, [&](int k, int n) {
          for (int i = 0; i < n; i++) patches[(k + i) * depth + d] = 0.0f;
        });
        const float* y = a.y + static_cast<std::size_t>(first + d) * filters;
        for (int o = 0; o < padded; o += panel) {
          float* out = panels + static_cast<std::size_t>(o) * depth + static_cast<std::size_t>(d) * panel;
          const int some = least(panel, filters - o);
          copy(out, y + o, some);
          fill(out + some, 0.0f, panel - some);
        }
      }
      multiply_block(patches, panels, sum, length, filters, depth, first > from);
    });
  }
};

}  // namespace

void convolve_weights(ConvolveWeights& a, ThreadPool& pool) {
  const ConvolutionShape& s = a.shape;
  const int length = patch_length(s), filters = s.filters;
  const long per_image = positions(s), total = s.images * per_image;
  const long wanted = total / kPiecePositions > 4 ? total / kPiecePositions : 4;
  const int pieces = least(s.images, wanted < kPieces ? static_cast<int>(wanted) : kPieces);
  const bool is_short = length < Micro::kPanel;
  const std::size_t size = static_cast<std::size_t>(filters) * length;
  Buffer<float> sums(size * pieces);
  pool.for_each(pieces, [&](int i, int worker) {
    const long from = static_cast<long>(s.images) * i / pieces * per_image;
    const long to = static_cast<long>(s.images) * (i + 1) / pieces * per_image;
    const Piece piece{a, from, to, sums.data + size * i, pool, worker};
    if (is_short) piece.short_sum();
    else piece.transposed_sum();
  });
  constexpr int kTogether = 8;
  pool.for_each(chunk_count(filters, kTogether), [&](int chunk, int) {
    for (int o = chunk * kTogether; o < filters && o < (chunk + 1) * kTogether; o++)
      for (int k = 0; k < length; k++) {
        const std::size_t own = static_cast<std::size_t>(k) * filters + o;
        const float* term = sums.data + (is_short ? own : static_cast<std::size_t>(o) * length + k);
        float sum = *term;
        for (int i = 1; i < pieces; i++) sum += term[size * i];
        a.weights[own] = a.accumulate ? a.weights[own] + sum : sum;
      }
  });
}

}  // namespace concord::CONCORD_ISA
