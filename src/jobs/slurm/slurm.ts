/**
 * @file Jobs as arrays of a Slurm cluster. Whether a job waits or runs is asked of Slurm; what it
 *   did is read from its status file. Clusters that keep no accounts can do without `sacct`.
 */

import { ConcordError, ConfigError } from "../../errors.ts";
import { statusFile } from "../batch.ts";
import { findProgram } from "../find-program.ts";
import type { Job } from "../job.ts";
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
import { arrayNumbers, idOf, indexOf, indicesIn, keepId, writeArray } from "./arrays.ts";
import {
  type Ask,
  askSlurm,
  complaint,
  type EndedTask,
  parseAccounting,
  parseJobs,
  parseQueue,
  refusal,
} from "./commands.ts";
import { probeNode } from "./probe-node.ts";
import { arrayName, limits, slurmScript, UNSEEN } from "./script.ts";
import { type SlurmSettings, slurmSchema } from "./settings.ts";

/** Slurm's own default of MaxArraySize. */
const ARRAY_SIZE = 1001;

/** Beyond what a plan says, and rounded up to this. */
const MARGIN = 1.2;
const STEP_BYTES = 64 * 2 ** 20;

/** The memory of a job, as sbatch takes it. */
function memoryText(bytes: number): string {
  const mib = (Math.ceil((bytes * MARGIN) / STEP_BYTES) * STEP_BYTES) / 2 ** 20;
  return `${mib}M`;
}

/** Jobs that one array can hold: they take the same memory, and are not too many. */
interface Group {
  readonly memory: string | undefined;
  readonly jobs: readonly Handout[];
}

class SlurmLauncher implements Launcher {
  readonly pollMs: number;
  readonly #settings: SlurmSettings;
  readonly #machine: LauncherMachine;
  readonly #ask: Ask;
  /** What was known before the controller stopped answering. */
  #last: ReadonlyMap<string, Polled> = new Map();
  #isSilent = false;

  constructor(settings: SlurmSettings, machine: LauncherMachine) {
    this.pollMs = 1000 * settings.poll_seconds;
    this.#settings = settings;
    this.#machine = machine;
    this.#ask = askSlurm(machine.env);
  }

  #requirePrograms(): void {
    const missing = ["sbatch", "squeue", "scancel", "sinfo", "scontrol"].find(
      (name) => !findProgram(name, this.#machine.env["PATH"]),
    );
    if (missing === undefined) return;
    throw new ConcordError("job/failed", `There is no ${missing} on the PATH.`, {
      hint: "Use --on slurm where you would type sbatch: on a login node of the cluster.",
    });
  }

  async check(place: BatchPlace): Promise<void> {
    this.#requirePrograms();
    await this.#requirePartition();
    const seconds = this.#settings.probe_seconds;
    if (seconds === 0) return;
    const found = await probeNode(this.#ask, place, {
      seconds,
      options: limits({ ...this.#settings, time: undefined }),
      now: this.#machine.now,
    });
    if (found !== undefined) this.#machine.say(found);
  }

  async #requirePartition(): Promise<void> {
    const answer = await this.#ask("sinfo", ["-h", "-o", "%R"]);
    if (answer.code !== 0)
      throw refusal("Slurm does not answer", answer, "Try sinfo: it says the same until it does.");
    const names = [...new Set(answer.stdout.split("\n").map((name) => name.trim()))];
    const { partition } = this.#settings;
    const unknown = partition?.split(",").find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new ConfigError(`The cluster has no partition ${unknown}.`, {
        hint: `It has: ${names.filter((name) => name !== "").join(", ")}`,
      });
  }

