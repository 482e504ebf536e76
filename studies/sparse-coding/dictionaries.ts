/** @file The dictionaries of a layer under one seed: trained SAEs and fitted baselines. */

import { baselineNamed } from "../../src/evaluate/baselines/baselines.ts";
import {
  fitComponents,
  type SignedComponents,
  saeOf,
} from "../../src/evaluate/baselines/fit-baseline.ts";
import { openFittingRows } from "../../src/evaluate/baselines/fitting-rows.ts";
import type { Sign } from "../../src/evaluate/baselines/signs.ts";
import type { ComputedRun } from "../../src/experiments/study/study.ts";
import type { ComputeContext, Sae, Source } from "../../src/index.ts";
import { loadSae } from "../../src/interchange/saelens.ts";
import { BASELINES, K, MEMBERS, MORE_K } from "./arms.ts";

/** A dictionary in the form of an SAE. */
export interface Named {
  readonly name: string;
  readonly sae: Sae;
}

/** Rows that ICA is fitted to, and its most iterations: PCA has all rows of one pass. */
const ICA = { rows: 30_000, maxIterations: 40 } as const;

/** The run of a layer; `model` in place of stories15M. */
export function runOf(
  layer: number,
  model = "stories15m",
  own: readonly string[] = [],
): ComputedRun {
  const hook = `blocks.${layer}.hook_resid_post`;
  return {
    name: `l${layer}${model === "stories15m" ? "" : ".redrawn"}${own.length > 0 ? ".k" : ""}`,
    config: "rows.yaml",
    settings: [
      `source.model=${model}`,
      `source.hook=${hook}`,
      ...(model === "stories15m"
        ? []
        : ["population.members=1", "population.overrides=[{ name: sae }]"]),
      ...own,
    ],
  };
}

/** Trains the members of a run, and reads some of them. */
export async function trainedMembers(
  { train, backend }: ComputeContext,
  run: ComputedRun,
  names: readonly string[],
): Promise<Named[]> {
  const folder = await train(run);
  const found: Named[] = [];
  for (const name of names)
    found.push({ name, sae: await loadSae(backend, folder.file("saes", name)) });
  return found;
}

/** Components of the rows that a source trains on. */
async function fitted(
  { backend }: ComputeContext,
  source: Source,
  kind: string,
  seed: number,
  sign?: Sign,
): Promise<SignedComponents> {
  const beginning = source.train.state();
  const pause = async () => {};
  const baseline = baselineNamed(kind);
  const most = kind === "ica" ? ICA.rows : baseline.rows;
  const rows = openFittingRows(backend, source.train, source.dIn, most, pause);
  const limits = kind === "ica" ? { maxIterations: ICA.maxIterations } : {};
  const context = { backend, rows, seed, pause, ...limits };
  const found = await fitComponents(baseline, context, sign ? { sign } : {});
  await source.train.seek(beginning);
  return found;
}

/** Those that are wanted of SAE, controls and baselines of a layer, all with k active latents. */
export async function dictionariesOf(
  context: ComputeContext,
  layer: number,
  source: Source,
  seed: number,
  wanted: readonly string[],
): Promise<Named[]> {
  const members = MEMBERS.filter((name) => wanted.includes(name));
  const found = await trainedMembers(context, runOf(layer), members);
  for (const name of BASELINES.filter((one) => wanted.includes(one))) {
    const isSigned = name === "ica" || name === "pca";
    const components = await fitted(context, source, name, seed, isSigned ? "oriented" : undefined);
    found.push({ name, sae: saeOf(components, K) });
  }
  return found;
}

/** SAEs with more and with fewer active latents, and both signs of PCA and ICA with as many. */
export async function byActiveLatents(
  context: ComputeContext,
  layer: number,
  source: Source,
  seed: number,
): Promise<Named[]> {
  const overrides = MORE_K.map((k) => `{ name: sae-${k}, k: ${k} }`).join(", ");
  const run = runOf(layer, undefined, [
    `population.members=${MORE_K.length}`,
    `population.overrides=[${overrides}]`,
  ]);
  const found = await trainedMembers(
    context,
    run,
    MORE_K.map((k) => `sae-${k}`),
  );
  for (const kind of ["pca", "ica"]) {
    const components = await fitted(context, source, kind, seed, "plus-minus");
    for (const k of [...MORE_K, K]) found.push({ name: `${kind}-${k}`, sae: saeOf(components, k) });
  }
  return found;
}
