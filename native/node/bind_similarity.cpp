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
  k.n = args.integer("n");
  k.m = args.integer("m");
  k.d = args.integer("d");
  k.a = args.floats("a", static_cast<std::size_t>(k.n) * k.d);
  k.b = args.floats("b", static_cast<std::size_t>(k.m) * k.d);
  k.best_of_a = args.floats("bestOfA", k.n);
  k.partner_of_a = args.ints("partnerOfA", k.n);
  k.best_of_b = args.floats("bestOfB", k.m);
  k.partner_of_b = args.ints("partnerOfB", k.m);
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
  else if (nnz != static_cast<std::size_t>(k->n) * k->m) throw Error("shape/mismatch", "[assign] Without columns every row lists all of them.");
  k->similarity = args.floats("similarity", nnz);
  k->bound = args.optional_floats("bound", k->n);
  k->start = k->bound ? args.doubles("start", k->m) : nullptr;
  k->v = args.doubles("v", k->m);
  k->u = args.doubles("u", k->n);
  k->margin = args.doubles("margin", k->n);
  k->column_of_row = args.ints("columnOfRow", k->n);
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
  k.d_in = args.integer("dIn");
  const std::size_t size = static_cast<std::size_t>(k.d_sae) * k.d_in;
  k.unit = args.floats("unit", size);
  k.parameter = args.optional_floats("parameter", size);
  k.out = args.floats("out", size);
  k.indptr = args.offsets("indptr", static_cast<std::size_t>(k.d_sae));
  const std::size_t edges = static_cast<std::size_t>(k.indptr[k.d_sae]);
  k.partner = args.ints("partner", edges);
  k.row = args.ints("row", edges);
  k.weight = args.floats("weight", edges);
  const Napi::Array partners = args.object().Get("partners").As<Napi::Array>();
  std::vector<std::int32_t> rows;
  for (std::uint32_t i = 0; i < partners.Length(); i++) {
    Napi::Object holder = Napi::Object::New(partners.Env());
    holder.Set("partner", partners.Get(i));
    const Arguments one("pullRows", holder);
    state->partners.push_back(one.floats("partner", 0));
    rows.push_back(static_cast<std::int32_t>(one.length("partner") / static_cast<std::size_t>(k.d_in)));
  }
  for (std::size_t e = 0; e < edges; e++) {
    const bool known = k.partner[e] >= 0 && static_cast<std::size_t>(k.partner[e]) < rows.size();
    if (!known || k.row[e] < 0 || k.row[e] >= rows[k.partner[e]]) throw Error("shape/mismatch", "[pullRows] An edge leads nowhere.");
  }
  k.partners = state->partners.data();
  return {[state] { kernels().pull_rows(state->kernel, pool()); }, {}};
}

Plan raise_reach(const Arguments& args) {
  auto k = std::make_shared<RaiseReach>();
  k->rows = args.integer("rows");
  k->groups = args.integer("groups");
  if (k->groups < 1 || k->groups > LatentGroups::kMost) throw Error("argument/invalid", "[raiseReach] Expected 1 to 32 groups.");
  k->reach = args.floats("reach", static_cast<std::size_t>(k->rows) * k->groups);
  k->by_row = args.optional_floats("byRow", k->rows);
  k->by_group = args.optional_floats("byGroup", k->groups);
  k->level = args.floats("level", k->rows);
  k->above = reinterpret_cast<std::uint32_t*>(args.ints("above", k->rows));
  k->most = args.floats("most", k->rows);
  return {[k] { kernels().raise_reach(*k); }, [k](Napi::Env env) { return Napi::Number::New(env, k->rows_above); }};
}

Plan paired_dots(const Arguments& args) {
  PairedDots k{};
  k.count = args.integer("count");
  k.d = args.integer("d");
  k.a = args.floats("a", static_cast<std::size_t>(k.count) * k.d);
  k.b = args.floats("b", 0);
  k.out = args.floats("out", k.count);
  const std::size_t rows = k.d > 0 ? args.length("b") / static_cast<std::size_t>(k.d) : 0;
  k.index = args.has("index") ? args.ints("index", k.count) : nullptr;
  for (int i = 0; i < k.count; i++) {
    const std::int32_t row = k.index ? k.index[i] : i;
    if (row < 0 || static_cast<std::size_t>(row) >= rows) throw Error("shape/mismatch", "[pairedDots] A row lies outside b.");
  }
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
