/** @file One seed of the study: SAEs of every place, compared as `concord compare` does. */

import { spearman } from "../../src/base/statistics/spearman.ts";
import {
  type ArmNumbers,
  type ComputeContext,
  compareFolders,
  type FolderComparison,
} from "../../src/index.ts";
import { kinship } from "./kin.ts";
import { ACROSS, CONTROLS, LAYERS, MODELS, type Pair, SECOND, SELF, SIZES } from "./pairs.ts";
import { PLACE_NAMES, type PlaceName } from "./places.ts";
import { type TrainedPlace, trainedPlaces } from "./trained.ts";

interface Numbers {
  readonly numbers: Record<string, number>;
  readonly nulls: Record<string, number>;
}

/** The two models of which the embeddings of tokens can be compared. */
const ENCODERS = "minilm.gte";

/** What a comparison says of two of its SAEs. */
function numbersOf(comparison: FolderComparison, a: number, b: number): Numbers {
  const is = (pair: { readonly a: number; readonly b: number }) =>
    (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a);
  const acted = comparison.activations?.pairs.find(is);
  if (!acted) throw new Error(`no activations are compared: ${comparison.warnings.join(" ")}`);
  const numbers: Record<string, number> = {
    rows: acted.rows,
    correlation: acted.correlation,
    jaccard: acted.jaccard,
  };
  const nulls: Record<string, number> = {
    correlation: acted.correlationNull,
    jaccard: acted.jaccardNull,
  };
  const cosines = comparison.pairs.find(is);
  if (cosines) {
    numbers["mcc"] = cosines.measures.mcc;
    nulls["mcc"] = cosines.null.mcc;
  }
  const { transfer } = acted;
  if (transfer) {
    const both = [transfer.aOnB, transfer.bOnA];
    const explained = (of: (one: (typeof both)[0]) => number) =>
      1 - both.reduce((sum, one) => sum + of(one), 0) / both.length;
    numbers["ev_own"] = explained(({ own }) => own);
    if (both.every(({ raw }) => raw !== undefined)) numbers["ev_raw"] = explained((f) => f.raw!);
    numbers["ev_procrustes"] = explained(({ procrustes }) => procrustes);
    numbers["ev_scaled"] = explained(({ scaled }) => scaled);
    numbers["ev_affine"] = explained(({ affine }) => affine);
    numbers["ev_procrustes_alone"] = explained(({ procrustesAlone }) => procrustesAlone);
    numbers["mcc_procrustes"] = transfer.mccProcrustes;
    nulls["mcc_procrustes"] = transfer.mccNull;
  }
  return { numbers, nulls };
}

/** Two SAEs of one place, on the rows of the place. */
async function alike({ backend }: ComputeContext, { saes, rows }: TrainedPlace): Promise<Numbers> {
  const comparison = await compareFolders(backend, { names: saes, stores: [rows] });
  return numbersOf(comparison, 0, 1);
}

/** Whether models closer in size are more alike, over the six pairs of models. */
function sizes(found: ReadonlyMap<string, Numbers>): Record<string, number> {
  const ratio = Float32Array.from(MODELS, (pair) => pair.ratio);
  const over = (measure: string) =>
    spearman(
      ratio,
      Float32Array.from(MODELS, ({ name }) => found.get(name)!.numbers[measure]!),
    );
  return { size_correlation: over("correlation"), size_scaled: over("ev_scaled") };
}

/** Some pairs of places, on the rows at which tokens of all their models end. */
async function compared(
  { backend, catalogue }: ComputeContext,
  places: ReadonlyMap<PlaceName, TrainedPlace>,
  pairs: readonly Pair[],
): Promise<[Pair, Numbers][]> {
  if (pairs.length === 0) return [];
  const names = PLACE_NAMES.filter((name) => pairs.some((pair) => pair.places.includes(name)));
  const saes = names.map((name) => places.get(name)!.saes[SECOND.has(name) ? 1 : 0]);
  const comparison = await compareFolders(backend, {
    names: saes,
    stores: names.map((name, i) => `${saes[i]}=${places.get(name)!.rows}`),
    align: catalogue,
  });
  const alike = comparison.warnings.find((warning) => warning.includes("and one shape"));
  if (alike !== undefined) throw new Error(alike);
  return pairs.map((pair) => {
    const [a, b] = pair.places.map((name) => names.indexOf(name)) as [number, number];
    return [pair, numbersOf(comparison, a, b)];
  });
}

/** All arms under one seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const { told, arms } = context;
  const isWanted = ({ name }: Pair) => arms.includes(name);
  const [self, across] = [SELF.filter(isWanted), ACROSS.filter(isWanted)];
  const needed = new Set([...self, ...across].flatMap(({ places }) => places));
  const names = PLACE_NAMES.filter((name) => needed.has(name));
  const places = await trainedPlaces(context, names);
  const found = new Map<string, Numbers>();
  const add = ({ name }: Pair, one: Numbers) => {
    found.set(name, one);
    told(`${name}: correlation ${one.numbers["correlation"]!.toFixed(3)}`);
  };
  for (const pair of self) add(pair, await alike(context, places.get(pair.places[0])!));
  const together = [...MODELS, ...CONTROLS].filter(isWanted);
  for (const pairs of [together, ...LAYERS.filter(isWanted).map((pair) => [pair])])
    for (const [pair, one] of await compared(context, places, pairs)) add(pair, one);
  const encoders = found.get(ENCODERS);
  if (encoders) {
    const { cosine, null: chance } = await kinship(context);
    encoders.numbers["embedding_cosine"] = cosine;
    encoders.nulls["embedding_cosine"] = chance;
  }
  const results = [...found].map(([arm, one]): ArmNumbers => ({ arm, seed, ...one }));
  if (arms.includes(SIZES)) results.push({ arm: SIZES, seed, numbers: sizes(found) });
  return results;
}
