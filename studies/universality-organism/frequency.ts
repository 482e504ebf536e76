/** @file Consistency against how often a latent is active. */

import { mean } from "../../src/base/statistics/mean.ts";
import { spearman } from "../../src/base/statistics/spearman.ts";
import { type Backend, bestMatches, matchOneToOne } from "../../src/index.ts";
import { openSaeRunner } from "../../src/sae/sae.ts";
import type { Organism } from "./organism.ts";

/** Thirds of the latents, from the rarest. */
export const TIERS = ["rare", "middle", "frequent"] as const;

/** What one third of the latents showed. */
export interface Tier {
  readonly density: number;
  /** Mean cosine of latents with their partners in other members. */
  readonly consistency: number;
  /** Mean of the largest cosine with a true feature. */
  readonly truth: number;
}

/** Share of the held-out rows in which each latent of each member is active. */
async function densities(backend: Backend, { population, source }: Organism) {
  const { rows } = source.heldOut;
  const x = backend.float32(rows * source.dIn);
  await source.heldOut.read(0, x);
  const all: Float32Array[] = [];
  for (const { sae } of population.members) {
    const runner = await openSaeRunner(backend, sae.inference(), rows);
    const { indptr, indices } = await runner.encode(x, rows);
    const density = new Float32Array(sae.dSae);
    for (let at = 0; at < indptr[rows]!; at++) density[indices[at]!]! += 1 / rows;
    all.push(density);
  }
  return all;
}

/** Latents by thirds of their density, and Spearman's correlation of density with consistency. */
export async function byFrequency(
  backend: Backend,
  organism: Organism,
): Promise<{ tiers: Tier[]; correlation: number }> {
  const { dictionaries, truth } = organism;
  const density = await densities(backend, organism);
  const latents: Tier[] = [];
  for (const [a, one] of dictionaries.entries()) {
    const consistency = new Float64Array(one.count);
    for (const [b, other] of dictionaries.entries()) {
      if (a === b) continue;
      const { cosine } = await matchOneToOne(backend, one, other);
      for (const [f, c] of cosine.entries()) consistency[f]! += c / (dictionaries.length - 1);
    }
    const { bestOfA } = await bestMatches(backend, one, truth);
    for (let f = 0; f < one.count; f++)
      latents.push({
        density: density[a]![f]!,
        consistency: consistency[f]!,
        truth: bestOfA[f]!,
      });
  }
  const ascending = latents.toSorted((x, y) => x.density - y.density);
  const tiers = TIERS.map((_, t) => {
    const [from, to] = [t, t + 1].map((n) => Math.round((n * latents.length) / TIERS.length));
    const part = ascending.slice(from, to);
    return {
      density: mean(part.map((one) => one.density)),
      consistency: mean(part.map((one) => one.consistency)),
      truth: mean(part.map((one) => one.truth)),
    };
  });
  const column = (of: (one: Tier) => number) => Float32Array.from(latents, of);
  return {
    tiers,
    correlation: spearman(
      column((one) => one.density),
      column((one) => one.consistency),
    ),
  };
}
