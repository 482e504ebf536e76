/** @file Reads found SAEs with what their run knows of them: seed, and how often latents fire. */

import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import { openSafetensors } from "../../formats/safetensors-file.ts";
import type { FormerSae } from "../../interchange/format.ts";
import { readSae } from "../../interchange/formats.ts";
import { readEvaluation } from "../../runs/results.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { Sae } from "../../sae/sae.ts";
import type { FoundSae } from "./find-saes.ts";

/** An SAE to compare. */
export interface OpenedSae {
  readonly name: string;
  readonly folder: string;
  readonly format: string;
  readonly architecture: string;
  readonly sae: Sae;
  readonly modelName: string | undefined;
  readonly hookName: string | undefined;
  /** Seed of the starting weights, where it is known. */
  readonly seed: number | undefined;
  /** SAEs whose residual it encodes; undefined for one that encodes rows as they come. */
  readonly residualOf: readonly FormerSae[] | undefined;
  /** Fraction of held-out rows in which each latent was active, where a run measured it. */
  readonly density: Float32Array | undefined;
}

const LATENTS = "results/latents.safetensors";

async function densityOf(run: RunFolder, member: string): Promise<Float32Array | undefined> {
  const path = run.file(LATENTS);
  if (!existsSync(path)) return undefined;
  const file = await openSafetensors(path);
  try {
    const name = `${member}.density`;
    if (!file.names.includes(name)) return undefined;
    return Float32Array.from((await file.read(name)).data as Float32Array);
  } finally {
    await file.close();
  }
}

/** @throws errors of the SAE's format, naming its file. */
export async function openFoundSae(backend: Backend, found: FoundSae): Promise<OpenedSae> {
  const { name, folder, run } = found;
  const loaded = await readSae(backend, folder);
  const member = basename(folder);
  const evaluated = run && (await readEvaluation(run))?.members.find((m) => m.name === member);
  const density = run && (await densityOf(run, member));
  return {
    name,
    folder,
    format: loaded.format,
    architecture: loaded.foreignArchitecture,
    sae: loaded.sae,
    modelName: loaded.modelName,
    hookName: loaded.hookName,
    residualOf: loaded.residualOf,
    seed: evaluated?.seed ?? loaded.seed,
    density: density?.length === loaded.sae.dSae ? density : undefined,
  };
}
