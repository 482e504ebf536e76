/** @file An SAE of any format, written as the folder of another. */

import { readdir } from "node:fs/promises";
import type { Backend } from "../backend/backend.ts";
import { ConcordError, expected } from "../errors.ts";
import { makeFolder } from "../formats/make-folder.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { SAE_FORMAT_NAMES, type SaeFormatName } from "./format-names.ts";
import { findSae, formatOfNames, readSae, SAE_FORMATS } from "./formats.ts";
import { requireOtherFolder } from "./other-folder.ts";
import { checkProbe, writeProbe } from "./probe.ts";

/** What was converted. */
export interface ConvertedSae extends LoadedSae {
  /** What the format's own program makes of the new folder where that is something else. */
  readonly difference: string | undefined;
}

function formatNamed(name: string): SaeFormat {
  const found = SAE_FORMATS.find((format) => format.name === name);
  if (found) return found;
  throw expected("to", SAE_FORMAT_NAMES.join(", "), name);
}

/** Why a format cannot keep an SAE with its origin; undefined when it can. */
function refusalOf(format: SaeFormat, { sae, residualOf }: LoadedSae): string | undefined {
  if (residualOf && format.keepsResidualOf !== true)
    return "has no place for the SAEs whose residual this one encodes";
  if (sae.ownEncoder && format.keepsOwnEncoder !== true)
    return `holds one matrix that encodes, and an SAE of ${sae.architecture} has more`;
  return format.refusal(sae);
}

/** @throws {ConcordError} `argument/invalid` when the format cannot keep the SAE. */
function requireKept(format: SaeFormat, loaded: LoadedSae, path: string): void {
  const refusal = refusalOf(format, loaded);
  if (refusal === undefined) return;
  const able = SAE_FORMATS.filter((other) => refusalOf(other, loaded) === undefined);
  throw new ConcordError(
    "argument/invalid",
    `${path} cannot be kept as ${format.name}, which ${refusal}.`,
    { hint: `Choose ${able.map(({ name }) => name).join(" or ")}.` },
  );
}

/** @throws {ConcordError} `argument/invalid` when a folder would not be read as the format. */
async function requireRoom(out: string, { name, written }: SaeFormat): Promise<void> {
  const there = await readdir(out).catch(() => []);
  const found = formatOfNames([...there, ...written]);
  if (found?.format.name === name) return;
  throw new ConcordError(
    "argument/invalid",
    `${out} holds other files already, beside which ${written.join(" and ")} would not be read as ${name}.`,
    { hint: "Give --out a new folder." },
  );
}

/**
 * Reads an SAE, writes it to `out` with a probe, reads it back, and holds it against the probe.
 *
 * @param path Its folder, or its file.
 * @param to   Name of the format to write; default `saelens`.
 * @throws errors of reading, and of writing; {ConcordError} `argument/invalid` when the format
 *   cannot keep what the SAE computes, before anything is written; {FormatError} when what was
 *   written does not give the same codes.
 */
export async function convertSae(
  backend: Backend,
  path: string,
  out: string,
  to: SaeFormatName = "saelens",
): Promise<ConvertedSae> {
  const format = formatNamed(to);
  requireOtherFolder(out, [(await findSae(path))?.folder ?? path]);
  const loaded = await readSae(backend, path);
  requireKept(format, loaded, path);
  const { sae, ...origin } = loaded;
  await requireRoom(out, format);
  await makeFolder(out);
  await format.write(out, sae, origin);
  await writeProbe(backend, out, sae);
  await checkProbe(backend, out, (await readSae(backend, out)).sae);
  return { ...loaded, difference: format.difference?.(sae) };
}
