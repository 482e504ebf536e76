/** @file Ways to erase a concept from activations: closed forms, and latents that are ablated. */

import type { Backend } from "../../../../backend/backend.ts";
import { normalAt, permutation, randomStream } from "../../../../base/philox.ts";
import { type Eraser, erased, fitLeace, fitMeanDifference } from "../../../../linalg/leace.ts";
import { scalesOf } from "../../../../sae/interventions.ts";
import { openSaeRunner, type Sae, type SaeRunner } from "../../../../sae/sae.ts";
import type { ConceptRows } from "./concept-rows.ts";

/** One way. */
export interface Erasure {
  readonly name: string;
  /** Of ways that differ in how many latents they ablate, what they have in common. */
  readonly group?: string;
  /** Latents that it ablates, where it does. */
  readonly latents?: readonly number[];
  /** Rows without the concept, [n, width]; those given stay as they are. */
  apply(rows: Float32Array): Promise<Float32Array>;
}

/** Rows that are encoded at a time. */
const BATCH = 256;

/** Least share of rows in which a candidate is active: Cunningham et al. have 5 %. */
const LEAST_ACTIVE = 0.05;

const byEraser = (name: string, eraser: Eraser): Erasure => ({
  name,
  apply: async (rows) => erased(rows, eraser),
});

/** LEACE, the difference of means, a drawn direction as their control, and none. */
export function closedForms({ rows, labels }: ConceptRows, seed: number): Erasure[] {
  const leace = fitLeace(rows, labels);
  const d = leace.mean.length;
  const stream = randomStream(seed, "erasure/direction");
  const drawn = Float64Array.from({ length: d }, (_, i) => normalAt(stream, i));
  const length = Math.hypot(...drawn);
  const unit = drawn.map((v) => v / length);
  return [
    { name: "nothing erased", apply: async (rows) => rows },
    byEraser("LEACE", leace),
    byEraser("mean difference", fitMeanDifference(rows, labels)),
    byEraser("drawn direction", { left: unit, right: unit, mean: leace.mean }),
  ];
}

/** Calls `visit` with each activation of each row. */
async function eachActivation(
  runner: SaeRunner,
  rows: Float32Array,
  dIn: number,
  visit: (row: number, latent: number, value: number) => void,
): Promise<void> {
  const count = rows.length / dIn;
  for (let start = 0; start < count; start += BATCH) {
    const some = Math.min(BATCH, count - start);
    const code = await runner.encode(rows.subarray(start * dIn, (start + some) * dIn), some);
    for (let row = 0; row < some; row++)
      for (let e = code.indptr[row]!; e < code.indptr[row + 1]!; e++)
        visit(start + row, code.indices[e]!, code.values[e]!);
  }
}

/**
 * Latents by how well their activation alone tells the classes: the difference of its class means
 * over its standard deviation. Only latents that are active in 5 % of the rows; of equal ones the
 * lower number first. Ours; Cunningham et al. 2023 score candidates by ablating each.
 */
async function byClass(runner: SaeRunner, { dIn, dSae }: Sae, { rows, labels }: ConceptRows) {
  const [sums, squares, active] = [0, 1, 2].map(() => new Float64Array(2 * dSae));
  const perClass = [0, 0];
  for (const label of labels) perClass[label]!++;
  await eachActivation(runner, rows, dIn, (row, latent, value) => {
    const at = 2 * latent + labels[row]!;
    sums![at]! += value;
    squares![at]! += value ** 2;
    if (value !== 0) active![at]!++;
  });
  const n = labels.length;
  const scores: { latent: number; score: number }[] = [];
  for (let latent = 0; latent < dSae; latent++) {
    const of = (values: Float64Array) => [values[2 * latent]!, values[2 * latent + 1]!] as const;
    const [a0, a1] = of(active!);
    if ((a0 + a1) / n < LEAST_ACTIVE) continue;
    const [s0, s1] = of(sums!);
    const [q0, q1] = of(squares!);
    const variance = (q0 + q1) / n - ((s0 + s1) / n) ** 2;
    const difference = Math.abs(s1 / perClass[1]! - s0 / perClass[0]!);
    scores.push({ latent, score: variance > 0 ? difference / Math.sqrt(variance) : 0 });
  }
  return scores
    .sort((a, b) => b.score - a.score || a.latent - b.latent)
    .map(({ latent }) => latent);
}

/** x − Σ z d over some latents; what the SAE does not reconstruct stays. */
function ablation(group: string, sae: Sae, runner: SaeRunner, latents: readonly number[]): Erasure {
  const { dIn, decoder, rowNormalization } = sae;
  const wanted = new Set(latents);
  return {
    name: `${group} ${latents.length}`,
    group,
    latents,
    async apply(rows) {
      const out = rows.slice();
      const scales = scalesOf(rows, rows.length / dIn, rowNormalization);
      await eachActivation(runner, rows, dIn, (row, latent, value) => {
        if (!wanted.has(latent)) return;
        const amount = value * scales[row]!;
        for (let j = 0; j < dIn; j++) out[row * dIn + j]! -= amount * decoder[latent * dIn + j]!;
      });
      return out;
    },
  };
}

/**
 * The best latents of an SAE ablated, for each count, and as many drawn from the other candidates.
 *
 * @returns Counts beyond the candidates are left out.
 */
export async function latentErasures(
  backend: Backend,
  { name, sae }: { readonly name: string; readonly sae: Sae },
  fit: ConceptRows,
  counts: readonly number[],
  seed: number,
): Promise<Erasure[]> {
  const runner = await openSaeRunner(backend, sae, BATCH);
  const best = await byClass(runner, sae, fit);
  return counts
    .filter((count) => count <= best.length)
    .flatMap((count) => {
      const others = best.slice(count);
      const order = permutation(randomStream(seed, `erasure/latents/${count}`), others.length);
      const drawn = Array.from(order.subarray(0, count), (i) => others[i]!);
      const chosen = ablation(`${name}, best`, sae, runner, best.slice(0, count));
      return drawn.length < count
        ? [chosen]
        : [chosen, ablation(`${name}, drawn`, sae, runner, drawn)];
    });
}
