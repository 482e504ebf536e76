// Activation functions, element by element.
#pragma once

namespace concord {

enum class Activation {
  relu,     // max(x, 0)
  gelu,     // x Φ(x), Φ the normal distribution function
  silu,     // x / (1 + exp(-x))
  tanh,     // tanh(x)
  sigmoid,  // 1 / (1 + exp(-x))
};

/// out = f(x); NaN stays NaN.
struct Activate {
  Activation kind;
  const float* x;
  float* out;
  long n;
};

/// out = grad f'(x), or out += grad f'(x). The derivative of relu is 0 at 0.
struct ActivateGradient {
  Activation kind;
  const float* x;
  const float* grad;
  float* out;
  long n;
  bool accumulate;
};

}  // namespace concord
