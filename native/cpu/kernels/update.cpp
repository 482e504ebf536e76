// The fused update: gradient rows, clipping, projection, Adam, renormalisation and repacking, one latent at a time.
#include <cstring>

#include "../vec.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// One latent's gradient rows, in the order in which the sources list them.
void gather_gradient(const Update& a, int f, float* encoder_grad, float* unit_grad) {
  const std::size_t at = static_cast<std::size_t>(f) * a.d_in;
  const std::size_t bytes = static_cast<std::size_t>(a.d_in) * sizeof(float);
  if (a.dense_encoder) std::memcpy(encoder_grad, a.dense_encoder + at, bytes);
  else std::memset(encoder_grad, 0, bytes);
  if (a.dense_unit) std::memcpy(unit_grad, a.dense_unit + at, bytes);
  else std::memset(unit_grad, 0, bytes);
  for (int s = 0; s < a.source_count; s++) {
    const SparseGradient& source = a.sources[s];
    const int begin = source.latent_indptr[f], count = source.latent_indptr[f + 1] - begin;
    if (count == 0) continue;
    const std::int32_t* rows = source.rows + begin;
    const float* values = source.latent_values + begin;
    const float* grads = source.latent_grads + begin;
    add_rows(encoder_grad, count, a.d_in, [&](int i) { return source.x + static_cast<std::size_t>(rows[i]) * a.d_in; },
             [&](int i) { return grads[i]; });
    add_rows(unit_grad, count, a.d_in,
             [&](int i) { return source.residual + static_cast<std::size_t>(rows[i]) * a.d_in; },
             [&](int i) { return source.residual_scale * values[i]; });
  }
}

/// grad = scale * (grad - (grad . unit) unit): the part along the atom removed.
void project(float* grad, const float* unit, float scale, int n) {
  const float along = dot(grad, unit, n);
  for (int j = 0; j < n; j++) grad[j] = scale * (grad[j] - along * unit[j]);
}

/// Turns the gathered rows into gradients of the parameters. On return encoder_grad belongs to `encoder` and unit_grad to
/// `raw`, where the tying has them.
void to_parameters(const Update& a, int f, float* encoder_grad, float* unit_grad) {
  const int n = a.d_in;
  const std::size_t at = static_cast<std::size_t>(f) * n;
  const float* unit = a.unit + at;
  switch (a.tying) {
    case Tying::untied_unit:
      project(unit_grad, unit, 1.0f, n);
      break;
    case Tying::untied_normalized:
      project(unit_grad, unit, inverse_norm(a.raw.parameter + at, n), n);
      break;
    case Tying::tied_raw:
      project(unit_grad, unit, inverse_norm(a.encoder.parameter + at, n), n);
      for (int j = 0; j < n; j++) encoder_grad[j] += unit_grad[j];
      break;
    case Tying::tied_normalized:
      for (int j = 0; j < n; j++) unit_grad[j] += encoder_grad[j];
      project(unit_grad, unit, inverse_norm(a.raw.parameter + at, n), n);
      break;
  }
  if (a.dense_raw) add_scaled(a.tying == Tying::tied_raw ? encoder_grad : unit_grad, 1.0f, a.dense_raw + at, n);
}

struct AdamRow {
  float step;             // lr / correction1
  float inverse_root;     // 1 / sqrt(correction2)
  float beta1, beta2, eps, clip;

  explicit AdamRow(const AdamOptions& o, float clip)
      : step(o.lr / o.correction1),
        inverse_root(1.0f / std::sqrt(o.correction2)),
        beta1(o.beta1),
        beta2(o.beta2),
        eps(o.eps),
        clip(clip) {}

  void operator()(float* p, float* m, float* v, const float* grad, int n) const {
    const Vec b1 = splat(beta1), b2 = splat(beta2), a1 = splat(1.0f - beta1), a2 = splat(1.0f - beta2);
    const Vec e = splat(eps), s = splat(step), r = splat(inverse_root), c = splat(clip);
    int j = 0;
    for (; j + kLanes <= n; j += kLanes) {
      const Vec g = c * load(grad + j);
      const Vec mj = b1 * load(m + j) + a1 * g;
      const Vec vj = b2 * load(v + j) + a2 * (g * g);
      store(m + j, mj);
      store(v + j, vj);
      store(p + j, load(p + j) - s * (mj / (sqrt_lanes(vj) * r + e)));
    }
    for (; j < n; j++) {
      const float g = clip * grad[j];
      m[j] = beta1 * m[j] + (1.0f - beta1) * g;
      v[j] = beta2 * v[j] + (1.0f - beta2) * (g * g);
      p[j] -= step * (m[j] / (std::sqrt(v[j]) * inverse_root + eps));
    }
  }
};

