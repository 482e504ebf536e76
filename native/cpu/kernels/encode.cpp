// Encoding: exact top-k.
#include "../screen/packed.hpp"
#include "../screen/screen.hpp"
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

/// The floor of a row: minus infinity where any score counts.
float floor_of(const EncodeTopK& a, int row) { return a.floor ? a.floor[row] : -__builtin_inff(); }

/// Where collecting exact scores starts.
float exact_threshold(const EncodeTopK& a, int row) { return a.floor ? next_below(a.floor[row]) : -__builtin_inff(); }

const std::int32_t* order_of(const EncodeTopK& a) { return a.groups ? a.groups->order : nullptr; }

/// Which groups each row wants, from `row` on; null: all.
const std::uint32_t* wanted_from(const EncodeTopK& a, int row) {
  return a.groups && a.groups->wanted ? a.groups->wanted + row : nullptr;
}

/// Whether a row looks for anything at all.
[[maybe_unused]] bool looks(const EncodeTopK& a, int row) {
  return !a.groups || !a.groups->wanted || a.groups->wanted[row] != 0;
}

/// Calls act(reach) for the reach of a row in every group that it wants.
template <class Act>
void each_reach(const EncodeTopK& a, int row, Act act) {
  if (!a.groups) return;
  const int count = a.groups->count(a.d_sae);
  for (int g = 0; g < count; g++)
    if (!a.groups->wanted || (a.groups->wanted[row] >> g & 1u))
      act(a.groups->reach[static_cast<std::size_t>(row) * count + g]);
}

/// Writes the code of a row from its candidates, the best k or all from the floor up. What they
/// leave out is no better than the least of k, or below the floor.
void write_code(const EncodeTopK& a, const Candidates& c, int row) {
  const std::size_t at = static_cast<std::size_t>(row) * a.k;
  const float floor = floor_of(a, row);
  write_row(c, a.k, floor, a.relu, order_of(a), a.indices + at, a.values + at);
  float least = c.count == a.k ? __builtin_inff() : floor;
  for (int i = 0; i < c.count; i++) least = c.values[i] < least ? c.values[i] : least;
  each_reach(a, row, [&](float& reach) { reach = least < reach ? (least > floor ? least : floor) : reach; });
}

/// Writes a row whose candidates have exact scores and are all that there are from the floor up, or
/// more than k.
void finish_row(const EncodeTopK& a, Candidates& c, int row) {
  c.shrink(a.k);
  if (c.nan || (!a.floor && c.count < a.k)) fail_not_finite(row);
  write_code(a, c, row);
}

/// Feeds the candidates of the rows [first, first + count) at `x`; `shrink(row of these)` makes
/// room where it gets short.
template <class Micro, class Shrink>
void collect_rows(const EncodeTopK& a, ThreadPool& pool, int worker, const typename Micro::Input* x, int stride,
                  int first, int count, const typename Micro::Input* panels, const float* bias, Candidates* candidates,
                  int keep, Shrink shrink) {
  const EncoderPacking& packing = *a.packing;
  if (!a.groups) {
    screen_rows<Micro>(x, stride, count, packing, panels, bias,
                       [&](int row, int tile_rows, int latent, const float* scores) {
      for (int q = 0; q < tile_rows; q++)
        collect<Micro>(candidates[row + q], latent, scores + q * Micro::kPanel, keep, [&] { shrink(row + q); });
    });
    return;
  }
  const int groups = a.groups->count(a.d_sae);
  auto* tile = pool.scratch_of<typename Micro::Input>(worker, 9, static_cast<std::size_t>(Micro::kRows) * stride);
  screen_groups<Micro>(x, stride, count, packing, *a.groups, groups, wanted_from(a, first), panels, bias, tile,
                       a.groups->reach + static_cast<std::size_t>(first) * groups,
                       [&](int row, int latent, const float* scores) {
    collect<Micro>(candidates[row], latent, scores, keep, [&] { shrink(row); });
  });
}

