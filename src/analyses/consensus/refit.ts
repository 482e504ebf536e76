/** @file Trains an averaged SAE further: what makes its latents usable. */

import type { Backend } from "../../backend/backend.ts";
import { allocatePopulation, type MemberSettings } from "../../population/population.ts";
import { trainPopulation } from "../../population/train-population.ts";
import { furtherTraining } from "../../sae/further-training.ts";
import { forRowsAsTheyCome, type Sae } from "../../sae/sae.ts";
import type { Source } from "../../sources/source.ts";

/** How an SAE is refitted. */
export interface RefitOptions {
  /** Whether atoms stay as they are and only the encoder and the biases are fitted. */
  readonly atomsStay: boolean;
  readonly steps: number;
  /** Rows per step. */
  readonly batch: number;
  /** Learning rate; it falls linearly to zero over the second half of the steps. */
  readonly lr: number;
  readonly seed: number;
  /** Active latents per row, for SAEs whose selection does not say. */
  readonly l0: number;
  /** Called and awaited after each step; what it throws ends the fit. */
  readonly pause: () => Promise<void>;
}

const ADAM = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/**
 * Trains an SAE from the weights that it has; see `furtherTraining`.
 *
 * @param sae    Atoms of length one.
 * @param source Its training stream is read from where it stands.
 * @throws {ConcordError} as `trainPopulation`; what `pause` throws.
 */
export async function refitSae(
  backend: Backend,
  sae: Sae,
  source: Pick<Source, "train" | "normalization">,
  { steps, batch, lr, seed, l0, atomsStay, pause }: RefitOptions,
): Promise<Sae> {
  const { selection, dIn, dSae, rowNormalization, ...weights } = sae;
  const { architecture, options } = furtherTraining(sae, l0, atomsStay);
  const settings = { dSae, options, adam: ADAM };
  const member: MemberSettings = {
    name: "consensus",
    seed,
    lr,
    schedule: { warmupSteps: 0, decayStart: Math.floor(steps / 2) },
    create: (context) => architecture.create(context, settings),
  };
  const population = allocatePopulation(backend, { dIn, batch, members: [member] });
  const trainable = population.members[0]!.sae;
  // Weights of an SAE that normalises its rows are those for normalised rows already.
  const normalization = rowNormalization === undefined ? source.normalization : undefined;
  const start: Sae = { selection, dIn, dSae, ...weights, architecture: architecture.name };
  const request = { member: member.name, dSae, options, normalization };
  await trainable.startFrom(architecture.startingWeights("the consensus", start, request));
  const training = {
    population,
    stream: source.train,
    firstStep: 0,
    totalSteps: steps,
    // Nobody looks at the times.
    clock: () => 0,
  };
  for await (const _ of trainPopulation(training)) await pause();
  return forRowsAsTheyCome(trainable.inference(), source.normalization);
}
