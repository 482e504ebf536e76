/**
 * @file A worker: takes jobs from a queue and does each in a process of its own, until it is told
 *   to stop. Jobs that it cannot finish go back to the queue with a checkpoint.
 */

import { ConcordError, messageOf } from "../../errors.ts";
import type { ObjectStore } from "../../fetch/objects/object-store.ts";
import type { Timing } from "../../fetch/options.ts";
import { statusText } from "../job-status.ts";
import { outcomeOfExit } from "../outcome.ts";
import { openJobStore } from "../store/job-store.ts";
import { PlacedTask, type Placing } from "./placed-task.ts";
import { loadQueueLibraries, openRedis, parseRedis, tryRedis } from "./redis.ts";
import { announce, parseTask, REFUSED, stopsOf, type Task, withdraw } from "./task.ts";
import { startTask, type TaskProcess } from "./task-process.ts";

/** What a worker needs of its machine. */
export interface WorkerOptions {
  /** `redis://host:6379`. */
  readonly redis: string | undefined;
  readonly queue: string;
  /** Jobs at a time. */
  readonly jobs: number;
  /** A worker that is silent for so long loses its jobs. */
  readonly lockMs: number;
  /** Where jobs of an object store are done; absolute. */
  readonly folder: string;
  readonly version: string;
  readonly host: string;
  readonly pid: number;
  /** How Concord is started on this machine. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly signal: AbortSignal;
  /** Says something in one line. */
  readonly say: (text: string) => void;
}

/** Why a job is stopped before its end. */
type StopReason = "interrupted" | "cancelled" | "cut off" | "taken over";

/** A job that is being done. */
interface Active {
  process?: TaskProcess;
  stopped?: StopReason;
  /** Now and then. */
  look?: () => Promise<void>;
}

/** Jobs of lost workers may be taken up again and again: each time they come further. */
const MOST_STALLS = 1_000_000;

/** The longest that a worker takes no job after failures in a row. */
const MOST_REST_MS = 10 * 60_000;

class ActiveJobs {
  readonly #jobs = new Map<string, Active>();

  begin(id: string): Active {
    const one: Active = {};
    this.#jobs.set(id, one);
    return one;
  }

  end(id: string): void {
    this.#jobs.delete(id);
  }

