// The kernels that one instruction set's build defines. Internal: callers use the table of
// concord/kernels.hpp.
#pragma once
#include "concord/activation.hpp"
#include "concord/convert.hpp"
#include "concord/convolution.hpp"
#include "concord/dense.hpp"
#include "concord/encode.hpp"
#include "concord/forward.hpp"
#include "concord/random.hpp"
#include "concord/search.hpp"
#include "concord/similarity.hpp"
#include "concord/sparse.hpp"
#include "concord/synthetic.hpp"
#include "concord/thread_pool.hpp"
#include "concord/update.hpp"

namespace concord::CONCORD_ISA {

EncoderPacking encoder_packing(int d_in, int d_sae, int k);
void pack_panel(const EncoderPacking& packing, const float* W, int d_in, int d_sae, const std::int32_t* order,
                int panel, void* packed, void* row_scratch);
void pack_encoder(const EncoderPacking& packing, const float* W, int d_in, int d_sae, const std::int32_t* order,
                  void* packed, ThreadPool& pool);
void encode_topk(EncodeTopK& args, ThreadPool& pool);
void encode_positive(EncodePositive& args, ThreadPool& pool);
void search_topk(SearchTopK& args, ThreadPool& pool);

void decode(Decode& args, ThreadPool& pool);
void transpose(Transpose& args, ThreadPool& pool);
void weighted_row_sum(WeightedRowSum& args, ThreadPool& pool);

void update(Update& args, ThreadPool& pool);
void gradient_norm(GradientNorm& args, ThreadPool& pool);
void update_vector(UpdateVector& args, ThreadPool& pool);

void gemm(Gemm& args, ThreadPool& pool);
void center(Center& args, ThreadPool& pool);
void normalize_rows(NormalizeRows& args, ThreadPool& pool);
void bias_relu(BiasRelu& args, ThreadPool& pool);
void mask_gradient(MaskGradient& args, ThreadPool& pool);
void gather_rows(GatherRows& args, ThreadPool& pool);

void activate(Activate& args, ThreadPool& pool);
void activate_gradient(ActivateGradient& args, ThreadPool& pool);

void convolve(Convolve& args, ThreadPool& pool);
void convolve_back(ConvolveBack& args, ThreadPool& pool);
void convolve_weights(ConvolveWeights& args, ThreadPool& pool);

std::size_t linear_packing(int inputs, int outputs);
void pack_linear(PackLinear& args, ThreadPool& pool);
void forward(Forward& args, ThreadPool& pool);

void best_matches(BestMatches& args, ThreadPool& pool);
void pull_rows(PullRows& args, ThreadPool& pool);
void raise_reach(RaiseReach& args);
void paired_dots(PairedDots& args, ThreadPool& pool);

void fill_random(FillRandom& args, ThreadPool& pool);
void shuffle(Shuffle& args);
void synthetic_rows(SyntheticRows& args, ThreadPool& pool);
void draw_supports(DrawSupports& args);

void widen_rows(WidenRows& args, ThreadPool& pool);
void place_rows(PlaceRows& args, ThreadPool& pool);
void narrow(Narrow& args, ThreadPool& pool);

}  // namespace concord::CONCORD_ISA
