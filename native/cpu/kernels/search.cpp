// The search of matching: the k columns with the largest scores of every row.
#include "../screen/topk.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

void search_topk(SearchTopK& a, ThreadPool& pool) {
  const int padded = a.packing->panels * a.packing->panel;
  const PaddedBias prices(a.prices, -1.0f, a.column_count, padded, a.groups->order);
  TopK topk{};
  topk.x = a.rows;
  topk.rows = a.count;
  topk.d = a.d;
  topk.W = a.columns;
  topk.bias = prices.values;
  topk.has_bias = a.prices != nullptr;
  topk.columns = a.column_count;
  topk.packing = a.packing;
  topk.packed = a.packed;
  topk.k = a.k;
  topk.margin = a.margin;
  topk.floor = a.floor;
  topk.groups = a.groups;
  topk.indices = a.candidates;
  topk.values = a.scores;
  topk.kernel = "searchTopK";
  topk.inputs = "the rows, the columns or the prices";
  select_topk(topk, pool);
  a.redone_rows = topk.redone_rows;
}

}  // namespace concord::CONCORD_ISA
