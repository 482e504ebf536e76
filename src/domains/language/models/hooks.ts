/**
 * @file The names of the places in a model where activations can be read and replaced. They are
 *   TransformerLens hook names. For those who think in modules, the Hugging Face module names are
 *   second names.
 *
 * Definitions, all on the unprocessed checkpoint: no weight is folded, no mean is removed, which is
 * TransformerLens' `from_pretrained_no_processing`. L counts from 0; every tensor is float32,
 * [batch · pos, width].
 *
 *   hook_embed                 row of the token embedding; of Gemma, times √d_model [d_model]
 *   hook_pos_embed             row of the position embedding (gpt2 only) [d_model]
 *   blocks.L.hook_resid_pre    residual stream entering block L [d_model]
 *   blocks.L.ln1.hook_normalized
 *                              normalised input of attention, before gain and bias [d_model]
 *   blocks.L.ln1.hook_out      the same after gain and bias (RMSNorm: after the gain), which
 *                              attention reads [d_model]
 *   blocks.L.attn.hook_q, hook_k, hook_v
 *                              queries, keys, values with biases, before rotary embedding
 *                              [heads · d_head; k and v: key-value heads · d_head]
 *   blocks.L.attn.q_norm.hook_out, k_norm.hook_out
 *                              queries and keys with every head normalised, before rotary
 *                              embedding, where a model does so [as hook_q, hook_k]
 *   blocks.L.attn.hook_z       attention-weighted values, heads side by side, before the output
 *                              projection [heads · d_head]
 *   blocks.L.attn.hook_out     output of attention where a norm follows, in front of that norm
 *                              [d_model]
 *   blocks.L.ln1_post.hook_normalized, hook_out
 *                              as ln1, of that norm; hook_out is hook_attn_out [d_model]
 *   blocks.L.hook_attn_out     what attention adds to the stream, with bias [d_model]
 *   blocks.L.hook_resid_mid    resid_pre + attn_out; does not exist where attention and MLP run in
 *                              parallel [d_model]
 *   blocks.L.ln2.hook_normalized, hook_out
 *                              as ln1, in front of the MLP [d_model]
 *   blocks.L.mlp.hook_pre      MLP pre-activations; gated MLP: of the gate [d_mlp]
 *   blocks.L.mlp.hook_pre_linear
 *                              gated MLP only: the linear branch [d_mlp]
 *   blocks.L.mlp.hook_post     after the nonlinearity; gated MLP: times the linear branch [d_mlp]
 *   blocks.L.mlp.hook_out, ln2_post.hook_normalized, hook_out
 *                              the same of the MLP [d_model]
 *   blocks.L.hook_mlp_out      what the MLP adds to the stream, with bias [d_model]
 *   blocks.L.hook_resid_post   residual stream leaving block L; the same tensor as resid_pre of
 *                              L + 1 [d_model]
 *   ln_final.hook_normalized, hook_out
 *                              as ln1, in front of the unembedding [d_model]
 *   logits                     unnormalised log-probabilities of the next token [vocabulary]
 *
 * Names and tensors are those of TransformerLens 3 (test/golden/models/check_transformer_lens.py).
 * What TransformerLens 2 has in `hook_normalized` of a LayerNorm, the tensor after gain and bias,
 * is `hook_out` here as in version 3.
 */

import { ConcordError } from "../../../errors.ts";
import { escapeControls } from "../../../formats/show-name.ts";

/** A place in a model. */
export interface HookPoint {
  /** Name of the graph's tensor, [batch · pos, width]. */
  readonly tensor: string;
  /** Elements per token, or undefined where an opened ONNX file does not declare it. */
  readonly width: number | undefined;
}

/** The hooks of one model: canonical names, second names, and names that it pointedly lacks. */
export interface HookTable {
  readonly points: ReadonlyMap<string, HookPoint>;
  readonly aliases: ReadonlyMap<string, HookPoint>;
  /** Why a name that other models have is not here, by name. */
  readonly absent: ReadonlyMap<string, string>;
}

/** A hook for people who choose one. */
export interface HookDescription {
  readonly name: string;
  /** Numbers per token. */
  readonly width: number;
  /** One line: what the tensor holds. */
  readonly meaning: string;
}

/** Number of single-character edits between two names (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(
        Math.min(
          previous[j]! + 1,
          row[j - 1]! + 1,
          previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    previous = row;
  }
  return previous[b.length]!;
}

/** The `count` names nearest to `wanted` by edit distance. */
export function nearestNames(wanted: string, names: Iterable<string>, count = 4): string[] {
  return [...names]
    .map((name) => ({ name, distance: editDistance(wanted, name) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/**
 * Finds a hook by canonical or second name; `h[3]` is read as `h.3`, as nnsight writes it.
 *
 * @throws {ConcordError} `hook/missing` with the reason where there is one, else with the nearest
 *   names.
 */
export function findHook(table: HookTable, name: string): HookPoint {
  const plain = name.replace(/\[(\d+)\]/g, ".$1");
  // The tensors of an ONNX file may have brackets in their names.
  const found = table.points.get(name) ?? table.points.get(plain) ?? table.aliases.get(plain);
  if (found) return found;
  const reason = table.absent.get(plain);
  if (reason !== undefined)
    throw new ConcordError("hook/missing", `There is no hook "${name}": ${reason}.`);
  const near = nearestNames(plain, [...table.points.keys(), ...table.aliases.keys()]);
  throw new ConcordError("hook/missing", `There is no hook "${name}" in this model.`, {
    hint: `nearest names: ${near.map((name) => escapeControls(name)).join(", ")}`,
  });
}
