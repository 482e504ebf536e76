// The screening loop. It scores a block of rows against all columns, panel by panel, and keeps only
// promising scores. A column is a latent of an encoder, or an atom that matching searches.
//
// A Micro supplies the arithmetic of one tile:
//   Input                      element type of the converted rows
//   kRows, kPanel, kDepth      rows and columns of a tile; depth is padded to a multiple of kDepth
//   panel_elements(depth)      elements of a panel of columns
//   begin(), end()             per-thread set-up
//   tile(x, stride, panel, bias, depth, scores)   scores[kRows][kPanel] = x panel^T + bias
// Loop order: a group of panels stays in the second-level cache while the rows of the chunk pass. A
// row stays in the first-level cache while the panels of the group pass. Weights are therefore read
// from memory once per chunk of rows.
#pragma once
#include "candidates.hpp"
#include "float32.hpp"
#include "concord/encode.hpp"
#include "concord/error.hpp"
#include "concord/search.hpp"
#include "concord/thread_pool.hpp"

namespace concord::CONCORD_ISA {

constexpr long kGroupBytes = 384 * 1024;
constexpr int kMaxChunkRows = 1024;

inline int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Rows per chunk: whole tiles, and a few chunks per thread.
inline int chunk_rows(int batch, int tile_rows, int threads) {
  const int even = (batch + 4 * threads - 1) / (4 * threads);
  const int rows = even < kMaxChunkRows ? even : kMaxChunkRows;
  return round_up(rows < tile_rows ? tile_rows : rows, tile_rows);
}

/// Row stride of converted rows, in elements. It is whole cache lines, and not a multiple of 1 KiB,
/// so that the rows of a tile fall into different cache sets.
template <class Micro>
int row_stride(int d_padded) {
  constexpr int size = static_cast<int>(sizeof(typename Micro::Input));
  const int bytes = round_up(Micro::row_elements(d_padded) * size, 64);
  return (bytes % 1024 == 0 ? bytes + 64 : bytes) / size;
}

/// `sign` times the bias of each packed column, or zeros. Padding up to whole panels is minus
/// infinity, so that it is never selected.
struct PaddedBias {
  float* values;
  PaddedBias(const float* bias, float sign, int columns, int padded, const std::int32_t* order)
      : values(new float[padded]) {
    for (int c = 0; c < columns; c++) values[c] = bias ? sign * bias[order ? order[c] : c] : 0.0f;
    for (int c = columns; c < padded; c++) values[c] = -__builtin_inff();
  }
  ~PaddedBias() { delete[] values; }
};

/// The rows themselves if they fill whole tiles, otherwise a copy padded with zeros. Tiles read
/// whole groups of rows.
inline const float* whole_tiles(const float* x, int count, int d_in, ThreadPool& pool, int worker) {
  const int padded = round_up(count, Float32Micro::kRows);
  if (padded == count) return x;
  auto* copy = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(padded) * d_in);
  std::memcpy(copy, x, static_cast<std::size_t>(count) * d_in * sizeof(float));
  std::memset(copy + static_cast<std::size_t>(count) * d_in, 0,
              static_cast<std::size_t>(padded - count) * d_in * sizeof(float));
  return copy;
}

/// Calls sink(tile_row, rows, first_column, scores) for every tile of the rows [0, rows) at `x`.
template <class Micro, class Sink>
void screen_rows(const typename Micro::Input* x, int stride, int rows, const EncoderPacking& packing,
                 const typename Micro::Input* panels, const float* bias, Sink sink) {
  alignas(64) float scores[Micro::kRows * Micro::kPanel];
  const std::size_t panel_size = Micro::panel_elements(packing.d_padded);
  const long panel_bytes = static_cast<long>(panel_size * sizeof(typename Micro::Input));
  const int group = static_cast<int>(kGroupBytes / panel_bytes) + 1;
  for (int p0 = 0; p0 < packing.panels; p0 += group) {
    const int p1 = p0 + group < packing.panels ? p0 + group : packing.panels;
    for (int r = 0; r < rows; r += Micro::kRows) {
      const int tile_rows = rows - r < Micro::kRows ? rows - r : Micro::kRows;
      for (int p = p0; p < p1; p++) {
        Micro::tile(x + static_cast<std::size_t>(r) * stride, stride, panels + p * panel_size, bias + p * Micro::kPanel,
                    packing.d_padded, scores);
        sink(r, tile_rows, p * Micro::kPanel, scores);
      }
    }
  }
}

/// The larger of n scores and `best`, lane by lane; n is a multiple of the lanes.
inline Vec largest_lanes(Vec best, const float* scores, int n) {
  for (int i = 0; i < n; i += kLanes) {
    const Vec s = load(scores + i);
    best = s > best ? s : best;
  }
  return best;
}

