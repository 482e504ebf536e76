// Bindings of concord/search.hpp.
#include <napi.h>

#include <algorithm>
#include <memory>

#include "bind.hpp"
#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

/// The packing of {d, columnCount, k}, recomputed like that of an encoder.
EncoderPacking read_search_packing(const Arguments& args) {
  return kernels().encoder_packing(args.positive("d"), args.positive("columnCount"), args.integer("k"));
}

/// searchPacking({d, columnCount, k}) → {screen, panel, bytes}; synchronous.
Napi::Value search_packing(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    return describe(env, read_search_packing(options_of("searchPacking", info)));
  } catch (const Error& error) {
    throw to_javascript(env, error.code(), error.what());
  }
}

const std::int32_t* read_order(const Arguments& args, int column_count) {
  if (!args.has("order")) return nullptr;
  const std::size_t n = static_cast<std::size_t>(column_count);
  return args.distinct("order", args.indices("order", n, n), n, n);
}

ColumnGroups read_groups(const Arguments& args, const SearchTopK& k) {
  ColumnGroups groups{};
  groups.order = read_order(args, k.column_count);
  groups.size = args.positive("size");
  if (groups.size % ColumnGroups::kWhole != 0 || groups.count(k.column_count) > ColumnGroups::kMost)
    throw Error("argument/invalid",
                "[searchTopK] Expected groups of a multiple of 32 columns, at most 32 groups, but received a size of " +
                    std::to_string(groups.size) + " for " + std::to_string(k.column_count) + " columns.");
  if (args.has("wanted")) {
    groups.wanted = reinterpret_cast<const std::uint32_t*>(args.ints("wanted", k.count));
    if (!k.floor) throw Error("argument/invalid", "[searchTopK] Rows that do not search all groups need a floor.");
  }
  groups.reach = args.out_floats("reach", static_cast<std::size_t>(k.count) * groups.count(k.column_count));
  return groups;
}

Plan pack_columns(const Arguments& args) {
  const EncoderPacking packing = read_search_packing(args);
  const int d = args.positive("d"), column_count = args.positive("columnCount");
  const float* columns = args.floats("columns", static_cast<std::size_t>(d) * column_count);
  const std::int32_t* order = read_order(args, column_count);
  void* packed = args.out_bytes("packed", packing.bytes);
  return {[=] { kernels().pack_encoder(packing, columns, d, column_count, order, packed, pool()); }, {}};
}

Plan search_topk(const Arguments& args) {
  struct State {
    EncoderPacking packing;
    SearchTopK kernel;
    ColumnGroups groups;
  };
  auto state = std::make_shared<State>();
  state->packing = read_search_packing(args);
  SearchTopK& k = state->kernel;
  k.count = args.integer("count");
  k.d = args.positive("d");
  k.column_count = args.positive("columnCount");
  k.k = args.integer("k");
  if (k.k < 1 || k.k > k.column_count)
    throw Error("argument/invalid", "[searchTopK] Expected k from 1 to " + std::to_string(k.column_count) +
                                        " (columnCount) but received " + std::to_string(k.k) + ".");
  // The result is the same for any margin, and there are no more candidates than columns.
  k.margin = std::min(args.integer("margin"), k.column_count - k.k);
  k.rows = args.floats("rows", static_cast<std::size_t>(k.count) * k.d);
  k.columns = args.floats("columns", static_cast<std::size_t>(k.column_count) * k.d);
  k.prices = args.optional_floats("prices", k.column_count);
  k.floor = args.optional_floats("floor", k.count);
  state->groups = read_groups(args.nested("groups"), k);
  k.groups = &state->groups;
  k.packed = args.bytes("packed", state->packing.bytes);
  k.candidates = args.out_ints("candidates", static_cast<std::size_t>(k.count) * k.k);
  k.scores = args.out_floats("scores", static_cast<std::size_t>(k.count) * k.k);
  k.packing = &state->packing;
  return {[state] { kernels().search_topk(state->kernel, pool()); },
          [state](Napi::Env env) { return Napi::Number::New(env, state->kernel.redone_rows); }};
}

}  // namespace

void export_search(Napi::Env env, Napi::Object exports) {
  exports.Set("searchPacking", Napi::Function::New(env, search_packing, "searchPacking"));
  export_kernel(env, exports, "packColumns", pack_columns);
  export_kernel(env, exports, "searchTopK", search_topk);
}

}  // namespace concord::node
