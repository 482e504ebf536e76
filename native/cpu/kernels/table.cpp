// The table of one instruction set. A build that only brings its own encoder takes the other
// kernels from the instruction set that it extends (CONCORD_BASE_ISA).
#include "concord/kernels.hpp"
#include "declarations.hpp"

#ifdef CONCORD_BASE_ISA
namespace concord::CONCORD_BASE_ISA {
const Kernels& table();
}  // namespace concord::CONCORD_BASE_ISA
#endif

#define CONCORD_TEXT_(x) #x
#define CONCORD_TEXT(x) CONCORD_TEXT_(x)

namespace concord::CONCORD_ISA {

const Kernels& table() {
#ifdef CONCORD_BASE_ISA
  static const Kernels kernels = [] {
    Kernels k = CONCORD_BASE_ISA::table();
    k.isa = CONCORD_TEXT(CONCORD_ISA);
    k.encoder_packing = encoder_packing;
    k.pack_encoder = pack_encoder;
    k.encode_topk = encode_topk;
    k.encode_positive = encode_positive;
    k.search_topk = search_topk;
    k.best_matches = best_matches;
    k.update = update;  // repacks
    return k;
  }();
#else
  static const Kernels kernels = {
      CONCORD_TEXT(CONCORD_ISA),
      encoder_packing,
      pack_encoder,
      encode_topk,
      encode_positive,
      search_topk,
      decode,
      transpose,
      weighted_row_sum,
      update,
      gradient_norm,
      update_vector,
      gemm,
      center,
      normalize_rows,
      bias_relu,
      mask_gradient,
      gather_rows,
      activate,
      activate_gradient,
      convolve,
      convolve_back,
      convolve_weights,
      linear_packing,
      pack_linear,
      forward,
      best_matches,
      pull_rows,
      raise_reach,
      paired_dots,
      fill_random,
      shuffle,
      synthetic_rows,
      draw_supports,
      widen_rows,
      place_rows,
      narrow,
  };
#endif
  return kernels;
}

}  // namespace concord::CONCORD_ISA
