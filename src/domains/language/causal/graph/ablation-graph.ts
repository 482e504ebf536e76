/**
 * @file Which latents of a later layer depend on which of an earlier one. One latent is ablated at
 *   a time, the model runs, and the later SAE encodes again. The feature ablation graph of
 *   Cunningham et al. 2023 (arXiv:2309.08600), exact, with the sign kept.
 */

import type { Backend } from "../../../../backend/backend.ts";
import { normalAt, randomStream } from "../../../../base/philox.ts";
import { ConcordError, expected } from "../../../../errors.ts";
import type { CatalogueOptions } from "../../../../fetch/catalogue-options.ts";
import { scalesOf } from "../../../../sae/interventions.ts";
import { openSaeRunner, type Sae, type SaeRunner } from "../../../../sae/sae.ts";
import { shortName } from "../../analyses/model-behind.ts";
import { resolveText } from "../../catalogue/catalogue.ts";
import { contextOf, openModelByName } from "../../models/open-by-name.ts";
import { packText, requireTexts, type TextOptions } from "../../text/pack-text.ts";
import { ENCODED, eachCode, textRows } from "../encoded-text.ts";
import { type AblationGraph, EdgeSums } from "./edges.ts";

/** An SAE at its hook. */
export interface HookedSae {
  readonly name: string;
  readonly hook: string;
  readonly sae: Sae;
}

/** Between which SAEs, and for which latents. */
export interface GraphOptions extends TextOptions {
  readonly model: string;
  readonly from: HookedSae;
  readonly to: HookedSae;
  /** Latents of `from`; the most active ones when left out. */
  readonly latents?: readonly number[] | undefined;
  /** How many, when left out. */
  readonly most: number;
  /** Edges kept per latent. */
  readonly edges: number;
  readonly text: string | readonly string[];
  readonly maxTokens: number;
  readonly seed: number;
  readonly catalogue: CatalogueOptions;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly pause: () => Promise<void>;
  readonly onProgress: (done: number, total: number) => void;
}

/** Dense codes of rows, [n, d_sae]. */
async function denseCodes(runner: SaeRunner, rows: Float32Array, { dIn, dSae }: Sae) {
  const out = new Float32Array((rows.length / dIn) * dSae);
  await eachCode(runner, rows, dIn, ({ rows: some, indptr, indices, values }, first) => {
    for (let row = 0; row < some; row++)
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++)
        out[(first + row) * dSae + indices[e]!] = values[e]!;
  });
  return out;
}

/** Latents by how many tokens of text they are active in, the most first. */
function mostActive(
  codes: Float32Array,
  isText: Uint8Array,
  dSae: number,
  tally: Int32Array,
): void {
  for (let row = 0; row < isText.length; row++)
    if (isText[row] === 1)
      for (let f = 0; f < dSae; f++) if (codes[row * dSae + f]! !== 0) tally[f]!++;
}

/** @throws {ConcordError} for hooks in the wrong order, SAEs of another width, unknown latents. */
function requireGraph(hooks: readonly string[], { from, to, latents }: GraphOptions): void {
  const [early, late] = [hooks.indexOf(from.hook), hooks.indexOf(to.hook)];
  if (early >= 0 && late >= 0 && late <= early)
    throw new ConcordError(
      "argument/invalid",
      `${to.hook} is not behind ${from.hook}, so nothing there depends on it.`,
      { hint: "Name the SAE of the earlier hook first." },
    );
  const wrong = latents?.find((latent) => latent >= from.sae.dSae);
  if (wrong !== undefined)
    throw expected("latents", `integers from 0 to ${from.sae.dSae - 1}`, wrong);
}

/**
 * Measures the graph. A control stands beside each latent: the same amounts taken off along a drawn
 * direction of the same length.
 *
 * @throws {ConcordError} `argument/invalid` for a latent that is never active, for hooks in the
 *   wrong order and SAEs of another width; of model, hooks and text; what `pause` throws.
 */