inline float largest_lane(Vec v) {
  float best = v[0];
  for (int q = 1; q < kLanes; q++) best = v[q] > best ? v[q] : best;
  return best;
}

/// Calls sink(row, first_column, scores) for every panel of the groups that a row wants. Writes the
/// row's largest score in each group to reach [rows, groups]. The rows that want a group are copied
/// to `tile` [kRows, stride], so that tiles are full.
template <class Micro, class Sink>
void screen_groups(const typename Micro::Input* x, int stride, int rows, const EncoderPacking& packing,
                   const ColumnGroups& groups, int count, const std::uint32_t* wanted,
                   const typename Micro::Input* panels, const float* bias, typename Micro::Input* tile, float* reach,
                   Sink sink) {
  alignas(64) float scores[Micro::kRows * Micro::kPanel];
  const std::size_t panel_size = Micro::panel_elements(packing.d_padded);
  const int group_panels = groups.size / Micro::kPanel;
  for (int g = 0; g < count; g++) {
    const int p0 = g * group_panels, p1 = p0 + group_panels < packing.panels ? p0 + group_panels : packing.panels;
    for (int r = 0; r < rows;) {
      int listed[Micro::kRows], n = 0;
      for (; r < rows && n < Micro::kRows; r++)
        if (!wanted || (wanted[r] >> g & 1u)) listed[n++] = r;
      if (n == 0) break;
      for (int q = 0; q < Micro::kRows; q++)
        std::memcpy(tile + static_cast<std::size_t>(q) * stride,
                    x + static_cast<std::size_t>(listed[q < n ? q : n - 1]) * stride,
                    static_cast<std::size_t>(stride) * sizeof(typename Micro::Input));
      Vec best[Micro::kRows];
      for (Vec& b : best) b = splat(-__builtin_inff());
      for (int p = p0; p < p1; p++) {
        Micro::tile(tile, stride, panels + p * panel_size, bias + p * Micro::kPanel, packing.d_padded, scores);
        for (int q = 0; q < n; q++) {
          const float* row = scores + q * Micro::kPanel;
          best[q] = largest_lanes(best[q], row, Micro::kPanel);
          sink(listed[q], p * Micro::kPanel, row);
        }
      }
      for (int q = 0; q < n; q++) reach[static_cast<std::size_t>(listed[q]) * count + g] = largest_lane(best[q]);
    }
  }
}

/// Appends a panel's scores to a row's candidates. shrink() makes room when it runs short.
template <class Micro, class Shrink>
void collect(Candidates& c, int first, const float* scores, int keep, Shrink shrink) {
  c.append(scores, Micro::kPanel, first);
  if (c.count > Candidates::limit(keep, Micro::kPanel) - Micro::kPanel) shrink();
}

/// The largest number below `value`; minus infinity stays minus infinity.
inline float next_below(float value) {
  if (!(value > -__builtin_inff())) return value;
  return from_ordered_key(ordered_key(value == 0.0f ? -0.0f : value) - 1);
}

/// Candidate buffers of `rows` rows in one worker's scratch (slots 1 to 3).
inline Candidates* make_candidates(ThreadPool& pool, int worker, int rows, int keep, int block) {
  const int capacity = Candidates::capacity(keep, block);
  auto* candidates = pool.scratch_of<Candidates>(worker, 1, static_cast<std::size_t>(rows));
  auto* values = pool.scratch_of<float>(worker, 2, static_cast<std::size_t>(rows) * capacity);
  auto* indices = pool.scratch_of<std::int32_t>(worker, 3, static_cast<std::size_t>(rows) * capacity);
  for (int r = 0; r < rows; r++)
    candidates[r] = {values + static_cast<std::size_t>(r) * capacity, indices + static_cast<std::size_t>(r) * capacity,
                     -__builtin_inff(), 0, false};
  return candidates;
}

[[noreturn]] inline void fail_not_finite(const char* kernel, int row, const char* inputs) {
  char text[192];
  __builtin_snprintf(text, sizeof text, "[%s] Row %d has scores that are not finite: %s hold NaN, or are too large.",
                     kernel, row, inputs);
  fail("numeric/not-finite", text);
}

/// Writes one row of a result from its candidates, which are already exactly the k best or fewer.
/// Those below the floor are left out; `order` is as in ColumnGroups.
inline void write_row(const Candidates& c, int k, float floor, bool relu, const std::int32_t* order,
                      std::int32_t* indices, float* values) {
  int kept = 0;
  for (int j = 0; j < c.count; j++) {
    if (c.values[j] < floor) continue;
    indices[kept] = order ? order[c.indices[j]] : c.indices[j];
    values[kept++] = relu && !(c.values[j] > 0.0f) ? 0.0f : c.values[j];
  }
  for (; kept < k; kept++) {
    indices[kept] = -1;
    values[kept] = -__builtin_inff();
  }
}

}  // namespace concord::CONCORD_ISA
