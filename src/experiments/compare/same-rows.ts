/** @file Whether SAEs encode the same rows, so that they can be put together. */

import { ConcordError } from "../../errors.ts";
import { showNames } from "../../formats/show-name.ts";
import type { FormerSae } from "../../interchange/format.ts";
import type { Source } from "../../sources/source.ts";
import { formerSaesOf } from "../residual-of.ts";
import type { OpenedSae } from "./open-saes.ts";

/** Which SAEs are taken off rows, by their content; "[]" for rows as they come. */
function digestsOf(former: readonly FormerSae[] | undefined): string {
  return JSON.stringify((former ?? []).map(({ digest }) => digest));
}

/**
 * @throws {ConcordError} `argument/invalid` naming an SAE of another d_in than the first, or one
 *   that encodes what other SAEs leave of the rows than the first does.
 */
export function requireSameRows([first, ...others]: readonly Pick<
  OpenedSae,
  "sae" | "folder" | "residualOf"
>[]): void {
  if (!first) return;
  for (const other of others) {
    if (other.sae.dIn !== first.sae.dIn)
      throw new ConcordError(
        "argument/invalid",
        `Expected SAEs of one d_in but ${first.folder} has ${first.sae.dIn} and ${other.folder} has ${other.sae.dIn}.`,
        { hint: "Name SAEs that were trained on activations from the same hook." },
      );
    if (digestsOf(other.residualOf) !== digestsOf(first.residualOf))
      throw new ConcordError(
        "argument/invalid",
        `Expected SAEs of the same rows but ${first.folder} and ${other.folder} encode what other SAEs leave (residual_of).`,
        { hint: "Name SAEs of one stage; concord ensemble boost makes a chain of stages." },
      );
  }
}

/** What of activations is left, in words. */
function rowsText(former: readonly FormerSae[]): string {
  if (former.length === 0) return "rows as they come";
  return `what ${showNames(former.map(({ path }) => path))} leave`;
}

/**
 * @param sae One of SAEs that encode the same rows.
 * @throws {ConcordError} `argument/invalid` when the source gives other rows than the SAE encodes:
 *   the SAEs of `source.residual_of` are not those of its training.
 */
export function requireRowsOf(
  { folder, residualOf = [] }: Pick<OpenedSae, "folder" | "residualOf">,
  { provenance }: Pick<Source, "provenance">,
): void {
  const ofSource = formerSaesOf(provenance);
  if (digestsOf(residualOf) === digestsOf(ofSource)) return;
  const [wanted, found] = [rowsText(residualOf), rowsText(ofSource)];
  const paths = residualOf.map(({ path }) => path);
  const set = `Set source.residual_of of the config to [${showNames(paths)}]`;
  let hint = `${set}, relative to the config file.`;
  if (residualOf.length === 0) hint = "Remove source.residual_of from the config.";
  else if (wanted === found) hint = `${set} with the weights of the SAEs' training: they changed.`;
  throw new ConcordError(
    "argument/invalid",
    `Expected the config's source to give ${wanted}, which ${folder} encodes, but it gives ${found}.`,
    { hint },
  );
}
