// One untied TopK training step, stage by stage: step_bench [d_sae] [threads] [isa] [repeats]
// [batch] [d_in] [k]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../tests/check.hpp"

using namespace concord;

static double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char** argv) {
  const auto arg = [&](int i, int fallback) { return argc > i ? std::atoi(argv[i]) : fallback; };
  const int F = arg(1, 24576), threads = arg(2, 2), repeats = arg(4, 7), B = arg(5, 4096), d = arg(6, 768),
            k = arg(7, 32), margin = arg(8, 6 * (k + 32));
  const Kernels& kernels = kernels_for(argc > 3 ? argv[3] : nullptr);
  ThreadPool pool(threads);
  check::Numbers numbers{1};
  const std::size_t size = static_cast<std::size_t>(F) * d;
  std::vector<float> kept_encoder(size), kept_raw(size);
  std::vector<float> x(static_cast<std::size_t>(B) * d), W(size), U(size), m1(size), v1(size), m2(size), v2(size), b(F),
      mb(F), vb(F);
  numbers.fill_normal(x.data(), static_cast<long>(x.size()));
  numbers.fill_normal(W.data(), static_cast<long>(size));
  NormalizeRows normalize{W.data(), U.data(), F, d};
  kernels.normalize_rows(normalize, pool);
  W = U;
  const EncoderPacking packing = kernels.encoder_packing(d, F, k);
  std::vector<char> packed(packing.bytes + 64);
  void* p = reinterpret_cast<void*>((reinterpret_cast<std::size_t>(packed.data()) + 63) / 64 * 64);
  std::vector<float> residual(x.size()), loss(B), values(static_cast<std::size_t>(B) * k), grads(values.size()),
      lv(values.size()), lg(values.size()), bias_grad(F), norm2(F), sum(d);
  std::vector<int> indices(values.size()), indptr(B + 1), latent(F + 1), rows(values.size());
  for (int i = 0; i <= B; i++) indptr[i] = i * k;
  std::vector<int> active_rows(F);
  std::vector<double> magnitudes(F);
  std::vector<std::vector<double>> stages(8);
  double t0 = now_ms();
  kernels.pack_encoder(packing, W.data(), d, F, nullptr, p, pool);
  std::printf("%s, %d threads: pack %.2f ms\n", kernels.isa, threads, now_ms() - t0);
  int redone = 0;
  for (int step = 1; step <= repeats; step++) {
    double t[8];
    t[0] = now_ms();
    EncodeTopK e{x.data(), B, d, W.data(), b.data(), F, &packing, p, k, margin, true, indices.data(), values.data(), 0};
    kernels.encode_topk(e, pool);
    redone = e.redone_rows;
    t[1] = now_ms();
    Decode dec{indptr.data(),   indices.data(), values.data(), B,        U.data(), d,   x.data(), 1,
               residual.data(), loss.data(),    grads.data(),  2.0f / B, 0,        true};
    kernels.decode(dec, pool);
    t[2] = now_ms();
    Transpose tr{indptr.data(),
                 indices.data(),
                 values.data(),
                 grads.data(),
                 B,
                 F,
                 latent.data(),
                 rows.data(),
                 lv.data(),
                 lg.data(),
                 bias_grad.data(),
                 active_rows.data(),
                 magnitudes.data()};
    kernels.transpose(tr, pool);
    t[3] = now_ms();
    WeightedRowSum w1{residual.data(), nullptr, B, d, sum.data()}, w2{W.data(), bias_grad.data(), F, d, sum.data()};
    kernels.weighted_row_sum(w1, pool);
    kernels.weighted_row_sum(w2, pool);
    t[4] = now_ms();
    SparseGradient source{latent.data(), rows.data(), lv.data(), lg.data(), x.data(), residual.data(), 2.0f / B};
    Update u{d,
             F,
             Tying::untied_unit,
             {W.data(), m1.data(), v1.data()},
             {U.data(), m2.data(), v2.data()},
             U.data(),
             {b.data(), mb.data(), vb.data()},
             bias_grad.data(),
             &source,
             1,
             nullptr,
             nullptr,
             nullptr,
             kept_encoder.data(),
             kept_raw.data(),
             1.0f,
             {1e-4f, 0.9f, 0.999f, 1e-8f, 1 - std::pow(0.9f, float(step)), 1 - std::pow(0.999f, float(step))},
             &packing,
             p,
             nullptr};
    GradientNorm g{&u, norm2.data()};
    kernels.gradient_norm(g, pool);
    t[5] = now_ms();
    kernels.update(u, pool);
    t[6] = now_ms();
    for (int s = 0; s < 6; s++) stages[s].push_back(t[s + 1] - t[s]);
    stages[6].push_back(t[6] - t[0]);
  }
  const char* names[] = {"encode", "decode", "transpose", "row sums", "grad norm", "update", "total"};
  for (int s = 0; s < 7; s++) {
    std::sort(stages[s].begin(), stages[s].end());
    std::printf("%-10s min %7.2f median %7.2f ms\n", names[s], stages[s][0], stages[s][stages[s].size() / 2]);
  }
  std::printf("encode %.3f TFLOP/s, %d rows redone\n", 2.0 * B * d * F / stages[0][0] / 1e9, redone);
}
