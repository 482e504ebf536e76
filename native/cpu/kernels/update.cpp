// The fused update: gradient rows, clipping, projection, Adam, renormalisation and repacking, one
// latent at a time.
#include <cstring>

#include "../vec.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// How gradients are gathered: for `together` latents and `rows` rows of the batch at a time. Where
/// latents have many rows, the gradients of a group of latents and those rows stay in the
/// second-level cache. A row is then read once for the whole group.
struct Gathering {
  int together;
  long rows;

  static constexpr int kMost = 512;
  static constexpr long kCacheBytes = 512 * 1024;
  /// Rows per latent from which grouping is faster.
  static constexpr long kManyRows = 64;

  Gathering(const Update& a, int threads) : together(1), rows(INT32_MAX) {
    long all = 0;
    for (int s = 0; s < a.source_count; s++) all += a.sources[s].latent_indptr[a.d_sae];
    if (all < kManyRows * a.d_sae) return;
    const long row_bytes = 2L * a.d_in * static_cast<long>(sizeof(float));
    const long fit = kCacheBytes / row_bytes, even = (a.d_sae + threads - 1) / threads;
    const long latents = fit < even ? fit : even;
    together = static_cast<int>(latents < 1 ? 1 : latents < kMost ? latents : kMost);
    rows = kCacheBytes / 2 / row_bytes + 1;
  }
};

/// Gradients of latents [first, last), each [last - first, d_in]. A latent's rows are added in the
/// order in which the sources list them, however they are gathered.
void gather_gradients(const Update& a, const Gathering& how, int first, int last, float* encoder_grad,
                      float* unit_grad) {
  const std::size_t at = static_cast<std::size_t>(first) * a.d_in;
  const std::size_t bytes = static_cast<std::size_t>(last - first) * a.d_in * sizeof(float);
  if (a.dense_encoder) std::memcpy(encoder_grad, a.dense_encoder + at, bytes);
  else std::memset(encoder_grad, 0, bytes);
  if (a.dense_unit) std::memcpy(unit_grad, a.dense_unit + at, bytes);
  else std::memset(unit_grad, 0, bytes);
  for (int s = 0; s < a.source_count; s++) {
    const SparseGradient& source = a.sources[s];
    std::int32_t next[Gathering::kMost];
    std::memcpy(next, source.latent_indptr + first, sizeof(std::int32_t) * (last - first));
    bool more = source.latent_indptr[first] < source.latent_indptr[last];
    for (long end = how.rows; more; end += how.rows) {
      more = false;
      for (int f = first; f < last; f++) {
        const int begin = next[f - first], stop = source.latent_indptr[f + 1];
        int count = end == INT32_MAX ? stop - begin : 0;
        while (begin + count < stop && source.rows[begin + count] < end) count++;
        next[f - first] += count;
        more |= begin + count < stop;
        if (count == 0) continue;
        const auto row_of = [&](const float* matrix, int i) {
          return matrix + static_cast<std::size_t>(source.rows[begin + i]) * a.d_in;
        };
        const std::size_t out = static_cast<std::size_t>(f - first) * a.d_in;
        add_rows(encoder_grad + out, count, a.d_in, [&](int i) { return row_of(source.x, i); },
                 [&](int i) { return source.latent_grads[begin + i]; });
        add_rows(unit_grad + out, count, a.d_in, [&](int i) { return row_of(source.residual, i); },
                 [&](int i) { return source.residual_scale * source.latent_values[begin + i]; });
      }
    }
  }
}

/// grad = scale * (grad - (grad . unit) unit): removes the component along the atom.
void project(float* grad, const float* unit, float scale, int n) {
  const float along = dot(grad, unit, n);
  for (int j = 0; j < n; j++) grad[j] = scale * (grad[j] - along * unit[j]);
}

/// Turns the gathered rows into gradients of the parameters. On return, encoder_grad belongs to
/// `encoder` and unit_grad to `raw`, as far as the tying has them.
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

/// Gathers the gradients of latents [first, last), one group at a time. For each it calls use(f,
/// gradient of the encoder's row, gradient of the raw row). The rows are scratch, or lie where
/// gradients are kept.
template <class Use>
void for_each_gradient(const Update& a, const Gathering& how, int first, int last, ThreadPool& pool, int worker,
                       Use use) {
  const std::size_t n = static_cast<std::size_t>(a.d_in);
  auto* encoder_scratch = pool.scratch_of<float>(worker, 0, how.together * n);
  auto* unit_scratch = pool.scratch_of<float>(worker, 1, how.together * n);
  for (int f = first; f < last; f += how.together) {
    const int end = f + how.together < last ? f + how.together : last;
    float* encoder_grad = a.kept_encoder ? a.kept_encoder + f * n : encoder_scratch;
    float* unit_grad = a.kept_raw ? a.kept_raw + f * n : unit_scratch;
    gather_gradients(a, how, f, end, encoder_grad, unit_grad);
    for (int g = f; g < end; g++) {
      float *encoder_row = encoder_grad + (g - f) * n, *unit_row = unit_grad + (g - f) * n;
      to_parameters(a, g, encoder_row, unit_row);
      use(g, encoder_row, unit_row);
    }
  }
}

}  // namespace

