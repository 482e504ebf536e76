/**
 * @file A table of latents beside the weights of an SAE, and a key of cfg.json that names it. The
 *   weights stay as they are, and readers of SAEs ignore both.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../base/json.ts";
import type { Tensor } from "../base/tensor.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { readText } from "../formats/read-text.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import { SAE_CONFIG_FILE } from "./saelens.ts";

/** The file with the table. */
export const LATENT_TABLE_FILE = "concord_latents.safetensors";
/** The key of `metadata` in cfg.json whose value is the file's name. */
const LATENT_TABLE_KEY = "concord_latents";

/**
 * cfg.json with the key in its `metadata`, every other character as it was.
 *
 * @returns Undefined where there is no such object, or the key is there already.
 */
export function withLatentKey(text: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(json) || !isObject(json["metadata"])) return undefined;
  const { metadata } = json;
  if (metadata[LATENT_TABLE_KEY] !== undefined) return undefined;
  const wanted = { ...json, metadata: { [LATENT_TABLE_KEY]: LATENT_TABLE_FILE, ...metadata } };
  const comma = Object.keys(metadata).length > 0 ? "," : "";
  // The same words may stand elsewhere: only the place that gives the wanted object is right.
  for (const { index, 0: found, 1: indent = "" } of text.matchAll(
    /"metadata"\s*:\s*\{(?=(\s*))/g,
  )) {
    const at = index + found.length;
    const pair = `${indent}"${LATENT_TABLE_KEY}": "${LATENT_TABLE_FILE}"${comma}`;
    const changed = text.slice(0, at) + pair + text.slice(at);
    try {
      if (JSON.stringify(JSON.parse(changed)) === JSON.stringify(wanted)) return changed;
    } catch {
      // A place inside a string.
    }
  }
  return undefined;
}

/**
 * Writes the table of an SAE's latents into its folder, and names it in cfg.json where that has
 * `metadata`, as SAELens 6 and Concord write it. Each file is replaced atomically.
 *
 * @throws {ConcordError} `file/io` naming what cannot be written.
 */
export async function writeLatentTable(
  folder: string,
  table: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  await writeSafetensors(join(folder, LATENT_TABLE_FILE), table, metadata);
  const config = join(folder, SAE_CONFIG_FILE);
  if (!existsSync(config)) return;
  const changed = withLatentKey(await readText(config));
  if (changed !== undefined) await writeFileAtomically(config, changed);
}
