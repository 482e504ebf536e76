// Decoding, transposition, gradients and updates against the same formulas written naively in
// float64.
#include <cstring>
#include <string>
#include <vector>

#include "check.hpp"

using namespace concord;

namespace {

using Doubles = std::vector<double>;

struct Step {
  int batch = 50, d = 37, f = 61, k = 5;
  std::vector<float> x, encoder, raw, unit, bias;
  std::vector<int> indptr, indices;
  std::vector<float> values;

  Step() {
    check::Numbers numbers{3};
    const auto normal = [&](std::size_t n) {
      std::vector<float> v(n);
      numbers.fill_normal(v.data(), static_cast<long>(n));
      return v;
    };
    x = normal(static_cast<std::size_t>(batch) * d);
    encoder = normal(static_cast<std::size_t>(f) * d);
    raw = normal(static_cast<std::size_t>(f) * d);
    bias = normal(f);
    indptr.push_back(0);
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < f && static_cast<int>(indices.size()) < indptr.back() + k + b % 3;
           i += 1 + static_cast<int>(numbers.uniform() * 9)) {
        indices.push_back(i);
        values.push_back(numbers.normal());
      }
      indptr.push_back(static_cast<int>(indices.size()));
    }
  }
};

Doubles unit_rows(const std::vector<float>& rows, int d) {
  Doubles unit(rows.begin(), rows.end());
  for (std::size_t r = 0; r < rows.size(); r += d) {
    double norm = 0;
    for (int j = 0; j < d; j++) norm += unit[r + j] * unit[r + j];
    for (int j = 0; j < d; j++) unit[r + j] /= std::sqrt(norm);
  }
  return unit;
}

std::vector<float> floats(const Doubles& v) { return {v.begin(), v.end()}; }

void close(const std::vector<float>& a, const Doubles& b, float tolerance, const std::string& claim) {
  const std::vector<float> expected = floats(b);
  check::close(a.data(), expected.data(), static_cast<long>(a.size()), tolerance, tolerance, claim.c_str());
}

