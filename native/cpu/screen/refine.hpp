// Refines what a screen in low precision kept: exact scores in float32, and the proof that no
// better column was screened out.
#pragma once
#include "topk.hpp"

namespace concord::CONCORD_ISA {

/// The column packed at `place`.
inline const float* column_row(const TopK& a, int place) {
  const std::int32_t* order = order_of(a);
  return a.W + static_cast<std::size_t>(order ? order[place] : place) * a.d;
}

/// Replaces the scores of those candidates i in [first, last) for which wanted(i) holds by their
/// scores in float32, summed in the order of dot().
template <class Wanted>
void score_exactly(const TopK& a, const float* x, Candidates& c, int first, int last, Wanted wanted) {
  int queue[8], waiting = 0;
  const auto row = [&](int i) { return column_row(a, c.indices[i]); };
  const auto score_four = [&] {
    const float* const rows[4] = {row(queue[0]), row(queue[1]), row(queue[2]), row(queue[3])};
    float scores[4];
    dot4(x, rows, a.d, scores);
    for (int q = 0; q < 4; q++) {
      c.values[queue[q]] = a.has_bias ? scores[q] + a.bias[c.indices[queue[q]]] : scores[q];
      queue[q] = queue[q + 4];
    }
    waiting -= 4;
  };
  for (int i = first; i < last; i++) {
    if (!wanted(i)) continue;
    prefetch_row(row(i), a.d);
    queue[waiting++] = i;
    if (waiting == 8) score_four();
  }
  if (waiting >= 4) score_four();
  for (int q = 0; q < waiting; q++) {
    const float score = dot(x, row(queue[q]), a.d);
    c.values[queue[q]] = a.has_bias ? score + a.bias[c.indices[queue[q]]] : score;
  }
}

/// State of a row while it is refined.
struct Refinement {
  float* screened;  // the candidates' scores in low precision
  float kth;        // the k-th largest of them, the least where there are fewer
  float least;      // candidates below it cannot be among the k best
  bool complete;    // every column whose score may reach the row's floor is a candidate
  int next;         // the first candidate that is not yet visited
};

/// Scores exactly, for all rows, the candidates i for which wanted(refinement, i) holds. Columns
/// are visited in runs that fit the third-level cache, so that rows share them. Row by row, each
/// would be read from memory again.
template <class Wanted>
void score_in_runs(const TopK& a, const float* x, Candidates* candidates, Refinement* rows, int count, Wanted wanted) {
  constexpr long kRunBytes = 4 * 1024 * 1024;
  const long fit = kRunBytes / (static_cast<long>(a.d) * static_cast<long>(sizeof(float)));
  const int run = fit < 64 ? 64 : fit < a.columns ? static_cast<int>(fit) : a.columns;
  for (int r = 0; r < count; r++) rows[r].next = 0;
  for (int end = run;; end += run) {
    for (int r = 0; r < count; r++) {
      Candidates& c = candidates[r];
      Refinement& row = rows[r];
      const int first = row.next;
      while (row.next < c.count && c.indices[row.next] < end) row.next++;
      score_exactly(a, x + static_cast<std::size_t>(r) * a.d, c, first, row.next,
                    [&](int i) { return wanted(row, i); });
    }
    if (end >= a.columns) return;
  }
}

/// Replaces the candidates' scores by exact ones and keeps the k best of every row. A row is proved
/// when no other column can belong there. Screened scores are off by at most the row's error. Every
/// column that was screened out scored at most the row's threshold. Scores below the row's floor do
/// not count.
inline void refine(const TopK& a, const float* x, Candidates* candidates, Refinement* rows, int count,
                   const float* errors, bool* proved) {
  for (int r = 0; r < count; r++) {
    Candidates& c = candidates[r];
    if (c.nan || (c.count < a.k && !rows[r].complete)) c.count = 0;
    rows[r].kth = c.count < a.k ? -__builtin_inff() : c.kth_largest(a.k);
    std::memcpy(rows[r].screened, c.values, sizeof(float) * c.count);
  }
  // The k best of the screen come first: the least of their exact scores rules out most others.
  score_in_runs(a, x, candidates, rows, count, [](const Refinement& row, int i) { return row.screened[i] >= row.kth; });
  for (int r = 0; r < count; r++) {
    float least = __builtin_inff();
    for (int i = 0; i < candidates[r].count; i++)
      if (rows[r].screened[i] >= rows[r].kth && !(candidates[r].values[i] >= least)) least = candidates[r].values[i];
    rows[r].least = least - errors[r];
  }
  score_in_runs(a, x, candidates, rows, count, [](const Refinement& row, int i) {
    return row.screened[i] < row.kth && !(row.screened[i] < row.least);
  });
  for (int r = 0; r < count; r++) {
    Candidates& c = candidates[r];
    if (c.count == 0) {
      proved[r] = rows[r].complete && !c.nan;
      continue;
    }
    // Nothing was screened out when every column is a candidate.
    const float screened_out = c.count < a.columns ? c.threshold : -__builtin_inff();
    for (int i = 0; i < c.count; i++)
      if (rows[r].screened[i] < rows[r].least && rows[r].screened[i] < rows[r].kth) c.values[i] = -__builtin_inff();
    c.shrink(a.k);
    // Written so that a NaN anywhere fails.
    const bool best = c.count == a.k && (screened_out == -__builtin_inff() || c.threshold > screened_out + errors[r]);
    proved[r] = !c.nan && (best || rows[r].complete);
  }
}

}  // namespace concord::CONCORD_ISA
