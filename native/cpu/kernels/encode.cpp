// Encoding: packing the encoder's weights, exact top-k, and all scores above zero.
#include "../screen/screen.hpp"
#include "../screen/bf16.hpp"
#include "../screen/float32.hpp"
#include "declarations.hpp"

#if defined(CONCORD_HALF_AVX512)
#include "../screen/bf16_avx512.hpp"
#elif defined(CONCORD_HALF_AMX)
#include "../screen/bf16_amx.hpp"
#endif

namespace concord::CONCORD_ISA {

namespace {

#if defined(CONCORD_HALF_AVX512)
using HalfMicro = Bf16Avx512Micro;
#elif defined(CONCORD_HALF_AMX)
using HalfMicro = Bf16AmxMicro;
#endif

#if defined(CONCORD_HALF_AVX512) || defined(CONCORD_HALF_AMX)
#define CONCORD_HAS_HALF 1
#endif

/// Layout of packed weights: two norms per latent (half packings only), then the panels.
struct Packed {
  float* error_norm;    // [panels * panel]  ||W_f - bf16(W_f)||
  float* rounded_norm;  // [panels * panel]  ||bf16(W_f)||
  void* panels;
};

Packed view(const EncoderPacking& packing, const void* packed) {
  char* base = static_cast<char*>(const_cast<void*>(packed));
  if (!packing.half) return {nullptr, nullptr, base};
  const std::size_t latents = static_cast<std::size_t>(packing.panels) * packing.panel;
  auto* norms = reinterpret_cast<float*>(base);
  return {norms, norms + latents, base + (2 * latents * sizeof(float) + 63) / 64 * 64};
}

void pack_panel_float(const float* W, int rows, int d_in, float* out) {
  constexpr int panel = Float32Micro::kPanel;
  for (int f = 0; f < panel; f++)
    for (int k = 0; k < d_in; k++) out[k * panel + f] = f < rows ? W[static_cast<std::size_t>(f) * d_in + k] : 0.0f;
}

#ifdef CONCORD_HAS_HALF
void pack_panel_half(const float* W, int rows, int d_in, int d_padded, std::uint32_t* out, float* error_norm,
                     float* rounded_norm, std::uint16_t* row) {
  constexpr int panel = HalfMicro::kPanel;
  for (int f = 0; f < panel; f++) {
    if (f < rows) {
      const RoundingNorms norms = convert_row(W + static_cast<std::size_t>(f) * d_in, d_in, d_padded, row);
      error_norm[f] = norms.error;
      rounded_norm[f] = norms.rounded;
    } else {
      std::memset(row, 0, static_cast<std::size_t>(d_padded) * 2);
      error_norm[f] = rounded_norm[f] = 0.0f;
    }
    for (int pair = 0; pair < d_padded / 2; pair++) std::memcpy(&out[pair * panel + f], row + 2 * pair, 4);
  }
}
#endif

/// The largest magnitude, NaN when one is.
[[maybe_unused]] float largest(const float* values, int n) {
  float best = 0.0f;
  for (int i = 0; i < n; i++)
    if (!(std::fabs(values[i]) <= best)) best = std::fabs(values[i]);
  for (int i = 0; i < n; i++)
    if (values[i] != values[i]) return values[i];
  return best;
}

/// Bias padded to whole panels, alive for one call.
struct PaddedBias {
  float* values;
  PaddedBias(const float* bias, int d_sae, int padded) : values(new float[padded]) {
    pad_bias(bias, d_sae, padded, values);
  }
  ~PaddedBias() { delete[] values; }
};

/// The rows themselves when they fill whole tiles, otherwise a copy with zeros behind: tiles read whole groups of rows.
const float* whole_tiles(const float* x, int count, int d_in, ThreadPool& pool, int worker) {
  const int padded = round_up(count, Float32Micro::kRows);
  if (padded == count) return x;
  auto* copy = pool.scratch_of<float>(worker, 0, static_cast<std::size_t>(padded) * d_in);
  std::memcpy(copy, x, static_cast<std::size_t>(count) * d_in * sizeof(float));
  std::memset(copy + static_cast<std::size_t>(count) * d_in, 0,
              static_cast<std::size_t>(padded - count) * d_in * sizeof(float));
  return copy;
}

void topk_float(EncodeTopK& a, ThreadPool& pool, const float* bias) {
  using Micro = Float32Micro;
  const EncoderPacking& packing = *a.packing;
  const auto* panels = static_cast<const float*>(view(packing, a.packed).panels);
  const int rows = chunk_rows(a.batch, Micro::kRows, pool.threads());
  pool.for_each(chunk_count(a.batch, rows), [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.batch - first < rows ? a.batch - first : rows;
    const float* x = whole_tiles(a.x + static_cast<std::size_t>(first) * a.d_in, count, a.d_in, pool, worker);
    Candidates* candidates = make_candidates(pool, worker, count, a.k, Micro::kPanel);
    screen_rows<Micro>(x, a.d_in, count, packing, panels, bias,
                       [&](int row, int tile_rows, int latent, const float* scores) {
                         collect<Micro>(candidates + row, tile_rows, latent, scores, a.k);
                       });
    for (int r = 0; r < count; r++) {
      candidates[r].shrink(a.k);
      if (candidates[r].nan || candidates[r].count < a.k) fail_not_finite(first + r);
      const std::size_t at = static_cast<std::size_t>(first + r) * a.k;
      write_row(candidates[r], a.k, a.relu, a.indices + at, a.values + at);
    }
  });
  a.redone_rows = 0;
}

#ifdef CONCORD_HAS_HALF

/// Replaces the candidates' scores by exact ones, in the order of dot(), and keeps the k best. Returns false when a latent
/// that is not among them could belong there: scores are off by at most `error`, and everything screened out scored at most
/// `screened_out`.
bool refine(const EncodeTopK& a, const float* x, Candidates& c, float screened_out, float error) {
  // A latent whose score is 2 error below the k-th best score cannot be among the k best.
  const float band = c.kth_largest(a.k) - 2.0f * error;
  int kept = 0;
  for (int i = 0; i < c.count; i++)
    if (!(c.values[i] < band)) c.indices[kept++] = c.indices[i];
  c.count = kept;
  int j = 0;
  for (; j + 4 <= c.count; j += 4) {
    const float* rows[4];
    for (int q = 0; q < 4; q++) rows[q] = a.W + static_cast<std::size_t>(c.indices[j + q]) * a.d_in;
    for (int q = 4; q < 8 && j + q < c.count; q++)
      prefetch_row(a.W + static_cast<std::size_t>(c.indices[j + q]) * a.d_in, a.d_in);
    dot4(x, rows, a.d_in, c.values + j);
  }
  for (; j < c.count; j++) c.values[j] = dot(x, a.W + static_cast<std::size_t>(c.indices[j]) * a.d_in, a.d_in);
  if (a.bias)
    for (int i = 0; i < c.count; i++) c.values[i] += a.bias[c.indices[i]];
  c.shrink(a.k);
  // Written so that a NaN anywhere fails.
  return !c.nan && c.count == a.k && (screened_out == -__builtin_inff() || c.threshold > screened_out + error);
}

/// Scores every latent in float32 for the listed rows, sixteen rows at a time.
void redo_rows(EncodeTopK& a, ThreadPool& pool, const std::int32_t* redo, int redo_count) {
  constexpr int kRowsAtOnce = 16, kLatents = 32;
  pool.for_each(chunk_count(redo_count, kRowsAtOnce), [&](int chunk, int worker) {
    const int first = chunk * kRowsAtOnce;
    const int count = redo_count - first < kRowsAtOnce ? redo_count - first : kRowsAtOnce;
    Candidates* candidates = make_candidates(pool, worker, count, a.k, kLatents);
    for (int f0 = 0; f0 < a.d_sae; f0 += kLatents) {
      const int latents = a.d_sae - f0 < kLatents ? a.d_sae - f0 : kLatents;
      for (int r = 0; r < count; r++) {
        const float* x = a.x + static_cast<std::size_t>(redo[first + r]) * a.d_in;
        float scores[kLatents];
        int f = 0;
        for (; f + 4 <= latents; f += 4) {
          const float* rows[4];
          for (int q = 0; q < 4; q++) rows[q] = a.W + static_cast<std::size_t>(f0 + f + q) * a.d_in;
          dot4(x, rows, a.d_in, scores + f);
        }
        for (; f < latents; f++) scores[f] = dot(x, a.W + static_cast<std::size_t>(f0 + f) * a.d_in, a.d_in);
        if (a.bias)
          for (int q = 0; q < latents; q++) scores[q] += a.bias[f0 + q];
        candidates[r].append(scores, latents, f0);
        if (candidates[r].count > Candidates::limit(a.k, kLatents) - kLatents) candidates[r].shrink(a.k);
      }
    }
    for (int r = 0; r < count; r++) {
      candidates[r].shrink(a.k);
      if (candidates[r].nan || candidates[r].count < a.k) fail_not_finite(redo[first + r]);
      const std::size_t at = static_cast<std::size_t>(redo[first + r]) * a.k;
      write_row(candidates[r], a.k, a.relu, a.indices + at, a.values + at);
    }
  });
}

void topk_half(EncodeTopK& a, ThreadPool& pool, const float* bias) {
  using Micro = HalfMicro;
  const EncoderPacking& packing = *a.packing;
  const Packed packed = view(packing, a.packed);
  const auto* panels = static_cast<const std::uint16_t*>(packed.panels);
  const int latents = packing.panels * packing.panel;
  const float weight_error = largest(packed.error_norm, latents);
  const float weight_norm = largest(packed.rounded_norm, latents);
  const float bias_size = a.bias ? largest(a.bias, a.d_sae) : 0.0f;
  const int keep = a.k + a.margin < a.d_sae ? a.k + a.margin : a.d_sae;
  const int stride = row_stride<Micro>(packing.d_padded);
  const int rows = chunk_rows(a.batch, Micro::kRows, pool.threads());
  const int chunks = chunk_count(a.batch, rows);
  // Rows to redo, a list per chunk so that their order does not depend on the threads.
  auto* redo = new std::int32_t[static_cast<std::size_t>(a.batch) + chunks];
  std::int32_t* redo_counts = redo + a.batch;
  std::memset(redo_counts, 0, sizeof(std::int32_t) * chunks);
  struct Guard {
    std::int32_t* memory;
    ~Guard() { delete[] memory; }
  } guard{redo};

  pool.for_each(chunks, [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.batch - first < rows ? a.batch - first : rows;
    const int padded = round_up(count, Micro::kRows);
    auto* x = pool.scratch_of<std::uint16_t>(worker, 0, static_cast<std::size_t>(padded) * stride);
    auto* norms = pool.scratch_of<RoundingNorms>(worker, 4, static_cast<std::size_t>(count));
    for (int r = 0; r < count; r++)
      norms[r] = convert_row(a.x + static_cast<std::size_t>(first + r) * a.d_in, a.d_in, packing.d_padded,
                             x + static_cast<std::size_t>(r) * stride);
    std::memset(x + static_cast<std::size_t>(count) * stride, 0,
                static_cast<std::size_t>(padded - count) * stride * 2);
    Candidates* candidates = make_candidates(pool, worker, count, keep, Micro::kPanel);
    Micro::begin();
    screen_rows<Micro>(x, stride, count, packing, panels, bias,
                       [&](int row, int tile_rows, int latent, const float* scores) {
                         collect<Micro>(candidates + row, tile_rows, latent, scores, keep);
                       });
    Micro::end();
    for (int r = 0; r < count; r++) {
      Candidates& c = candidates[r];
      c.shrink(keep);
      // Nothing was screened out when every latent is a candidate.
      const float screened_out = c.count < a.d_sae ? c.threshold : -__builtin_inff();
      // Float32 accumulation over d terms from the bias on errs by at most d 2^-24 (sum|products| + |bias|), in the screen and in
      // dot(), and products below the smallest normal number vanish.
      const float accumulation = static_cast<float>(2 * packing.d_padded + 8) * 0x1p-24f;
      const float product = norms[r].exact * weight_norm + norms[r].exact * weight_error;
      const float bound = norms[r].exact * weight_error + norms[r].error * weight_norm +
                          accumulation * (product + bias_size) +
                          static_cast<float>(packing.d_padded) * 0x1p-125f;
      if (!c.nan && c.count >= a.k && refine(a, a.x + static_cast<std::size_t>(first + r) * a.d_in, c, screened_out, bound)) {
        const std::size_t at = static_cast<std::size_t>(first + r) * a.k;
        write_row(c, a.k, a.relu, a.indices + at, a.values + at);
      } else {
        redo[first + redo_counts[chunk]++] = first + r;
      }
    }
  });

  int redo_count = 0;
  for (int chunk = 0; chunk < chunks; chunk++)
    for (int i = 0; i < redo_counts[chunk]; i++) redo[redo_count++] = redo[chunk * rows + i];
  redo_rows(a, pool, redo, redo_count);
  a.redone_rows = redo_count;
}

#endif  // CONCORD_HAS_HALF

}  // namespace

EncoderPacking encoder_packing(int d_in, int d_sae, int k) {
  EncoderPacking packing{};
#ifdef CONCORD_HAS_HALF
  // Refining k + 16 candidates by gathered rows costs about as much as scoring sixteen times as many latents in float32.
  packing.half = k > 0 && static_cast<long>(k + 16) * 16 <= d_sae;
  packing.panel = packing.half ? HalfMicro::kPanel : Float32Micro::kPanel;
  packing.d_padded = packing.half ? round_up(d_in, HalfMicro::kDepth) : d_in;
#else
  (void)k;
  packing.half = false;
  packing.panel = Float32Micro::kPanel;
  packing.d_padded = d_in;
#endif
  packing.panels = (d_sae + packing.panel - 1) / packing.panel;
  const std::size_t latents = static_cast<std::size_t>(packing.panels) * packing.panel;
  packing.bytes = packing.half ? (2 * latents * sizeof(float) + 63) / 64 * 64 + latents * packing.d_padded * 2
                               : latents * packing.d_padded * sizeof(float);
  return packing;
}

void pack_panel(const EncoderPacking& packing, const float* W, int d_in, int d_sae, int panel, void* packed,
                void* row_scratch) {
  const int first = panel * packing.panel;
  const int rows = d_sae - first < packing.panel ? d_sae - first : packing.panel;
  const Packed target = view(packing, packed);
  const float* source = W + static_cast<std::size_t>(first) * d_in;
  const std::size_t size = static_cast<std::size_t>(packing.d_padded) * packing.panel;
#ifdef CONCORD_HAS_HALF
  if (packing.half) {
    pack_panel_half(source, rows, d_in, packing.d_padded, static_cast<std::uint32_t*>(target.panels) + panel * size / 2,
                    target.error_norm + first, target.rounded_norm + first, static_cast<std::uint16_t*>(row_scratch));
    return;
  }
#endif
  (void)row_scratch;
  pack_panel_float(source, rows, d_in, static_cast<float*>(target.panels) + panel * size);
}

void pack_encoder(const EncoderPacking& packing, const float* W, int d_in, int d_sae, void* packed,
                  ThreadPool& pool) {
  pool.for_each(packing.panels, [&](int panel, int worker) {
    pack_panel(packing, W, d_in, d_sae, panel, packed,
               pool.scratch(worker, 0, static_cast<std::size_t>(packing.d_padded) * 2));
  });
}

void encode_topk(EncodeTopK& a, ThreadPool& pool) {
  const PaddedBias bias(a.bias, a.d_sae, a.packing->panels * a.packing->panel);
#ifdef CONCORD_HAS_HALF
  if (a.packing->half) return topk_half(a, pool, bias.values);
#endif
  topk_float(a, pool, bias.values);
}

namespace {

/// The growing code of one row.
struct RowCode {
  float* values = nullptr;
  std::int32_t* indices = nullptr;
  std::int32_t count = 0, capacity = 0;
  bool nan = false;