void test_tying(const Kernels& kernels, ThreadPool& pool, Tying tying, const char* name) {
  const std::string claim = std::string(kernels.isa) + ", " + name + ": ";
  Step s;
  const int n = s.d;
  const bool tied_raw = tying == Tying::tied_raw, tied = tying == Tying::tied_normalized;
  const std::vector<float>& source_of_unit = tied_raw ? s.encoder : s.raw;
  Doubles unit = unit_rows(source_of_unit, n);
  s.unit = floats(unit);
  if (tying == Tying::untied_unit) s.raw = s.unit;
  const float residual_scale = 2.0f / static_cast<float>(s.batch), l1 = 0.03f;

  std::vector<float> residual(s.x.size()), loss(s.batch), grads(s.indices.size());
  Decode decode{
      s.indptr.data(), s.indices.data(), s.values.data(), s.batch, s.unit.data(), n, s.x.data(), 1, residual.data(),
      loss.data(),     grads.data(),     residual_scale,  l1,      true};
  kernels.decode(decode, pool);
  Doubles residual_(s.x.begin(), s.x.end()), loss_(s.batch), grads_(grads.size());
  for (int b = 0; b < s.batch; b++) {
    double* r = &residual_[static_cast<std::size_t>(b) * n];
    for (int j = 0; j < n; j++) r[j] = -r[j];
    for (int i = s.indptr[b]; i < s.indptr[b + 1]; i++)
      for (int j = 0; j < n; j++) r[j] += s.values[i] * unit[static_cast<std::size_t>(s.indices[i]) * n + j];
    for (int j = 0; j < n; j++) loss_[b] += r[j] * r[j];
    for (int i = s.indptr[b]; i < s.indptr[b + 1]; i++) {
      for (int j = 0; j < n; j++)
        grads_[i] += residual_scale * r[j] * unit[static_cast<std::size_t>(s.indices[i]) * n + j];
      grads_[i] = s.values[i] > 0 ? grads_[i] + l1 : 0;
    }
  }
  close(residual, residual_, 1e-5f, claim + "residual");
  close(loss, loss_, 1e-5f, claim + "row loss");
  close(grads, grads_, 1e-5f, claim + "code gradient");

  std::vector<int> latent(s.f + 1), rows(s.indices.size());
  std::vector<float> latent_values(rows.size()), latent_grads(rows.size()), bias_grad(s.f);
  std::vector<int> active_rows(s.f);
  std::vector<double> magnitudes(s.f);
  Transpose transpose{s.indptr.data(),     s.indices.data(), s.values.data(),
                      grads.data(),        s.batch,          s.f,
                      latent.data(),       rows.data(),      latent_values.data(),
                      latent_grads.data(), bias_grad.data(), active_rows.data(),
                      magnitudes.data()};
  kernels.transpose(transpose, pool);
  int misplaced = 0;
  for (int f = 0, at = 0; f < s.f; f++) {
    int active = 0;
    double magnitude = 0;
    for (int b = 0; b < s.batch; b++)
      for (int i = s.indptr[b]; i < s.indptr[b + 1]; i++)
        if (s.indices[i] == f) {
          misplaced += rows[at] != b || latent_values[at] != s.values[i] || latent_grads[at] != grads[i];
          active += s.values[i] != 0;
          magnitude += std::fabs(s.values[i]);
          at++;
        }
    misplaced += active_rows[f] != active || magnitudes[f] != magnitude;
  }
  check::that(misplaced == 0 && latent[s.f] == static_cast<int>(rows.size()), (claim + "transposition").c_str());

  // The gradients of the parameters, then Adam, in float64.
  check::Numbers numbers{9};
  std::vector<float> pull(s.raw.size());
  numbers.fill_normal(pull.data(), static_cast<long>(pull.size()));
  const std::size_t size = s.raw.size();
  Doubles encoder_grad(size), unit_grad(size), bias_grad_(s.f);
  for (int b = 0; b < s.batch; b++)
    for (int i = s.indptr[b]; i < s.indptr[b + 1]; i++) {
      const std::size_t at = static_cast<std::size_t>(s.indices[i]) * n;
      bias_grad_[s.indices[i]] += grads_[i];
      for (int j = 0; j < n; j++) {
        encoder_grad[at + j] += grads_[i] * s.x[static_cast<std::size_t>(b) * n + j];
        unit_grad[at + j] += residual_scale * s.values[i] * residual_[static_cast<std::size_t>(b) * n + j];
      }
    }
  close(bias_grad, bias_grad_, 1e-5f, claim + "bias gradient");
  Doubles raw_grad(size);
  for (int f = 0; f < s.f; f++) {
    const std::size_t at = static_cast<std::size_t>(f) * n;
    double norm = 0, along = 0;
    for (int j = 0; j < n; j++) {
      if (tied) unit_grad[at + j] += encoder_grad[at + j];
      norm += static_cast<double>(source_of_unit[at + j]) * source_of_unit[at + j];
      along += unit_grad[at + j] * unit[at + j];
    }
    norm = tying == Tying::untied_unit ? 1 : std::sqrt(norm);
    for (int j = 0; j < n; j++) {
      raw_grad[at + j] = (unit_grad[at + j] - along * unit[at + j]) / norm;
      if (tied_raw) encoder_grad[at + j] += raw_grad[at + j] + pull[at + j];
      else raw_grad[at + j] += pull[at + j];
    }
  }
  std::vector<float> me(size, 0.01f), ve(size, 0.02f), mr(size, -0.01f), vr(size, 0.01f), mb(s.f, 0.1f), vb(s.f, 0.3f);
  const float clip = 0.7f;
  const AdamOptions adam{0.01f, 0.9f, 0.999f, 1e-8f, 0.271f, 0.002997f};
  SparseGradient source{latent.data(), rows.data(),     latent_values.data(), latent_grads.data(),
                        s.x.data(),    residual.data(), residual_scale};
  std::vector<float> encoder = s.encoder, raw = s.raw, unit_out = s.unit, bias = s.bias;
  const bool unit_is_raw = tying == Tying::untied_unit;
  Update update{n,
                s.f,
                tying,
                {encoder.data(), me.data(), ve.data()},
                {unit_is_raw ? unit_out.data() : raw.data(), mr.data(), vr.data()},
                unit_out.data(),
                {bias.data(), mb.data(), vb.data()},
                bias_grad.data(),
                &source,
                1,
                nullptr,
                nullptr,
                pull.data(),
                nullptr,
                nullptr,
                clip,
                adam,
                nullptr,
                nullptr,
                nullptr,
                0};
  std::vector<float> norm2(s.f);
  GradientNorm norm{&update, norm2.data()};
  kernels.gradient_norm(norm, pool);
  Doubles norm2_(s.f);
  for (int f = 0; f < s.f; f++) {
    norm2_[f] = bias_grad_[f] * bias_grad_[f];
    for (int j = 0; j < n; j++) {
      const std::size_t at = static_cast<std::size_t>(f) * n + j;
      norm2_[f] += (tied ? 0 : encoder_grad[at] * encoder_grad[at]) + (tied_raw ? 0 : raw_grad[at] * raw_grad[at]);
    }
  }
  close(norm2, norm2_, 2e-5f, claim + "gradient norm");

  // The same step, with gradients kept in between: other parameters, alike in every bit.
  std::vector<float> of_encoder[] = {encoder, me, ve}, of_raw[] = {unit_is_raw ? unit_out : raw, mr, vr},
                     of_bias[] = {bias, mb, vb}, other_unit = unit_out;
  const auto state = [](std::vector<float>(&of)[3]) { return AdamState{of[0].data(), of[1].data(), of[2].data()}; };
  std::vector<float> kept_encoder(size, NAN), kept_raw(size, NAN), kept_norm2(s.f);
  Update keeping = update;
  keeping.encoder = state(of_encoder);
  keeping.raw = state(of_raw);
  keeping.bias = state(of_bias);
  keeping.unit = unit_is_raw ? of_raw[0].data() : other_unit.data();
  if (!tied) keeping.kept_encoder = kept_encoder.data();
  if (!tied_raw) keeping.kept_raw = kept_raw.data();
  GradientNorm keep{&keeping, kept_norm2.data()};
  kernels.gradient_norm(keep, pool);
  kernels.update(keeping, pool);

  kernels.update(update, pool);
  check::that(kept_norm2 == norm2 && of_encoder[0] == encoder &&
                  (unit_is_raw ? of_raw[0] == unit_out : of_raw[0] == raw && other_unit == unit_out) &&
                  of_encoder[1] == me && of_raw[2] == vr && of_bias[0] == bias,
              (claim + "kept gradients give the same step").c_str());
  const auto step = [&](const std::vector<float>& start, const Doubles& grad, double m0, double v0) {
    Doubles out(start.begin(), start.end());
    for (std::size_t i = 0; i < out.size(); i++) {
      const double g = clip * grad[i], m = 0.9 * m0 + 0.1 * g, v = 0.999 * v0 + 0.001 * g * g;
      out[i] -= 0.01 / 0.271 * m / (std::sqrt(v) / std::sqrt(0.002997) + 1e-8);
    }
    return out;
  };
  close(bias, step(s.bias, bias_grad_, 0.1, 0.3), 2e-5f, claim + "bias after Adam");
  if (!tied) close(encoder, step(s.encoder, encoder_grad, 0.01, 0.02), 2e-5f, claim + "encoder after Adam");
  const std::vector<float> stepped =
      tied_raw ? floats(step(s.encoder, encoder_grad, 0.01, 0.02)) : floats(step(s.raw, raw_grad, -0.01, 0.01));
  if (!tied_raw && !unit_is_raw)
    close(raw, Doubles(stepped.begin(), stepped.end()), 2e-5f, claim + "raw decoder after Adam");
  close(unit_out, unit_rows(stepped, n), 3e-5f, claim + "unit rows after the step");
  check::that(update.bad_latent == -1, (claim + "everything is finite").c_str());

  // One number is enough, in the last gradient, of a latent in the middle.
  const std::size_t broken = static_cast<std::size_t>(s.f / 2) * n + n - 1;
  pull[broken] = NAN;
  kernels.update(update, pool);
  check::that(update.bad_latent == s.f / 2, (claim + "the latent that is not finite is named").c_str(),
              std::to_string(update.bad_latent).c_str());
}

