/**
 * @file The folder of an SAE whose encoder is more than one matrix, for which no other program has
 *   a form. cfg.json names our architecture with its options. concord_sae.safetensors keeps its
 *   tensors under the names that the architecture gives them.
 *
 * Programs that hold one matrix refuse such a folder, because they know neither the architecture
 * nor the file.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { isObject, type Json } from "../base/json.ts";
import type { RowNormalization } from "../base/row-normalization.ts";
import { ConcordError, FormatError, messageOf } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { camelKeys, snakeKeys } from "../formats/key-case.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { showNames } from "../formats/show-name.ts";
import { type OptionRecord, resolveOptions } from "../sae/architecture.ts";
import { ARCHITECTURES } from "../sae/registry.ts";
import type { Sae } from "../sae/sae.ts";
import { countField, readJsonObject, shown } from "./json-fields.ts";

/** The description, as in the folders that SAELens reads. */
const CONFIG_FILE = "cfg.json";
/** The tensors; what tells such a folder from others. */
export const OWN_WEIGHTS_FILE = "concord_sae.safetensors";

/** Both files. */
export const OWN_FILES = [CONFIG_FILE, OWN_WEIGHTS_FILE];

const KEYS = ["format", "architecture", "d_in", "d_sae", "normalize_rows", "options", "metadata"];

/** Whether the folder `path` holds such an SAE. */
export function isOwnFolder(path: string): boolean {
  return existsSync(join(path, OWN_WEIGHTS_FILE));
}

/** The architectures that such folders are read for. */
const able = () => ARCHITECTURES.filter(({ restore }) => restore);

/**
 * Writes the folder `path`; each file is replaced atomically.
 *
 * @throws {ConcordError} "argument/invalid" for an architecture that nobody could read it for.
 */
export async function saveOwnSae(
  path: string,
  sae: Sae,
  metadata: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { options, tensors } = sae.ownEncoder!;
  if (!able().some(({ name }) => name === sae.architecture))
    throw new ConcordError(
      "argument/invalid",
      `${path}: an SAE of ${sae.architecture} encodes with more than one matrix, and its folder could not be read: the registry does not know ${sae.architecture}.`,
      { hint: "Add the architecture to src/sae/registry.ts, or keep its checkpoint." },
    );
  const config = {
    format: "concord",
    architecture: sae.architecture,
    d_in: sae.dIn,
    d_sae: sae.dSae,
    normalize_rows: sae.rowNormalization ?? "none",
    options: snakeKeys(options),
    metadata,
  };
  await makeFolder(path);
  await writeSafetensors(join(path, OWN_WEIGHTS_FILE), new Map(tensors));
  await writeFileAtomically(join(path, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

function rowNormalizationOf(file: string, value: unknown): RowNormalization | undefined {
  if (value === "none") return undefined;
  if (value === "layer_norm" || value === "constant_norm_rescale") return value;
  const factor = isObject(value) ? value["factor"] : undefined;
  if (typeof factor === "number" && factor > 0 && Number.isFinite(factor)) return { factor };
  throw new FormatError(
    file,
    `expected none, layer_norm, constant_norm_rescale or a factor for normalize_rows but found ${shown(value)}.`,
  );
}

/** The options of an architecture, each by its schema. */
function optionsOf(file: string, json: Json, known: OptionRecord): OptionRecord {
  const given = json["options"];
  if (!isObject(given))
    throw new FormatError(file, `expected an object for options but found ${shown(given)}.`);
  const options = camelKeys(given) as OptionRecord;
  const names = new Set([...Object.keys(known), ...Object.keys(options)]);
  const differing = [...names].filter((name) => name in known !== name in options);
  if (differing.length > 0)
    throw new FormatError(
      file,
      `options are not those of architecture ${shown(json["architecture"])}: ${showNames(differing)}.`,
      { hint: "The folder may be of another version of Concord." },
    );
  return options;
}

/**
 * Reads such a folder.
 *
 * @throws {FormatError} when a key or a tensor is not what it should be; {ConcordError}
 *   `file/missing`.
 */
export async function loadOwnSae(backend: Backend, path: string): Promise<Sae> {
  const file = join(path, CONFIG_FILE);
  const json = await readJsonObject(file);
  const strange = Object.keys(json).filter((key) => !KEYS.includes(key));
  if (strange.length > 0)
    throw new FormatError(file, `has keys that are not known: ${showNames(strange)}.`);
  const architecture = able().find(({ name }) => name === json["architecture"]);
  if (json["format"] !== "concord" || !architecture)
    throw new FormatError(
      file,
      `expected format concord and one of the architectures ${able()
        .map(({ name }) => name)
        .join(", ")} but found ${shown(json["format"])} and ${shown(json["architecture"])}.`,
    );
  const most = Number.MAX_SAFE_INTEGER;
  const dIn = countField(file, "d_in", json["d_in"], most);
  const dSae = countField(file, "d_sae", json["d_sae"], most);
  const options = optionsOf(file, json, architecture.options);
  const rowNormalization = rowNormalizationOf(file, json["normalize_rows"] ?? "none");
  const weights = join(path, OWN_WEIGHTS_FILE);
  const { tensors } = await readSafetensors(weights);
  for (const [name, { dtype, data }] of tensors)
    if (dtype !== "float32" || !(data as Float32Array).every(Number.isFinite))
      throw new FormatError(
        weights,
        `${name} is not float32, or holds a number that is not finite.`,
      );
  try {
    const resolved = resolveOptions(architecture, options, { dIn, dSae });
    const sae = await architecture.restore!(backend, { dIn, dSae, options: resolved, tensors });
    return rowNormalization === undefined ? sae : { ...sae, rowNormalization };
  } catch (error) {
    throw new FormatError(path, messageOf(error));
  }
}
