/** @file Which latents of an SAE are judged, and on which contexts. */

import { randomStream } from "../../../base/philox.ts";
import { type Activations, activationsOf } from "./activations.ts";
import {
  activeContexts,
  type DrawnContexts,
  drawContexts,
  type Unjudged,
} from "./draw-contexts.ts";
import type { Fragments } from "./fragments.ts";

/** A latent that is judged. */
export interface ChosenLatent {
  readonly latent: number;
  readonly contexts: DrawnContexts;
}

/** The chosen ones by density, and how many cannot be judged, by reason. */
export interface ChosenLatents {
  readonly chosen: readonly ChosenLatent[];
  readonly unjudged: Readonly<Record<Unjudged, number>>;
}

/**
 * Chooses up to `most` of the latents that can be judged, evenly spread over them by density.
 *
 * @param name Of the SAE; what is drawn depends on it and on the seed.
 */
export async function chooseLatents(
  name: string,
  activations: Activations,
  fragments: Fragments,
  { seed, most }: { readonly seed: number; readonly most: number },
  pause: () => Promise<void>,
): Promise<ChosenLatents> {
  const unjudged = { dead: 0, rare: 0, dense: 0 };
  const drawn: (ChosenLatent & { readonly active: number })[] = [];
  for (let latent = 0; latent < activations.indptr.length - 1; latent++) {
    const own = activationsOf(activations, latent);
    const stream = randomStream(seed, `interpretation/${name}/${latent}/contexts`);
    const contexts = drawContexts(activeContexts(own, fragments), fragments, stream);
    if (typeof contexts === "string") unjudged[contexts]++;
    else drawn.push({ latent, contexts, active: own.rows.length });
    if (latent % 256 === 0) await pause();
  }
  drawn.sort((a, b) => a.active - b.active || a.latent - b.latent);
  const count = Math.min(most, drawn.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => drawn[Math.floor(((i + 0.5) * drawn.length) / count)]!,
  );
  return { chosen, unjudged };
}
