// Two-dimensional convolution with channels last, by the trilinear form
//
//   T(x, W, y) = sum of x[n, h, w, i] W[a, b, i, o] y[n, p, q, o],
//   h = stride p + a - padding,  w = stride q + b - padding,
//
// with x zero outside its image. Its derivatives are everything that training needs. With respect
// to y it is the convolution, with respect to x the transposed convolution, and each of the three
// is a gradient of the other two. Patches are gathered as they are multiplied, and never stored.
#pragma once

namespace concord {

struct ConvolutionShape {
  int images, height, width, channels;  // of x
  int out_height, out_width, filters;   // of y
  int kernel_height, kernel_width, stride, padding;
};

/// y = dT/dy + bias. Sums over a patch run in ascending order of (a, b, i), in blocks of 256.
struct Convolve {
  ConvolutionShape shape;
  const float* x;
  const float* weights;  // [kernel_height, kernel_width, channels, filters]
  const float* bias;     // [filters], null: zeros
  float* y;
  bool accumulate;  // y += instead
};

/// x = dT/dx + bias. Each image is computed by itself, position after position.
struct ConvolveBack {
  ConvolutionShape shape;
  const float* y;
  const float* weights;
  const float* bias;  // [channels], null: zeros
  float* x;
  bool accumulate;  // x += instead
};

/// weights = dT/dW. Images are cut into at most 16 pieces, by the shape alone, whose sums are added
/// in order.
struct ConvolveWeights {
  ConvolutionShape shape;
  const float* x;
  const float* y;
  float* weights;
  bool accumulate;  // weights += instead
};

}  // namespace concord
