/**
 * @file cfg.json of an SAE folder, which describes the weights next to it; written by Concord or
 *   any version of SAELens. A key that changes what the SAE computes is read, or refused by name.
 *   So is a key that is not known to be harmless.
 */

import { isObject, type Json } from "../base/json.ts";
import type { RowNormalization } from "../base/row-normalization.ts";
import { FormatError } from "../errors.ts";
import { showNames } from "../formats/show-name.ts";
import { ARCHITECTURES } from "../sae/registry.ts";
import { SAELENS_FORMS, type SaelensForm } from "../sae/saelens-forms.ts";
import { booleanField, countField, readJsonObject, shown, unsupported } from "./json-fields.ts";
import { ARITHMETIC_KEYS, HARMLESS_KEYS } from "./saelens-keys.ts";

/** The description of the weights in cfg.json. */
export interface SaeFolderConfig {
  /** One of ours, or the kind of selection that one of SAELens's has. */
  readonly architecture: string;
  readonly dIn: number;
  readonly dSae: number;
  /** What SAELens calls an architecture. */
  readonly form: SaelensForm;
  /** Of a form that has one, else 0. */
  readonly k: number;
  /** Whether negative scores become zero. */
  readonly relu: boolean;
  /** False: the SAE was made without b_dec, and the file holds zeros for it. */
  readonly decoderBias: boolean;
  /** b_dec is added to the reconstruction but not subtracted from the input. */
  readonly uncentred: boolean;
  /** Scores are multiplied by the norms of the atoms, and the reconstruction uses unit atoms. */
  readonly rescaled: boolean;
  readonly rowNormalization: Extract<RowNormalization, string> | undefined;
  /**
   * Whether each latent has a factor of its own in the decoder; undefined when the file does not
   * say.
   */
  readonly finetuned: boolean | undefined;
  /** What weights are rounded to when they are read. */
  readonly dtype: "float32" | "float16" | "bfloat16";
}

/**
 * The activation function in folders from before version 6, which may contradict `architecture`.
 */
function activationOf(
  file: string,
  json: Json,
): {
  key: string;
  form: SaelensForm;
  kwargs: Json;
} {
  const key = json["activation_fn_str"] === undefined ? "activation_fn" : "activation_fn_str";
  const name = json[key] === undefined ? "relu" : json[key];
  const form = SAELENS_FORMS.find(({ activation }) => activation === name);
  if (!form) throw unsupported(file, key, name, "relu and topk are");
  const other = json["activation_fn"];
  if (other !== undefined && other !== name)
    throw new FormatError(
      file,
      `activation_fn_str ${shown(name)} and activation_fn ${shown(other)} disagree.`,
    );
  const kwargs = json["activation_fn_kwargs"] ?? {};
  const allowed = form.hasK ? ["k"] : [];
  if (!isObject(kwargs) || Object.keys(kwargs).some((k) => !allowed.includes(k))) {
    const rule = `${form.activation} takes ${form.hasK ? "k" : "none"}`;
    throw unsupported(file, "activation_fn_kwargs", kwargs, rule);
  }
  return { key, form, kwargs };
}

/** What a folder without the key `architecture` has: SAELens had no other before it had the key. */
const [FIRST_FORM] = SAELENS_FORMS as readonly [SaelensForm, ...SaelensForm[]];

/** What `architecture`, the activation function and k come to. */
function formOf(
  file: string,
  json: Json,
  dSae: number,
  version6: boolean,
): { readonly form: SaelensForm; readonly k: number } {
  const activation = activationOf(file, json);
  const architecture = json["architecture"] === undefined ? FIRST_FORM.name : json["architecture"];
  const named = SAELENS_FORMS.find(({ name }) => name === architecture);
  if (!named) {
    const known = `${SAELENS_FORMS.map(({ name }) => name).join(", ")} are`;
    throw unsupported(file, "architecture", architecture, known);
  }
  const outer = json["k"] ?? undefined;
  const inner = activation.kwargs["k"];
  if (!named.hasK && !activation.form.hasK) {
    if (outer !== undefined && named.trainsWithK !== true)
      throw new FormatError(file, `k ${shown(outer)} does not fit architecture ${named.name}.`);
    return { form: named, k: 0 };
  }
  const isNamed = json["activation_fn_str"] !== undefined || json["activation_fn"] !== undefined;
  const agrees = activation.form.hasK
    ? named.hasK || (named === FIRST_FORM && !version6)
    : !isNamed;
  if (!agrees)
    throw new FormatError(
      file,
      `${activation.key} ${shown(activation.form.activation)} does not fit architecture ${named.name}.`,
      { hint: "Find out how the SAE was trained, and correct the key that is wrong." },
    );
  if (outer !== undefined && inner !== undefined && outer !== inner)
    throw new FormatError(
      file,
      `k ${shown(outer)} and activation_fn_kwargs.k ${shown(inner)} disagree.`,
    );
  const inKwargs = inner !== undefined || (activation.form.hasK && outer === undefined);
  const k = countField(file, inKwargs ? "activation_fn_kwargs.k" : "k", inner ?? outer, dSae);
  return { form: named.hasK ? named : activation.form, k };
}

const FOLD_HINT =
  "The factor of the activations is not in the folder. In SAELens, call fold_activation_norm_scaling_factor with it and save again.";

