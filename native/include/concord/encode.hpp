// Selects the active latents of a batch.
//
// Layouts, all row-major: x [batch, d_in] (already centred), W [d_sae, d_in] with one latent per
// row, bias [d_sae]. The score of latent f for row b is dot(x_b, W_f) + bias_f in float32.
#pragma once
#include <cstddef>
#include <cstdint>

namespace concord {

/// How the encoder's weights are repacked for the screening pass. The bytes are opaque. Their
/// layout depends on the instruction set, so packed weights are never written to disk.
struct EncoderPacking {
  const char* screen;  // precision of the first scores: "int8", "bfloat16" or "float32"
  bool rounded;        // a screen in low precision followed by refinement; otherwise an exact float32 pass
  int panel;           // latents per panel
  int d_padded;        // d_in rounded up to the panel's depth
  int panels;          // panels of latents, the last one padded with zeros
  int blocks;          // blocks of inputs whose rounding is measured separately; 0 when nothing is rounded
  std::size_t row_scratch_bytes;  // scratch that packing a panel needs
  std::size_t bytes;   // size of the whole buffer
};

/// Keeps the k largest scores of every row.
///
/// The result is exact: it is what sorting all float32 scores of a row would give, ties to the
/// lower index. With a rounded packing, scores are first computed in low precision. The scores near
/// the k-th best are kept, at most k + margin, and the best of them are computed again in float32.
/// The row is accepted only when its k-th exact score exceeds the highest exact score that any
/// latent screened out could have:
///     s_T + ||x|| max_f ||W_f - W_f'|| + ||x - x'|| max_f ||W_f'|| + accumulation error.
/// Here s_T is the lowest score kept in low precision, and ' marks a rounded vector. The bound is
/// Cauchy-Schwarz on the measured rounding errors, taken block by block of inputs where that is
/// smaller. The accumulation starts from the bias, so its error grows with the largest bias. All
/// other rows are scored again in float32 against every latent.
///
/// Throws Error("numeric/not-finite") naming the first row that has a NaN among its scores, or
/// fewer than k above -infinity.
struct EncodeTopK {
  const float* x;
  int batch, d_in;
  const float* W;
  const float* bias;  // null: zeros
  int d_sae;
  const EncoderPacking* packing;
  const void* packed;
  int k, margin;
  bool relu;  // values below zero become zero; the latent stays in the code
  std::int32_t* indices;  // [batch, k], ascending within a row
  float* values;          // [batch, k]
  // Result:
  int redone_rows;        // rows whose certificate failed
};

/// Keeps every score above zero.
///
/// Throws Error("numeric/not-finite") naming the first row that has a NaN among its scores.
struct EncodePositive {
  const float* x;
  int batch, d_in;
  const float* W;
  const float* bias;
  int d_sae;
  const EncoderPacking* packing;  // a float32 packing
  const void* packed;
  std::int32_t* indptr;   // [batch + 1]
  std::int32_t* indices;  // [capacity]
  float* values;          // [capacity]
  long capacity;
  // Result: the number of active latents. When it exceeds `capacity`, indices and values are
  // incomplete.
  long nnz;
};

}  // namespace concord
