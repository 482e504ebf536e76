// Bindings of concord/forward.hpp.
#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

/// linearPacking({inputs, outputs}) → bytes; synchronous.
Napi::Value linear_packing(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const Arguments args = options_of("linearPacking", info);
    const std::size_t bytes = kernels().linear_packing(args.positive("inputs"), args.positive("outputs"));
    return Napi::Number::New(env, static_cast<double>(bytes));
  } catch (const Error& error) {
    throw to_javascript(env, error.code(), error.what());
  }
}

Plan pack_linear(const Arguments& args) {
  PackLinear k{};
  k.inputs = args.positive("inputs");
  k.outputs = args.positive("outputs");
  k.transposed = args.flag("transposed");
  k.weight = args.floats("weight", static_cast<std::size_t>(k.inputs) * k.outputs);
  k.packed = args.out_bytes("packed", kernels().linear_packing(k.inputs, k.outputs));
  return {[k]() mutable { kernels().pack_linear(k, pool()); }, {}};
}

/// A word of a list: its place in it.
template <class T>
T one_of(const Arguments& args, const char* name, const std::vector<const char*>& words) {
  const std::string word = args.text(name);
  for (std::size_t i = 0; i < words.size(); i++)
    if (word == words[i]) return static_cast<T>(i);
  args.refuse(name, "a known word", word);
}

struct Pass {
  std::vector<ForwardStep> steps;
  std::vector<ForwardBuffer> buffers;
  Forward kernel{};
};

/// A buffer that a step names, which holds `width` numbers per row; 0: any number.
int buffer_of(const Arguments& args, const Pass& pass, const char* name, int width) {
  const int number = args.integer(name);
  if (number >= pass.kernel.buffer_count)
    args.refuse(name, "a buffer below " + std::to_string(pass.kernel.buffer_count), std::to_string(number));
  const int has = pass.buffers[number].width;
  if (width > 0 && has != width)
    args.refuse(name, "a buffer of width " + std::to_string(width), "one of " + std::to_string(has));
  return number;
}

