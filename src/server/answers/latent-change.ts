/** @file Changes of a latent of a saved member, for the model behind its run. */

import type { Backend } from "../../backend/backend.ts";
import type { SteeringChange, SteeringKind } from "../../domains/steering.ts";
import { expected } from "../../errors.ts";
import { showName } from "../../formats/show-name.ts";
import { loadSae } from "../../interchange/saelens.ts";
import { loadAtom } from "../../interchange/saelens-atom.ts";
import { addingAmounts, type Intervention, interventionAmounts } from "../../sae/interventions.ts";
import { openSaeRunner } from "../../sae/sae.ts";
import type { SourceProvenance } from "../../sources/source-kind.ts";
import { HttpFailure } from "../failure.ts";
import type { ServedRun } from "../served-folder.ts";
import { steeringOf } from "../steerings.ts";
import { requireMember } from "./members.ts";

/** Rows that are encoded at a time. */
const BATCH = 64;

/** How the model behind a run is steered. @throws {HttpFailure} 404 where there is none. */
export async function requireSteering({ name, folder }: ServedRun): Promise<{
  readonly kind: SteeringKind;
  readonly provenance: SourceProvenance;
}> {
  const { provenance = {} } = await folder.readRecord();
  const kind = steeringOf(provenance);
  if (kind) return { kind, provenance };
  const why = `no model is behind its rows (${showName(String(provenance["kind"]))})`;
  throw new HttpFailure(404, "steer/impossible", `${name} cannot be steered: ${why}.`);
}

/**
 * One change per intervention. Adding needs one row of the decoder. The others depend on whether
 * the latent is active, which all latents decide: the whole SAE is read, and forgotten with the
 * answer.
 *
 * @param backend Opened when an SAE has to encode, and not before.
 * @throws {HttpFailure} 404 for a member that there is not; {ConcordError} `argument/invalid` for a
 *   latent that there is not.
 */
export async function latentChanges(
  run: ServedRun,
  { member, latent }: { readonly member: string; readonly latent: number },
  interventions: readonly Intervention[],
  backend: () => Backend,
): Promise<SteeringChange[]> {
  requireMember(run, member);
  const path = run.folder.file("saes", member);
  if (interventions.every(({ kind }) => kind === "add")) {
    const { row: direction, rowNormalization } = await loadAtom(path, latent);
    return interventions.map(({ value }) => {
      return { direction, amounts: addingAmounts(value, rowNormalization) };
    });
  }
  const sae = await loadSae(backend(), path);
  const { dIn, dSae, decoder } = sae;
  if (latent >= dSae) throw expected("latent", `an integer from 0 to ${dSae - 1}`, latent);
  const runner = await openSaeRunner(backend(), sae, BATCH);
  const direction = decoder.slice(latent * dIn, (latent + 1) * dIn);
  return interventions.map((intervention) => {
    const amounts = interventionAmounts(sae, runner, BATCH, latent, intervention);
    return { direction, amounts };
  });
}
