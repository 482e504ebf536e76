// One screened pass over all pairs of two dictionaries, for the largest cosines of both.
//
// The screen scores all pairs in low precision. A score s' of row r is off by at most E_r. So a
// pair can be the best of its row or column only if s' + E_r reaches the largest s' - E there.
// Those pairs are scored again in float32, in the order of Float32Micro. The results are those of
// the float32 pass to the last bit, whatever the screen.
#pragma once
#include "concord/similarity.hpp"
#include "../kernels/declarations.hpp"
#include "buffer.hpp"
#include "packed.hpp"
#include "screen.hpp"

namespace concord::CONCORD_ISA {

/// The largest cosines, by a pass in float32.
void matches_float(BestMatches& a, ThreadPool& pool);

#ifdef CONCORD_HAS_SCREEN

/// A pair that may be the best of its column.
struct Pair {
  std::int32_t row, column;
  float score;
};

/// Pairs that one worker has collected, and what it knows of the columns.
struct ColumnPairs {
  Pair* pairs;
  std::size_t count;
  float* least;  // [padded], a lower bound of each column's best; infinity where none is wanted
};

/// Candidates that a row may have; a row with more is scored in float32 as a whole.
constexpr int kRowCandidates = 1024;
/// Memory for the pairs of all workers, bytes.
constexpr std::size_t kPairBytes = std::size_t{256} << 20;
/// Fewer pairs than this are not worth a screen.
constexpr long kFewPairs = 1L << 18;

/// out_i = x_i . w_i for up to eight pairs of rows: one chain of multiply-adds each, in ascending
/// order of input.
inline void serial_dots(const float* const* x, const float* const* w, int pairs, int d, float* out) {
  const float *xs[8], *ws[8];
  for (int i = 0; i < 8; i++) {
    xs[i] = x[i < pairs ? i : 0];
    ws[i] = w[i < pairs ? i : 0];
  }
  float sums[8] = {};
  for (int k = 0; k < d; k++)
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) sums[i] = __builtin_fmaf(xs[i][k], ws[i][k], sums[i]);
  for (int i = 0; i < pairs; i++) out[i] = sums[i];
}

/// Scores pairs in float32, eight at a time, and hands each to sink(tag, score) in the order given.
template <class Sink>
class ExactScores {
 public:
  ExactScores(const BestMatches& a, Sink sink) : a_(a), sink_(sink) {}
  ~ExactScores() { flush(); }

  void add(int row, int column, std::size_t tag) {
    x_[waiting_] = a_.a + static_cast<std::size_t>(row) * a_.d;
    w_[waiting_] = a_.b + static_cast<std::size_t>(column) * a_.d;
    prefetch_row(w_[waiting_], a_.d);
    tag_[waiting_++] = tag;
    if (waiting_ == 8) flush();
  }

  void flush() {
    if (waiting_ == 0) return;
    float scores[8];
    serial_dots(x_, w_, waiting_, a_.d, scores);
    for (int i = 0; i < waiting_; i++) sink_(tag_[i], scores[i]);
    waiting_ = 0;
  }

 private:
  const BestMatches& a_;
  Sink sink_;
  const float *x_[8], *w_[8];
  std::size_t tag_[8];
  int waiting_ = 0;
};

template <class Sink>
ExactScores<Sink> exact_scores(const BestMatches& a, Sink sink) {
  return ExactScores<Sink>(a, sink);
}

/// One screened pass over all pairs.
class ScreenedMatches {
 public:
  using Micro = ScreenMicro;
  using Input = Micro::Input;

  ScreenedMatches(BestMatches& a, ThreadPool& pool, const EncoderPacking& packing)
      : a_(a),
        pool_(pool),
        packing_(packing),
        padded_(packing.panels * packing.panel),
        packed_(packing.bytes),
        errors_(a.n),
        columns_(pool.threads()),
        least_(static_cast<std::size_t>(pool.threads()) * padded_),
        room_(kPairBytes / sizeof(Pair) / static_cast<std::size_t>(pool.threads())),
        pairs_(room_ * static_cast<std::size_t>(pool.threads())),
        many_(a.n) {}

