/**
 * @file How trained SAEs are kept in SAELens's folders, by what SAELens calls an architecture. Ours
 *   map to these by how they select at inference, not by how they were trained: several of ours are
 *   one of theirs.
 */

import { foldGate } from "./fold.ts";
import type { Sae, SaeSelection } from "./sae.ts";

/** Reads tensors of one number per latent from a folder. */
export interface LatentTensors {
  readonly dSae: number;
  has(name: string): boolean;
  /** [d_sae]. @throws {FormatError} when it is missing or not finite. */
  take(name: string): Float32Array;
  /**
   * One number for all latents.
   *
   * @param hint What to do when it is missing.
   * @throws {FormatError} when it is missing or not finite.
   */
  scalar(name: string, hint: string): number;
}

/** What a folder's tensors come to; `encoder` was changed in place. */
export interface ReadForm {
  readonly selection: SaeSelection;
  readonly encoderBias: Float32Array;
}

/** What a folder says of a selection beside the tensors that all of them have. */
export interface WrittenForm {
  /** Keys of cfg.json. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Tensors of one number per latent. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  /** What only Concord reads. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** One of SAELens's architectures. */
export interface SaelensForm {
  /** What cfg.json calls it. */
  readonly name: string;
  /** What Concord calls the selection of its SAEs in `metadata.concord`. */
  readonly kind: string;
  /** The activation function that versions before 6 name beside it. */
  readonly activation: "relu" | "topk";
  /** Whether it selects the k largest. */
  readonly hasK: boolean;
  /** Its k is one of training, which changes nothing here and may be a fraction. */
  readonly trainsWithK?: boolean;
  /**
   * @param encoder [d_sae, d_in], changed in place where something is folded into it.
   * @param config k, where the form has one, and whether negative scores become zero.
   */
  read(
    tensors: LatentTensors,
    encoder: Float32Array,
    config: { readonly k: number; readonly relu: boolean },
  ): ReadForm;
  /** Undefined for a selection that another form keeps. */
  write(selection: SaeSelection): WrittenForm | undefined;
}

const standard: SaelensForm = {
  name: "standard",
  kind: "relu",
  activation: "relu",
  hasK: false,
  read: (tensors) => ({ selection: { kind: "relu" }, encoderBias: tensors.take("b_enc") }),
  write: (selection) =>
    selection.kind === "relu" ? { keys: {}, tensors: {}, own: selection } : undefined,
};

const topk: SaelensForm = {
  name: "topk",
  kind: "topk",
  activation: "topk",
  hasK: true,
  read: (tensors, _, { k, relu }) => ({
    selection: { kind: "topk", k, relu },
    encoderBias: tensors.take("b_enc"),
  }),
  write(selection) {
    if (selection.kind !== "topk") return undefined;
    const keys = { k: selection.k, rescale_acts_by_decoder_norm: false };
    return { keys, tensors: {}, own: selection };
  },
};

const jumprelu: SaelensForm = {
  name: "jumprelu",
  kind: "jumprelu",
  activation: "relu",
  hasK: false,
  read(tensors) {
    const encoderBias = tensors.take("b_enc");
    const thresholds = tensors.has("log_threshold")
      ? tensors.take("log_threshold").map(Math.exp)
      : tensors.take("threshold");
    return { selection: { kind: "jumprelu", thresholds }, encoderBias };
  },
  write(selection) {
    if (selection.kind !== "jumprelu") return undefined;
    const { kind, thresholds } = selection;
    return { keys: {}, tensors: { threshold: thresholds }, own: { kind } };
  },
};

/** As jumprelu, once the gate is folded into encoder and threshold; never written. */
const gated: SaelensForm = {
  name: "gated",
  kind: "gated",
  activation: "relu",
  hasK: false,
  read(tensors, encoder) {
    const encoderBias = tensors.take("b_mag");
    const gate = tensors.take("b_gate");
    const thresholds = foldGate(encoder, tensors.take("r_mag"), encoderBias, gate);
    return { selection: { kind: "jumprelu", thresholds }, encoderBias };
  },
  write: () => undefined,
};

const NO_THRESHOLD =
  "Without it latents are chosen over a whole batch: load it in SAELens and call save_inference_model.";

/**
 * A checkpoint of training with a batch-wide k. Once trained, it selects by one threshold for all
 * latents, as SAELens saves it for inference (`process_state_dict_for_saving_inference`); never
 * written.
 */
const batchTopK = (name: string): SaelensForm => ({
  name,
  kind: "jumprelu",
  activation: "relu",
  hasK: false,
  trainsWithK: true,
  read(tensors) {
    const encoderBias = tensors.take("b_enc");
    const threshold = tensors.scalar("topk_threshold", NO_THRESHOLD);
    const thresholds = new Float32Array(tensors.dSae).fill(threshold);
    return { selection: { kind: "jumprelu", thresholds }, encoderBias };
  },
  write: () => undefined,
});

/** All of them; the first is what a folder without the key has. */
export const SAELENS_FORMS: readonly SaelensForm[] = [
  standard,
  topk,
  jumprelu,
  gated,
  batchTopK("batchtopk"),
  batchTopK("matryoshka_batchtopk"),
];

/** The form that keeps a selection, and what it writes. */
export function saelensForm(selection: SaeSelection): WrittenForm & { readonly name: string } {
  for (const form of SAELENS_FORMS) {
    const written = form.write(selection);
    if (written) return { name: form.name, ...written };
  }
  throw new Error(`no form of SAELens keeps ${JSON.stringify(selection)}`);
}

/**
 * What SAELens makes of a saved SAE where it is not what we make of it, as a sentence; undefined
 * when the two agree.
 *
 * No architecture of SAELens 6.54 keeps the k largest scores with their signs: `topk` applies a
 * ReLU and `abstopk` selects by magnitude. Nor do weights exist with which one of them did. A shift
 * of b_enc that makes all scores positive keeps the selection, but it adds to the activations.
 */
export function saelensDifference({ selection }: Pick<Sae, "selection">): string | undefined {
  if (selection.kind !== "topk" || selection.relu) return undefined;
  return "SAELens sets negative activations to zero when it loads topk_tied; rows whose k largest scores are positive are the same there.";
}
