// Encoding: packing the encoder's weights, exact top-k, and all scores above zero.
#include "../screen/screen.hpp"
#include "../screen/float32.hpp"
#include "declarations.hpp"

#if defined(CONCORD_SCREEN_INT8)
#include "../screen/int8_avx512.hpp"
#elif defined(CONCORD_SCREEN_BF16)
#include "../screen/bf16_avx512.hpp"
#elif defined(CONCORD_SCREEN_AMX)
#include "../screen/bf16_amx.hpp"
#endif

namespace concord::CONCORD_ISA {

namespace {

#if defined(CONCORD_SCREEN_INT8)
using ScreenMicro = Int8Avx512Micro;
constexpr const char* kScreen = "int8";
#elif defined(CONCORD_SCREEN_BF16)
using ScreenMicro = Bf16Avx512Micro;
constexpr const char* kScreen = "bfloat16";
#elif defined(CONCORD_SCREEN_AMX)
using ScreenMicro = Bf16AmxMicro;
constexpr const char* kScreen = "bfloat16";
#endif

#if defined(CONCORD_SCREEN_INT8) || defined(CONCORD_SCREEN_BF16) || defined(CONCORD_SCREEN_AMX)
#define CONCORD_HAS_SCREEN 1
#endif

std::size_t whole_lines(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

std::size_t latents_of(const EncoderPacking& packing) { return static_cast<std::size_t>(packing.panels) * packing.panel; }

/// Layout of packed weights: the norms of every block of every latent (when they are rounded), then the panels.
struct Packed {
  float* error_norm;    // [blocks][latents]  ||W_f - W_f'||, W_f' being the latent as it was rounded
  float* rounded_norm;  // [blocks][latents]  ||W_f'||
  void* panels;
};

Packed view(const EncoderPacking& packing, const void* packed) {
  char* base = static_cast<char*>(const_cast<void*>(packed));
  const std::size_t norms = latents_of(packing) * packing.blocks;
  return {reinterpret_cast<float*>(base), reinterpret_cast<float*>(base) + norms, base + whole_lines(2 * norms * sizeof(float))};
}

void pack_panel_float(const float* W, int rows, int d_in, float* out) {
  constexpr int panel = Float32Micro::kPanel;
  for (int f = 0; f < panel; f++)
    for (int k = 0; k < d_in; k++) out[k * panel + f] = f < rows ? W[static_cast<std::size_t>(f) * d_in + k] : 0.0f;
}

#ifdef CONCORD_HAS_SCREEN
/// `scratch` is row_scratch_bytes().
void pack_panel_rounded(const EncoderPacking& packing, const float* W, int first, int rows, int d_in, const Packed& packed,
                        ScreenMicro::Input* panel, void* scratch) {
  auto* norms = static_cast<RoundingNorms*>(scratch);
  auto* row = reinterpret_cast<ScreenMicro::Input*>(norms + packing.blocks);
  const std::size_t latents = latents_of(packing);
  if (rows < ScreenMicro::kPanel) std::memset(panel, 0, ScreenMicro::panel_elements(packing.d_padded) * sizeof *panel);
  for (int f = 0; f < ScreenMicro::kPanel; f++) {
    if (f < rows) ScreenMicro::pack_row(W + static_cast<std::size_t>(f) * d_in, d_in, packing.d_padded, f, panel, norms, row);
    for (int b = 0; b < packing.blocks; b++) {
      packed.error_norm[b * latents + first + f] = f < rows ? norms[b].error : 0.0f;
      packed.rounded_norm[b * latents + first + f] = f < rows ? norms[b].rounded : 0.0f;
    }
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
                         collect<Micro>(candidates + row, tile_rows, latent, scores, a.k,
                                        [&](int q) { candidates[row + q].shrink(a.k); });
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

#ifdef CONCORD_HAS_SCREEN

/// Replaces the scores of the candidates i for which wanted(i) by those in float32, in the order of dot().
template <class Wanted>
void score_exactly(const EncodeTopK& a, const float* x, Candidates& c, Wanted wanted) {
  int queue[8], waiting = 0;
  const auto row = [&](int i) { return a.W + static_cast<std::size_t>(c.indices[i]) * a.d_in; };
  const auto score_four = [&] {
    const float* const rows[4] = {row(queue[0]), row(queue[1]), row(queue[2]), row(queue[3])};
    float scores[4];
    dot4(x, rows, a.d_in, scores);
    for (int q = 0; q < 4; q++) {
      c.values[queue[q]] = a.bias ? scores[q] + a.bias[c.indices[queue[q]]] : scores[q];
      queue[q] = queue[q + 4];
    }
    waiting -= 4;
  };
  for (int i = 0; i < c.count; i++) {
    if (!wanted(i)) continue;
    prefetch_row(row(i), a.d_in);
    queue[waiting++] = i;
    if (waiting == 8) score_four();
  }
  if (waiting >= 4) score_four();
  for (int q = 0; q < waiting; q++) {
    const float score = dot(x, row(queue[q]), a.d_in);
    c.values[queue[q]] = a.bias ? score + a.bias[c.indices[queue[q]]] : score;
  }
}

/// Replaces the candidates' scores by exact ones and keeps the k best. Returns false when a latent that is not among them could
/// belong there: scores are off by at most `error`, and everything screened out scored at most `screened_out`. `screened` is scratch
/// for as many numbers as there are candidates.
bool refine(const EncodeTopK& a, const float* x, Candidates& c, float screened_out, float error, float* screened) {
  // The k best of the screen come first: the least of their exact scores rules most of the others out.
  const float kth = c.kth_largest(a.k);
  std::memcpy(screened, c.values, sizeof(float) * c.count);
  score_exactly(a, x, c, [&](int i) { return screened[i] >= kth; });
  float least = __builtin_inff();
  for (int i = 0; i < c.count; i++)
    if (screened[i] >= kth && !(c.values[i] >= least)) least = c.values[i];
  const float floor = least - error;
  score_exactly(a, x, c, [&](int i) { return screened[i] < kth && !(screened[i] < floor); });
  for (int i = 0; i < c.count; i++)
    if (screened[i] < floor && screened[i] < kth) c.values[i] = -__builtin_inff();
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

/// Scores this many errors below the k-th best are kept: one is needed when the exact k-th best is no less than the screen's, two
/// whatever it is. Rounding errs far less than its bound, so a little over one serves nearly every row.
constexpr float kBand = 1.15f;

void topk_screened(EncodeTopK& a, ThreadPool& pool, const float* bias) {
  using Micro = ScreenMicro;
  using Input = Micro::Input;
  const EncoderPacking& packing = *a.packing;
  const Packed packed = view(packing, a.packed);
  const auto* panels = static_cast<const Input*>(packed.panels);
  const LargestNorms largest_norms(packed.error_norm, packed.rounded_norm, packing.blocks, latents_of(packing));
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
    auto* x = pool.scratch_of<Input>(worker, 0, static_cast<std::size_t>(padded) * stride);
    auto* norms = pool.scratch_of<RoundingNorms>(worker, 4, static_cast<std::size_t>(count) * packing.blocks);
    for (int r = 0; r < count; r++)
      Micro::convert_row(a.x + static_cast<std::size_t>(first + r) * a.d_in, a.d_in, packing.d_padded,
                         x + static_cast<std::size_t>(r) * stride, norms + static_cast<std::size_t>(r) * packing.blocks);
    std::memset(x + static_cast<std::size_t>(count) * stride, 0,
                static_cast<std::size_t>(padded - count) * stride * sizeof(Input));
    Candidates* candidates = make_candidates(pool, worker, count, keep, Micro::kPanel);
    auto* errors = pool.scratch_of<float>(worker, 5, static_cast<std::size_t>(count));
    auto* screened = pool.scratch_of<float>(worker, 6, static_cast<std::size_t>(Candidates::capacity(keep, Micro::kPanel)));
    for (int r = 0; r < count; r++) {
      // Float32 accumulation over d terms from the bias on errs by at most d 2^-24 (sum|products| + |bias|), in the screen and in
      // dot(), and products below the smallest normal number vanish.
      const float accumulation = static_cast<float>(2 * packing.d_padded + 8) * 0x1p-24f;
      float product;
      const float rounding = largest_norms.bound(norms + static_cast<std::size_t>(r) * packing.blocks, &product);
      errors[r] = rounding + accumulation * (product + bias_size) + static_cast<float>(packing.d_padded) * 0x1p-125f;
    }
    const auto shrink = [&](int r) { candidates[r].shrink_to_band(a.k, kBand * errors[r], keep); };
    Micro::begin();
    screen_rows<Micro>(x, stride, count, packing, panels, bias,
                       [&](int row, int tile_rows, int latent, const float* scores) {
                         collect<Micro>(candidates + row, tile_rows, latent, scores, keep, [&](int q) { shrink(row + q); });
                       });
    Micro::end();
    for (int r = 0; r < count; r++) {
      Candidates& c = candidates[r];
      shrink(r);
      // Nothing was screened out when every latent is a candidate.
      const float screened_out = c.count < a.d_sae ? c.threshold : -__builtin_inff();
      const float* row = a.x + static_cast<std::size_t>(first + r) * a.d_in;
      if (!c.nan && c.count >= a.k && refine(a, row, c, screened_out, errors[r], screened)) {
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

#endif  // CONCORD_HAS_SCREEN

}  // namespace

EncoderPacking encoder_packing(int d_in, int d_sae, int k) {
  EncoderPacking packing{};
#ifdef CONCORD_HAS_SCREEN
  // Refining k + 16 candidates by gathered rows costs about as much as scoring sixteen times as many latents in float32.
  if (k > 0 && static_cast<long>(k + 16) * 16 <= d_sae) {
    packing.screen = kScreen;
    packing.rounded = true;
    packing.panel = ScreenMicro::kPanel;
    packing.d_padded = round_up(d_in, ScreenMicro::kDepth);
    packing.blocks = ScreenMicro::blocks(packing.d_padded);
    packing.panels = (d_sae + packing.panel - 1) / packing.panel;
    packing.row_scratch_bytes = packing.blocks * sizeof(RoundingNorms) +
                                static_cast<std::size_t>(ScreenMicro::row_elements(packing.d_padded)) * sizeof(ScreenMicro::Input);
    packing.bytes = whole_lines(2 * latents_of(packing) * packing.blocks * sizeof(float)) +
                    packing.panels * ScreenMicro::panel_elements(packing.d_padded) * sizeof(ScreenMicro::Input);
    return packing;
  }
#endif
  (void)k;
  packing.screen = "float32";
  packing.panel = Float32Micro::kPanel;
  packing.d_padded = d_in;
  packing.panels = (d_sae + packing.panel - 1) / packing.panel;
  packing.bytes = latents_of(packing) * packing.d_padded * sizeof(float);
  return packing;
}

void pack_panel(const EncoderPacking& packing, const float* W, int d_in, int d_sae, int panel, void* packed,
                void* row_scratch) {
  const int first = panel * packing.panel;
  const int rows = d_sae - first < packing.panel ? d_sae - first : packing.panel;
  const Packed target = view(packing, packed);
  const float* source = W + static_cast<std::size_t>(first) * d_in;
#ifdef CONCORD_HAS_SCREEN
  if (packing.rounded) {
    auto* panels = static_cast<ScreenMicro::Input*>(target.panels);
    pack_panel_rounded(packing, source, first, rows, d_in, target, panels + panel * ScreenMicro::panel_elements(packing.d_padded), row_scratch);
    return;
  }
#endif
  (void)row_scratch;
  pack_panel_float(source, rows, d_in, static_cast<float*>(target.panels) + panel * Float32Micro::panel_elements(packing.d_padded));
}

void pack_encoder(const EncoderPacking& packing, const float* W, int d_in, int d_sae, void* packed,
                  ThreadPool& pool) {
  pool.for_each(packing.panels, [&](int panel, int worker) {
    pack_panel(packing, W, d_in, d_sae, panel, packed,
               pool.scratch(worker, 0, packing.row_scratch_bytes));
  });
}

void encode_topk(EncodeTopK& a, ThreadPool& pool) {
  const PaddedBias bias(a.bias, a.d_sae, a.packing->panels * a.packing->panel);
#ifdef CONCORD_HAS_SCREEN
  if (a.packing->rounded) return topk_screened(a, pool, bias.values);
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