export async function ablationGraph(
  backend: Backend,
  options: GraphOptions,
): Promise<AblationGraph> {
  const { model: name, from, to, catalogue, seed, pause, onProgress } = options;
  const text = await resolveText(options.text, catalogue);
  await requireTexts(text, options);
  const named = await openModelByName(name, { catalogue, threads: options.threads });
  const { model, tokenizer } = named;
  try {
    requireGraph(model.hooks(), options);
    for (const { name: of, hook, sae } of [from, to]) {
      const width = await model.width(hook);
      if (width !== sae.dIn)
        throw new ConcordError(
          "argument/invalid",
          `${of} reads activations of d_in ${sae.dIn}, but ${hook} has ${width}.`,
        );
    }
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
    const runners = [
      await openSaeRunner(backend, from.sae, ENCODED),
      await openSaeRunner(backend, to.sae, ENCODED),
    ] as const;
    const { dIn, dSae, decoder, rowNormalization } = from.sae;
    const tally = new Int32Array(dSae);
    for await (const { rows, isText } of textRows(named, from.hook, packed))
      mostActive(await denseCodes(runners[0], rows, from.sae), isText, dSae, tally);
    const asked = options.latents;
    const silent = asked?.find((latent) => tally[latent] === 0);
    if (silent !== undefined)
      throw new ConcordError(
        "argument/invalid",
        `Latent ${silent} of ${from.name} is never active in this text, so nothing depends on it here.`,
        { hint: "Take another latent, or more text (--max-tokens)." },
      );
    const ranked = [...tally.keys()].filter((latent) => tally[latent]! > 0);
    ranked.sort((a, b) => tally[b]! - tally[a]! || a - b);
    const latents = asked ?? ranked.slice(0, options.most);
    const spliced = model.spliced(from.hook);
    const sums = latents.map((latent) => new EdgeSums(latent, to.sae.dSae));
    let tokens = 0;
    let done = 0;
    for await (const { tokens: batch, rows, isText } of textRows(named, from.hook, packed)) {
      tokens += isText.reduce((sum, is) => sum + is, 0);
      const codes = await denseCodes(runners[0], rows, from.sae);
      const scales = scalesOf(rows, isText.length, rowNormalization);
      const after = async (changed: Float32Array) => {
        const [found] = await spliced.activationsAt([to.hook], batch, changed);
        return denseCodes(runners[1], found!, to.sae);
      };
      const before = await after(rows);
      for (const [i, latent] of latents.entries()) {
        await pause();
        const amounts = Float64Array.from(isText, (is, row) =>
          is === 1 ? codes[row * dSae + latent]! * scales[row]! : 0,
        );
        const active = Uint8Array.from(amounts, (amount) => (amount === 0 ? 0 : 1));
        onProgress(done + i + 1, latents.length * Math.ceil(packed.windows / batch.batch));
        if (!active.includes(1)) continue;
        const direction = decoder.subarray(latent * dIn, (latent + 1) * dIn);
        const without = (along: ArrayLike<number>) => {
          const changed = rows.slice();
          for (const [row, amount] of amounts.entries())
            if (amount !== 0)
              for (let j = 0; j < dIn; j++) changed[row * dIn + j]! -= amount * along[j]!;
          return after(changed);
        };
        const drawn = drawnLike(direction, seed, latent);
        sums[i]!.add(batch, isText, active, before, await without(direction), await without(drawn));
      }
      done += latents.length;
    }
    return {
      version: 1,
      model: shortName(name),
      from: { name: from.name, hook: from.hook },
      to: { name: to.name, hook: to.hook },
      seed,
      tokens,
      latents: sums.map((one) => one.result(options.edges)),
    };
  } finally {
    await model.close();
  }
}

/** A drawn direction as long as another. */
function drawnLike(direction: Float32Array, seed: number, latent: number): Float64Array {
  const stream = randomStream(seed, `ablation-graph/${latent}`);
  const drawn = Float64Array.from(direction, (_, i) => normalAt(stream, i));
  const scale = Math.hypot(...direction) / Math.hypot(...drawn);
  return drawn.map((v) => v * scale);
}
