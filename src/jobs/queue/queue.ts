/**
 * @file Jobs in a queue of Redis, for people without a cluster: `concord worker` on each machine
 *   takes them. A machine that is lost loses its job to another.
 */

import { resolve } from "node:path";
import type { Queue, Job as QueuedJob } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import { ConcordError, ConfigError } from "../../errors.ts";
import { runFolder } from "../../experiments/open-run.ts";
import type { ObjectStore } from "../../fetch/objects/object-store.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { statusFile } from "../batch.ts";
import { type Job, jobText } from "../job.ts";
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
import { openJobStore, sendInputs } from "../store/job-store.ts";
import { storedRun } from "../store/run-sync.ts";
import { loadQueueLibraries, openRedis, parseRedis, showRedis, tryRedis } from "./redis.ts";
import { QUEUE, REFUSED, requestStop, type Task, taskId, workersOf } from "./task.ts";

const schema = z.strictObject({
  redis: z
    .string()
    .optional()
    .describe("Address of the Redis server, `redis://host:6379`. Default: CONCORD_REDIS"),
  queue: z
    .string()
    .regex(/^[\w.-]+$/, "letters, digits, points and dashes")
    .default(QUEUE)
    .describe("Name of the queue, the same for `concord worker`"),
  store: z
    .string()
    .optional()
    .describe(
      "Object store for runs and activations, `s3://bucket/prefix`, where machines share no folder. The account comes from AWS_ACCESS_KEY_ID and others",
    ),
});

type Settings = z.infer<typeof schema>;

/** Between two looks at the queue. */
const POLL_MS = 1000;
/** How often a job that could not be done is tried again before the watcher hears of it. */
const ATTEMPTS = 3;
const BACKOFF_MS = 1000;
/** How long a queue remembers jobs that have ended, for a watcher that comes back. */
const KEPT_SECONDS = 7 * 24 * 3600;

class QueueLauncher implements Launcher {
  readonly pollMs = POLL_MS;
  readonly #url: URL;
  readonly #name: string;
  readonly #location: string | undefined;
  readonly #machine: LauncherMachine;
  #store: ObjectStore | undefined;
  #opened: { readonly client: Redis; readonly queue: Queue } | undefined;

  constructor(url: URL, { queue: name, store }: Settings, machine: LauncherMachine) {
    this.#url = url;
    this.#name = name;
    this.#location = store;
    this.#machine = machine;
  }

