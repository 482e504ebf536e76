// Convolutions against the terms of their trilinear form summed in float64, products of few rows,
// and activation functions; on one thread and on three.
#include <string>
#include <vector>

#include "check.hpp"

using namespace concord;

namespace {

using Doubles = std::vector<double>;

struct Form {
  ConvolutionShape shape;
  std::vector<float> x, weights, y;

  explicit Form(const ConvolutionShape& s) : shape(s) {
    check::Numbers numbers{11};
    const auto normal = [&](long n) {
      std::vector<float> v(static_cast<std::size_t>(n));
      numbers.fill_normal(v.data(), n);
      return v;
    };
    x = normal(static_cast<long>(s.images) * s.height * s.width * s.channels);
    weights = normal(static_cast<long>(s.kernel_height) * s.kernel_width * s.channels * s.filters);
    y = normal(static_cast<long>(s.images) * s.out_height * s.out_width * s.filters);
  }

  /// The three derivatives, term by term.
  void derivatives(Doubles& of_x, Doubles& of_weights, Doubles& of_y) const {
    const ConvolutionShape& s = shape;
    of_x.assign(x.size(), 0);
    of_weights.assign(weights.size(), 0);
    of_y.assign(y.size(), 0);
    std::size_t k = 0;
    for (int n = 0; n < s.images; n++)
      for (int p = 0; p < s.out_height; p++)
        for (int q = 0; q < s.out_width; q++, k += s.filters)
          for (int a = 0; a < s.kernel_height; a++)
            for (int b = 0; b < s.kernel_width; b++) {
              const int h = s.stride * p + a - s.padding, w = s.stride * q + b - s.padding;
              if (h < 0 || w < 0 || h >= s.height || w >= s.width) continue;
              for (int i = 0; i < s.channels; i++)
                for (int o = 0; o < s.filters; o++) {
                  const std::size_t at = ((static_cast<std::size_t>(n) * s.height + h) * s.width + w) * s.channels + i;
                  const std::size_t j =
                      ((static_cast<std::size_t>(a) * s.kernel_width + b) * s.channels + i) * s.filters + o;
                  of_x[at] += static_cast<double>(weights[j]) * y[k + o];
                  of_weights[j] += static_cast<double>(x[at]) * y[k + o];
                  of_y[k + o] += static_cast<double>(x[at]) * weights[j];
                }
            }
  }
};

void close(const std::vector<float>& a, const Doubles& b, const std::string& claim) {
  const std::vector<float> expected(b.begin(), b.end());
  check::close(a.data(), expected.data(), static_cast<long>(a.size()), 2e-5f, 4e-5f, claim.c_str());
}

}  // namespace

int main() {
  // Patches shorter than a panel and longer than a block of depth; kernels that leave the image.
  const ConvolutionShape shapes[] = {
      {1, 5, 4, 1, 3, 3, 1, 3, 2, 2, 1},      {3, 7, 6, 5, 7, 6, 33, 3, 3, 1, 1},  {20, 3, 3, 300, 1, 1, 5, 3, 3, 1, 0},
      {9, 12, 31, 1, 12, 31, 40, 3, 3, 1, 1}, {2, 2, 2, 3, 5, 4, 270, 2, 3, 1, 3},
  };
  check::each_isa([&](const Kernels& kernels) {
    const std::string isa = std::string(kernels.isa) + ": ";
    ThreadPool one(1), three(3);
    for (const ConvolutionShape& shape : shapes) {
      const Form form(shape);
      Doubles of_x, of_weights, of_y;
      form.derivatives(of_x, of_weights, of_y);
      std::vector<float> found[2][3];
      for (int threads = 0; threads < 2; threads++) {
        ThreadPool& pool = threads == 0 ? one : three;
        std::vector<float> x(form.x.size()), weights(form.weights.size()), y(form.y.size());
        Convolve forward{shape, form.x.data(), form.weights.data(), nullptr, y.data(), false};
        kernels.convolve(forward, pool);
        ConvolveBack back{shape, form.y.data(), form.weights.data(), nullptr, x.data(), false};
        kernels.convolve_back(back, pool);
        ConvolveWeights gradient{shape, form.x.data(), form.y.data(), weights.data(), false};
        kernels.convolve_weights(gradient, pool);
        found[threads][0] = x;
        found[threads][1] = weights;
        found[threads][2] = y;
      }
      close(found[0][0], of_x, isa + "the transposed convolution");
      close(found[0][1], of_weights, isa + "the gradient of the weights");
      close(found[0][2], of_y, isa + "the convolution");
      for (int i = 0; i < 3; i++)
        check::that(found[0][i] == found[1][i], (isa + "a convolution is the same on three threads").c_str());
    }

    // Few rows are cut by columns: the cut must not show.
    const int m = 5, n = 1000, k = 300;
    check::Numbers numbers{5};
    std::vector<float> a(m * k), b(n * k), c(m * n), again(m * n), x(1000), values(1000), slopes(1000), unit(1000, 1);
    numbers.fill_normal(a.data(), static_cast<long>(a.size()));
    numbers.fill_normal(b.data(), static_cast<long>(b.size()));
    Doubles expected(c.size());
    for (int r = 0; r < m; r++)
      for (int j = 0; j < n; j++)
        for (int i = 0; i < k; i++) expected[r * n + j] += static_cast<double>(a[i * m + r]) * b[j * k + i];
    Gemm product{a.data(), b.data(), c.data(), m, n, k, true, true, 1.0f, 0.0f};
    kernels.gemm(product, one);
    product.c = again.data();
    kernels.gemm(product, three);
    close(c, expected, isa + "a product of few rows");
    check::that(c == again, (isa + "a product is the same on three threads").c_str());

    numbers.fill_normal(x.data(), 1000);
    for (const Activation kind :
         {Activation::relu, Activation::gelu, Activation::silu, Activation::tanh, Activation::sigmoid}) {
      Activate activate{kind, x.data(), values.data(), 1000};
      kernels.activate(activate, three);
      ActivateGradient gradient{kind, x.data(), unit.data(), slopes.data(), 1000, false};
      kernels.activate_gradient(gradient, three);
      Doubles value(1000), slope(1000);
      for (int i = 0; i < 1000; i++) {
        const double v = x[i], s = 1 / (1 + std::exp(-v)), below = 0.5 * std::erfc(-v / std::sqrt(2.0));
        const double bell = std::exp(-v * v / 2) / std::sqrt(2 * 3.14159265358979);
        switch (kind) {
          case Activation::relu:
            value[i] = v > 0 ? v : 0, slope[i] = v > 0;
            break;
          case Activation::gelu:
            value[i] = v * below, slope[i] = below + v * bell;
            break;
          case Activation::silu:
            value[i] = v * s, slope[i] = s * (1 + v * (1 - s));
            break;
          case Activation::tanh:
            value[i] = std::tanh(v), slope[i] = 1 - value[i] * value[i];
            break;
          case Activation::sigmoid:
            value[i] = s, slope[i] = s * (1 - s);
            break;
        }
      }
      close(values, value, isa + "an activation function");
      close(slopes, slope, isa + "its derivative");
    }
  });
  return check::summary("convolution_test");
}