  async #arraySize(): Promise<number> {
    const { stdout } = await this.#ask("scontrol", ["show", "config"]);
    return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? ARRAY_SIZE);
  }

  async #memoryOf(job: Job): Promise<string | undefined> {
    if (this.#settings.memory !== undefined) return this.#settings.memory;
    const size = await this.#machine.sizeOf(job);
    return size && memoryText(size.bytes);
  }

  async #groups(jobs: readonly Handout[]): Promise<Group[]> {
    const byMemory = new Map<string | undefined, Handout[]>();
    for (const one of jobs) {
      const memory = await this.#memoryOf(one.job);
      byMemory.set(memory, [...(byMemory.get(memory) ?? []), one]);
    }
    const size = await this.#arraySize();
    return [...byMemory].flatMap(([memory, all]) =>
      Array.from({ length: Math.ceil(all.length / size) }, (_, i) => ({
        memory,
        jobs: all.slice(i * size, (i + 1) * size),
      })),
    );
  }

  #script(place: BatchPlace, number: number, { memory, jobs }: Group, groups: number): string {
    const most = this.#machine.jobs;
    const atOnce = most === undefined ? undefined : Math.max(1, Math.floor(most / groups));
    const array = { number, jobs: jobs.length, memory, atOnce };
    const { cwd } = jobs[0]!.job;
    return slurmScript(place, this.#settings, array, this.#machine.command, cwd);
  }

  async preview(place: BatchPlace, jobs: readonly Handout[]): Promise<string> {
    this.#requirePrograms();
    await this.#requirePartition();
    // The job that collects is handed out before all others.
    const first = jobs.filter(({ job }) => job.kind === "collect");
    const rest = jobs.filter(({ job }) => job.kind !== "collect");
    const groups = [...(await this.#groups(first)), ...(await this.#groups(rest))];
    const scripts = groups.map((group, i) => {
      const names = group.jobs.map(({ job }, index) => `#   ${index}: ${job.name}`).join("\n");
      const script = this.#script(place, i + 1, group, groups.length);
      return `# sbatch, array ${i + 1} of ${groups.length}; its tasks:\n${names}\n${script}`;
    });
    return scripts.join("\n");
  }

  /** The array that a watcher died in handing out, or had handed out, by the jobs' ids. */
  async #known(place: BatchPlace, jobs: readonly Handout[]): Promise<Map<string, string>> {
    const handles = new Map<string, string>();
    for (const number of await arrayNumbers(place)) {
      const indices = await indicesIn(place, number);
      const own = jobs.filter((job) => indexOf(indices, job) !== undefined);
      if (own.length === 0 || !(await this.#idOf(place, number))) continue;
      for (const one of own) handles.set(one.job.id, `${number}_${indexOf(indices, one)}`);
    }
    return handles;
  }

  /** Slurm's number of an array; undefined when it never got the array. */
  async #idOf(place: BatchPlace, number: number): Promise<string | undefined> {
    const kept = await idOf(place, number);
    if (kept !== undefined) return kept;
    const name = arrayName(place, number);
    const queued = await this.#ask("squeue", ["-h", "-r", "-n", name, "-o", "%F"]);
    const ended = await this.#ask("sacct", ["-X", "-n", "-P", `--name=${name}`, "-o", "JobID"]);
    const id = /^\d+/m.exec(queued.stdout)?.[0] ?? /^\d+/m.exec(ended.stdout)?.[0];
    if (id !== undefined) await keepId(place, number, id);
    return id;
  }

  async submit(place: BatchPlace, jobs: readonly Handout[]): Promise<ReadonlyMap<string, string>> {
    const handles = await this.#known(place, jobs);
    const groups = await this.#groups(jobs.filter(({ job }) => !handles.has(job.id)));
    let number = (await arrayNumbers(place)).at(-1) ?? 0;
    for (const group of groups) {
      number++;
      const script = this.#script(place, number, group, groups.length);
      await writeArray(place, number, group.jobs, script);
      const answer = await this.#ask("sbatch", ["--parsable"], script);
      const id = /^\d+/.exec(answer.stdout.trim())?.[0];
      if (answer.code !== 0 || id === undefined) {
        const refused = refusal("Slurm took no jobs", answer);
        if (handles.size === 0) throw refused;
        // A limit on jobs in the queue: the others are handed out when there is room.
        this.#machine.say(`${refused.message}; ${handles.size} jobs are handed out so far`);
        return handles;
      }
      await keepId(place, number, id);
      for (const [i, { job }] of group.jobs.entries()) handles.set(job.id, `${number}_${i}`);
    }
    return handles;
  }

  async poll(place: BatchPlace, jobs: readonly HandedOut[]): Promise<ReadonlyMap<string, Polled>> {
    if (jobs.length === 0) return new Map();
    const numbers = [...new Set(jobs.map(({ handle }) => Number(handle.split("_")[0])))];
    const names = numbers.map((number) => arrayName(place, number));
    const answer = await this.#ask("squeue", [
      "-h",
      "-r",
      "-n",
      names.join(","),
      "-o",
      "%F|%K|%T|%r",
    ]);
    if (answer.code !== 0) {
      if (!this.#isSilent)
        this.#machine.say(
          `Slurm does not answer (${complaint(answer)}); jobs go on, and it is asked again`,
        );
      this.#isSilent = true;
      return this.#last;
    }
    this.#isSilent = false;
    const queued = new Map(parseQueue(answer.stdout).map((one) => [one.task, one]));
    const ids = new Map<number, string | undefined>();
    for (const number of numbers) ids.set(number, await idOf(place, number));
    const found = new Map<string, Polled>();
    const silent: { readonly job: HandedOut; readonly task: string }[] = [];
    for (const job of jobs) {
      const [number, index] = job.handle.split("_");
      const task = `${ids.get(Number(number))}_${index}`;
      const own = queued.get(task);
      if (own?.state === "PENDING") {
        found.set(job.job.id, { state: "waiting" });
        continue;
      }
      const said = await readStatus(statusFile(place.folder, job.job.id));
      const status = said?.submission === job.submission ? said : undefined;
      // One that is COMPLETING has perhaps said how it ended.
      const hasEnded = status && status.state !== "running" && status.state !== "interrupted";
      if (own && !hasEnded) found.set(job.job.id, { state: "running", status });
      else if (status && status.state !== "running")
        found.set(job.job.id, { state: "ended", status });
      else silent.push({ job, task });
    }
    if (silent.length > 0) {
      const ends = await this.#endsOf([...new Set(silent.map(({ task }) => task.split("_")[0]!))]);
      for (const { job, task } of silent)
        found.set(job.job.id, { state: "ended", ...meaningOf(ends.get(task), place) });
    }
    this.#last = found;
    return found;
  }

  /** How tasks of arrays ended, where Slurm still knows. */
  async #endsOf(ids: readonly string[]): Promise<ReadonlyMap<string, EndedTask>> {
    const columns = "JobID,State,ExitCode,NodeList";
    const kept = await this.#ask("sacct", ["-X", "-n", "-P", "-j", ids.join(","), "-o", columns]);
    if (kept.code === 0 && kept.stdout.trim() !== "") return parseAccounting(kept.stdout);
    const found = new Map<string, EndedTask>();
    for (const id of ids) {
      const { stdout } = await this.#ask("scontrol", ["show", "job", id]);
      for (const [task, end] of parseJobs(stdout)) found.set(task, end);
    }
    return found;
  }

  async cancel(place: BatchPlace, jobs: readonly HandedOut[]): Promise<void> {
    const numbers = new Set(jobs.map(({ handle }) => Number(handle.split("_")[0])));
    for (const number of numbers) {
      const answer = await this.#ask("scancel", [`--name=${arrayName(place, number)}`]);
      if (answer.code !== 0) throw refusal("Slurm does not cancel", answer);
    }
  }

  async leave(): Promise<boolean> {
    return true;
  }
}

/** Ends that come again. */
const LASTING = new Set(["OUT_OF_MEMORY", "CANCELLED", "DEADLINE"]);

/** What the end of a task that left no word means. */
function meaningOf(end: EndedTask | undefined, { folder }: BatchPlace): Omit<Polled, "state"> {
  if (!end) return { reason: "Slurm does not know it any more, and it said nothing" };
  const { state, exitCode, node } = end;
  if (exitCode === UNSEEN)
    return { reason: `the node ${node} does not see ${folder}`, isLasting: true };
  const hint = state === "OUT_OF_MEMORY" ? " (--job memory=… gives it more)" : "";
  const code = exitCode > 0 ? ` with code ${exitCode}` : "";
  const reason = `Slurm says ${state}${code}${hint}${node ? ` on ${node}` : ""}`;
  return { reason, isLasting: LASTING.has(state) };
}

/** Arrays of a Slurm cluster. */
export const slurm: LauncherKind<SlurmSettings> = {
  name: "slurm",
  schema: slurmSchema as LauncherKind<SlurmSettings>["schema"],
  open: async (settings, machine) => new SlurmLauncher(settings, machine),
};
