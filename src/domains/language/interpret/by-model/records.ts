/**
 * @file The fragments that a language model is shown of a latent: which ones explain it, and which
 *   ones its explanation is scored on.
 *
 * As Cunningham et al. 2023 (arXiv:2309.08600) and their code do: the twenty fragments with the
 * largest activations and twenty others at random in which it is active. Of the strongest, every
 * fourth from the first explains, and every fourth from the third is scored; of those at random,
 * positions 1, 4, 7, 10 and 13 are scored. They rank 50 000 fragments; here all that are looked at.
 */

import { integerAt, type RandomStream } from "../../../../base/philox.ts";
import type { LatentActivations } from "../activations.ts";
import { type Context, drawContexts, peaksOf, type Unjudged } from "../draw-contexts.ts";
import type { Fragments } from "../fragments.ts";

/** Fragments that are ranked first, and those drawn at random. */
const STRONGEST = 20;
const RANDOM = 20;
const EXPLAINING = [0, 4, 8, 12, 16];
const SCORED_STRONG = [2, 6, 10, 14, 18];
const SCORED_RANDOM = [1, 4, 7, 10, 13];

/** Fragments of one latent, none twice. */
export interface Records {
  readonly explaining: readonly Context[];
  readonly strong: readonly Context[];
  readonly random: readonly Context[];
  /** In which it is not active, as many as scored ones. */
  readonly inactive: readonly Context[];
}

/** Draws the records of a latent, or says why it has too few. */
export function drawRecords(
  latent: LatentActivations,
  fragments: Fragments,
  stream: RandomStream,
): Records | Unjudged {
  const all = peaksOf(latent, fragments, 0);
  if (all.length === 0) return "dead";
  if (all.length < STRONGEST + RANDOM) return "rare";
  const others = drawContexts(all, { ...fragments, heldOutFrom: 0 }, stream);
  if (typeof others === "string") return others;
  const byValue = [...all].sort((a, b) => b.value - a.value || a.peak - b.peak);
  const rest = byValue.slice(STRONGEST);
  const random = Array.from(
    { length: RANDOM },
    // Behind the numbers that `drawContexts` takes.
    (_, i) => rest.splice(integerAt(stream, 2 ** 16 + i, rest.length), 1)[0]!,
  );
  return {
    explaining: EXPLAINING.map((i) => byValue[i]!),
    strong: SCORED_STRONG.map((i) => byValue[i]!),
    random: SCORED_RANDOM.map((i) => random[i]!),
    inactive: others.inactive,
  };
}