/** What is done to a row first; booleans are those of SAELens 2. */
function rowNormalizationOf(file: string, json: Json): SaeFolderConfig["rowNormalization"] {
  const value = json["normalize_activations"] ?? "none";
  if (value === "none" || value === false) return undefined;
  if (value === "layer_norm" || value === "constant_norm_rescale") return value;
  const hint = value === true || value === "expected_average_only_in" ? FOLD_HINT : undefined;
  const known = "none, layer_norm and constant_norm_rescale are";
  throw unsupported(file, "normalize_activations", value, known, hint);
}

function dtypeOf(file: string, json: Json): SaeFolderConfig["dtype"] {
  const value = json["dtype"] ?? "float32";
  const name = typeof value === "string" ? value.replace(/^torch\./, "") : value;
  if (name === "float16" || name === "bfloat16" || name === "float32") return name;
  // Arithmetic is in float32.
  if (name === "float64") return "float32";
  throw unsupported(file, "dtype", value, "float32, float64, float16 and bfloat16 are");
}

/** Whether the SAELens that wrote the folder is version 6 or newer. */
function isVersion6(json: Json, metadata: Json): boolean {
  const version = json["sae_lens_version"] ?? metadata["sae_lens_version"];
  return typeof version === "string" && Number.parseInt(version, 10) >= 6;
}

const OWN_KEYS = ["architecture", "selection", "b_dec"];
const OWN_SELECTION_KEYS = ["kind", "k", "relu"];

/**
 * `metadata.concord`: what SAELens's keys cannot say of an SAE of ours. It may refine them, not
 * contradict them.
 */
function ownFacts(
  file: string,
  own: Json,
  { form, k }: Pick<SaeFolderConfig, "form" | "k">,
): Pick<SaeFolderConfig, "architecture" | "relu" | "decoderBias"> {
  const where = "metadata.concord";
  const { architecture, selection } = own;
  const known = ARCHITECTURES.map(({ name }) => name);
  if (typeof architecture !== "string" || !known.includes(architecture))
    throw new FormatError(
      file,
      `expected ${known.join(", ")} for ${where}.architecture but found ${shown(architecture)}.`,
    );
  const kind = isObject(selection) ? selection["kind"] : undefined;
  if (!isObject(selection) || kind !== form.kind)
    throw new FormatError(
      file,
      `expected kind ${form.kind} for ${where}.selection, as the other keys say, but found ${shown(selection)}.`,
    );
  const strange = [
    ...Object.keys(own).filter((key) => !OWN_KEYS.includes(key)),
    ...Object.keys(selection).filter((key) => !OWN_SELECTION_KEYS.includes(key)),
  ];
  if (strange.length > 0)
    throw new FormatError(file, `${where} has keys that are not known: ${showNames(strange)}.`);
  const decoderBias = booleanField(file, own, "b_dec", true);
  if (form.hasK && selection["k"] !== k)
    throw new FormatError(
      file,
      `k ${k} and ${where}.selection.k ${shown(selection["k"])} disagree.`,
    );
  return { architecture, relu: booleanField(file, selection, "relu", true), decoderBias };
}

/**
 * Reads cfg.json.
 *
 * @throws {FormatError} naming the key that is not what it should be, asks for something
 *   unsupported, or is not known; {ConcordError} `file/missing`.
 */
export async function readSaeConfig(file: string): Promise<SaeFolderConfig> {
  const json = await readJsonObject(file);
  const metadata = json["metadata"] ?? {};
  if (!isObject(metadata))
    throw new FormatError(file, `expected an object for metadata but found ${shown(metadata)}.`);
  const most = Number.MAX_SAFE_INTEGER;
  const dIn = countField(file, "d_in", json["d_in"], most);
  const dSae = countField(file, "d_sae", json["d_sae"], most);
  const { form, k } = formOf(file, json, dSae, isVersion6(json, metadata));
  const strange = Object.keys(json).filter(
    (key) => !HARMLESS_KEYS.has(key) && !ARITHMETIC_KEYS.has(key),
  );
  if (strange.length > 0)
    throw new FormatError(
      file,
      `has keys that are not known, and may change what the SAE computes: ${showNames(strange)}.`,
      { hint: "Remove them from the file when they only describe the SAE." },
    );
  const reshape = json["reshape_activations"] ?? "none";
  // Rows are the already concatenated outputs of the heads, as hook_z requires.
  if (reshape !== "none" && reshape !== "hook_z")
    throw unsupported(file, "reshape_activations", reshape, "none and hook_z are");
  const rescaled = booleanField(file, json, "rescale_acts_by_decoder_norm", false);
  if (rescaled && !form.hasK && form.trainsWithK !== true)
    throw unsupported(file, "rescale_acts_by_decoder_norm", rescaled, "true only with a k");
  const own = metadata["concord"];
  if (own !== undefined && !isObject(own))
    throw new FormatError(file, `expected an object for metadata.concord but found ${shown(own)}.`);
  const theirs = { architecture: form.kind, relu: true, decoderBias: true };
  return {
    dIn,
    dSae,
    uncentred: !booleanField(file, json, "apply_b_dec_to_input", true),
    rescaled,
    rowNormalization: rowNormalizationOf(file, json),
    finetuned: booleanField(file, json, "finetuning_scaling_factor", undefined),
    dtype: dtypeOf(file, json),
    form,
    k,
    ...(own ? ownFacts(file, own, { form, k }) : theirs),
  };
}
