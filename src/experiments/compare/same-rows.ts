/** @file Whether SAEs encode the same rows, so that they can be put together. */

import { ConcordError } from "../../errors.ts";
import type { OpenedSae } from "./open-saes.ts";

/**
 * @throws {ConcordError} `argument/invalid` naming an SAE of another d_in than the first, or one
 *   that encodes what other SAEs leave of the rows than the first does.
 */
export function requireSameRows([first, ...others]: readonly Pick<
  OpenedSae,
  "sae" | "folder" | "residualOf"
>[]): void {
  if (!first) return;
  const encodes = ({ residualOf }: Pick<OpenedSae, "residualOf">) =>
    JSON.stringify(residualOf?.map(({ digest }) => digest));
  for (const other of others) {
    if (other.sae.dIn !== first.sae.dIn)
      throw new ConcordError(
        "argument/invalid",
        `Expected SAEs of one d_in but ${first.folder} has ${first.sae.dIn} and ${other.folder} has ${other.sae.dIn}.`,
        { hint: "Name SAEs that were trained on activations from the same hook." },
      );
    if (encodes(other) !== encodes(first))
      throw new ConcordError(
        "argument/invalid",
        `Expected SAEs of the same rows but ${first.folder} and ${other.folder} encode what other SAEs leave (residual_of).`,
        { hint: "Name SAEs of one stage; concord ensemble boost makes a chain of stages." },
      );
  }
}