void topk_float(EncodeTopK& a, ThreadPool& pool, const float* bias) {
  using Micro = Float32Micro;
  const EncoderPacking& packing = *a.packing;
  const auto* panels = static_cast<const float*>(view(packing, a.packed).panels);
  const int rows = chunk_rows(a.batch, Micro::kRows, pool.threads());
  pool.for_each(chunk_count(a.batch, rows), [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.batch - first < rows ? a.batch - first : rows;
    const float* x = whole_tiles(a.x + static_cast<std::size_t>(first) * a.d_in, count, a.d_in, pool, worker);
    Candidates* candidates = make_candidates(pool, worker, count, a.k, Micro::kPanel);
    for (int r = 0; r < count; r++) candidates[r].threshold = exact_threshold(a, first + r);
    collect_rows<Micro>(a, pool, worker, x, a.d_in, first, count, panels, bias, candidates, a.k,
                        [&](int r) { candidates[r].shrink(a.k); });
    for (int r = 0; r < count; r++) finish_row(a, candidates[r], first + r);
  });
  a.redone_rows = 0;
}

#ifdef CONCORD_HAS_SCREEN

/// The weights of the latent packed at `place`.
const float* latent_row(const EncodeTopK& a, int place) {
  const std::int32_t* order = order_of(a);
  return a.W + static_cast<std::size_t>(order ? order[place] : place) * a.d_in;
}

/// Replaces the scores of those candidates i in [first, last) for which wanted(i) by their scores
/// in float32, in the order of dot().
template <class Wanted>
void score_exactly(const EncodeTopK& a, const float* x, const float* bias, Candidates& c, int first, int last,
                   Wanted wanted) {
  int queue[8], waiting = 0;
  const auto row = [&](int i) { return latent_row(a, c.indices[i]); };
  const auto score_four = [&] {
    const float* const rows[4] = {row(queue[0]), row(queue[1]), row(queue[2]), row(queue[3])};
    float scores[4];
    dot4(x, rows, a.d_in, scores);
    for (int q = 0; q < 4; q++) {
      c.values[queue[q]] = a.bias ? scores[q] + bias[c.indices[queue[q]]] : scores[q];
      queue[q] = queue[q + 4];
    }
    waiting -= 4;
  };
  for (int i = first; i < last; i++) {
    if (!wanted(i)) continue;
    prefetch_row(row(i), a.d_in);
    queue[waiting++] = i;
    if (waiting == 8) score_four();
  }
  if (waiting >= 4) score_four();
  for (int q = 0; q < waiting; q++) {
    const float score = dot(x, row(queue[q]), a.d_in);
    c.values[queue[q]] = a.bias ? score + bias[c.indices[queue[q]]] : score;
  }
}

/// What refining a row must remember.
struct Refinement {
  float* screened;  // the candidates' scores in low precision
  float kth;        // the k-th largest of them, the least where there are fewer
  float least;      // candidates below it cannot be among the k best
  bool complete;    // every latent whose score may reach the row's floor is a candidate
  int next;         // the first candidate of the latents to come
};

/// Scores exactly, of all rows, the candidates i for which wanted(refinement, i). Latents come in
/// runs whose weights fit the third-level cache: rows share them, and gathering row by row would
/// read them from memory for each.
template <class Wanted>
void score_in_runs(const EncodeTopK& a, const float* x, const float* bias, Candidates* candidates, Refinement* rows,
                   int count, Wanted wanted) {
  constexpr long kRunBytes = 4 * 1024 * 1024;
  const long fit = kRunBytes / (static_cast<long>(a.d_in) * static_cast<long>(sizeof(float)));
  const int run = fit < 64 ? 64 : fit < a.d_sae ? static_cast<int>(fit) : a.d_sae;
  for (int r = 0; r < count; r++) rows[r].next = 0;
  for (int end = run;; end += run) {
    for (int r = 0; r < count; r++) {
      Candidates& c = candidates[r];
      Refinement& row = rows[r];
      const int first = row.next;
      while (row.next < c.count && c.indices[row.next] < end) row.next++;
      score_exactly(a, x + static_cast<std::size_t>(r) * a.d_in, bias, c, first, row.next,
                    [&](int i) { return wanted(row, i); });
    }
    if (end >= a.d_sae) return;
  }
}

