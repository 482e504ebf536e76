/** @file One latent on a text: where it is active, what says so, what it does, what it costs. */

import type { Backend } from "../../../../backend/backend.ts";
import { ConcordError, expected } from "../../../../errors.ts";
import type { CatalogueOptions } from "../../../../fetch/catalogue-options.ts";
import { type Intervention, interventionAmounts } from "../../../../sae/interventions.ts";
import { openSaeRunner, type Sae } from "../../../../sae/sae.ts";
import type { LatentWords } from "../../../evidence-maker.ts";
import { shortName } from "../../analyses/model-behind.ts";
import { resolveText } from "../../catalogue/catalogue.ts";
import { logitEffects, noLogits } from "../../evidence/logit-effect.ts";
import { contextOf, type NamedModel, openModelByName } from "../../models/open-by-name.ts";
import { steeringEffects } from "../../steering/effects.ts";
import { packText, requireTexts, type TextOptions } from "../../text/pack-text.ts";
import type { PackedTokens } from "../../text/packing.ts";
import { ENCODED, eachCode, textRows } from "../encoded-text.ts";
import { parseRegex, type RegexScore, scoreRegex } from "./matches.ts";

/** Examples shown, and tokens on each side of them. */
const [EXAMPLES, AROUND] = [10, 12];
/** Tokens that a latent fires on, listed. */
const FIRED_ON = 12;

/** Which latent, and what is asked of it. */
export interface CaseOptions extends TextOptions {
  readonly model: string;
  readonly hook: string;
  readonly name: string;
  readonly sae: Sae;
  readonly latent: number;
  readonly text: string | readonly string[];
  readonly maxTokens: number;
  readonly regex?: readonly string[];
  readonly catalogue: CatalogueOptions;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly pause: () => Promise<void>;
}

/** A place where the latent is active. */
export interface Example {
  readonly before: string;
  readonly token: string;
  readonly after: string;
  readonly activation: number;
}

/** What there is to say of a latent. */
export interface CaseStudy {
  readonly model: string;
  readonly hook: string;
  readonly name: string;
  readonly latent: number;
  readonly tokens: number;
  readonly active: number;
  readonly largest: number;
  readonly mean: number;
  /** The strongest, at most one per window. */
  readonly examples: readonly Example[];
  /** Tokens by their share of the summed activation. */
  readonly firedOn: readonly {
    readonly token: string;
    readonly times: number;
    readonly share: number;
  }[];
  readonly regex: readonly { readonly pattern: string; readonly scores: readonly RegexScore[] }[];
  /** Undefined where the hook does not reach the logits. */
  readonly logits: LatentWords["logits"] | undefined;
  /** Of the unchanged model, nats per token. */
  readonly crossEntropy: number;
  readonly changes: readonly {
    readonly intervention: Intervention;
    readonly crossEntropy: number;
    readonly divergence: number;
  }[];
}

interface Window {
  readonly pieces: string[];
  readonly values: Float32Array;
}

/** Activations of one latent at the tokens of text, window by window. */
async function readWindows(
  backend: Backend,
  named: NamedModel,
  packed: PackedTokens,
  { hook, sae, latent, pause }: CaseOptions,
): Promise<Window[]> {
  const runner = await openSaeRunner(backend, sae, ENCODED);
  const windows: Window[] = [];
  for await (const { tokens, rows, isText } of textRows(named, hook, packed)) {
    await pause();
    const all = new Float32Array(isText.length);
    await eachCode(runner, rows, sae.dIn, ({ rows: some, indptr, indices, values }, first) => {
      for (let row = 0; row < some; row++)
        for (let e = indptr[row]!; e < indptr[row + 1]!; e++)
          if (indices[e] === latent) all[first + row] = values[e]!;
    });
    const { positions, batch, ids } = tokens;
    for (let window = 0; window < batch; window++) {
      const at = Array.from({ length: positions }, (_, p) => window * positions + p);
      const kept = at.filter((row) => isText[row] === 1);
      windows.push({
        pieces: kept.map((row) => named.tokenizer.tokenText(ids[row]!)),
        values: Float32Array.from(kept, (row) => all[row]!),
      });
    }
  }
  return windows;
}

function strongest(windows: readonly Window[]): Example[] {
  const peaks = windows.map(({ pieces, values }) => {
    const at = values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
    return {
      before: pieces.slice(Math.max(0, at - AROUND), at).join(""),
      token: pieces[at] ?? "",
      after: pieces.slice(at + 1, at + 1 + AROUND).join(""),
      activation: values[at] ?? 0,
    };
  });
  return peaks
    .filter(({ activation }) => activation > 0)
    .sort((a, b) => b.activation - a.activation)
    .slice(0, EXAMPLES);
}

