// Bindings of concord/similarity.hpp.
#include <napi.h>

#include <memory>
#include <vector>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

Plan best_matches(const Arguments& args) {
  BestMatches k{};
  k.n = args.positive("n");
  k.m = args.positive("m");
  k.d = args.positive("d");
  k.a = args.floats("a", static_cast<std::size_t>(k.n) * k.d);
  k.b = args.floats("b", static_cast<std::size_t>(k.m) * k.d);
  k.best_of_a = args.out_floats("bestOfA", k.n);
  k.partner_of_a = args.out_ints("partnerOfA", k.n);
  k.best_of_b = args.out_floats("bestOfB", k.m);
  k.partner_of_b = args.out_ints("partnerOfB", k.m);
  return {[k]() mutable { kernels().best_matches(k, pool()); }, {}};
}

Plan assign_pairs(const Arguments& args) {
  auto k = std::make_shared<Assign>();
  k->n = args.integer("n");
  k->m = args.integer("m");
  if (k->n > k->m) throw Error("shape/mismatch", "[assign] Expected at most as many rows as columns.");
  k->indptr = args.offsets("indptr", static_cast<std::size_t>(k->n));
  const std::size_t nnz = static_cast<std::size_t>(k->indptr[k->n]);
  if (args.has("columns")) k->columns = args.indices("columns", nnz, static_cast<std::size_t>(k->m));
  else if (nnz != static_cast<std::size_t>(k->n) * k->m)
    throw Error("shape/mismatch", "[assign] Without columns every row lists all of them.");
  k->similarity = args.floats("similarity", nnz);
  k->bound = args.optional_floats("bound", k->n);
  k->start = k->bound ? args.doubles("start", k->m) : nullptr;
  k->v = args.out_doubles("v", k->m);
  k->u = args.out_doubles("u", k->n);
  k->margin = args.out_doubles("margin", k->n);
  k->column_of_row = args.out_ints("columnOfRow", k->n);
  return {[k] { concord::assign(*k); }, [k](Napi::Env env) { return Napi::Number::New(env, k->unassigned); }};
}

Plan pull_rows(const Arguments& args) {
  struct State {
    PullRows kernel{};
    std::vector<const float*> partners;
  };
  auto state = std::make_shared<State>();
  PullRows& k = state->kernel;
  k.d_sae = args.integer("dSae");
  k.d_in = args.positive("dIn");
  const std::size_t size = static_cast<std::size_t>(k.d_sae) * k.d_in;
  k.unit = args.floats("unit", size);
  k.parameter = args.optional_floats("parameter", size);
  k.out = args.out_floats("out", size);
  k.indptr = args.offsets("indptr", static_cast<std::size_t>(k.d_sae));
  const std::size_t edges = static_cast<std::size_t>(k.indptr[k.d_sae]);
  k.partner = args.ints("partner", edges);
  k.row = args.ints("row", edges);
  k.weight = args.floats("weight", edges);
  std::vector<std::size_t> rows;
  for (const Memory& partner : args.float_memories("partners")) {
    state->partners.push_back(reinterpret_cast<const float*>(partner.data));
    rows.push_back(partner.bytes / sizeof(float) / static_cast<std::size_t>(k.d_in));
  }
  for (std::size_t e = 0; e < edges; e++) {
    const bool known = k.partner[e] >= 0 && static_cast<std::size_t>(k.partner[e]) < rows.size();
    if (!known || k.row[e] < 0 || static_cast<std::size_t>(k.row[e]) >= rows[k.partner[e]])
      throw Error("shape/mismatch", "[pullRows] An edge leads nowhere.");
  }
  k.partners = state->partners.data();
  return {[state] { kernels().pull_rows(state->kernel, pool()); }, {}};
}

Plan raise_reach(const Arguments& args) {
  auto k = std::make_shared<RaiseReach>();
  k->rows = args.integer("rows");
  k->groups = args.integer("groups");
  if (k->groups < 1 || k->groups > ColumnGroups::kMost)
    throw Error("argument/invalid", "[raiseReach] Expected 1 to 32 groups.");
  k->reach = args.out_floats("reach", static_cast<std::size_t>(k->rows) * k->groups);
  k->by_row = args.optional_floats("byRow", k->rows);
  k->by_group = args.optional_floats("byGroup", k->groups);
  k->level = args.floats("level", k->rows);
  k->above = reinterpret_cast<std::uint32_t*>(args.out_ints("above", k->rows));
  k->most = args.out_floats("most", k->rows);
  return {[k] { kernels().raise_reach(*k); }, [k](Napi::Env env) { return Napi::Number::New(env, k->rows_above); }};
}

Plan paired_dots(const Arguments& args) {
  PairedDots k{};
  k.count = args.integer("count");
  k.d = args.positive("d");
  k.a = args.floats("a", static_cast<std::size_t>(k.count) * k.d);
  k.b = args.floats("b", 0);
  k.out = args.out_floats("out", k.count);
  const std::size_t rows = args.length("b") / static_cast<std::size_t>(k.d);
  if (args.has("index")) k.index = args.indices("index", k.count, rows);
  else if (static_cast<std::size_t>(k.count) > rows)
    args.refuse("b", "at least " + std::to_string(k.count) + " rows", std::to_string(rows));
  return {[k]() mutable { kernels().paired_dots(k, pool()); }, {}};
}

}  // namespace

void export_similarity(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "bestMatches", best_matches);
  export_kernel(env, exports, "assign", assign_pairs);
  export_kernel(env, exports, "pullRows", pull_rows);
  export_kernel(env, exports, "raiseReach", raise_reach);
  export_kernel(env, exports, "pairedDots", paired_dots);
}

}  // namespace concord::node
