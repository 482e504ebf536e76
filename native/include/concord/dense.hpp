// Dense matrix work, for codes that are too full to store sparsely, and for everything outside the
// training step.
#pragma once
#include <cstdint>

namespace concord {

/// C = alpha op(A) op(B) + beta C, row-major, op(A) [m, k], op(B) [k, n]. Sums over k run in
/// ascending blocks of 256, so the result does not depend on the number of threads.
struct Gemm {
  const float* a;
  const float* b;
  float* c;
  int m, n, k;
  bool transpose_a, transpose_b;
  float alpha, beta;
};

/// Writes x_b - offset to `out`, which may be x, and finds the first row with a value that is not
/// finite.
struct Center {
  const float* x;
  const float* offset;  // [d_in], null: zeros
  int batch, d_in;
  float* out;
  // Result: -1 when every value is finite.
  int bad_row;
};

/// unit_r = rows_r / ||rows_r||; a row of zeros stays zero. In place when both are the same matrix.
struct NormalizeRows {
  const float* rows;
  float* unit;
  int count, columns;
};

/// c = max(c + bias, 0) in place on [batch, d_sae]; NaN stays NaN. Counts and sums the positive
/// values per row.
struct BiasRelu {
  float* scores;
  const float* bias;
  int batch, d_sae;
  std::int32_t* active;  // [batch]
  float* sum;            // [batch]
};

/// grad = code > 0 ? grad * scale + l1 : 0, element by element.
struct MaskGradient {
  float* grad;
  const float* code;
  long n;
  float scale, l1;
};

/// Row-wise copies out_i = matrix[index_i].
struct GatherRows {
  const float* matrix;
  const std::int32_t* index;
  int count, columns;
  float* out;
};

}  // namespace concord
