/** @file Asks a node that is free whether it sees the jobs, and what time it is there. */

import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { MARKER } from "../batch.ts";
import type { BatchPlace } from "../launcher.ts";
import type { Ask } from "./commands.ts";
import { quoted } from "./script.ts";

/** Clocks that differ by more are set wrongly; the probe itself takes less. */
const MAX_APART_SECONDS = 60;

/**
 * Runs a command of a moment on a node.
 *
 * @param options Limits as srun takes them.
 * @returns What the person should know when no node was free in time.
 * @throws {ConcordError} "job/failed" for a node that does not see the folder, or whose clock is
 *   apart.
 */
export async function probeNode(
  ask: Ask,
  { token, folder }: BatchPlace,
  {
    seconds,
    options,
    now,
  }: { readonly seconds: number; readonly options: readonly string[]; readonly now: () => Date },
): Promise<string | undefined> {
  const marker = quoted(join(folder, MARKER));
  const script = `echo "probed $(hostname) $(date +%s) $(cat ${marker} 2>/dev/null)"`;
  const one = ["--ntasks=1", "--time=1", "--quiet", `--immediate=${seconds}`];
  const answer = await ask("srun", [...one, ...options, "bash", "-c", script]);
  const found = /^probed (\S+) (\d+) ?(\S*)$/m.exec(answer.stdout);
  if (!found)
    return `no node was free within ${seconds} s to say whether it sees ${folder}; each job looks at its beginning`;
  const [, node, time, seen] = found;
  if (seen !== token)
    throw new ConcordError("job/failed", `The node ${node} does not see ${folder}.`, {
      hint: "Give a runs_folder on a file system that the nodes share.",
    });
  const apart = Math.round(Number(time) - now().getTime() / 1000);
  if (Math.abs(apart) <= MAX_APART_SECONDS) return undefined;
  throw new ConcordError(
    "job/failed",
    `The clock of the node ${node} is ${Math.abs(apart)} s ${apart > 0 ? "ahead of" : "behind"} this machine's.`,
    { hint: "Set the clocks of both, by NTP for example." },
  );
}
