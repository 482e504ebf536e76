/** @file What to say where a run has no results yet, or no evidence of its latents. */

import { type IsAlive, stateOf } from "../../runs/overview.ts";
import { HttpFailure } from "../failure.ts";
import type { ServedFolder, ServedRun } from "../served-folder.ts";

const GO_ON = "Go on with it: concord run <config.yaml> --resume.";

/** The failure for results that are not there. @throws {FormatError} when run.json is damaged. */
export async function missingResults(
  served: ServedFolder,
  { name, folder }: ServedRun,
): Promise<HttpFailure> {
  const { status } = await folder.readRecord();
  if (status === "finished")
    return new HttpFailure(
      404,
      "results/missing",
      `${name} has finished, but has no such results.`,
      `Make them: concord analyse ${served.typed(name)} evaluation agreement`,
    );
  return new HttpFailure(
    404,
    "results/missing",
    `${name} has no results: it has not finished.`,
    GO_ON,
  );
}

/** The failure for a run without evidence. @throws {FormatError} when run.json is damaged. */
export async function missingFeatures(
  served: ServedFolder,
  { name, folder }: ServedRun,
  isAlive: IsAlive,
): Promise<HttpFailure> {
  const state = await stateOf(folder, await folder.readRecord(), isAlive);
  const command = `concord features ${served.typed(name)}`;
  const [why, hint] =
    state === "finished"
      ? ["nobody has looked at its latents yet", `Look at them: ${command}`]
      : state === "running"
        ? ["it is still training", `When it has finished: ${command}`]
        : [`it has not finished (${state})`, `${GO_ON} Then: ${command}`];
  return new HttpFailure(404, "features/missing", `${name} has no features: ${why}.`, hint);
}
