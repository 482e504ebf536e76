/**
 * @file Hands the jobs of a batch out until all have ended. Everything that it knows is on disk
 *   before it acts on it, so that another process can go on where this one died.
 */

import { ConcordError } from "../errors.ts";
import { takeWriterLock } from "../formats/writer-lock.ts";
import {
  type BatchState,
  hasEnded,
  isCancelled,
  type JobBatch,
  type JobState,
  jobFile,
  readState,
  statusFile,
  writeState,
} from "./batch.ts";
import { type Job, readJob } from "./job.ts";
import { type JobStatus, readStatus } from "./job-status.ts";
import type { HandedOut, Handout, Launcher, Polled } from "./launcher.ts";

/** How far all jobs have come. */
export interface BatchProgress {
  readonly total: number;
  readonly finished: number;
  readonly failed: number;
  readonly running: number;
  readonly waiting: number;
  /** Jobs that have said how many steps they take. */
  readonly counted: number;
  /** Their steps. */
  readonly steps: number;
  readonly totalSteps: number;
}

/** How a batch is watched. */
export interface WatchOptions {
  readonly launcher: Launcher;
  /** Submissions of a job that may come to nothing before it counts as failed. */
  readonly retries: number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
  /** Told in one line what a person should know: a job that was lost, and is handed out again. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** The code of a job that ended without an error of its own. */
const LOST = "job/failed";

/** A batch while it is watched. */
class Watched {
  readonly batch: JobBatch;
  readonly options: WatchOptions;
  readonly state: BatchState;
  readonly jobs: ReadonlyMap<string, Job>;
  readonly polled = new Map<string, Polled>();
  /** The newest status of each job, this one's or an earlier submission's. */
  readonly known = new Map<string, JobStatus>();

  constructor(batch: JobBatch, options: WatchOptions, state: BatchState, jobs: Map<string, Job>) {
    this.batch = batch;
    this.options = options;
    this.state = state;
    this.jobs = jobs;
  }

  of(id: string): JobState {
    return this.state.get(id) ?? { phase: "waiting", submission: 0, lost: 0 };
  }

  #handout(id: string): Handout {
    const job = this.jobs.get(id)!;
    return { job, file: jobFile(this.batch.folder, id), submission: this.of(id).submission };
  }

