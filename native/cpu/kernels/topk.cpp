// Exact top-k, screened in low precision where this build has a screen.
#include "../screen/refine.hpp"
#include "../screen/topk.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// The largest magnitude, NaN when one is.
[[maybe_unused]] float largest(const float* values, int n) {
  float best = 0.0f;
  for (int i = 0; i < n; i++)
    if (!(std::fabs(values[i]) <= best)) best = std::fabs(values[i]);
  for (int i = 0; i < n; i++)
    if (values[i] != values[i]) return values[i];
  return best;
}

/// The floor of a row; minus infinity where any score counts.
float floor_of(const TopK& a, int row) { return a.floor ? a.floor[row] : -__builtin_inff(); }

/// The threshold from which exact scores are collected.
float exact_threshold(const TopK& a, int row) { return a.floor ? next_below(a.floor[row]) : -__builtin_inff(); }

/// The groups that each row wants, starting at `row`; null: all groups.
const std::uint32_t* wanted_from(const TopK& a, int row) {
  return a.groups && a.groups->wanted ? a.groups->wanted + row : nullptr;
}

/// Whether a row wants any group.
[[maybe_unused]] bool wants_any(const TopK& a, int row) {
  return !a.groups || !a.groups->wanted || a.groups->wanted[row] != 0;
}

/// Calls act(reach) for the reach of a row in every group that it wants.
template <class Act>
void each_reach(const TopK& a, int row, Act act) {
  if (!a.groups) return;
  const int count = a.groups->count(a.columns);
  for (int g = 0; g < count; g++)
    if (!a.groups->wanted || (a.groups->wanted[row] >> g & 1u))
      act(a.groups->reach[static_cast<std::size_t>(row) * count + g]);
}

/// Writes a row's result from its candidates: the best k, or all from the floor up where those are
/// fewer. A column that is left out scores at most the least of the k, or below the floor.
void write_best(const TopK& a, const Candidates& c, int row) {
  const std::size_t at = static_cast<std::size_t>(row) * a.k;
  const float floor = floor_of(a, row);
  write_row(c, a.k, floor, a.relu, order_of(a), a.indices + at, a.values + at);
  float least = c.count == a.k ? __builtin_inff() : floor;
  for (int i = 0; i < c.count; i++) least = c.values[i] < least ? c.values[i] : least;
  each_reach(a, row, [&](float& reach) { reach = least < reach ? (least > floor ? least : floor) : reach; });
}

/// Writes a row whose candidates have exact scores. They are all columns from the floor up, or more
/// than k.
void finish_row(const TopK& a, Candidates& c, int row) {
  c.shrink(a.k);
  if (c.nan || (!a.floor && c.count < a.k)) fail_not_finite(a.kernel, row, a.inputs);
  write_best(a, c, row);
}

/// Scores the rows [first, first + count), which are at `x`, and appends the scores to their
/// candidates. shrink(i) makes room for row first + i when it runs short.
template <class Micro, class Shrink>
void collect_rows(const TopK& a, ThreadPool& pool, int worker, const typename Micro::Input* x, int stride, int first,
                  int count, const typename Micro::Input* panels, Candidates* candidates, int keep, Shrink shrink) {
  const EncoderPacking& packing = *a.packing;
  if (!a.groups) {
    screen_rows<Micro>(x, stride, count, packing, panels, a.bias,
                       [&](int row, int tile_rows, int column, const float* scores) {
      for (int q = 0; q < tile_rows; q++)
        collect<Micro>(candidates[row + q], column, scores + q * Micro::kPanel, keep, [&] { shrink(row + q); });
    });
    return;
  }
  const int groups = a.groups->count(a.columns);
  auto* tile = pool.scratch_of<typename Micro::Input>(worker, 9, static_cast<std::size_t>(Micro::kRows) * stride);
  screen_groups<Micro>(x, stride, count, packing, *a.groups, groups, wanted_from(a, first), panels, a.bias, tile,
                       a.groups->reach + static_cast<std::size_t>(first) * groups,
                       [&](int row, int column, const float* scores) {
    collect<Micro>(candidates[row], column, scores, keep, [&] { shrink(row); });
  });
}

