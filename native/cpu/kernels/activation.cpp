// Activation functions and their derivatives.
#include "../vec.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

constexpr long kChunk = 1 << 14;

inline float sigmoid(float x) { return 1.0f / (1.0f + __builtin_expf(-x)); }

struct Relu {
  static float value(float x) { return x <= 0.0f ? 0.0f : x; }  // NaN stays
  static float slope(float x) { return x <= 0.0f ? 0.0f : 1.0f; }
};

struct Gelu {
  static float below(float x) { return 0.5f * (1.0f + __builtin_erff(x * 0.70710678118f)); }
  static float value(float x) { return x * below(x); }
  static float slope(float x) { return below(x) + x * 0.39894228040f * __builtin_expf(-0.5f * x * x); }
};

struct Silu {
  static float value(float x) { return x * sigmoid(x); }
  static float slope(float x) {
    const float s = sigmoid(x);
    return s * (1.0f + x * (1.0f - s));
  }
};

struct Tanh {
  static float value(float x) { return __builtin_tanhf(x); }
  static float slope(float x) {
    const float t = __builtin_tanhf(x);
    return 1.0f - t * t;
  }
};

struct Sigmoid {
  static float value(float x) { return sigmoid(x); }
  static float slope(float x) {
    const float s = sigmoid(x);
    return s * (1.0f - s);
  }
};

template <class Body>
void for_elements(long n, ThreadPool& pool, Body body) {
  pool.for_each(chunk_count(n, kChunk), [&](int chunk, int) {
    const long first = chunk * kChunk;
    body(first, first + kChunk < n ? first + kChunk : n);
  });
}

template <class F>
void apply(const Activate& a, ThreadPool& pool) {
  for_elements(a.n, pool, [&a](long first, long last) {
    const float* __restrict x = a.x;
    float* __restrict out = a.out;
    for (long i = first; i < last; i++) out[i] = F::value(x[i]);
  });
}

template <class F>
void apply_slope(const ActivateGradient& a, ThreadPool& pool) {
  for_elements(a.n, pool, [&a](long first, long last) {
    const float* __restrict x = a.x;
    const float* __restrict grad = a.grad;
    float* __restrict out = a.out;
    if (a.accumulate)
      for (long i = first; i < last; i++) out[i] += grad[i] * F::slope(x[i]);
    else
      for (long i = first; i < last; i++) out[i] = grad[i] * F::slope(x[i]);
  });
}

}  // namespace

void activate(Activate& a, ThreadPool& pool) {
  switch (a.kind) {
    case Activation::relu:
      return apply<Relu>(a, pool);
    case Activation::gelu:
      return apply<Gelu>(a, pool);
    case Activation::silu:
      return apply<Silu>(a, pool);
    case Activation::tanh:
      return apply<Tanh>(a, pool);
    case Activation::sigmoid:
      return apply<Sigmoid>(a, pool);
  }
}

void activate_gradient(ActivateGradient& a, ThreadPool& pool) {
  switch (a.kind) {
    case Activation::relu:
      return apply_slope<Relu>(a, pool);
    case Activation::gelu:
      return apply_slope<Gelu>(a, pool);
    case Activation::silu:
      return apply_slope<Silu>(a, pool);
    case Activation::tanh:
      return apply_slope<Tanh>(a, pool);
    case Activation::sigmoid:
      return apply_slope<Sigmoid>(a, pool);
  }
}

}  // namespace concord::CONCORD_ISA