  /// False when the screen cannot decide: then nothing of the result is to be used.
  bool run() {
    pack_encoder(packing_, a_.b, a_.d, a_.m, nullptr, packed_.data, pool_);
    const Packed packed = view(packing_, packed_.data);
    for (int w = 0; w < pool_.threads(); w++) {
      columns_[w] = {pairs_.data + room_ * static_cast<std::size_t>(w), 0,
                     least_.data + static_cast<std::size_t>(w) * padded_};
      for (int c = 0; c < padded_; c++) {
        const bool wanted = c < a_.m && !is_zero(a_.b + static_cast<std::size_t>(c) * a_.d, a_.d);
        columns_[w].least[c] = wanted ? -__builtin_inff() : __builtin_inff();
      }
    }
    const LargestNorms norms(packed.error_norm, packed.rounded_norm, packing_.blocks, latents_of(packing_));
    const PaddedBias bias(nullptr, 1.0f, a_.m, padded_, nullptr);
    const int rows = chunk_rows(a_.n, Micro::kRows, pool_.threads());
    pool_.for_each(chunk_count(a_.n, rows), [&](int chunk, int worker) {
      if (gave_up()) return;
      const int first = chunk * rows;
      screen(first, a_.n - first < rows ? a_.n - first : rows, packed, norms, bias.values, worker);
    });
    if (gave_up()) return false;
    best_of_columns();
    return rows_again();
  }

 private:
  bool gave_up() const { return __atomic_load_n(&gave_up_, __ATOMIC_RELAXED); }
  void give_up() { __atomic_store_n(&gave_up_, true, __ATOMIC_RELAXED); }

  static bool is_zero(const float* row, int n) {
    for (int i = 0; i < n; i++)
      if (!(row[i] == 0.0f)) return false;
    return true;
  }

  /// Screens a chunk of rows, and finds the best columns of each.
  void screen(int first, int count, const Packed& packed, const LargestNorms& norms, const float* bias, int worker) {
    const int stride = row_stride<Micro>(packing_.d_padded), tile = round_up(count, Micro::kRows);
    auto* x = pool_.scratch_of<Input>(worker, 0, static_cast<std::size_t>(tile) * stride);
    auto* row_norms = pool_.scratch_of<RoundingNorms>(worker, 1, static_cast<std::size_t>(packing_.blocks));
    auto* candidates = pool_.scratch_of<RowCandidates>(worker, 2, static_cast<std::size_t>(count));
    auto* values = pool_.scratch_of<float>(worker, 3, static_cast<std::size_t>(count) * kRowCandidates);
    auto* places = pool_.scratch_of<std::int32_t>(worker, 4, static_cast<std::size_t>(count) * kRowCandidates);
    for (int r = 0; r < count; r++) {
      Micro::convert_row(a_.a + static_cast<std::size_t>(first + r) * a_.d, a_.d, packing_.d_padded,
                         x + static_cast<std::size_t>(r) * stride, row_norms);
      errors_[first + r] = error_of(row_norms, norms);
      const std::size_t at = static_cast<std::size_t>(r) * kRowCandidates;
      candidates[r] = {values + at, places + at, 0, -__builtin_inff(), -__builtin_inff(), errors_[first + r], false};
      // Every column is as good for a row of zeros, which would make all of them candidates.
      if (is_zero(a_.a + static_cast<std::size_t>(first + r) * a_.d, a_.d)) candidates[r].bound = __builtin_inff();
      if (!(errors_[first + r] < __builtin_inff())) give_up();
      many_[first + r] = 0;
    }
    std::memset(x + static_cast<std::size_t>(count) * stride, 0,
                static_cast<std::size_t>(tile - count) * stride * sizeof(Input));
    ColumnPairs& own = columns_[worker];
    Micro::begin();
    screen_rows<Micro>(x, stride, count, packing_, static_cast<const Input*>(packed.panels), bias,
                       [&](int row, int tile_rows, int column, const float* scores) {
      if (own.count + Micro::kRows * Micro::kPanel > room_ && !make_room(own)) return;
      for (int q = 0; q < tile_rows; q++)
        consider(candidates[row + q], first + row + q, column, scores + q * Micro::kPanel, own);
    });
    Micro::end();
    best_of_rows(first, count, candidates);
  }

  struct RowCandidates {
    float* values;
    std::int32_t* places;
    int count;
    float best;   // the largest score so far
    float bound;  // lower scores cannot be the row's best
    float error;
    bool many;  // there were too many
  };

  /// An upper bound on the error of any score of a row, in the screen and in float32 together.
  float error_of(const RoundingNorms* row, const LargestNorms& norms) const {
    float product;
    const float rounding = norms.bound(row, &product);
    const float accumulation = static_cast<float>(2 * packing_.d_padded + 8) * 0x1p-24f;
    const float error = rounding + accumulation * product + static_cast<float>(packing_.d_padded) * 0x1p-125f;
    // What follows adds and subtracts it in float32.
    return error * 1.001f;
  }