void topk_float(TopK& a, ThreadPool& pool) {
  using Micro = Float32Micro;
  const EncoderPacking& packing = *a.packing;
  const auto* panels = static_cast<const float*>(view(packing, a.packed).panels);
  const int rows = chunk_rows(a.rows, Micro::kRows, pool.threads());
  pool.for_each(chunk_count(a.rows, rows), [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.rows - first < rows ? a.rows - first : rows;
    const float* x = whole_tiles(a.x + static_cast<std::size_t>(first) * a.d, count, a.d, pool, worker);
    Candidates* candidates = make_candidates(pool, worker, count, a.k, Micro::kPanel);
    for (int r = 0; r < count; r++) candidates[r].threshold = exact_threshold(a, first + r);
    collect_rows<Micro>(a, pool, worker, x, a.d, first, count, panels, candidates, a.k,
                        [&](int r) { candidates[r].shrink(a.k); });
    for (int r = 0; r < count; r++) finish_row(a, candidates[r], first + r);
  });
  a.redone_rows = 0;
}

#ifdef CONCORD_HAS_SCREEN

/// Scores every column in float32 for the listed rows, sixteen rows at a time.
void redo_rows(TopK& a, ThreadPool& pool, const std::int32_t* redo, int redo_count) {
  constexpr int kRowsAtOnce = 16, kColumns = 32;
  pool.for_each(chunk_count(redo_count, kRowsAtOnce), [&](int chunk, int worker) {
    const int first = chunk * kRowsAtOnce;
    const int count = redo_count - first < kRowsAtOnce ? redo_count - first : kRowsAtOnce;
    Candidates* candidates = make_candidates(pool, worker, count, a.k, kColumns);
    for (int r = 0; r < count; r++) candidates[r].threshold = exact_threshold(a, redo[first + r]);
    for (int c0 = 0; c0 < a.columns; c0 += kColumns) {
      const int block = a.columns - c0 < kColumns ? a.columns - c0 : kColumns;
      for (int r = 0; r < count; r++) {
        const std::uint32_t* wanted = wanted_from(a, redo[first + r]);
        if (wanted && !(*wanted >> (c0 / a.groups->size) & 1u)) continue;
        const float* x = a.x + static_cast<std::size_t>(redo[first + r]) * a.d;
        float scores[kColumns];
        int c = 0;
        for (; c + 4 <= block; c += 4) {
          const float* rows[4];
          for (int q = 0; q < 4; q++) rows[q] = column_row(a, c0 + c + q);
          dot4(x, rows, a.d, scores + c);
        }
        for (; c < block; c++) scores[c] = dot(x, column_row(a, c0 + c), a.d);
        if (a.has_bias)
          for (int q = 0; q < block; q++) scores[q] += a.bias[c0 + q];
        candidates[r].append(scores, block, c0);
        if (candidates[r].count > Candidates::limit(a.k, kColumns) - kColumns) candidates[r].shrink(a.k);
      }
    }
    for (int r = 0; r < count; r++) finish_row(a, candidates[r], redo[first + r]);
  });
}

/// The screen keeps scores down to this many error bounds below its k-th best. One bound suffices
/// when the exact k-th best is at least the screen's; two always suffice. Actual errors are far
/// below their bound, so a little over one proves nearly every row.
constexpr float kBand = 1.15f;

/// The threshold from which scores in low precision are collected: below every score that may reach
/// the row's floor.
float screened_threshold(const TopK& a, int row, float error) {
  return a.floor ? next_below(a.floor[row] - error * 1.00001f) : -__builtin_inff();
}