  void append(const float* scores, int n, std::int32_t first) {
    if (count + n > capacity) {
      capacity = 2 * capacity + n + 64;
      values = static_cast<float*>(grow(values, capacity));
      indices = static_cast<std::int32_t*>(grow(indices, capacity));
    }
    for (int i = 0; i < n; i++) {
      values[count] = scores[i];
      indices[count] = first + i;
      count += scores[i] > 0.0f;
      nan |= scores[i] != scores[i];
    }
  }

 private:
  static void* grow(void* memory, std::int32_t elements) {
    void* larger = __builtin_realloc(memory, static_cast<std::size_t>(elements) * 4);
    if (!larger) fail("backend/failed", "[encode] Out of memory for the active latents of a batch.");
    return larger;
  }
};

struct RowCodes {
  RowCode* rows;
  int count;
  explicit RowCodes(int n) : rows(new RowCode[n]), count(n) {}
  ~RowCodes() {
    for (int r = 0; r < count; r++) {
      __builtin_free(rows[r].values);
      __builtin_free(rows[r].indices);
    }
    delete[] rows;
  }
};

}  // namespace

void encode_positive(EncodePositive& a, ThreadPool& pool) {
  using Micro = Float32Micro;
  const EncoderPacking& packing = *a.packing;
  const auto* panels = static_cast<const float*>(view(packing, a.packed).panels);
  const PaddedBias bias(a.bias, a.d_sae, packing.panels * packing.panel);
  RowCodes codes(a.batch);
  const int rows = chunk_rows(a.batch, Micro::kRows, pool.threads());
  pool.for_each(chunk_count(a.batch, rows), [&](int chunk, int worker) {
    const int first = chunk * rows, count = a.batch - first < rows ? a.batch - first : rows;
    const float* x = whole_tiles(a.x + static_cast<std::size_t>(first) * a.d_in, count, a.d_in, pool, worker);
    screen_rows<Micro>(x, a.d_in, count, packing, panels, bias.values,
                       [&](int row, int tile_rows, int latent, const float* scores) {
                         for (int q = 0; q < tile_rows; q++)
                           codes.rows[first + row + q].append(scores + q * Micro::kPanel, Micro::kPanel, latent);
                       });
  });
  a.nnz = 0;
  for (int r = 0; r < a.batch; r++) {
    if (codes.rows[r].nan) fail_not_finite(r);
    a.indptr[r] = static_cast<std::int32_t>(a.nnz);
    a.nnz += codes.rows[r].count;
  }
  if (a.nnz > INT32_MAX) fail("backend/failed", "[encode] More than 2^31 active latents in one batch.");
  a.indptr[a.batch] = static_cast<std::int32_t>(a.nnz);
  if (a.nnz > a.capacity) return;
  pool.for_each(chunk_count(a.batch, 64), [&](int chunk, int) {
    for (int r = chunk * 64; r < a.batch && r < chunk * 64 + 64; r++) {
      const std::size_t bytes = static_cast<std::size_t>(codes.rows[r].count) * 4;
      if (bytes == 0) continue;
      std::memcpy(a.values + a.indptr[r], codes.rows[r].values, bytes);
      std::memcpy(a.indices + a.indptr[r], codes.rows[r].indices, bytes);
    }
  });
}

}  // namespace concord::CONCORD_ISA