  /// Keeps those of a row's scores in a panel that may be the best of the row, or of their column.
  static void consider(RowCandidates& row, int r, int column, const float* scores, ColumnPairs& own) {
    static_assert(Micro::kPanel == 32);
    const __m512 s[2] = {_mm512_loadu_ps(scores), _mm512_loadu_ps(scores + 16)};
    const __m512 error = _mm512_set1_ps(row.error), bound = _mm512_set1_ps(row.bound);
    float* least = own.least + column;
    const __m512 of_columns[2] = {_mm512_loadu_ps(least), _mm512_loadu_ps(least + 16)};
    const unsigned in_row = _mm512_cmp_ps_mask(s[0], bound, _CMP_GE_OQ) |
                            static_cast<unsigned>(_mm512_cmp_ps_mask(s[1], bound, _CMP_GE_OQ)) << 16;
    const unsigned in_column =
        _mm512_cmp_ps_mask(_mm512_add_ps(s[0], error), of_columns[0], _CMP_GE_OQ) |
        static_cast<unsigned>(_mm512_cmp_ps_mask(_mm512_add_ps(s[1], error), of_columns[1], _CMP_GE_OQ)) << 16;
    if (in_column) {
      for (unsigned left = in_column; left; left &= left - 1) {
        const int j = __builtin_ctz(left);
        own.pairs[own.count++] = {r, column + j, scores[j]};
      }
      for (int half = 0; half < 2; half++)
        _mm512_storeu_ps(least + 16 * half, _mm512_max_ps(of_columns[half], _mm512_sub_ps(s[half], error)));
    }
    if (in_row && !row.many) {
      for (unsigned left = in_row; left; left &= left - 1) {
        const int j = __builtin_ctz(left);
        row.values[row.count] = scores[j];
        row.places[row.count++] = column + j;
        if (scores[j] > row.best) row.best = scores[j];
      }
      row.bound = row.best - 2.0f * row.error;
      if (row.count > kRowCandidates - Micro::kPanel) {
        drop_below(row, row.bound);
        if (row.count > kRowCandidates / 2) row.many = true;
      }
    }
  }

  static void drop_below(RowCandidates& row, float bound) {
    int kept = 0;
    for (int i = 0; i < row.count; i++) {
      row.values[kept] = row.values[i];
      row.places[kept] = row.places[i];
      kept += row.values[i] >= bound;
    }
    row.count = kept;
  }