void topk_screened(TopK& a, ThreadPool& pool) {
  using Micro = ScreenMicro;
  using Input = Micro::Input;
  const EncoderPacking& packing = *a.packing;
  const Packed packed = view(packing, a.packed);
  const auto* panels = static_cast<const Input*>(packed.panels);
  const LargestNorms largest_norms(packed.error_norm, packed.rounded_norm, packing.blocks, latents_of(packing));
  const float bias_size = a.has_bias ? largest(a.bias, a.columns) : 0.0f;
  const int keep = a.k + a.margin < a.columns ? a.k + a.margin : a.columns;
  const int stride = row_stride<Micro>(packing.d_padded);
  const int rows = chunk_rows(a.rows, Micro::kRows, pool.threads());
  const int chunks = chunk_count(a.rows, rows);
  // Rows to redo, one list per chunk, so that their order does not depend on the threads.
  auto* redo = new std::int32_t[static_cast<std::size_t>(a.rows) + chunks];
  std::int32_t* redo_counts = redo + a.rows;
  std::memset(redo_counts, 0, sizeof(std::int32_t) * chunks);
  struct Guard {
    std::int32_t* memory;
    ~Guard() { delete[] memory; }
  } guard{redo};

  pool.for_each(chunks, [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.rows - first < rows ? a.rows - first : rows;
    const int padded = round_up(count, Micro::kRows);
    auto* x = pool.scratch_of<Input>(worker, 0, static_cast<std::size_t>(padded) * stride);
    auto* norms = pool.scratch_of<RoundingNorms>(worker, 4, static_cast<std::size_t>(count) * packing.blocks);
    for (int r = 0; r < count; r++)
      if (wants_any(a, first + r))
        Micro::convert_row(a.x + static_cast<std::size_t>(first + r) * a.d, a.d, packing.d_padded,
                           x + static_cast<std::size_t>(r) * stride,
                           norms + static_cast<std::size_t>(r) * packing.blocks);
    std::memset(x + static_cast<std::size_t>(count) * stride, 0,
                static_cast<std::size_t>(padded - count) * stride * sizeof(Input));
    Candidates* candidates = make_candidates(pool, worker, count, keep, Micro::kPanel);
    auto* errors = pool.scratch_of<float>(worker, 5, static_cast<std::size_t>(count));
    const std::size_t capacity = static_cast<std::size_t>(Candidates::capacity(keep, Micro::kPanel));
    auto* screened = pool.scratch_of<float>(worker, 6, count * capacity);
    auto* refinements = pool.scratch_of<Refinement>(worker, 7, static_cast<std::size_t>(count));
    auto* proved = pool.scratch_of<bool>(worker, 8, static_cast<std::size_t>(count));
    for (int r = 0; r < count; r++) refinements[r].screened = screened + r * capacity;
    for (int r = 0; r < count; r++) {
      // Float32 accumulation over d terms, starting from the bias, errs by at most
      // d 2^-24 (sum|products| + |bias|). That holds in the screen and in dot(). Products below the
      // smallest normal number vanish.
      const float accumulation = static_cast<float>(2 * packing.d_padded + 8) * 0x1p-24f;
      errors[r] = 0.0f;
      candidates[r].threshold = -__builtin_inff();
      if (!wants_any(a, first + r)) continue;
      float product;
      const float rounding = largest_norms.bound(norms + static_cast<std::size_t>(r) * packing.blocks, &product);
      errors[r] = rounding + accumulation * (product + bias_size) + static_cast<float>(packing.d_padded) * 0x1p-125f;
      candidates[r].threshold = screened_threshold(a, first + r, errors[r]);
    }
    const auto shrink = [&](int r) { candidates[r].shrink_to_band(a.k, kBand * errors[r], keep); };
    Micro::begin();
    collect_rows<Micro>(a, pool, worker, x, stride, first, count, panels, candidates, keep, shrink);
    Micro::end();
    for (int r = 0; r < count; r++) {
      shrink(r);
      each_reach(a, first + r, [&](float& reach) { reach += errors[r]; });
      refinements[r].complete = !wants_any(a, first + r) ||
                                (a.floor && candidates[r].threshold == screened_threshold(a, first + r, errors[r]));
    }
    refine(a, a.x + static_cast<std::size_t>(first) * a.d, candidates, refinements, count, errors, proved);
    for (int r = 0; r < count; r++) {
      if (proved[r]) write_best(a, candidates[r], first + r);
      else redo[first + redo_counts[chunk]++] = first + r;
    }
  });

  int redo_count = 0;
  for (int chunk = 0; chunk < chunks; chunk++)
    for (int i = 0; i < redo_counts[chunk]; i++) redo[redo_count++] = redo[chunk * rows + i];
  redo_rows(a, pool, redo, redo_count);
  a.redone_rows = redo_count;
}

#endif  // CONCORD_HAS_SCREEN

}  // namespace

void select_topk(TopK& a, ThreadPool& pool) {
#ifdef CONCORD_HAS_SCREEN
  if (a.packing->rounded) return topk_screened(a, pool);
#endif
  topk_float(a, pool);
}

}  // namespace concord::CONCORD_ISA
