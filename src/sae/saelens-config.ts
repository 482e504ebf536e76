/** @file cfg.json of an SAE folder: what it says about the weights beside it, ours or SAELens's. */

import { readFile } from "node:fs/promises";
import { FormatError, messageOf } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import type { Selection } from "./architecture.ts";
import { ARCHITECTURES } from "./registry.ts";

export interface SaeFolderConfig {
  readonly architecture: string;
  readonly dIn: number;
  readonly dSae: number;
  readonly selection: Selection;
  /** Whether there is a b_dec; without one the file holds zeros. */
  readonly decoderBias: boolean;
  /** b_dec is added to the reconstruction but not subtracted from the input. */
  readonly uncentred: boolean;
  /** Scores are multiplied by the norms of the atoms, and the reconstruction uses unit atoms. */
  readonly rescaled: boolean;
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** cfg.json as it stands. @throws {FormatError} when it is no JSON object; {ConcordError} `file/missing`. */
export async function readSaeJson(file: string): Promise<Json> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(file, `not JSON: ${messageOf(error)}`);
    throw ioError(error, "read", file);
  }
  if (!isObject(json)) throw new FormatError(file, "expected a JSON object");
  return json;
}

/** An integer from 1 to `most`. */
function count(file: string, key: string, value: unknown, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most)
    return value;
  const range = most === Number.MAX_SAFE_INTEGER ? "a positive integer" : `1 to ${most}`;
  throw new FormatError(file, `expected ${range} for ${key} but found ${JSON.stringify(value)}.`);
}

/** `metadata.concord`. */
function ours(file: string, own: Json, dIn: number, dSae: number): SaeFolderConfig {
  const { architecture, selection } = own;
  const known = ARCHITECTURES.map(({ name }) => name);
  if (typeof architecture !== "string" || !known.includes(architecture))
    throw new FormatError(
      file,
      `expected ${known.join(", ")} for metadata.concord.architecture but found ${JSON.stringify(architecture)}.`,
    );
  const kind = isObject(selection) ? selection["kind"] : undefined;
  if (!isObject(selection) || (kind !== "topk" && kind !== "relu"))
    throw new FormatError(
      file,
      `expected kind topk or relu for metadata.concord.selection but found ${JSON.stringify(selection)}.`,
    );
  const k = (key: string) => count(file, key, selection["k"], dSae);
  return {
    ...{ architecture, dIn, dSae, decoderBias: own["b_dec"] === true },
    selection:
      kind === "relu"
        ? { kind }
        : { kind, k: k("metadata.concord.selection.k"), relu: selection["relu"] === true },
    ...{ uncentred: false, rescaled: false },
  };
}

/**
 * Reads cfg.json.
 *
 * @throws {FormatError} naming the key that is not what it should be or asks for something unsupported; {ConcordError}
 *   `file/missing`.
 */
export async function readSaeConfig(file: string): Promise<SaeFolderConfig> {
  const json = await readSaeJson(file);
  const most = Number.MAX_SAFE_INTEGER;
  const [dIn, dSae] = [count(file, "d_in", json["d_in"], most), count(file, "d_sae", json["d_sae"], most)]; // biome-ignore format: one line
  const metadata = json["metadata"];
  const own = isObject(metadata) ? metadata["concord"] : undefined;
  if (isObject(own)) return ours(file, own, dIn, dSae);
  for (const key of ["normalize_activations", "reshape_activations"])
    if ((json[key] ?? "none") !== "none")
      throw new FormatError(
        file,
        `${key} ${JSON.stringify(json[key])} is not supported (none is).`,
      );
  const shared = {
    dIn,
    dSae,
    decoderBias: true,
    uncentred: json["apply_b_dec_to_input"] === false,
  };
  const architecture = json["architecture"];
  if (architecture === "standard")
    return { ...shared, architecture: "relu", selection: { kind: "relu" }, rescaled: false };
  if (architecture !== "topk")
    throw new FormatError(
      file,
      `architecture ${JSON.stringify(architecture)} is not supported (topk and standard are).`,
    );
  const selection: Selection = { kind: "topk", k: count(file, "k", json["k"], dSae), relu: true };
  const rescaled = json["rescale_acts_by_decoder_norm"] === true;
  return { ...shared, architecture: "topk", selection, rescaled };
}
