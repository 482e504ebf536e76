/**
 * @file The fragments that a latent is judged on, drawn from those that training never saw. They
 *   are the five strongest, five others in which it is active, and ten in which it is not.
 *
 * Strongest and random ones in equal parts are what Cunningham et al. 2023 (arXiv:2309.08600) score
 * on: strong examples alone flatter a latent.
 */

import { integerAt, type RandomStream } from "../../../base/philox.ts";
import type { LatentActivations } from "./activations.ts";
import type { Fragments } from "./fragments.ts";

/** Contexts of each kind. */
export const STRONGEST = 5;
export const RANDOM = 5;
const INACTIVE = 10;
/** Numbers that are tried for one inactive fragment; denser latents have none. */
const TRIES = 64;

/** A fragment with the row that it is shown for. */
export interface Context {
  readonly fragment: number;
  /** The row where the latent is most active; where it is not, any row of the fragment. */
  readonly peak: number;
  /** Activation there; 0 where it is not active. */
  readonly value: number;
}

/** Contexts of one latent. */
export interface DrawnContexts {
  /** The strongest first, then those at random. */
  readonly active: readonly Context[];
  readonly inactive: readonly Context[];
}

/** Why a latent cannot be judged. */
export type Unjudged = "dead" | "rare" | "dense";

/** The strongest row of each fragment from `from` on in which the latent is active. */
export function peaksOf(
  { rows, values }: LatentActivations,
  { ofRow }: Pick<Fragments, "ofRow">,
  from: number,
): Context[] {
  const contexts: Context[] = [];
  for (let e = 0; e < rows.length; e++) {
    const fragment = ofRow[rows[e]!]!;
    if (fragment < Math.max(0, from)) continue;
    const last = contexts.at(-1);
    const context = { fragment, peak: rows[e]!, value: values[e]! };
    if (last?.fragment !== fragment) contexts.push(context);
    else if (context.value > last.value) contexts[contexts.length - 1] = context;
  }
  return contexts;
}

/** The strongest row of each held-out fragment in which the latent is active. */
export function activeContexts(latent: LatentActivations, fragments: Fragments): Context[] {
  return peaksOf(latent, fragments, fragments.heldOutFrom);
}

/** Takes `count` of the values, drawn without replacement. */
function draw<T>(values: T[], count: number, next: (bound: number) => number): T[] {
  const left = [...values];
  return Array.from({ length: count }, () => left.splice(next(left.length), 1)[0]!);
}

/**
 * Draws the contexts of a latent.
 *
 * @param active Of `activeContexts`.
 * @returns "rare" where it is active in fewer than ten held-out fragments, "dead" in none, "dense"
 *   where hardly any fragment is without it.
 */
export function drawContexts(
  active: readonly Context[],
  { starts, heldOutFrom, length }: Fragments,
  stream: RandomStream,
): DrawnContexts | Unjudged {
  if (active.length === 0) return "dead";
  if (active.length < STRONGEST + RANDOM) return "rare";
  let at = 0;
  const next = (bound: number) => integerAt(stream, at++, bound);
  const byValue = [...active].sort((a, b) => b.value - a.value || a.peak - b.peak);
  const random = draw(byValue.slice(STRONGEST), RANDOM, next);
  const isTaken = new Set(active.map(({ fragment }) => fragment));
  const inactive: Context[] = [];
  const heldOut = starts.length - heldOutFrom;
  for (let tries = 0; inactive.length < INACTIVE; tries++) {
    if (tries === INACTIVE * TRIES) return "dense";
    const fragment = heldOutFrom + next(heldOut);
    if (isTaken.has(fragment)) continue;
    isTaken.add(fragment);
    inactive.push({ fragment, peak: starts[fragment]! + next(length), value: 0 });
  }
  return { active: [...byValue.slice(0, STRONGEST), ...random], inactive };
}
