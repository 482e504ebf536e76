// One optimiser step on the rows of an SAE's weights, whose gradients are gathered latent by
// latent.
#pragma once
#include <cstdint>

#include "concord/encode.hpp"

namespace concord {

/// Where a latent's gradient rows come from: dL/dW_enc[f] = sum over active rows b of latent_grads
/// x_b, and dL/dW_dec[f] = residual_scale * sum of latent_values residual_b.
struct SparseGradient {
  const std::int32_t* latent_indptr;  // [d_sae + 1]
  const std::int32_t* rows;
  const float* latent_values;
  const float* latent_grads;
  const float* x;         // [batch, d_in]
  const float* residual;  // [batch, d_in]
  float residual_scale;
};

/// Which parameter a row of the decoder is made from. `unit` is the matrix that decodes, always
/// with rows of length one.
enum class Tying : std::int32_t {
  /// encoder and unit are parameters; the gradient along the atom is removed and the atom rescaled
  /// after the step (dictionary_learning, OpenAI).
  untied_unit = 0,
  /// encoder and raw are parameters; unit = raw / ||raw||, differentiated through (sparse coding's
  /// FunctionalSAE).
  untied_normalized = 1,
  /// encoder is the parameter and encodes as it is; unit = encoder / ||encoder||, differentiated
  /// through (MFR).
  tied_raw = 2,
  /// raw is the parameter; unit = raw / ||raw|| both encodes and decodes (sparse coding's
  /// FunctionalTiedSAE).
  tied_normalized = 3,
};

struct AdamState {
  float* parameter;
  float* m;
  float* v;
};

struct AdamOptions {
  float lr, beta1, beta2, eps;
  float correction1, correction2;  // 1 - beta1^t, 1 - beta2^t
};

/// Adam as PyTorch does it: p -= lr / c1 * m / (sqrt(v) / sqrt(c2) + eps).
struct Update {
  int d_in, d_sae;
  Tying tying;
  AdamState encoder;  // [d_sae, d_in]; unused with tied_normalized
  AdamState raw;      // [d_sae, d_in]; for untied_unit, parameter == unit
  float* unit;        // [d_sae, d_in]
  AdamState bias;     // [d_sae]; parameter null: no encoder bias
  const float* bias_grad;  // [d_sae]
  const SparseGradient* sources;
  int source_count;  // 0 .. 2
  // Dense gradients [d_sae, d_in], or null: with respect to the encoder, to the unit rows, and to
  // the raw parameter.
  const float* dense_encoder;
  const float* dense_unit;
  const float* dense_raw;
  // Where gradient_norm leaves the gradients of `encoder` and `raw` [d_sae, d_in], before clipping,
  // for update to take instead of gathering them again, each null where the tying has no such
  // parameter; both null: they are gathered by each.
  float* kept_encoder;
  float* kept_raw;
  float clip;  // every gradient is multiplied by it
  AdamOptions adam;
  const EncoderPacking* packing;  // null: do not repack
  void* packed;
  float* moved;  // [d_sae], or null: by how much each unit row moved, ||new - old||, is added
  // Result of update(): the first latent whose parameters or unit row are not finite afterwards, -1
  // when all are.
  int bad_latent;
};

/// The part of the squared gradient norm that belongs to one latent's rows and bias, before
/// clipping. Takes the same struct; `norm2` has d_sae elements. Parameters are not changed.
struct GradientNorm {
  const Update* update;
  float* norm2;
};

/// Adam on one vector with a given gradient, on the calling thread.
struct UpdateVector {
  AdamState state;
  const float* gradient;
  float clip;
  int n;
  AdamOptions adam;
};

}  // namespace concord
