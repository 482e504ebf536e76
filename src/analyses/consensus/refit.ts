/** @file Trains an averaged SAE further: what makes its latents usable. */

import type { Backend } from "../../backend/backend.ts";
import type { RowNormalization } from "../../base/row-normalization.ts";
import { ConcordError } from "../../errors.ts";
import { allocatePopulation, type MemberSettings } from "../../population/population.ts";
import { trainPopulation } from "../../population/train-population.ts";
import { furtherTraining } from "../../sae/further-training.ts";
import { forRowsAsTheyCome, type Sae } from "../../sae/sae.ts";
import type { NormalizationName } from "../../sources/rows/normalized-source.ts";
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

/** A way of normalising rows as configs name it; SAEs of other programs have one more. */
function nameOf(
  normalization: RowNormalization | undefined,
): NormalizationName | "constant_norm_rescale" {
  if (typeof normalization !== "object") return normalization ?? "none";
  return normalization.shift === undefined ? "expected_norm" : "standardize";
}

/** @throws {ConcordError} when rows are normalised in another way than the SAE does it. */
export function requireNormalization(
  { rowNormalization }: Sae,
  { normalization }: Pick<Source, "normalization">,
): void {
  const [wanted, found] = [nameOf(rowNormalization), nameOf(normalization)];
  // Weights for rows as they come take in the one factor of expected_norm when training starts.
  if (wanted === found || (wanted === "none" && found === "expected_norm")) return;
  throw new ConcordError(
    "argument/invalid",
    `Expected rows as the SAEs were trained on but the SAEs normalise rows with ${wanted} and the config's source.normalize is ${found}.`,
    {
      hint:
        wanted === "constant_norm_rescale"
          ? "Leave --refit out: a config cannot ask for constant_norm_rescale."
          : `Set source.normalize to ${wanted} in the config.`,
    },
  );
}

/**
 * Trains an SAE from the weights that it has; see `furtherTraining`.
 *
 * @param sae    Atoms of length one.
 * @param source Its training stream is read from where it stands.
 * @throws {ConcordError} `argument/invalid` when the source normalises rows in another way than the
 *   SAE; as `trainPopulation`; what `pause` throws.
 */
export async function refitSae(
  backend: Backend,
  sae: Sae,
  source: Pick<Source, "train" | "normalization">,
  { steps, batch, lr, seed, l0, atomsStay, pause }: RefitOptions,
): Promise<Sae> {
  requireNormalization(sae, source);
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
