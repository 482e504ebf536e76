// Encoding: the k largest scores of every row.
#include "../screen/topk.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

void encode_topk(EncodeTopK& a, ThreadPool& pool) {
  const PaddedBias bias(a.bias, 1.0f, a.d_sae, a.packing->panels * a.packing->panel, nullptr);
  TopK topk{};
  topk.x = a.x;
  topk.rows = a.batch;
  topk.d = a.d_in;
  topk.W = a.W;
  topk.bias = bias.values;
  topk.has_bias = a.bias != nullptr;
  topk.columns = a.d_sae;
  topk.packing = a.packing;
  topk.packed = a.packed;
  topk.k = a.k;
  topk.margin = a.margin;
  topk.relu = a.relu;
  topk.indices = a.indices;
  topk.values = a.values;
  topk.kernel = "encode";
  topk.inputs = "the input or the weights";
  select_topk(topk, pool);
  a.redone_rows = topk.redone_rows;
}

}  // namespace concord::CONCORD_ISA