ForwardStep read_step(const Arguments& args, const Pass& pass) {
  ForwardStep s{};
  s.kind = one_of<ForwardKind>(
      args, "kind", {"embed", "place", "norm", "linear", "activate", "add", "multiply", "columns", "attention"});
  s.out = buffer_of(args, pass, "out", 0);
  const int width = pass.buffers[s.out].width;
  const std::size_t wide = static_cast<std::size_t>(width), positions = static_cast<std::size_t>(pass.kernel.positions);
  const auto heads_of = [&](const char* name, int of) {
    const int heads = args.positive(name);
    if (of % heads != 0) args.refuse(name, "a divisor of " + std::to_string(of), std::to_string(heads));
    return heads;
  };
  const auto apart = [&](const char* name) {
    const int number = buffer_of(args, pass, name, 0);
    if (number == s.out) args.refuse(name, "another buffer than out", std::to_string(number));
    return number;
  };
  switch (s.kind) {
    case ForwardKind::embed: {
      s.scale = args.real("scale");
      s.weight = args.floats("table", wide);
      const std::size_t rows = args.length("table") / wide, tokens = positions * pass.kernel.windows;
      for (std::size_t i = 0; i < tokens; i++)
        if (pass.kernel.tokens[i] < 0 || static_cast<std::size_t>(pass.kernel.tokens[i]) >= rows)
          args.refuse("tokens", "numbers below " + std::to_string(rows), std::to_string(pass.kernel.tokens[i]));
      break;
    }
    case ForwardKind::place:
      s.weight = args.floats("table", positions * wide);
      break;
    case ForwardKind::norm:
      s.a = buffer_of(args, pass, "a", width);
      s.norm = one_of<ForwardNorm>(args, "norm", {"layer", "rms"});
      s.eps = args.real("eps");
      s.heads = heads_of("heads", width);
      s.weight = args.optional_floats("gain", wide / s.heads);
      s.bias = args.optional_floats("bias", wide / s.heads);
      break;
    case ForwardKind::linear:
      s.a = apart("a");
      s.bias = args.optional_floats("bias", wide);
      s.packed = args.bytes("packed", kernels().linear_packing(pass.buffers[s.a].width, width));
      break;
    case ForwardKind::activate:
      s.a = buffer_of(args, pass, "a", width);
      s.activation = static_cast<ForwardActivation>(args.integer("activation"));
      if (s.activation > ForwardActivation::silu)
        args.refuse("activation", "a number from 0 to 3", std::to_string(args.integer("activation")));
      break;
    case ForwardKind::add:
    case ForwardKind::multiply:
      s.a = buffer_of(args, pass, "a", width);
      s.b = buffer_of(args, pass, "b", width);
      break;
    case ForwardKind::columns:
      s.a = apart("a");
      s.heads = heads_of("heads", width);
      s.stride = args.integer("stride");
      s.first = args.integer("first");
      if (static_cast<double>(s.heads - 1) * s.stride + s.first + width / s.heads > pass.buffers[s.a].width)
        args.refuse("first", "columns within a", std::to_string(s.first));
      break;
    case ForwardKind::attention: {
      s.heads = heads_of("heads", width);
      s.key_heads = heads_of("keyHeads", s.heads);
      s.a = buffer_of(args, pass, "q", width);
      s.b = buffer_of(args, pass, "k", width / s.heads * s.key_heads);
      s.c = buffer_of(args, pass, "v", width / s.heads * s.key_heads);
      for (const int buffer : {s.a, s.b, s.c, s.out})
        if (pass.buffers[buffer].is_brief || (buffer == s.out && (s.a == buffer || s.b == buffer || s.c == buffer)))
          args.refuse("out", "buffers of whole windows, out apart from the others", std::to_string(buffer));
      s.scale = args.real("scale");
      s.cap = args.real("cap");
      s.window = args.integer("window");
      s.rotary = args.integer("rotary");
      if (2 * s.rotary > width / s.heads) args.refuse("rotary", "at most half of a head", std::to_string(s.rotary));
      if (s.rotary > 0) {
        s.weight = args.floats("cosines", positions * s.rotary);
        s.bias = args.floats("sines", positions * s.rotary);
      }
      break;
    }
  }
  return s;
}

Plan forward(const Arguments& args) {
  auto pass = std::make_shared<Pass>();
  Forward& k = pass->kernel;
  k.windows = args.integer("windows");
  k.positions = args.positive("positions");
  const std::size_t rows = static_cast<std::size_t>(k.windows) * k.positions;
  k.tokens = args.ints("tokens", rows);
  k.lengths = args.indices("lengths", k.windows, static_cast<std::size_t>(k.positions) + 1);
  for (const Arguments& one : args.objects("buffers")) {
    ForwardBuffer buffer{};
    buffer.width = one.positive("width");
    buffer.is_brief = one.flag("isBrief");
    if (one.has("output")) buffer.output = one.out_floats("output", rows * buffer.width);
    pass->buffers.push_back(buffer);
  }
  k.buffers = pass->buffers.data();
  k.buffer_count = static_cast<int>(pass->buffers.size());
  for (const Arguments& one : args.objects("steps")) pass->steps.push_back(read_step(one, *pass));
  k.steps = pass->steps.data();
  k.step_count = static_cast<int>(pass->steps.size());
  return {[pass] { kernels().forward(pass->kernel, pool()); }, {}};
}

}  // namespace

void export_forward(Napi::Env env, Napi::Object exports) {
  exports.Set("linearPacking", Napi::Function::New(env, linear_packing, "linearPacking"));
  export_kernel(env, exports, "packLinear", pack_linear);
  export_kernel(env, exports, "forward", forward);
}

}  // namespace concord::node