bool all_finite(const float* row, int n) {
  typedef std::int32_t Bits __attribute__((may_alias));
  const Bits* bits = reinterpret_cast<const Bits*>(row);
  std::int32_t not_finite = 0;  // an exponent of all ones is an infinity or a NaN
  for (int j = 0; j < n; j++) not_finite |= (bits[j] & 0x7f800000) == 0x7f800000;
  return !not_finite;
}

/// unit = row / ||row||; a row of zeros gives zeros.
void normalize_into(float* unit, const float* row, int n) {
  const float scale = inverse_norm(row, n);
  for (int j = 0; j < n; j++) unit[j] = scale * row[j];
}

}  // namespace

void update(Update& a, ThreadPool& pool) {
  const int n = a.d_in;
  const AdamRow adam(a.adam, a.clip);
  const int panel = a.packing ? a.packing->panel : 32;
  const float* encoding = a.tying == Tying::tied_normalized ? a.unit : a.encoder.parameter;
  const int chunks = chunk_count(a.d_sae, panel);
  auto* bad = new int[chunks];
  struct Guard {
    int* memory;
    ~Guard() { delete[] memory; }
  } guard{bad};
  pool.for_each(chunks, [&](int chunk, int worker) {
    bad[chunk] = -1;
    auto* encoder_grad = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(n));
    auto* unit_grad = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(n));
    auto* before = pool.scratch_of<float>(worker, 3, static_cast<std::size_t>(n));
    const int last = (chunk + 1) * panel < a.d_sae ? (chunk + 1) * panel : a.d_sae;
    for (int f = chunk * panel; f < last; f++) {
      gather_gradient(a, f, encoder_grad, unit_grad);
      to_parameters(a, f, encoder_grad, unit_grad);
      const std::size_t at = static_cast<std::size_t>(f) * n;
      if (a.moved) std::memcpy(before, a.unit + at, static_cast<std::size_t>(n) * sizeof(float));
      const auto step = [&](const AdamState& s, const float* grad) { adam(s.parameter + at, s.m + at, s.v + at, grad, n); };
      if (a.tying != Tying::tied_normalized) step(a.encoder, encoder_grad);
      if (a.tying != Tying::tied_raw) step(a.raw, unit_grad);
      normalize_into(a.unit + at, a.tying == Tying::tied_raw ? a.encoder.parameter + at : a.raw.parameter + at, n);
      if (a.moved) {
        add_scaled(before, -1.0f, a.unit + at, n);
        a.moved[f] += std::sqrt(dot(before, before, n));
      }
      if (a.bias.parameter) adam(a.bias.parameter + f, a.bias.m + f, a.bias.v + f, a.bias_grad + f, 1);
      const bool finite = all_finite(a.unit + at, n) && all_finite(encoding + at, n) &&
                          (!a.bias.parameter || all_finite(a.bias.parameter + f, 1));
      if (!finite && bad[chunk] < 0) bad[chunk] = f;
    }
    if (a.packing)
      pack_panel(*a.packing, encoding, n, a.d_sae, chunk, a.packed,
                 pool.scratch(worker, 2, a.packing->row_scratch_bytes));
  });
  a.bad_latent = -1;
  for (int chunk = 0; chunk < chunks && a.bad_latent < 0; chunk++) a.bad_latent = bad[chunk];
}

void gradient_norm(GradientNorm& args, ThreadPool& pool) {
  const Update& a = *args.update;
  const int n = a.d_in;
  constexpr int kLatents = 32;
  pool.for_each(chunk_count(a.d_sae, kLatents), [&](int chunk, int worker) {
    auto* encoder_grad = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(n));
    auto* unit_grad = pool.scratch_of<float>(worker, 1, static_cast<std::size_t>(n));
    for (int f = chunk * kLatents; f < a.d_sae && f < (chunk + 1) * kLatents; f++) {
      bool active = a.dense_encoder || a.dense_unit || a.dense_raw;
      for (int s = 0; s < a.source_count; s++)
        active |= a.sources[s].latent_indptr[f] != a.sources[s].latent_indptr[f + 1];
      float norm2 = 0.0f;
      if (active) {
        gather_gradient(a, f, encoder_grad, unit_grad);
        to_parameters(a, f, encoder_grad, unit_grad);
        if (a.tying != Tying::tied_normalized) norm2 += dot(encoder_grad, encoder_grad, n);
        if (a.tying != Tying::tied_raw) norm2 += dot(unit_grad, unit_grad, n);
      }
      if (a.bias.parameter) norm2 += a.bias_grad[f] * a.bias_grad[f];
      args.norm2[f] = norm2;
    }
  });
}

void update_vector(UpdateVector& a) {
  AdamRow(a.adam, a.clip)(a.state.parameter, a.state.m, a.state.v, a.gradient, a.n);
}

}  // namespace concord::CONCORD_ISA
