/** @file concord saes: inspects, converts and checks SAEs that any program saved. */

import { convertSae } from "../../interchange/convert.ts";
import type { LoadedSae } from "../../interchange/format.ts";
import type { SaeFormatName } from "../../interchange/format-names.ts";
import { findSae, readSae } from "../../interchange/formats.ts";
import { checkProbe } from "../../interchange/probe.ts";
import { mostActive, selectionName, selectionText } from "../../sae/selection.ts";
import { backendFor } from "../environment.ts";
import { short, table } from "../output.ts";
import { print, say } from "../print.ts";
import { saePaths } from "../sae-names.ts";

interface Options {
  readonly json?: boolean;
  readonly offline?: boolean;
}

function infoJson(folder: string, loaded: LoadedSae) {
  const { sae, format, foreignArchitecture, modelName, hookName, seed } = loaded;
  const { selection } = sae;
  return {
    folder,
    format,
    architecture: foreignArchitecture,
    d_in: sae.dIn,
    d_sae: sae.dSae,
    selection: selectionName(selection),
    k: mostActive(selection) ?? null,
    row_normalization: sae.rowNormalization ?? null,
    model_name: modelName ?? null,
    hook_name: hookName ?? null,
    seed: seed ?? null,
  };
}

export async function saesInfo(folders: string[], { json, offline }: Options): Promise<void> {
  const { backend } = backendFor();
  const pathOf = saePaths(offline);
  const all: [string, LoadedSae][] = [];
  for (const folder of folders) all.push([folder, await readSae(backend, await pathOf(folder))]);
  if (json) return void print(`${JSON.stringify(all.map(([f, sae]) => infoJson(f, sae)))}\n`);
  const rows = all.map(([folder, loaded]) => [
    folder,
    loaded.format,
    loaded.foreignArchitecture,
    String(loaded.sae.dIn),
    String(loaded.sae.dSae),
    selectionText(loaded.sae.selection),
    [loaded.modelName, loaded.hookName].filter((v) => v !== undefined).join(" ") || "–",
  ]);
  const header = ["folder", "format", "architecture", "d_in", "d_sae", "active latents", "of"];
  print(`${table(header, rows)}\n`);
}

interface ConvertOptions extends Options {
  readonly out: string;
  readonly to: SaeFormatName;
}

export async function saesConvert(folder: string, options: ConvertOptions): Promise<void> {
  const { out, to, json, offline } = options;
  const { backend } = backendFor();
  const path = await saePaths(offline)(folder);
  const { sae, format, difference } = await convertSae(backend, path, out, to);
  const facts = {
    folder: out,
    format,
    to,
    d_in: sae.dIn,
    d_sae: sae.dSae,
    warning: difference ?? null,
  };
  if (json) return void print(`${JSON.stringify(facts)}\n`);
  if (difference !== undefined) say(`warning: ${difference}\n`);
  print(
    `${out}: ${sae.dSae} latents of d_in ${sae.dIn}, from ${format} to ${to}; read back and checked\n`,
  );
}

/** The folder whose probe is that of an SAE: not one with several SAEs, of which one was named. */
async function folderOf(path: string): Promise<string> {
  const folder = (await findSae(path))?.folder ?? path;
  return (await findSae(folder)) ? folder : path;
}

export async function saesCheck(folders: string[], { json, offline }: Options): Promise<void> {
  const { backend } = backendFor();
  const pathOf = saePaths(offline);
  const checked: { folder: string; largest_difference: number | null }[] = [];
  for (const folder of folders) {
    const path = await pathOf(folder);
    const { sae } = await readSae(backend, path);
    const difference = await checkProbe(backend, await folderOf(path), sae);
    checked.push({ folder, largest_difference: difference ?? null });
    if (json) continue;
    print(
      difference === undefined
        ? `${folder}: can be read; it has no probe (concord saes convert writes one)\n`
        : `${folder}: gives the codes it was saved with (largest difference ${short(difference)})\n`,
    );
  }
  if (json) print(`${JSON.stringify(checked)}\n`);
}
