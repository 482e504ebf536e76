/** @file Reads found SAEs with what their run knows of them: seed, and how often latents fire. */

import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Backend } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import { openSafetensors } from "../../formats/safetensors-file.ts";
import type { FormerSae } from "../../interchange/format.ts";
import { readSae } from "../../interchange/formats.ts";
import { readEvaluation } from "../../runs/results.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { Sae } from "../../sae/sae.ts";
import { type FoundSae, findSaes } from "./find-saes.ts";

/** An SAE to compare. */
export interface OpenedSae {
  readonly name: string;
  readonly folder: string;
  /** Its name on the hub, where it comes from there. */
  readonly hubName?: string | undefined;
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
    hubName: found.hubName,
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

/** What was named and could not be compared, and why. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** What was left out, as a warning. */
export const leftOutText = ({ name, why }: LeftOut) => `${name} is left out. ${why}`;

/** The SAEs that can be compared, and those that cannot. */
export interface OpenedSaes {
  readonly saes: readonly OpenedSae[];
  readonly leftOut: readonly LeftOut[];
}

const sentence = ({ message, hint }: ConcordError) =>
  hint === undefined ? message : `${message} ${hint}`;

/**
 * Finds and reads SAEs to compare. One that cannot be read, and a run that has none yet, is left
 * out as long as two others remain.
 *
 * @throws {ConcordError} `argument/invalid` for fewer than two SAEs; what is wrong with the first
 *   that was left out, where that leaves fewer than two; errors of `findSaes`.
 */
export async function openSaes(
  backend: Backend,
  root: string,
  names: readonly string[],
  hub?: CatalogueOptions,
): Promise<OpenedSaes> {
  const leftOut: LeftOut[] = [];
  let first: ConcordError | undefined;
  const leaveOut = (name: string, error: ConcordError) => {
    leftOut.push({ name, why: sentence(error) });
    first ??= error;
  };
  const found = await findSaes(root, names, { hub, leaveOut });
  const saes: OpenedSae[] = [];
  for (const one of found)
    try {
      saes.push(await openFoundSae(backend, one));
    } catch (error) {
      if (!(error instanceof ConcordError) || error.code === "interrupted") throw error;
      leaveOut(one.name, error);
    }
  if (saes.length >= 2) return { saes, leftOut };
  throw (
    first ??
    new ConcordError(
      "argument/invalid",
      `Expected at least two SAEs to compare but found ${found.length === 0 ? "none" : `only ${found[0]!.folder}`}.`,
      { hint: "Name a run with several members, several runs, or several folders of SAEs." },
    )
  );
}
