/**
 * @file A folder of runs to show on the page: a sweep of real runs, small ones, one of which has
 *   made-up evidence. And what cannot be read: a run whose record is damaged.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FEATURES } from "../../../src/server/evidences.ts";
import { tinyRuns } from "../tiny-run.ts";
import { fakeEvidence } from "./fake-evidence.ts";

/** Members of the run with evidence. */
export const MEMBERS = ["member-0", "member-1", "member-2", "independent-0"];

/** The run with evidence, as requests name it. */
export const SHOWN_RUN = "shown";

/**
 * Trains the runs in `folder`.
 *
 * @param latents Of each member of the run with evidence.
 */
export async function pageRuns(folder: string, latents = 96): Promise<void> {
  const more = ["training.steps=60", "training.log_every=2", "source.held_out_rows=256"];
  await tinyRuns(folder, ["name=shown", `population.d_sae=${latents}`, "population.k=3", ...more]);
  await tinyRuns(folder, [
    "name=sweep",
    "sweep={population.k: [2, 3, 4], population.architecture: [topk, batchtopk]}",
    ...more,
  ]);
  const shown = join(folder, SHOWN_RUN, FEATURES);
  mkdirSync(dirname(shown), { recursive: true });
  writeFileSync(shown, JSON.stringify(fakeEvidence({ members: MEMBERS }).summary));
  mkdirSync(join(folder, "damaged"));
  writeFileSync(join(folder, "damaged", "run.json"), "{ not JSON");
}
