/** @file POST /api/steer: a prompt continued with a latent of a run turned up, and without. */

import { showName } from "../../formats/show-name.ts";
import { loadAtom } from "../../interchange/saelens-atom.ts";
import { addingAmounts } from "../../sae/interventions.ts";
import type { SteerAnswer, SteerRequest } from "../api/steer.ts";
import { HttpFailure } from "../failure.ts";
import type { ServedRun } from "../served-folder.ts";
import { type SteeringCache, steeringOf } from "../steerings.ts";
import { requireMember } from "./members.ts";

/**
 * Continues a prompt.
 *
 * @param signal Aborted when nobody waits for the answer any more.
 * @throws {HttpFailure} 404 where no model is behind the run's rows, or it has no such member or
 *   latent; {ConcordError} of the model.
 */
export async function steerAnswer(
  { name, folder }: ServedRun,
  request: SteerRequest,
  steerings: SteeringCache,
  signal: AbortSignal,
): Promise<SteerAnswer> {
  const { provenance = {} } = await folder.readRecord();
  const kind = steeringOf(provenance);
  if (!kind)
    throw new HttpFailure(
      404,
      "steer/impossible",
      `${name} cannot be steered: no model is behind its rows (${showName(String(provenance["kind"]))}).`,
    );
  const { member, latent, strength, prompt, tokens } = request;
  requireMember({ name, folder }, member);
  const { row: direction, rowNormalization } = await loadAtom(folder.file("saes", member), latent);
  const steered = await steerings.continue(kind, provenance, {
    prompt,
    tokens,
    changes: [{ direction, amounts: addingAmounts(strength, rowNormalization) }],
    signal,
  });
  return {
    member,
    latent,
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

function written({ text, pieces }: { readonly text: string; readonly pieces: readonly string[] }) {
  return { text, pieces: [...pieces] };
}