void test_dense(const Kernels& kernels, ThreadPool& pool) {
  const std::string isa = std::string(kernels.isa) + ": ";
  check::Numbers numbers{21};
  const int shapes[][3] = {{1, 1, 1}, {7, 65, 300}, {130, 33, 17}, {64, 96, 512}};
  for (const auto& shape : shapes)
    for (int variant = 0; variant < 4; variant++) {
      const int m = shape[0], n = shape[1], k = shape[2];
      const bool ta = variant & 1, tb = variant & 2;
      std::vector<float> a(static_cast<std::size_t>(m) * k), b(static_cast<std::size_t>(k) * n),
          c(static_cast<std::size_t>(m) * n);
      numbers.fill_normal(a.data(), static_cast<long>(a.size()));
      numbers.fill_normal(b.data(), static_cast<long>(b.size()));
      numbers.fill_normal(c.data(), static_cast<long>(c.size()));
      Doubles expected(c.begin(), c.end());
      for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int q = 0; q < k; q++)
            sum += static_cast<double>(ta ? a[q * m + i] : a[i * k + q]) * (tb ? b[j * k + q] : b[q * n + j]);
          expected[static_cast<std::size_t>(i) * n + j] = 0.5 * expected[static_cast<std::size_t>(i) * n + j] + 2 * sum;
        }
      Gemm gemm{a.data(), b.data(), c.data(), m, n, k, ta, tb, 2.0f, 0.5f};
      kernels.gemm(gemm, pool);
      close(c, expected, 1e-4f, isa + "gemm variant " + std::to_string(variant));
    }

  std::vector<float> x(600 * 19), weight(600), out(19);
  numbers.fill_normal(x.data(), static_cast<long>(x.size()));
  numbers.fill_normal(weight.data(), 600);
  Doubles expected(19);
  for (int r = 0; r < 600; r++)
    for (int j = 0; j < 19; j++) expected[j] += static_cast<double>(weight[r]) * x[r * 19 + j];
  WeightedRowSum sum{x.data(), weight.data(), 600, 19, out.data()};
  kernels.weighted_row_sum(sum, pool);
  close(out, expected, 1e-4f, isa + "weighted row sum");

  std::vector<float> centered(x.size()), offset(out);
  Center center{x.data(), offset.data(), 600, 19, centered.data(), 0};
  kernels.center(center, pool);
  check::that(center.bad_row == -1 && centered[25] == x[25] - offset[6], (isa + "centring").c_str());
  x[19 * 123 + 4] = NAN;
  kernels.center(center, pool);
  check::that(center.bad_row == 123, (isa + "a NaN is found in its row").c_str());
}

}  // namespace

int main() {
  ThreadPool pool(2);
  check::each_isa([&](const Kernels& kernels) {
    test_tying(kernels, pool, Tying::untied_unit, "untied, unit atoms");
    test_tying(kernels, pool, Tying::untied_normalized, "untied, normalised");
    test_tying(kernels, pool, Tying::tied_raw, "tied, raw encoder");
    test_tying(kernels, pool, Tying::tied_normalized, "tied, normalised");
    test_dense(kernels, pool);
  });
  return check::summary("step_test");
}
