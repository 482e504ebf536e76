/**
 * @file Jobs as processes of this machine: as many at a time as memory and processors allow, each
 *   on processors of its own.
 */

import { z } from "zod";
import { statusFile } from "../batch.ts";
import { findProgram } from "../find-program.ts";
import { readStatus } from "../job-status.ts";
import type {
  BatchPlace,
  HandedOut,
  Handout,
  Launcher,
  LauncherKind,
  LauncherMachine,
  Polled,
} from "../launcher.ts";
import { outcomeOfExit } from "../outcome.ts";
import { adopted, endAll, isWorking, type JobProcess, startJob } from "./job-process.ts";
import { placesOf, type Room, roomFor } from "./room.ts";

const schema = z.strictObject({});

/** Between two looks at the jobs. */
const POLL_MS = 200;

class LocalLauncher implements Launcher {
  readonly pollMs = POLL_MS;
  readonly #machine: LauncherMachine;
  readonly #taskset: string | undefined;
  /** Jobs that wait for a place, by id; the first one is next. */
  readonly #queue = new Map<string, Handout>();
  readonly #processes = new Map<string, JobProcess>();
  #room: Room | undefined;

  constructor(machine: LauncherMachine) {
    this.#machine = machine;
    this.#taskset = findProgram("taskset", machine.env["PATH"]);
  }

  async check(): Promise<void> {
    // This machine is there, and sees its own folders.
  }

  /** Jobs at a time: decided once, before the first of them takes memory. */
  async #roomOf(jobs: readonly Handout[]): Promise<Room> {
    if (this.#room) return this.#room;
    const { sizeOf, availableMemory, processors, jobs: wanted, say } = this.#machine;
    let bytes = 0;
    for (const { job } of jobs) bytes = Math.max(bytes, (await sizeOf(job))?.bytes ?? 0);
    const here = { memory: availableMemory(), processors: processors.length };
    this.#room = roomFor(wanted, bytes, here);
    if (this.#room.by === "memory" && wanted !== undefined)
      say(`${this.#room.jobs} instead of ${wanted} jobs at a time: memory allows no more`);
    return this.#room;
  }

  async preview(_: BatchPlace, jobs: readonly Handout[]): Promise<string> {
    const { jobs: most, by } = await this.#roomOf(jobs);
    const { processors } = this.#machine;
    const [place] = placesOf(most, processors);
    return `At most ${most} at a time, because of ${by}; each on ${place!.length} of ${processors.length} processors.`;
  }

  async submit(_: BatchPlace, jobs: readonly Handout[]): Promise<ReadonlyMap<string, string>> {
    await this.#roomOf(jobs);
    for (const handout of jobs) this.#queue.set(handout.job.id, handout);
    return new Map(jobs.map(({ job, submission }) => [job.id, `local-${submission}`]));
  }

  async #pollOne({ folder }: BatchPlace, handedOut: HandedOut): Promise<Polled> {
    const { job, submission } = handedOut;
    if (this.#queue.has(job.id)) return { state: "waiting" };
    const said = await readStatus(statusFile(folder, job.id));
    const status = said?.submission === submission ? said : undefined;
    let own = this.#processes.get(job.id);
    if (own?.submission !== submission) own = undefined;
    if (!own && status) {
      own = adopted(status, this.#machine.host);
      if (own) this.#processes.set(job.id, own);
    }
    if (own && isWorking(own)) return { state: "running", status };
    this.#processes.delete(job.id);
    if (status && status.state !== "running") return { state: "ended", status };
    if (!own && !status) {
      // A watcher died before it had a place for it.
      this.#queue.set(job.id, handedOut);
      return { state: "waiting" };
    }
    return { state: "ended", ...endOf(own) };
  }

  async poll(place: BatchPlace, jobs: readonly HandedOut[]): Promise<ReadonlyMap<string, Polled>> {
    const found = new Map<string, Polled>();
    for (const handedOut of jobs)
      found.set(handedOut.job.id, await this.#pollOne(place, handedOut));
    await this.#start(place);
    return found;
  }

  /** Gives free places to jobs that wait. */
  async #start(place: BatchPlace): Promise<void> {
    const { jobs } = await this.#roomOf([...this.#queue.values()]);
    const working = [...this.#processes.values()].filter(isWorking);
    const taken = new Set(working.map((one) => one.place));
    const places = placesOf(jobs, this.#machine.processors);
    let free = jobs - working.length;
    for (const [i, processors] of places.entries()) {
      const [next] = this.#queue.values();
      if (free <= 0 || !next) return;
      if (taken.has(i)) continue;
      free--;
      this.#queue.delete(next.job.id);
      const on = { place: i, processors, taskset: this.#taskset };
      this.#processes.set(next.job.id, startJob(this.#machine, place, next, on));
    }
  }

  async cancel(place: BatchPlace, jobs: readonly HandedOut[]): Promise<void> {
    // Finds what an earlier watcher started.
    for (const handedOut of jobs) await this.#pollOne(place, handedOut);
    this.#queue.clear();
    await endAll([...this.#processes.values()], this.#machine);
  }

  async leave(): Promise<boolean> {
    this.#queue.clear();
    await endAll([...this.#processes.values()], this.#machine);
    return false;
  }
}

/** How a process ended that left no word. */
function endOf(process: JobProcess | undefined): Pick<Polled, "reason" | "isLasting"> {
  const { code, signal } = process?.end ?? { code: null, signal: null };
  if (code === null) return { reason: `its process was killed${signal ? ` by ${signal}` : ""}` };
  const isLasting = outcomeOfExit(code) === "failed";
  return { reason: `its process ended with code ${code}`, isLasting };
}

/** Processes of this machine. */
export const local: LauncherKind<z.infer<typeof schema>> = {
  name: "local",
  schema,
  open: async (_, machine) => new LocalLauncher(machine),
};
