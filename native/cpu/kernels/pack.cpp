// Packs weights for the screen.
#include "../screen/packed.hpp"
#include "../screen/screen.hpp"
#include "declarations.hpp"

namespace concord::CONCORD_ISA {

namespace {

/// Rows of weights in the order of packing.
struct OrderedRows {
  const float* W;
  int d_in;
  const std::int32_t* order;  // null: ascending

  const float* operator[](int place) const { return W + static_cast<std::size_t>(order ? order[place] : place) * d_in; }
};

void pack_panel_float(const OrderedRows& W, int first, int rows, float* out) {
  constexpr int panel = Float32Micro::kPanel;
  for (int f = 0; f < panel; f++)
    for (int k = 0; k < W.d_in; k++) out[k * panel + f] = f < rows ? W[first + f][k] : 0.0f;
}

#ifdef CONCORD_HAS_SCREEN
/// `scratch` has row_scratch_bytes.
void pack_panel_rounded(const EncoderPacking& packing, const OrderedRows& W, int first, int rows, const Packed& packed,
                        ScreenMicro::Input* panel, void* scratch) {
  auto* norms = static_cast<RoundingNorms*>(scratch);
  auto* row = reinterpret_cast<ScreenMicro::Input*>(norms + packing.blocks);
  const std::size_t latents = latents_of(packing);
  if (rows < ScreenMicro::kPanel) std::memset(panel, 0, ScreenMicro::panel_elements(packing.d_padded) * sizeof *panel);
  for (int f = 0; f < ScreenMicro::kPanel; f++) {
    if (f < rows) ScreenMicro::pack_row(W[first + f], W.d_in, packing.d_padded, f, panel, norms, row);
    for (int b = 0; b < packing.blocks; b++) {
      packed.error_norm[b * latents + first + f] = f < rows ? norms[b].error : 0.0f;
      packed.rounded_norm[b * latents + first + f] = f < rows ? norms[b].rounded : 0.0f;
    }
  }
}
#endif

}  // namespace

EncoderPacking encoder_packing(int d_in, int d_sae, int k) {
  EncoderPacking packing{};
#ifdef CONCORD_HAS_SCREEN
  // Refining k + 16 gathered candidates takes about as long as scoring sixteen times as many
  // latents in float32.
  if (k > 0 && static_cast<long>(k + 16) * 16 <= d_sae) {
    packing.screen = kScreen;
    packing.rounded = true;
    packing.panel = ScreenMicro::kPanel;
    packing.d_padded = round_up(d_in, ScreenMicro::kDepth);
    packing.blocks = ScreenMicro::blocks(packing.d_padded);
    packing.panels = chunk_count(d_sae, packing.panel);
    packing.row_scratch_bytes =
        packing.blocks * sizeof(RoundingNorms) +
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
  packing.panels = chunk_count(d_sae, packing.panel);
  packing.bytes = latents_of(packing) * packing.d_padded * sizeof(float);
  return packing;
}

void pack_panel(const EncoderPacking& packing, const float* W, int d_in, int d_sae, const std::int32_t* order,
                int panel, void* packed, void* row_scratch) {
  const int first = panel * packing.panel;
  const int rows = d_sae - first < packing.panel ? d_sae - first : packing.panel;
  const Packed target = view(packing, packed);
  const OrderedRows source{W, d_in, order};
#ifdef CONCORD_HAS_SCREEN
  if (packing.rounded) {
    auto* panels = static_cast<ScreenMicro::Input*>(target.panels);
    pack_panel_rounded(packing, source, first, rows, target,
                       panels + panel * ScreenMicro::panel_elements(packing.d_padded), row_scratch);
    return;
  }
#endif
  (void)row_scratch;
  pack_panel_float(source, first, rows,
                   static_cast<float*>(target.panels) + panel * Float32Micro::panel_elements(packing.d_padded));
}

void pack_encoder(const EncoderPacking& packing, const float* W, int d_in, int d_sae, const std::int32_t* order,
                  void* packed, ThreadPool& pool) {
  pool.for_each(packing.panels, [&](int panel, int worker) {
    pack_panel(packing, W, d_in, d_sae, order, panel, packed, pool.scratch(worker, 0, packing.row_scratch_bytes));
  });
}

}  // namespace concord::CONCORD_ISA
