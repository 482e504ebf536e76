// Exact top-k: the k largest scores of every row of a score matrix that is never stored. Encoding
// and the search of matching share it.
#pragma once
#include "concord/search.hpp"
#include "packed.hpp"
#include "screen.hpp"

namespace concord::CONCORD_ISA {

/// One selection. The score of row r and column c is dot(x_r, W_c) + bias_c. EncodeTopK
/// (concord/encode.hpp) and SearchTopK (concord/search.hpp) state the result.
struct TopK {
  const float* x;  // [rows, d]
  int rows, d;
  const float* W;     // [columns, d]
  const float* bias;  // in the order of packing, padded to whole panels (PaddedBias)
  bool has_bias;      // whether any is not zero
  int columns;
  const EncoderPacking* packing;
  const void* packed;
  int k, margin;
  const float* floor;          // [rows], or null
  const ColumnGroups* groups;  // or null
  bool relu;
  std::int32_t* indices;  // [rows, k]
  float* values;          // [rows, k]
  const char* kernel;     // for messages
  const char* inputs;     // for messages: what may hold NaN
  // Result:
  int redone_rows;
};

void select_topk(TopK& args, ThreadPool& pool);

inline const std::int32_t* order_of(const TopK& a) { return a.groups ? a.groups->order : nullptr; }

}  // namespace concord::CONCORD_ISA