  /** Jobs that are handed out and have not ended. */
  out(): HandedOut[] {
    return [...this.jobs.keys()].flatMap((id) => {
      const { phase, handle = "" } = this.of(id);
      return phase === "out" ? [{ ...this.#handout(id), handle }] : [];
    });
  }

  /** Jobs that may be handed out now: what others depend on goes first, alone. */
  #ready(): string[] {
    const open = [...this.jobs.values()].filter(({ id }) => this.of(id).phase !== "ended");
    const first = open.filter(({ kind }) => kind === "collect");
    const ready = first.length > 0 ? first : open;
    return ready.map(({ id }) => id).filter((id) => this.of(id).phase !== "out");
  }

  async handOut(): Promise<void> {
    const ids = this.#ready();
    if (ids.length === 0) return;
    for (const id of ids) {
      const before = this.of(id);
      // One that was leaving as a watcher died leaves again, as the same submission.
      const submission = before.submission + (before.phase === "waiting" ? 1 : 0);
      const step = this.known.get(id)?.step ?? before.step;
      this.state.set(id, { ...before, phase: "leaving", submission, step });
    }
    await this.save();
    const handouts = ids.map((id) => this.#handout(id));
    const handles = await this.options.launcher.submit(this.batch, handouts);
    for (const id of ids) {
      const handle = handles.get(id);
      // What was not taken waits until there is room.
      const phase = handle === undefined ? "waiting" : "out";
      this.state.set(id, { ...this.of(id), phase, handle });
    }
    await this.save();
  }

  async save(): Promise<void> {
    await writeState(this.batch.folder, this.state);
  }

  /** Looks at all jobs that are out. @returns Whether any has ended. */
  async look(): Promise<boolean> {
    const out = this.out();
    const polled = await this.options.launcher.poll(this.batch, out);
    let changed = false;
    for (const { job, submission } of out) {
      const now = polled.get(job.id);
      if (!now) continue;
      this.polled.set(job.id, now);
      if (now.status) this.known.set(job.id, now.status);
      if (now.state !== "ended") continue;
      const status = now.status?.submission === submission ? now.status : undefined;
      this.state.set(job.id, this.#ended(job, now, status));
      changed = true;
    }
    if (changed) await this.save();
    return changed;
  }

  /** What follows from the end of a submission. */
  #ended(job: Job, { reason, isLasting }: Polled, status: JobStatus | undefined): JobState {
    const { handle: _, ...rest } = this.of(job.id);
    const before = { ...rest, phase: "waiting" as const };
    const failed = (error: JobState["error"]): JobState => {
      return { ...before, phase: "ended", outcome: "failed", error };
    };
    if (status?.state === "finished") return { ...before, phase: "ended", outcome: "finished" };
    if (status?.state === "failed") return failed(status.error);
    const why = status?.error?.message ?? reason ?? "its process is gone and said nothing";
    if (isLasting) return failed({ code: LOST, message: why });
    if (status?.state === "interrupted" && (status.step ?? 0) > (before.step ?? 0)) return before;
    const lost = before.lost + 1;
    const { retries, onNotice } = this.options;
    if (lost > retries) return failed(status?.error ?? { code: LOST, message: why });
    onNotice?.(`${job.name} is handed out again (${lost} of ${retries}): ${why}`);
    return { ...before, lost };
  }

  progress(): BatchProgress {
    const states = this.batch.jobs.map(({ id }) => this.of(id));
    const running = this.out().filter(({ job }) => this.polled.get(job.id)?.state === "running");
    const finished = states.filter(({ outcome }) => outcome === "finished").length;
    const failed = states.filter(({ outcome }) => outcome && outcome !== "finished").length;
    const statuses = [...this.known.values()];
    const sumOf = (key: "step" | "totalSteps") => statuses.reduce((n, s) => n + (s[key] ?? 0), 0);
    const total = states.length;
    const waiting = total - finished - failed - running.length;
    const [steps, totalSteps] = [sumOf("step"), sumOf("totalSteps")];
    const counted = statuses.filter((status) => status.totalSteps !== undefined).length;
    return {
      total,
      finished,
      failed,
      running: running.length,
      waiting,
      counted,
      steps,
      totalSteps,
    };
  }
}

async function openWatched(batch: JobBatch, options: WatchOptions): Promise<Watched> {
  const state = await readState(batch.folder);
  const jobs = new Map<string, Job>();
  for (const { id } of batch.jobs) jobs.set(id, await readJob(jobFile(batch.folder, id)));
  const watched = new Watched(batch, options, state, jobs);
  // What ended before this process watched counts in its progress too.
  for (const { id } of batch.jobs) {
    const status = state.get(id)?.outcome && (await readStatus(statusFile(batch.folder, id)));
    if (status) watched.known.set(id, status);
  }
  return watched;
}

/**
 * Hands out what has not ended, and waits until all has.
 *
 * A job that is lost, or that fails for a reason outside it, is handed out again, `retries` times
 * at most. One that was interrupted at a later step than before does not count. When a job that
 * others depend on has failed, the others are not handed out.
 *
 * @returns How each job ended, by id.
 * @throws {ConcordError} "interrupted" after the signal; "run/conflict" when another process
 *   watches the batch; errors of the launcher.
 */
export async function watchBatch(batch: JobBatch, options: WatchOptions): Promise<BatchState> {
  const { launcher, signal, sleep, onProgress } = options;
  const lock = await takeWriterLock(batch.folder);
  try {
    const watched = await openWatched(batch, options);
    const requireGoing = async () => {
      if (!signal?.aborted) return;
      const goOn = await launcher.leave();
      if (!goOn) await watched.look();
      throw new ConcordError(
        "interrupted",
        goOn
          ? `Nobody watches the jobs of ${batch.name} any more; they go on.`
          : `The jobs of ${batch.name} were interrupted; what they did is in checkpoints.`,
        {
          hint: `concord jobs watch ${batch.name} goes on; concord jobs cancel ${batch.name} ends them.`,
        },
      );
    };
    while (!hasEnded(batch, watched.state)) {
      await requireGoing();
      if (isCancelled(batch.folder)) {
        await cancelRest(watched);
        break;
      }
      await watched.handOut();
      const changed = await watched.look();
      onProgress?.(watched.progress());
      giveUpDependents(watched);
      if (!changed) await sleep(launcher.pollMs, signal).catch(() => undefined);
    }
    await watched.save();
    onProgress?.(watched.progress());
    return watched.state;
  } finally {
    await lock.release();
  }
}

/** Without the activations there is nothing that the other jobs could do. */
function giveUpDependents({ jobs, state }: Watched): void {
  const failed = [...jobs.values()].find(
    ({ id, kind }) => kind === "collect" && state.get(id)?.outcome === "failed",
  );
  if (!failed) return;
  const { error } = state.get(failed.id)!;
  for (const { id } of jobs.values())
    if (state.get(id)?.phase !== "ended")
      state.set(id, { phase: "ended", submission: 0, lost: 0, outcome: "failed", error });
}

/** Takes back what is out, and hands nothing out any more. */
async function cancelRest(watched: Watched): Promise<void> {
  const { batch, state, options } = watched;
  await options.launcher.cancel(batch, watched.out());
  for (const { id } of batch.jobs) {
    const { handle: _, ...before } = watched.of(id);
    if (before.phase !== "ended")
      state.set(id, { ...before, phase: "ended", outcome: "cancelled" });
  }
  await watched.save();
}
