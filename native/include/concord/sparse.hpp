// Kernels on codes: the sparse latent activations of a batch, as CSR {indptr [batch+1], indices
// [nnz], values [nnz]}.
#pragma once
#include <cstdint>

namespace concord {

/// Reconstruction, residual, loss and gradient of the code, in one pass over the active decoder
/// rows:
///
///     residual_b  = sum_i values_i W_dec[indices_i] - target_scale * target_b
///     row_loss_b  = ||residual_b||^2
///     code_grad_i = residual_scale * dot(residual_b, W_dec[indices_i]) + l1
/// With `positive_only` the code gradient is zero where the value is not positive (the derivative
/// of a ReLU).
struct Decode {
  const std::int32_t* indptr;
  const std::int32_t* indices;
  const float* values;
  int batch;
  const float* W_dec;  // [d_sae, d_in]
  int d_in;
  const float* target;  // [batch, d_in]
  float target_scale;
  float* residual;      // [batch, d_in]; may be target
  float* row_loss;      // [batch]
  float* code_grad;     // [nnz], or null
  float residual_scale;
  float l1;
  bool positive_only;
};

/// CSR to CSC: lists for every latent the rows in which it is active, in ascending order.
struct Transpose {
  const std::int32_t* indptr;
  const std::int32_t* indices;
  const float* values;
  const float* code_grad;
  int batch, d_sae;
  std::int32_t* latent_indptr;  // [d_sae + 1]
  std::int32_t* rows;           // [nnz]
  float* latent_values;         // [nnz]
  float* latent_grads;          // [nnz]
  float* bias_grad;             // [d_sae]: sum of code_grad per latent
  std::int32_t* active_rows;    // [d_sae]: rows whose value is not zero
  double* magnitudes;           // [d_sae]: sum of the values' magnitudes
};

/// out[j] = sum_r weight_r matrix[r, j]; null means weights of one. Rows are summed in blocks of
/// 256, and the blocks in order.
struct WeightedRowSum {
  const float* matrix;  // [rows, columns]
  const float* weight;
  int rows, columns;
  float* out;  // [columns]
};

}  // namespace concord