/// Replaces the candidates' scores by exact ones and keeps the k best of every row. Sets `proved`
/// of a row to false when a latent that is not among them could belong there: scores are off by at
/// most its `errors`, everything screened out scored at most its threshold, and what is below the
/// row's floor does not count.
void refine(const EncodeTopK& a, const float* x, const float* bias, Candidates* candidates, Refinement* rows, int count,
            const float* errors, bool* proved) {
  for (int r = 0; r < count; r++) {
    Candidates& c = candidates[r];
    if (c.nan || (c.count < a.k && !rows[r].complete)) c.count = 0;
    rows[r].kth = c.count < a.k ? -__builtin_inff() : c.kth_largest(a.k);
    std::memcpy(rows[r].screened, c.values, sizeof(float) * c.count);
  }
  // The k best of the screen come first: the least of their exact scores rules most of the others
  // out.
  score_in_runs(a, x, bias, candidates, rows, count,
                [](const Refinement& row, int i) { return row.screened[i] >= row.kth; });
  for (int r = 0; r < count; r++) {
    float least = __builtin_inff();
    for (int i = 0; i < candidates[r].count; i++)
      if (rows[r].screened[i] >= rows[r].kth && !(candidates[r].values[i] >= least)) least = candidates[r].values[i];
    rows[r].least = least - errors[r];
  }
  score_in_runs(a, x, bias, candidates, rows, count, [](const Refinement& row, int i) {
    return row.screened[i] < row.kth && !(row.screened[i] < row.least);
  });
  for (int r = 0; r < count; r++) {
    Candidates& c = candidates[r];
    if (c.count == 0) {
      proved[r] = rows[r].complete && !c.nan;
      continue;
    }
    // Nothing was screened out when every latent is a candidate.
    const float screened_out = c.count < a.d_sae ? c.threshold : -__builtin_inff();
    for (int i = 0; i < c.count; i++)
      if (rows[r].screened[i] < rows[r].least && rows[r].screened[i] < rows[r].kth) c.values[i] = -__builtin_inff();
    c.shrink(a.k);
    // Written so that a NaN anywhere fails.
    const bool best = c.count == a.k && (screened_out == -__builtin_inff() || c.threshold > screened_out + errors[r]);
    proved[r] = !c.nan && (best || rows[r].complete);
  }
}

/// Scores every latent in float32 for the listed rows, sixteen rows at a time.
void redo_rows(EncodeTopK& a, ThreadPool& pool, const float* bias, const std::int32_t* redo, int redo_count) {
  constexpr int kRowsAtOnce = 16, kLatents = 32;
  pool.for_each(chunk_count(redo_count, kRowsAtOnce), [&](int chunk, int worker) {
    const int first = chunk * kRowsAtOnce;
    const int count = redo_count - first < kRowsAtOnce ? redo_count - first : kRowsAtOnce;
    Candidates* candidates = make_candidates(pool, worker, count, a.k, kLatents);
    for (int r = 0; r < count; r++) candidates[r].threshold = exact_threshold(a, redo[first + r]);
    for (int f0 = 0; f0 < a.d_sae; f0 += kLatents) {
      const int latents = a.d_sae - f0 < kLatents ? a.d_sae - f0 : kLatents;
      for (int r = 0; r < count; r++) {
        const std::uint32_t* wanted = wanted_from(a, redo[first + r]);
        if (wanted && !(*wanted >> (f0 / a.groups->size) & 1u)) continue;
        const float* x = a.x + static_cast<std::size_t>(redo[first + r]) * a.d_in;
        float scores[kLatents];
        int f = 0;
        for (; f + 4 <= latents; f += 4) {
          const float* rows[4];
          for (int q = 0; q < 4; q++) rows[q] = latent_row(a, f0 + f + q);
          dot4(x, rows, a.d_in, scores + f);
        }
        for (; f < latents; f++) scores[f] = dot(x, latent_row(a, f0 + f), a.d_in);
        if (a.bias)
          for (int q = 0; q < latents; q++) scores[q] += bias[f0 + q];
        candidates[r].append(scores, latents, f0);
        if (candidates[r].count > Candidates::limit(a.k, kLatents) - kLatents) candidates[r].shrink(a.k);
      }
    }
    for (int r = 0; r < count; r++) finish_row(a, candidates[r], redo[first + r]);
  });
}

/// Scores this many errors below the k-th best are kept: one is needed when the exact k-th best is
/// no less than the screen's, two whatever it is. Rounding errs far less than its bound, so a
/// little over one serves nearly every row.
constexpr float kBand = 1.15f;

/// Where collecting a row's scores in low precision starts: below all that may reach its floor.
float screened_threshold(const EncodeTopK& a, int row, float error) {
  return a.floor ? next_below(a.floor[row] - error * 1.00001f) : -__builtin_inff();
}

