// Bindings of concord/convolution.hpp.
#include <napi.h>

#include <initializer_list>

#include "state.hpp"
#include "task.hpp"

namespace concord::node {

namespace {

/// The shape, which says how long the three arrays are.
struct Read {
  ConvolutionShape shape;
  std::size_t x, weights, y;
};

/// a · b · …, refused beyond what kernels count in.
std::size_t product(std::initializer_list<int> factors) {
  std::size_t all = 1;
  for (const int factor : factors) {
    all *= static_cast<std::size_t>(factor);
    if (all > (1ull << 40)) throw Error("argument/invalid", "[convolution] The arrays would be too large.");
  }
  return all;
}

Read read_shape(const Arguments& args) {
  ConvolutionShape s{};
  s.images = args.positive("images");
  s.height = args.positive("height");
  s.width = args.positive("width");
  s.channels = args.positive("channels");
  s.out_height = args.positive("outHeight");
  s.out_width = args.positive("outWidth");
  s.filters = args.positive("filters");
  s.kernel_height = args.positive("kernelHeight");
  s.kernel_width = args.positive("kernelWidth");
  s.stride = args.positive("stride");
  s.padding = args.integer("padding");
  const std::size_t patch = product({s.kernel_height, s.kernel_width, s.channels});
  const std::size_t largest = static_cast<std::size_t>(Arguments::kMost);
  const std::size_t reach = product({s.out_height > s.out_width ? s.out_height : s.out_width, s.stride});
  if (patch > largest || reach + patch + static_cast<std::size_t>(s.padding) > largest ||
      product({s.height, s.width, s.channels}) > largest || product({s.out_height, s.out_width}) > largest ||
      (reach + static_cast<std::size_t>(s.padding) + patch) * static_cast<std::size_t>(s.channels) > largest)
    throw Error("argument/invalid", "[convolution] Expected images and kernels of at most 2^29 numbers.");
  return {s, product({s.images, s.height, s.width, s.channels}),
          product({s.kernel_height, s.kernel_width, s.channels, s.filters}),
          product({s.images, s.out_height, s.out_width, s.filters})};
}

Plan convolve(const Arguments& args) {
  const Read read = read_shape(args);
  Convolve k{};
  k.shape = read.shape;
  k.x = args.floats("x", read.x);
  k.weights = args.floats("weights", read.weights);
  k.bias = args.optional_floats("bias", static_cast<std::size_t>(read.shape.filters));
  k.y = args.out_floats("y", read.y);
  k.accumulate = args.flag("accumulate");
  return {[k]() mutable { kernels().convolve(k, pool()); }, {}};
}

Plan convolve_back(const Arguments& args) {
  const Read read = read_shape(args);
  ConvolveBack k{};
  k.shape = read.shape;
  k.y = args.floats("y", read.y);
  k.weights = args.floats("weights", read.weights);
  k.bias = args.optional_floats("bias", static_cast<std::size_t>(read.shape.channels));
  k.x = args.out_floats("x", read.x);
  k.accumulate = args.flag("accumulate");
  return {[k]() mutable { kernels().convolve_back(k, pool()); }, {}};
}

Plan convolve_weights(const Arguments& args) {
  const Read read = read_shape(args);
  ConvolveWeights k{};
  k.shape = read.shape;
  k.x = args.floats("x", read.x);
  k.y = args.floats("y", read.y);
  k.weights = args.out_floats("weights", read.weights);
  k.accumulate = args.flag("accumulate");
  return {[k]() mutable { kernels().convolve_weights(k, pool()); }, {}};
}

}  // namespace

void export_convolution(Napi::Env env, Napi::Object exports) {
  export_kernel(env, exports, "convolve", convolve);
  export_kernel(env, exports, "convolveBack", convolve_back);
  export_kernel(env, exports, "convolveWeights", convolve_weights);
}

}  // namespace concord::node
