/** @file One seed: dictionaries of every layer, judged in the same way. */

import type { ArmNumbers, ComputeContext, StudyPoints } from "../../src/index.ts";
import { armName, type DictionaryName, K, LAYERS, MIDDLE, MORE_K, NAMES } from "./arms.ts";
import {
  byActiveLatents,
  dictionariesOf,
  type Named,
  runOf,
  trainedMembers,
} from "./dictionaries.ts";
import { inModel, interpreted } from "./judged.ts";

/** Numbers and nulls of some dictionaries of a layer, in the order of their names. */
async function judged(
  context: ComputeContext,
  layer: number,
  seed: number,
  source: Parameters<typeof inModel>[1],
  dictionaries: readonly (Named & { readonly arm: DictionaryName })[],
): Promise<ArmNumbers[]> {
  const scores = await interpreted(context, source, dictionaries, seed);
  const costs = await inModel(context, source, dictionaries);
  return dictionaries.map(({ arm }, i) => {
    const numbers: Record<string, number> = { judged: scores[i]!.judged };
    const nulls: Record<string, number> = {};
    for (const [name, { mean, control }] of Object.entries(scores[i]!.scores)) {
      numbers[name] = mean;
      if (control !== null) nulls[name] = control;
    }
    const { fvu, l0, recovered } = costs[i]!;
    for (const [name, value] of Object.entries({ fvu, l0, ce_recovered: recovered }))
      if (value !== null) numbers[name] = value;
    return { arm: armName(layer, arm), seed, numbers, nulls };
  });
}

/** Cross-entropy recovered by the number of active latents. */
async function saturation(
  context: ComputeContext,
  seed: number,
  source: Parameters<typeof inModel>[1],
  own: number,
): Promise<Record<string, StudyPoints>> {
  const costs = await inModel(
    context,
    source,
    await byActiveLatents(context, MIDDLE, source, seed),
  );
  const at = (kind: string, k: number) =>
    costs.find(({ name }) => name === `${kind}-${k}`)?.recovered ?? own;
  const x = [...MORE_K, K].toSorted((a, b) => a - b);
  const curve = (kind: string): StudyPoints => ({ x, y: x.map((k) => at(kind, k)) });
  return { recovered: curve("sae"), recovered_pca: curve("pca"), recovered_ica: curve("ica") };
}

/** All arms under one seed. */
export async function computeSeed(seed: number, context: ComputeContext): Promise<ArmNumbers[]> {
  const found: ArmNumbers[] = [];
  for (const layer of LAYERS) {
    const wanted = NAMES.filter((name) => context.arms.includes(armName(layer, name)));
    if (wanted.length === 0) continue;
    const source = await context.open(runOf(layer));
    const all = await dictionariesOf(context, layer, source, seed, wanted);
    const own = all.map((one) => ({ ...one, arm: one.name as DictionaryName }));
    const numbers = await judged(context, layer, seed, source, own);
    if (layer === MIDDLE && wanted.length === NAMES.length) {
      const recovered = numbers.find(({ arm }) => arm === armName(layer, "sae"))!.numbers;
      const curves = await saturation(context, seed, source, recovered["ce_recovered"]!);
      numbers[0] = { ...numbers[0]!, curves };
    }
    await source.close();
    found.push(...numbers);
    if (wanted.includes("redrawn")) {
      const run = runOf(layer, "stories15m~redrawn-0");
      const rows = await context.open(run);
      const [sae] = await trainedMembers(context, run, ["sae"]);
      found.push(...(await judged(context, layer, seed, rows, [{ ...sae!, arm: "redrawn" }])));
      await rows.close();
    }
    context.told(`layer ${layer}: ${wanted.length} dictionaries`);
  }
  return found;
}