function firedOn(windows: readonly Window[]): CaseStudy["firedOn"] {
  const sums = new Map<string, { times: number; sum: number }>();
  let total = 0;
  for (const { pieces, values } of windows)
    for (const [i, value] of values.entries()) {
      if (value <= 0) continue;
      const one = sums.get(pieces[i]!) ?? { times: 0, sum: 0 };
      one.times++;
      one.sum += value;
      total += value;
      sums.set(pieces[i]!, one);
    }
  return [...sums]
    .sort((a, b) => b[1].sum - a[1].sum)
    .slice(0, FIRED_ON)
    .map(([token, { times, sum }]) => ({ token, times, share: sum / total }));
}

/** The SAE with one latent alone, for what depends on its atom only. */
const alone = (sae: Sae, latent: number): Sae => ({
  ...sae,
  dSae: 1,
  decoder: sae.decoder.slice(latent * sae.dIn, (latent + 1) * sae.dIn),
});

/**
 * Studies a latent.
 *
 * @throws {ConcordError} `argument/invalid` for a latent that is never active in the text or does
 *   not exist, an SAE of another width, or a useless pattern. Those of model and text.
 */
export async function studyLatent(backend: Backend, options: CaseOptions): Promise<CaseStudy> {
  const { model: name, hook, sae, latent, catalogue, pause } = options;
  if (!Number.isInteger(latent) || latent < 0 || latent >= sae.dSae)
    throw expected("latent", `an integer from 0 to ${sae.dSae - 1}`, latent);
  const patterns = (options.regex ?? []).map(parseRegex);
  const text = await resolveText(options.text, catalogue);
  await requireTexts(text, options);
  const named = await openModelByName(name, { catalogue, threads: options.threads });
  try {
    const { model, tokenizer } = named;
    const width = await model.width(hook);
    if (width !== sae.dIn)
      throw new ConcordError(
        "argument/invalid",
        `${options.name} reads activations of d_in ${sae.dIn}, but ${hook} has ${width}.`,
        { hint: "Name the hook that it was trained on with --hook." },
      );
    const { textFormat, textColumn, maxTokens, signal } = options;
    const contextLength = contextOf(model, undefined);
    const { packed } = await packText(text, {
      tokenizer,
      contextLength,
      maxTokens,
      textFormat,
      textColumn,
      signal,
    });
    const windows = await readWindows(backend, named, packed, options);
    const values = windows.flatMap((window) => [...window.values]);
    const active = values.filter((value) => value > 0);
    if (active.length === 0)
      throw new ConcordError(
        "argument/invalid",
        `Latent ${latent} of ${options.name} is active in none of ${values.length} tokens, so there is nothing to study.`,
        { hint: "Take another latent, or more text (--max-tokens)." },
      );
    const largest = active.reduce((most, value) => Math.max(most, value), 0);
    const interventions: Intervention[] = [
      { kind: "scale", value: 0 },
      { kind: "scale", value: 2 },
      { kind: "add", value: largest / 2 },
      { kind: "clamp", value: largest },
    ];
    const runner = await openSaeRunner(backend, sae, ENCODED);
    const direction = sae.decoder.slice(latent * width, (latent + 1) * width);
    const changes = interventions.map((one) => {
      return { direction, amounts: interventionAmounts(sae, runner, ENCODED, latent, one) };
    });
    const effects = await steeringEffects(named, hook, packed, changes, pause);
    const textOf = (id: number) => tokenizer.tokenText(id);
    const hasLogits = noLogits(model, hook, sae.dIn) === undefined;
    return {
      model: shortName(name),
      hook,
      name: options.name,
      latent,
      tokens: values.length,
      active: active.length,
      largest,
      mean: active.reduce((sum, value) => sum + value / active.length, 0),
      examples: strongest(windows),
      firedOn: firedOn(windows),
      regex: patterns.map((pattern) => ({
        pattern: pattern.source,
        scores: scoreRegex(pattern, windows),
      })),
      logits: hasLogits
        ? (await logitEffects(model, alone(sae, latent), textOf, pause))[0]
        : undefined,
      crossEntropy: effects.crossEntropy,
      changes: effects.changed.map(({ crossEntropy, divergence }, i) => {
        return { intervention: interventions[i]!, crossEntropy, divergence };
      }),
    };
  } finally {
    await named.model.close();
  }
}
