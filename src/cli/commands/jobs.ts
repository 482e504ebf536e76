/** @file concord jobs: what was handed out, and what to do with it now. */

import { existsSync } from "node:fs";
import { ConcordError } from "../../errors.ts";
import { plural } from "../../figures/number-text.ts";
import { isBeingWritten } from "../../formats/writer-lock.ts";
import {
  type BatchState,
  batchFolder,
  hasEnded,
  isCancelled,
  type JobBatch,
  listBatches,
  readBatch,
  readState,
  requestCancel,
} from "../../jobs/batch.ts";
import { watchBatch } from "../../jobs/watch.ts";
import { backendFor } from "../environment.ts";
import { launcherOfBatch } from "../fan-out.ts";
import { moment, table } from "../output.ts";
import { print } from "../print.ts";

interface Options {
  readonly root: string;
  readonly json?: boolean;
}

/** How a batch stands, in a word. */
async function stateOf(batch: JobBatch, state: BatchState): Promise<string> {
  if (hasEnded(batch, state)) {
    const outcomes = [...state.values()].map(({ outcome }) => outcome);
    if (outcomes.includes("cancelled")) return "cancelled";
    return outcomes.includes("failed") ? "failed" : "finished";
  }
  if (await isBeingWritten(batch.folder)) return "watched";
  return isCancelled(batch.folder) ? "cancelled" : "unwatched";
}

export async function list({ root, json }: Options): Promise<void> {
  const all = [];
  for (const batch of await listBatches(root)) {
    const state = await readState(batch.folder);
    const count = (outcome: string) =>
      [...state.values()].filter((one) => one.outcome === outcome).length;
    all.push({
      name: batch.name,
      on: batch.on,
      state: await stateOf(batch, state),
      jobs: batch.jobs.length,
      finished: count("finished"),
      failed: count("failed"),
      created_at: batch.createdAt,
    });
  }
  if (json) return void print(`${JSON.stringify(all)}\n`);
  if (all.length === 0)
    return void print(`Nothing below ${root} was run with --on (docs/cluster.md).\n`);
  const rows = all.map((one) => [
    one.name,
    one.on,
    one.state,
    `${one.finished}/${one.jobs}`,
    String(one.failed),
    moment(one.created_at),
  ]);
  print(`${table(["name", "on", "state", "finished", "failed", "begun"], rows)}\n`);
}

/** The batch with this name. @throws {ConcordError} naming those that there are. */
async function findBatch(name: string, root: string): Promise<JobBatch> {
  const found = existsSync(root) ? await readBatch(batchFolder(root, name)) : undefined;
  if (found) return found;
  const names = (await listBatches(root)).map((batch) => batch.name);
  throw new ConcordError("file/missing", `No jobs of ${name} are known in ${root}.`, {
    hint: names.length > 0 ? `There are: ${names.join(", ")}` : "Another --root?",
  });
}

/** The options of a command that was typed, whichever it was. */
type Again = Parameters<typeof import("./run.ts").run>[1] &
  Parameters<typeof import("./study.ts").run>[1];

/** Does the command again that handed the jobs out: it goes on with them. */
export async function watch(name: string, { root, json }: Options): Promise<void> {
  const { command, cwd } = await findBatch(name, root);
  process.chdir(cwd);
  const { verb, argument, options } = command;
  const { config: _, ...again } = { ...(options as object), resume: true, json } as Again;
  if (verb === "run") await (await import("./run.ts")).run(argument, again);
  else await (await import("./study.ts")).run(argument, again);
}

/** Asks the watcher to end the jobs; without one, this process does. */
export async function cancel(name: string, { root, json }: Options): Promise<void> {
  const batch = await findBatch(name, root);
  const tell = (state: string, cancelled: number, text: string) =>
    print(json ? `${JSON.stringify({ name, state, cancelled })}\n` : `${text}\n`);
  if (hasEnded(batch, await readState(batch.folder)))
    return tell("ended", 0, `All jobs of ${name} have ended.`);
  await requestCancel(batch.folder);
  if (await isBeingWritten(batch.folder))
    return tell("asked", 0, `${name} is watched by another process, which ends its jobs.`);
  const { backend } = backendFor();
  const launcher = await launcherOfBatch(batch, backend);
  const state = await watchBatch(batch, { launcher, retries: 0, sleep: async () => {} }).finally(
    () => launcher.close?.(),
  );
  const cancelled = [...state.values()].filter(({ outcome }) => outcome === "cancelled").length;
  tell("cancelled", cancelled, `${plural(cancelled, "job")} of ${name} cancelled.`);
}
