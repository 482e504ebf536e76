/** @file Scores of latents on a layer's text, and what a dictionary costs the model. */

import { heldOutWindows } from "../../src/domains/language/analyses/held-out-windows.ts";
import { modelBehind } from "../../src/domains/language/analyses/model-behind.ts";
import {
  type SpliceNumbers,
  spliceNumbers,
} from "../../src/domains/language/evaluate/splice-numbers.ts";
import { spliceSaes } from "../../src/domains/language/evaluate/splice-saes.ts";
import { Rules } from "../../src/domains/language/evidence/rules.ts";
import { LatentJudge } from "../../src/domains/language/interpret/judge-latents.ts";
import { openEmbedders } from "../../src/domains/language/interpret/open-embedders.ts";
import { openText } from "../../src/domains/language/interpret/open-text.ts";
import { readActivations } from "../../src/domains/language/interpret/read-codes.ts";
import { summariseSaes } from "../../src/domains/language/interpret/result.ts";
import { openModelByName } from "../../src/domains/language/models/open-by-name.ts";
import type { ComputeContext, Source } from "../../src/index.ts";
import type { Named } from "./dictionaries.ts";

/** Rows that are looked at, tokens of a fragment, and latents of a dictionary that are judged. */
const [ROWS, FRAGMENT, LATENTS] = [32_768, 32, 40];
/** Held-out tokens that the model predicts. */
const TOKENS = 8192;

/** A score of a dictionary, and the same of its activations in other rows. */
export type Scores = Readonly<
  Record<string, { readonly mean: number; readonly control: number | null }>
>;

/** Scores of each dictionary, in their order. */
export async function interpreted(
  { backend }: ComputeContext,
  source: Source,
  dictionaries: readonly Named[],
  seed: number,
): Promise<readonly { readonly scores: Scores; readonly judged: number }[]> {
  const text = await openText(modelBehind(source)!, backend, { most: ROWS, length: FRAGMENT });
  try {
    const opened = await openEmbedders(["n_grams", "hidden_state"], text, "");
    const { fragments, rows, tokens } = text;
    const { heldOutFrom } = text.of.rows;
    const { embedders } = opened;
    const judge = new LatentJudge(
      { fragments, rows, heldOutFrom, rules: new Rules(tokens), embedders },
      seed,
    );
    const pause = async () => {};
    const judged = [];
    for (const { name, sae } of dictionaries) {
      const activations = await readActivations(backend, sae, text.of.rows, pause);
      judged.push({
        name,
        label: {},
        judged: await judge.judge(name, activations, LATENTS, pause),
      });
    }
    await opened.close();
    return summariseSaes(judged, seed).members.map(({ scores, latents }) => ({
      scores,
      judged: latents.length,
    }));
  } finally {
    await text.close();
  }
}

/** What dictionaries cost the model in which they take the place of the activations. */
export async function inModel(
  { backend }: ComputeContext,
  source: Source,
  saes: readonly Named[],
): Promise<SpliceNumbers["saes"]> {
  const { model: name, hook, folder, trainRows, threads, catalogue } = modelBehind(source)!;
  const packed = await heldOutWindows(folder, trainRows, TOKENS);
  const { model } = await openModelByName(name, { catalogue, threads });
  try {
    return spliceNumbers(
      await spliceSaes(backend, { model, hook, packed, saes, skipSpecial: true }),
    ).saes;
  } finally {
    await model.close();
  }
}