  async #open() {
    if (this.#opened) return this.#opened;
    const client = await openRedis(this.#url, this.#machine.say);
    const { bullmq } = await loadQueueLibraries();
    const queue = new bullmq.Queue(this.#name, { connection: client });
    // The client says it.
    queue.on("error", () => undefined);
    this.#opened = { client, queue };
    return this.#opened;
  }

  /** The object store; undefined where folders are shared. Tried when it is first asked for. */
  async #openStore(): Promise<ObjectStore | undefined> {
    if (this.#location === undefined || this.#store) return this.#store;
    const { clock, now, sleep, random, env, say } = this.#machine;
    const timing = { clock, now, random, sleep };
    this.#store = await openJobStore(this.#location, env, { timing });
    for (const line of this.#store.notices) say(line);
    return this.#store;
  }

  async check(): Promise<void> {
    for (const line of await tryRedis(this.#url)) this.#machine.say(line);
    await this.#openStore();
    const { client } = await this.#open();
    const workers = await workersOf(client, this.#name);
    const { version, say } = this.#machine;
    const other = workers.find((worker) => worker.version !== version);
    if (other) {
      await this.close();
      throw new ConcordError(
        "run/conflict",
        `The worker on ${other.host} (process ${other.pid}) has Concord ${other.version}; this is ${version}.`,
        { hint: "Install the same version on all machines, or use another queue (--job queue=…)." },
      );
    }
    if (workers.length === 0)
      say(
        `no worker listens to ${this.#name} at ${showRedis(this.#url)} yet; jobs wait until concord worker runs somewhere`,
      );
  }

  async preview(_: BatchPlace, jobs: readonly Handout[]): Promise<string> {
    return `${jobs.length} jobs for the queue ${this.#name} at ${showRedis(this.#url)}.`;
  }

  async submit(
    { token, folder }: BatchPlace,
    jobs: readonly Handout[],
  ): Promise<ReadonlyMap<string, string>> {
    const { queue } = await this.#open();
    const handles = new Map<string, string>();
    const { version, host } = this.#machine;
    const store = await this.#openStore();
    for (const { job, file, submission } of jobs) {
      const jobId = taskId(token, job.id, submission);
      const { name } = job;
      const task: Task = { concord: version, batch: token, name, submission, folder, file };
      if (store && this.#location !== undefined) {
        const inputs = await sendInputs(store, job, host);
        task.store = { location: this.#location, text: jobText(job), inputs };
      }
      const backoff = { type: "exponential", delay: BACKOFF_MS };
      // A jobId that the queue knows adds nothing.
      const kept = { age: KEPT_SECONDS };
      const rest = { backoff, removeOnComplete: kept, removeOnFail: kept };
      await queue.add(job.kind, task, { jobId, attempts: ATTEMPTS, ...rest });
      handles.set(job.id, jobId);
    }
    return handles;
  }

  async poll(place: BatchPlace, jobs: readonly HandedOut[]): Promise<ReadonlyMap<string, Polled>> {
    const { queue } = await this.#open();
    const store = await this.#openStore();
    const found = new Map<string, Polled>();
    for (const { job, submission, handle } of jobs) {
      const path = statusFile(place.folder, job.id);
      const queued: QueuedJob<Task> | undefined = await queue.getJob(handle);
      // Without a shared folder the queue carries what a job says of itself.
      if (store && typeof queued?.progress === "string")
        await writeFileAtomically(path, queued.progress);
      const said = await readStatus(path);
      const status = said?.submission === submission ? said : undefined;
      const stand = await standOf(queued);
      if (store && stand.state === "ended" && status?.state === "finished")
        await this.#receive(store, job);
      found.set(job.id, { ...stand, status });
    }
    return found;
  }

  /** Brings a finished run to where this machine looks for it. */
  async #receive(store: ObjectStore, job: Job): Promise<void> {
    if (job.kind !== "run") return;
    const { config } = job.run.planned;
    await storedRun(store, config.name).pull(resolve(job.cwd, runFolder(config).path));
  }

  async cancel(_: BatchPlace, jobs: readonly HandedOut[]): Promise<void> {
    const { client, queue } = await this.#open();
    for (const { handle } of jobs) {
      // First, for a worker may take it meanwhile.
      await requestStop(client, this.#name, handle);
      const queued = await queue.getJob(handle);
      // A job that is being worked on is locked, and stays until its worker has heard.
      await queued?.remove().catch(() => undefined);
    }
  }

  async leave(): Promise<boolean> {
    await this.close();
    return true;
  }

  async close(): Promise<void> {
    const { client, queue } = this.#opened ?? {};
    this.#opened = undefined;
    await queue?.close();
    client?.disconnect();
  }
}

/** Where a job of the queue stands. */
async function standOf(
  queued: QueuedJob<Task> | undefined,
): Promise<Pick<Polled, "state" | "reason" | "isLasting">> {
  const state = await queued?.getState();
  switch (state) {
    case undefined:
    case "unknown":
      return { state: "ended", reason: "the queue no longer has it" };
    case "active":
      return { state: "running" };
    case "completed":
      return { state: "ended" };
    case "failed": {
      const reason = queued?.failedReason ?? "";
      const isLasting = reason.startsWith(REFUSED);
      return {
        state: "ended",
        reason: isLasting ? reason.slice(REFUSED.length) : reason,
        isLasting,
      };
    }
    default:
      return { state: "waiting" };
  }
}

/** @throws {ConfigError} for an address with a password: it would be kept with the batch. */
function urlOf({ redis }: Settings, env: LauncherMachine["env"]): URL {
  const url = parseRedis(redis ?? env["CONCORD_REDIS"]);
  if (redis !== undefined && url.password !== "")
    throw new ConfigError("The key redis has a password, which would be kept with the jobs.", {
      hint: "Set CONCORD_REDIS to the address with the password instead, and leave the key out.",
    });
  return url;
}

/** Workers on any machines, fed by a Redis server. */
export const queue: LauncherKind<Settings> = {
  name: "queue",
  schema,
  open: async (settings, machine) =>
    new QueueLauncher(urlOf(settings, machine.env), settings, machine),
};
