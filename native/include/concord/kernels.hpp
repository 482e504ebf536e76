// The table of kernels, one per instruction set. Every function is safe to call from any thread.
// Work is spread over `pool`, and the result does not depend on the pool's size.
#pragma once
#include "concord/activation.hpp"
#include "concord/convert.hpp"
#include "concord/convolution.hpp"
#include "concord/dense.hpp"
#include "concord/encode.hpp"
#include "concord/error.hpp"
#include "concord/forward.hpp"
#include "concord/random.hpp"
#include "concord/search.hpp"
#include "concord/similarity.hpp"
#include "concord/sparse.hpp"
#include "concord/synthetic.hpp"
#include "concord/thread_pool.hpp"
#include "concord/update.hpp"

namespace concord {

struct Kernels {
  const char* isa;

  EncoderPacking (*encoder_packing)(int d_in, int d_sae, int k);
  /// `order` is ColumnGroups::order; null for an encoder.
  void (*pack_encoder)(const EncoderPacking& packing, const float* W, int d_in, int d_sae, const std::int32_t* order,
                       void* packed, ThreadPool& pool);
  void (*encode_topk)(EncodeTopK&, ThreadPool&);
  void (*encode_positive)(EncodePositive&, ThreadPool&);
  void (*search_topk)(SearchTopK&, ThreadPool&);

  void (*decode)(Decode&, ThreadPool&);
  void (*transpose)(Transpose&, ThreadPool&);
  void (*weighted_row_sum)(WeightedRowSum&, ThreadPool&);

  void (*update)(Update&, ThreadPool&);
  void (*gradient_norm)(GradientNorm&, ThreadPool&);
  void (*update_vector)(UpdateVector&, ThreadPool&);

  void (*gemm)(Gemm&, ThreadPool&);
  void (*center)(Center&, ThreadPool&);
  void (*normalize_rows)(NormalizeRows&, ThreadPool&);
  void (*bias_relu)(BiasRelu&, ThreadPool&);
  void (*mask_gradient)(MaskGradient&, ThreadPool&);
  void (*gather_rows)(GatherRows&, ThreadPool&);

  void (*activate)(Activate&, ThreadPool&);
  void (*activate_gradient)(ActivateGradient&, ThreadPool&);

  void (*convolve)(Convolve&, ThreadPool&);
  void (*convolve_back)(ConvolveBack&, ThreadPool&);
  void (*convolve_weights)(ConvolveWeights&, ThreadPool&);

  /// Bytes of a packed weight.
  std::size_t (*linear_packing)(int inputs, int outputs);
  void (*pack_linear)(PackLinear&, ThreadPool&);
  void (*forward)(Forward&, ThreadPool&);

  void (*best_matches)(BestMatches&, ThreadPool&);
  void (*pull_rows)(PullRows&, ThreadPool&);
  void (*raise_reach)(RaiseReach&);
  void (*paired_dots)(PairedDots&, ThreadPool&);

  void (*fill_random)(FillRandom&, ThreadPool&);
  void (*shuffle)(Shuffle&);
  void (*synthetic_rows)(SyntheticRows&, ThreadPool&);
  void (*draw_supports)(DrawSupports&);

  void (*widen_rows)(WidenRows&, ThreadPool&);
  void (*place_rows)(PlaceRows&, ThreadPool&);
  void (*narrow)(Narrow&, ThreadPool&);
};

/// Instruction sets that this build has kernels for and this processor can run, best first,
/// separated by spaces. Emulations, which only tests use, come last.
const char* available_isas();

/// The table for `isa`, or for the best available one when it is null or empty.
///
/// Throws Error("backend/unavailable") naming what is available.
const Kernels& kernels_for(const char* isa);

}  // namespace concord
