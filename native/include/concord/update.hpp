// One optimiser step on the rows of an SAE's weights. Gradients are gathered latent by latent.
#pragma once
#include <cstdint>

#include "concord/encode.hpp"

namespace concord {

/// The parts of a latent's gradient rows: dL/dW_enc[f] = sum over active rows b of latent_grads
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

/// The parameter that a decoder row is made from. `unit` is the matrix that decodes; its rows
/// always have length one.
enum class Tying : std::int32_t {
  /// encoder and unit are parameters. The gradient along the atom is removed, and the atom is
  /// rescaled after the step (dictionary_learning, OpenAI).
  untied_unit = 0,
  /// encoder and raw are parameters; unit = raw / ||raw||, differentiated through (sparse coding's
  /// FunctionalSAE).
  untied_normalized = 1,
  /// encoder is the parameter and encodes unchanged; unit = encoder / ||encoder||, differentiated
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

/// Adam as in PyTorch: p -= lr / c1 * m / (sqrt(v) / sqrt(c2) + eps).
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
  // Dense gradients [d_sae, d_in] with respect to the encoder, the unit rows and the raw parameter;
  // each may be null.
  const float* dense_encoder;
  const float* dense_unit;
  const float* dense_raw;
  // Room for the gradients of `encoder` and `raw` [d_sae, d_in] before clipping. gradient_norm
  // leaves them there, and update takes them instead of gathering again. Each is null where the
  // tying lacks the parameter. With both null, each kernel gathers the gradients itself.
  float* kept_encoder;
  float* kept_raw;
  float clip;  // every gradient is multiplied by it
  AdamOptions adam;
  const EncoderPacking* packing;  // null: do not repack
  void* packed;
  float* moved;  // [d_sae], or null: the distance each unit row moved, ||new - old||, is added
  // Result of update(): the first latent whose parameters or unit row are not finite afterwards, or
  // -1.
  int bad_latent;
};

/// The squared gradient norm of each latent's rows and bias, before clipping. It takes the same
/// struct; `norm2` has d_sae elements. Parameters do not change.
struct GradientNorm {
  const Update* update;
  float* norm2;
};

/// Adam on one vector whose gradient is given.
struct UpdateVector {
  AdamState state;
  const float* gradient;
  float clip;
  int n;
  AdamOptions adam;
};

}  // namespace concord
