/** @file The model and hook that some SAEs share, or that the command line names for them. */

import { ConfigError } from "../../../../errors.ts";

/** What an SAE's files say of its place. */
export interface SaePlace {
  readonly name: string;
  readonly modelName: string | undefined;
  readonly hookName: string | undefined;
}

/**
 * The model or hook of some SAEs.
 *
 * @param asked What the command line says: taken where the SAEs do not say it.
 * @throws {ConfigError} when SAEs differ, do not say, or say another one than is asked for.
 */
export function placeOf(
  saes: readonly SaePlace[],
  option: "model" | "hook",
  asked: string | undefined,
): string {
  const of = (sae: SaePlace) => (option === "model" ? sae.modelName : sae.hookName);
  const other = saes.find((sae) => asked !== undefined && (of(sae) ?? asked) !== asked);
  if (other && option === "hook")
    throw new ConfigError(`${other.name} was trained on ${of(other)}, not on ${asked}.`, {
      hint: "Leave --hook out, or name other SAEs.",
    });
  if (asked !== undefined) return asked;
  const said = [...new Set(saes.map(of))];
  const [only] = said;
  if (said.length === 1 && only !== undefined) return only;
  const unknown = saes.find((sae) => of(sae) === undefined);
  throw new ConfigError(
    unknown
      ? `${unknown.name} does not say which ${option} it was trained on.`
      : `The SAEs were trained on several ${option}s: ${said.join(", ")}.`,
    { hint: unknown ? `Give --${option}.` : "Name those of one place." },
  );
}