  get ids(): string[] {
    return [...this.#jobs.keys()];
  }

  stop(reason: StopReason, ids: readonly string[] = this.ids): void {
    for (const id of ids) {
      const one = this.#jobs.get(id);
      if (!one || one.stopped) continue;
      one.stopped = reason;
      one.process?.stop();
    }
  }

  async look(): Promise<void> {
    for (const one of this.#jobs.values()) await one.look?.();
  }
}

/**
 * Works until the signal.
 *
 * @throws {ConcordError} `network/failed` when the server cannot be used, before any job is taken;
 *   `backend/unavailable` where the packages are absent.
 */
export async function workQueue(options: WorkerOptions): Promise<void> {
  const { queue, jobs, lockMs, signal, say, host, pid, version, timing, env } = options;
  const url = parseRedis(options.redis);
  for (const line of await tryRedis(url)) say(line);
  const { bullmq } = await loadQueueLibraries();
  const client = await openRedis(url, say);
  const active = new ActiveJobs();
  const stores = new Map<string, Promise<ObjectStore>>();
  const placing: Placing = {
    root: options.folder,
    host,
    pid,
    signal,
    say,
    async openStore(location) {
      const opening = stores.get(location) ?? openJobStore(location, env, { timing });
      stores.set(location, opening);
      opening.catch(() => stores.delete(location));
      return await opening;
    },
  };

  let resting: NodeJS.Timeout | undefined;
  let failures = 0;
  const rest = (why: string) => {
    if (resting || signal.aborted) return;
    const ms = Math.min(lockMs * 2 ** failures++, MOST_REST_MS);
    say(`${why.replace(/\.$/, "")}; takes no job for ${Math.round(ms / 1000)} s`);
    void worker.pause(true);
    resting = setTimeout(() => {
      resting = undefined;
      worker.resume();
    }, ms);
  };
  const worker = new bullmq.Worker<unknown, string>(
    queue,
    async (queued, token) => {
      const refused = (error: unknown) =>
        new bullmq.UnrecoverableError(`${REFUSED}${messageOf(error)}`);
      let task: Task;
      try {
        task = requireTask(queued.data, options);
      } catch (error) {
        throw refused(error);
      }
      const id = queued.id!;
      const one = active.begin(id);
      try {
        const late = () => active.stop("taken over", [id]);
        const placed = await PlacedTask.place(task, placing, late).catch((error: unknown) => {
          const isLasting = error instanceof ConcordError && error.code === "file/missing";
          throw isLasting ? refused(error) : error;
        });
        const tell = async (status: string) => void (await queued.updateProgress(status));
        one.look = () => placed.look(tell);
        one.process = startTask(options.command, placed.args, env, placed.log);
        if (one.stopped) one.process.stop();
        if (signal.aborted) active.stop("interrupted", [id]);
        say(`${task.name}: begun`);
        const { code, signal: killed } = await one.process.ended;
        delete one.look;
        const outcome = await placed.end(outcomeOfExit(code), placing);
        const status = await placed.status();
        if (status && task.store) await tell(statusText({ ...status, state: outcome }));
        say(`${task.name}: ${one.stopped ?? (killed ? `killed by ${killed}` : outcome)}`);
        if (outcome === "finished" || outcome === "superseded") {
          failures = 0;
          return outcome;
        }
        if (one.stopped === "cancelled") throw new bullmq.UnrecoverableError("it was cancelled");
        if (outcome === "interrupted" || (one.stopped && outcome === "retry")) {
          // One that was cut off may find that another worker has the job by now.
          await queued.moveToWait(token).catch((error: unknown) => {
            if (one.stopped !== "cut off") throw error;
          });
          throw new bullmq.WaitingError();
        }
        const how = killed ? `its process was killed by ${killed}` : `code ${code}`;
        const reason = (await placed.reason()) ?? how;
        throw outcome === "failed" ? new bullmq.UnrecoverableError(reason) : new Error(reason);
      } catch (error) {
        if (error instanceof bullmq.WaitingError) throw error;
        const line = `${task.name}: ${messageOf(error)}`;
        // Others may be able to do what this machine cannot, so they get the first chance.
        if (error instanceof bullmq.UnrecoverableError) say(line);
        else rest(line);
        throw error;
      } finally {
        active.end(id);
      }
    },
    {
      connection: client,
      concurrency: jobs,
      lockDuration: lockMs,
      stalledInterval: Math.max(1000, lockMs / 2),
      maxStalledCount: MOST_STALLS,
    },
  );
  // The client says when the server is away; locks that are lost are seen to below.
  worker.on("error", () => undefined);
  worker.on("stalled", (id) => say(`a worker is gone; its job waits again (${id})`));
  worker.on("lockRenewalFailed", (ids) => active.stop("cut off", ids));

  const heart = new Heart(timing.clock, lockMs, () => active.stop("cut off"));
  const beat = async () => {
    await announce(client, queue, { host, pid, version }, lockMs * 2);
    active.stop("cancelled", await stopsOf(client, queue, active.ids));
    await active.look();
  };
  const beating = setInterval(() => void heart.beat(beat), Math.min(2000, lockMs / 4));
  await announce(client, queue, { host, pid, version }, lockMs * 2);
  say(`listening to ${queue}, ${jobs} at a time`);
  try {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    active.stop("interrupted");
    await worker.close();
  } finally {
    clearInterval(beating);
    clearTimeout(resting);
    if (client.status === "ready")
      await withdraw(client, queue, { host, pid }).catch(() => undefined);
    client.disconnect();
  }
}

/** The task that a queue holds. @throws {ConcordError} for one of another version of Concord. */
function requireTask(data: unknown, { version, host }: WorkerOptions): Task {
  const task = parseTask(data);
  if (!task)
    throw new ConcordError("run/conflict", `the queue holds what no Concord ${version} put there`);
  if (task.concord === version) return task;
  throw new ConcordError(
    "run/conflict",
    `the worker on ${host} has Concord ${version}, and the job was submitted by ${task.concord}`,
  );
}

/** Notices when the server has not answered for as long as locks last. */
class Heart {
  readonly #clock: () => number;
  readonly #lockMs: number;
  readonly #onSilence: () => void;
  #last: number;
  #isBeating = false;

  constructor(clock: () => number, lockMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#lockMs = lockMs;
    this.#onSilence = onSilence;
    this.#last = clock();
  }

  /** A beat that gets no answer stays until it does; meanwhile only time is looked at. */
  async beat(ask: () => Promise<void>): Promise<void> {
    if (this.#clock() - this.#last > this.#lockMs) this.#onSilence();
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      await ask();
      this.#last = this.#clock();
    } catch {
      // The next beat asks again.
    } finally {
      this.#isBeating = false;
    }
  }
}
