/** @file What the hooks of built graphs hold, one line each, for people who choose one. */

/** Meanings by hook name without `blocks.L.`; hooks.ts defines the names and the shapes. */
const MEANINGS: Readonly<Record<string, string>> = {
  hook_embed: "row of the token embedding; of Gemma, times √d_model",
  hook_pos_embed: "row of the position embedding",
  hook_resid_pre: "residual stream entering the block",
  "ln1.hook_normalized": "normalised input of attention, before gain and bias",
  "ln1.hook_out": "normalised input of attention, after gain and bias",
  "attn.hook_q": "queries, heads side by side, before rotary embedding",
  "attn.hook_k": "keys, heads side by side, before rotary embedding",
  "attn.hook_v": "values, heads side by side",
  "attn.q_norm.hook_out": "queries with every head normalised, before rotary embedding",
  "attn.k_norm.hook_out": "keys with every head normalised, before rotary embedding",
  "attn.hook_z": "values mixed by attention, heads side by side",
  "attn.hook_out": "output of attention, before the norm behind it",
  "ln1_post.hook_normalized": "normalised output of attention, before the gain",
  "ln1_post.hook_out": "normalised output of attention, which joins the residual stream",
  hook_attn_out: "what attention adds to the residual stream",
  hook_resid_mid: "residual stream between attention and MLP",
  "ln2.hook_normalized": "normalised input of the MLP, before gain and bias",
  "ln2.hook_out": "normalised input of the MLP, after gain and bias",
  "mlp.hook_pre": "MLP neurons before the nonlinearity; of a gated MLP, the gate",
  "mlp.hook_pre_linear": "linear branch of a gated MLP",
  "mlp.hook_post": "MLP neurons after the nonlinearity; of a gated MLP, times the linear branch",
  "mlp.hook_out": "output of the MLP, before the norm behind it",
  "ln2_post.hook_normalized": "normalised output of the MLP, before the gain",
  "ln2_post.hook_out": "normalised output of the MLP, which joins the residual stream",
  hook_mlp_out: "what the MLP adds to the residual stream",
  hook_resid_post: "residual stream leaving the block",
  "ln_final.hook_normalized": "normalised residual stream at the end, before gain and bias",
  "ln_final.hook_out": "normalised residual stream at the end, after gain and bias",
  logits: "unnormalised log-probabilities of the next token",
};

/** The meaning of a hook by its canonical name; "" for a name that no built graph has. */
export function hookMeaning(name: string): string {
  const key = name.replace(/^blocks\.\d+\./, "");
  return Object.hasOwn(MEANINGS, key) ? MEANINGS[key]! : "";
}