void update(Update& a, ThreadPool& pool) {
  const int n = a.d_in;
  const AdamRow adam(a.adam, a.clip);
  const int panel = a.packing ? a.packing->panel : 32;
  const float* encoding = a.tying == Tying::tied_normalized ? a.unit : a.encoder.parameter;
  const Gathering how(a, pool.threads());
  const int latents = (how.together + panel - 1) / panel * panel;
  const int chunks = chunk_count(a.d_sae, latents);
  auto* bad = new int[chunks];
  struct Guard {
    int* memory;
    ~Guard() { delete[] memory; }
  } guard{bad};
  pool.for_each(chunks, [&](int chunk, int worker) {
    bad[chunk] = -1;
    auto* before = pool.scratch_of<float>(worker, 3, static_cast<std::size_t>(n));
    const int first = chunk * latents, last = first + latents < a.d_sae ? first + latents : a.d_sae;
    const auto take_step = [&](int f, const float* encoder_grad, const float* raw_grad) {
      const std::size_t at = static_cast<std::size_t>(f) * n;
      if (a.moved) std::memcpy(before, a.unit + at, static_cast<std::size_t>(n) * sizeof(float));
      const auto step = [&](const AdamState& s, const float* grad) {
        adam(s.parameter + at, s.m + at, s.v + at, grad, n);
      };
      if (a.tying != Tying::tied_normalized) step(a.encoder, encoder_grad);
      if (a.tying != Tying::tied_raw) step(a.raw, raw_grad);
      normalize_into(a.unit + at, a.tying == Tying::tied_raw ? a.encoder.parameter + at : a.raw.parameter + at, n);
      if (a.moved) {
        add_scaled(before, -1.0f, a.unit + at, n);
        a.moved[f] += std::sqrt(dot(before, before, n));
      }
      if (a.bias.parameter) adam(a.bias.parameter + f, a.bias.m + f, a.bias.v + f, a.bias_grad + f, 1);
      const bool finite = all_finite(a.unit + at, n) && all_finite(encoding + at, n) &&
                          (!a.bias.parameter || all_finite(a.bias.parameter + f, 1));
      if (!finite && bad[chunk] < 0) bad[chunk] = f;
    };
    if (a.kept_encoder || a.kept_raw)
      for (int f = first; f < last; f++) {
        const std::size_t at = static_cast<std::size_t>(f) * n;
        take_step(f, a.kept_encoder ? a.kept_encoder + at : nullptr, a.kept_raw ? a.kept_raw + at : nullptr);
      }
    else for_each_gradient(a, how, first, last, pool, worker, take_step);
    for (int p = first / panel; a.packing && p * panel < last; p++)
      pack_panel(*a.packing, encoding, n, a.d_sae, nullptr, p, a.packed,
                 pool.scratch(worker, 2, a.packing->row_scratch_bytes));
  });
  a.bad_latent = -1;
  for (int chunk = 0; chunk < chunks && a.bad_latent < 0; chunk++) a.bad_latent = bad[chunk];
}

void gradient_norm(GradientNorm& args, ThreadPool& pool) {
  const Update& a = *args.update;
  const int n = a.d_in;
  const Gathering how(a, pool.threads());
  const int latents = how.together > 1 ? how.together : 32;
  pool.for_each(chunk_count(a.d_sae, latents), [&](int chunk, int worker) {
    const int first = chunk * latents, last = first + latents < a.d_sae ? first + latents : a.d_sae;
    for_each_gradient(a, how, first, last, pool, worker, [&](int f, const float* encoder_grad, const float* raw_grad) {
      float norm2 = 0.0f;
      if (a.tying != Tying::tied_normalized) norm2 += dot(encoder_grad, encoder_grad, n);
      if (a.tying != Tying::tied_raw) norm2 += dot(raw_grad, raw_grad, n);
      if (a.bias.parameter) norm2 += a.bias_grad[f] * a.bias_grad[f];
      args.norm2[f] = norm2;
    });
  });
}

void update_vector(UpdateVector& a, ThreadPool& pool) {
  constexpr int kChunk = 1 << 14;
  pool.for_each(chunk_count(a.n, kChunk), [&](int chunk, int) {
    const int first = chunk * kChunk, n = a.n - first < kChunk ? a.n - first : kChunk;
    AdamRow(a.adam, a.clip)(a.state.parameter + first, a.state.m + first, a.state.v + first, a.gradient + first, n);
  });
}

}  // namespace concord::CONCORD_ISA
