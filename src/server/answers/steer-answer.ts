/** @file POST /api/steer and /api/effects: a latent of a run changed in the model behind it. */

import type { Backend } from "../../backend/backend.ts";
import type { EffectsAnswer, EffectsRequest, SteerAnswer, SteerRequest } from "../api/steer.ts";
import type { ServedRun } from "../served-folder.ts";
import type { SteeringCache } from "../steerings.ts";
import { latentChanges, requireSteering } from "./latent-change.ts";

/** What answers about changes need. */
export interface SteerTools {
  readonly steerings: SteeringCache;
  readonly backend: () => Backend;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Continues a prompt.
 *
 * @throws {HttpFailure} 404 where no model is behind the run's rows, or it has no such member or
 *   latent; {ConcordError} of the model.
 */
export async function steerAnswer(
  run: ServedRun,
  request: SteerRequest,
  { steerings, backend, signal }: SteerTools,
): Promise<SteerAnswer> {
  const { kind, provenance } = await requireSteering(run);
  const { member, latent, change, strength, prompt, tokens } = request;
  const changes = await latentChanges(run, request, [{ kind: change, value: strength }], backend);
  const steered = await steerings.continue(kind, provenance, { prompt, tokens, changes, signal });
  return {
    member,
    latent,
    change,
    strength,
    prompt,
    prompt_pieces: [...steered.promptPieces],
    unsteered: written(steered.unsteered),
    steered: written(steered.steered[0]!),
    model: steered.model,
    hook: steered.hook,
    notes: [...steered.notes],
  };
}

/** Predicts a text with a latent changed by each strength. @throws As `steerAnswer`. */
export async function effectsAnswer(
  run: ServedRun,
  request: EffectsRequest,
  { steerings, backend, signal }: SteerTools,
): Promise<EffectsAnswer> {
  const { kind, provenance } = await requireSteering(run);
  const { member, latent, change, strengths, text } = request;
  const interventions = strengths.map((value) => ({ kind: change, value }));
  const changes = await latentChanges(run, request, interventions, backend);
  const found = await steerings.effects(kind, provenance, { text, changes, signal });
  return {
    member,
    latent,
    change,
    tokens: found.tokens,
    cross_entropy: found.crossEntropy,
    effects: found.changed.map(({ crossEntropy, divergence }, i) => {
      return { strength: strengths[i]!, cross_entropy: crossEntropy, kl: divergence };
    }),
    model: found.model,
    hook: found.hook,
  };
}

function written({ text, pieces }: { readonly text: string; readonly pieces: readonly string[] }) {
  return { text, pieces: [...pieces] };
}
