// The search of matching: for each row of one matrix, its best partners among the rows of another,
// which are called columns here.
//
// Layouts, all row-major: rows [count, d], columns [column_count, d], prices [column_count]. The
// score of row r and column c is dot(row_r, column_c) - price_c in float32. Columns are packed like
// the weights of an encoder (encode.hpp), in an order that the caller chooses.
#pragma once
#include <cstddef>
#include <cstdint>

#include "concord/encode.hpp"

namespace concord {

/// Columns in groups of neighbours, so that a row can search some groups only.
struct ColumnGroups {
  static constexpr int kMost = 32;
  static constexpr int kWhole = 32;  // sizes are multiples of it: whole panels, whatever the instruction set
  const std::int32_t* order;         // [column_count], the column packed at each place; null: ascending
  int size;                          // columns per group; the last group may be smaller
  const std::uint32_t* wanted;       // [count], bit g: the row searches group g; null: all groups
  // Result, [count, groups]. For a group that the row searched: an upper bound on the scores of its
  // columns that are not among the row's candidates. Other elements stay as they are.
  float* reach;

  int count(int columns) const { return columns / size + (columns % size != 0); }
};

/// Keeps the k columns with the largest scores of every row, exactly, as EncodeTopK does.
///
/// With `floor`, only scores of at least floor_r count. A row with fewer than k of them ends in
/// candidates -1 of score -infinity. A row that does not search every group needs a floor.
///
/// A row's candidates are in the order of their places. Of equal scores the lower place wins.
///
/// Throws Error("numeric/not-finite") naming the first row that has a NaN among its scores, or,
/// without `floor`, fewer than k above -infinity.
struct SearchTopK {
  const float* rows;
  int count, d;
  const float* columns;
  const float* prices;  // null: zeros
  int column_count;
  const EncoderPacking* packing;
  const void* packed;
  int k, margin;
  const float* floor;          // [count], or null
  const ColumnGroups* groups;  // its order must be the one that was packed
  std::int32_t* candidates;    // [count, k]
  float* scores;               // [count, k]
  // Result:
  int redone_rows;  // rows whose certificate failed
};

}  // namespace concord