  /// Drops pairs that cannot be the best of their column any more. False when that is not enough.
  bool make_room(ColumnPairs& own) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < own.count; i++) {
      const Pair pair = own.pairs[i];
      own.pairs[kept] = pair;
      kept += pair.score + errors_[pair.row] >= own.least[pair.column];
    }
    own.count = kept;
    if (kept <= room_ / 2) return true;
    give_up();
    own.count = 0;
    return false;
  }

  /// The exact best of every row of a chunk, from its candidates.
  void best_of_rows(int first, int count, RowCandidates* candidates) {
    const auto take = [&](std::size_t r, int column, float score) {
      float& best = a_.best_of_a[r];
      std::int32_t& partner = a_.partner_of_a[r];
      if (score > best || (score == best && column < partner)) {
        best = score;
        partner = column;
      }
    };
    // The best of the screen first: its exact score rules out most others.
    {
      auto exact = exact_scores(a_, [&](std::size_t r, float score) { take(r, a_.partner_of_a[r], score); });
      for (int r = 0; r < count; r++) {
        RowCandidates& row = candidates[r];
        a_.best_of_a[first + r] = -__builtin_inff();
        a_.partner_of_a[first + r] = -1;
        many_[first + r] = row.many;
        if (row.many) continue;
        if (row.count == 0) {  // a row of zeros
          a_.best_of_a[first + r] = 0.0f;
          a_.partner_of_a[first + r] = 0;
          continue;
        }
        for (int i = 0; i < row.count; i++)
          if (row.values[i] == row.best) {
            a_.partner_of_a[first + r] = row.places[i];
            break;
          }
        exact.add(first + r, a_.partner_of_a[first + r], static_cast<std::size_t>(first + r));
      }
    }
    // A tag is the place of a row's candidate among all of the chunk.
    auto exact = exact_scores(a_, [&](std::size_t tag, float score) {
      const RowCandidates& row = candidates[tag / kRowCandidates];
      take(static_cast<std::size_t>(first) + tag / kRowCandidates, row.places[tag % kRowCandidates], score);
    });
    for (int r = 0; r < count; r++) {
      RowCandidates& row = candidates[r];
      if (row.many) continue;
      const float bound = a_.best_of_a[first + r] - row.error;
      const std::int32_t done = a_.partner_of_a[first + r];
      for (int i = 0; i < row.count; i++)
        if (row.values[i] >= bound && row.places[i] != done)
          exact.add(first + r, row.places[i], static_cast<std::size_t>(r) * kRowCandidates + i);
    }
  }

  /// The exact best of every column, from the pairs of all workers.
  void best_of_columns() {
    const int threads = pool_.threads();
    Buffer<float> least(padded_);
    Buffer<std::size_t> start(static_cast<std::size_t>(a_.m) + 1);
    std::memcpy(least.data, columns_[0].least, static_cast<std::size_t>(padded_) * sizeof(float));
    for (int w = 1; w < threads; w++)
      for (int c = 0; c < a_.m; c++)
        if (columns_[w].least[c] > least[c]) least[c] = columns_[w].least[c];
    const auto each = [&](auto visit) {
      for (int w = 0; w < threads; w++)
        for (std::size_t i = 0; i < columns_[w].count; i++) {
          const Pair& pair = columns_[w].pairs[i];
          if (pair.score + errors_[pair.row] >= least[pair.column]) visit(pair);
        }
    };
    std::memset(start.data, 0, (static_cast<std::size_t>(a_.m) + 1) * sizeof(std::size_t));
    each([&](const Pair& pair) { start[pair.column + 1]++; });
    for (int c = 0; c < a_.m; c++) start[c + 1] += start[c];
    Buffer<Pair> sorted(start[a_.m]);
    Buffer<std::size_t> next(a_.m);
    std::memcpy(next.data, start.data, static_cast<std::size_t>(a_.m) * sizeof(std::size_t));
    each([&](const Pair& pair) { sorted[next[pair.column]++] = pair; });
    constexpr int kColumns = 256;
    pool_.for_each(chunk_count(a_.m, kColumns), [&](int chunk, int) {
      const int first = chunk * kColumns, last = a_.m - first < kColumns ? a_.m : first + kColumns;
      for (int c = first; c < last; c++) {
        const bool zero = start[c] == start[c + 1];
        a_.best_of_b[c] = zero ? 0.0f : -__builtin_inff();
        a_.partner_of_b[c] = zero ? 0 : -1;
      }
      auto exact = exact_scores(a_, [&](std::size_t i, float score) {
        const Pair& pair = sorted[i];
        float& best = a_.best_of_b[pair.column];
        std::int32_t& partner = a_.partner_of_b[pair.column];
        if (score > best || (score == best && pair.row < partner)) {
          best = score;
          partner = pair.row;
        }
      });
      for (std::size_t i = start[first]; i < start[last]; i++) exact.add(sorted[i].row, sorted[i].column, i);
    });
  }

  /// Scores those rows in float32 that had too many candidates. False when they are most of all.
  bool rows_again() {
    int count = 0;
    for (int r = 0; r < a_.n; r++) count += many_[r];
    if (count == 0) return true;
    if (count > a_.n / 4) return false;
    Buffer<float> rows(static_cast<std::size_t>(count) * a_.d);
    Buffer<float> best(static_cast<std::size_t>(count) + a_.m);
    Buffer<std::int32_t> partner(static_cast<std::size_t>(count) + a_.m);
    int at = 0;
    for (int r = 0; r < a_.n; r++)
      if (many_[r])
        std::memcpy(rows.data + static_cast<std::size_t>(at++) * a_.d, a_.a + static_cast<std::size_t>(r) * a_.d,
                    static_cast<std::size_t>(a_.d) * sizeof(float));
    BestMatches again{rows.data,    a_.b, count, a_.m, a_.d, best.data, partner.data, best.data + count,
                      partner.data + count};
    matches_float(again, pool_);
    at = 0;
    for (int r = 0; r < a_.n; r++) {
      if (!many_[r]) continue;
      a_.best_of_a[r] = best[at];
      a_.partner_of_a[r] = partner[at++];
    }
    return true;
  }

  BestMatches& a_;
  ThreadPool& pool_;
  const EncoderPacking& packing_;
  int padded_;
  Buffer<char> packed_;
  Buffer<float> errors_;
  Buffer<ColumnPairs> columns_;
  Buffer<float> least_;
  std::size_t room_;
  Buffer<Pair> pairs_;
  Buffer<char> many_;
  bool gave_up_ = false;  // written by any worker, hence by atomic instructions alone
};

#endif  // CONCORD_HAS_SCREEN

}  // namespace concord::CONCORD_ISA