void topk_screened(EncodeTopK& a, ThreadPool& pool, const float* bias) {
  using Micro = ScreenMicro;
  using Input = Micro::Input;
  const EncoderPacking& packing = *a.packing;
  const Packed packed = view(packing, a.packed);
  const auto* panels = static_cast<const Input*>(packed.panels);
  const LargestNorms largest_norms(packed.error_norm, packed.rounded_norm, packing.blocks, latents_of(packing));
  const float bias_size = a.bias ? largest(a.bias, a.d_sae) : 0.0f;
  const int keep = a.k + a.margin < a.d_sae ? a.k + a.margin : a.d_sae;
  const int stride = row_stride<Micro>(packing.d_padded);
  const int rows = chunk_rows(a.batch, Micro::kRows, pool.threads());
  const int chunks = chunk_count(a.batch, rows);
  // Rows to redo, a list per chunk so that their order does not depend on the threads.
  auto* redo = new std::int32_t[static_cast<std::size_t>(a.batch) + chunks];
  std::int32_t* redo_counts = redo + a.batch;
  std::memset(redo_counts, 0, sizeof(std::int32_t) * chunks);
  struct Guard {
    std::int32_t* memory;
    ~Guard() { delete[] memory; }
  } guard{redo};

  pool.for_each(chunks, [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.batch - first < rows ? a.batch - first : rows;
    const int padded = round_up(count, Micro::kRows);
    auto* x = pool.scratch_of<Input>(worker, 0, static_cast<std::size_t>(padded) * stride);
    auto* norms = pool.scratch_of<RoundingNorms>(worker, 4, static_cast<std::size_t>(count) * packing.blocks);
    for (int r = 0; r < count; r++)
      if (looks(a, first + r))
        Micro::convert_row(a.x + static_cast<std::size_t>(first + r) * a.d_in, a.d_in, packing.d_padded,
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
      // Float32 accumulation over d terms from the bias on errs by at most d 2^-24 (sum|products| +
      // |bias|), in the screen and in dot(), and products below the smallest normal number vanish.
      const float accumulation = static_cast<float>(2 * packing.d_padded + 8) * 0x1p-24f;
      errors[r] = 0.0f;
      candidates[r].threshold = -__builtin_inff();
      if (!looks(a, first + r)) continue;
      float product;
      const float rounding = largest_norms.bound(norms + static_cast<std::size_t>(r) * packing.blocks, &product);
      errors[r] = rounding + accumulation * (product + bias_size) + static_cast<float>(packing.d_padded) * 0x1p-125f;
      candidates[r].threshold = screened_threshold(a, first + r, errors[r]);
    }
    const auto shrink = [&](int r) { candidates[r].shrink_to_band(a.k, kBand * errors[r], keep); };
    Micro::begin();
    collect_rows<Micro>(a, pool, worker, x, stride, first, count, panels, bias, candidates, keep, shrink);
    Micro::end();
    for (int r = 0; r < count; r++) {
      shrink(r);
      each_reach(a, first + r, [&](float& reach) { reach += errors[r]; });
      refinements[r].complete =
          !looks(a, first + r) || (a.floor && candidates[r].threshold == screened_threshold(a, first + r, errors[r]));
    }
    refine(a, a.x + static_cast<std::size_t>(first) * a.d_in, bias, candidates, refinements, count, errors, proved);
    for (int r = 0; r < count; r++) {
      if (proved[r]) write_code(a, candidates[r], first + r);
      else redo[first + redo_counts[chunk]++] = first + r;
    }
  });

  int redo_count = 0;
  for (int chunk = 0; chunk < chunks; chunk++)
    for (int i = 0; i < redo_counts[chunk]; i++) redo[redo_count++] = redo[chunk * rows + i];
  redo_rows(a, pool, bias, redo, redo_count);
  a.redone_rows = redo_count;
}

#endif  // CONCORD_HAS_SCREEN

}  // namespace

void encode_topk(EncodeTopK& a, ThreadPool& pool) {
  const PaddedBias bias(a.bias, a.d_sae, a.packing->panels * a.packing->panel, order_of(a));
#ifdef CONCORD_HAS_SCREEN
  if (a.packing->rounded) return topk_screened(a, pool, bias.values);
#endif
  topk_float(a, pool, bias.values);
}

}  // namespace concord::CONCORD_ISA
