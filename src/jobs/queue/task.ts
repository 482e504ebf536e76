/** @file What a queue holds of a job, and what workers say of themselves. */

import type { Redis } from "ioredis";
import { z } from "zod";

/** The name of the queue unless told otherwise. */
export const QUEUE = "concord";

const schema = z.object({
  /** The version of Concord that submitted it. */
  concord: z.string(),
  /** Its token, which names folders too. */
  batch: z.string().regex(/^[\w-]+$/),
  /** What a person calls the job. */
  name: z.string(),
  submission: z.int(),
  /** The folder of the batch, and the job's file in it; both absolute. */
  folder: z.string(),
  file: z.string(),
  /** Without a shared file system: the object store, the job itself, and what it reads. */
  store: z
    .object({
      location: z.string(),
      text: z.string(),
      inputs: z.array(z.object({ path: z.string(), content: z.string() })),
    })
    .optional(),
});

/** One submission of a job, as the queue holds it. */
export type Task = z.infer<typeof schema>;

/** @returns undefined for what no Concord submitted. */
export function parseTask(data: unknown): Task | undefined {
  const parsed = schema.safeParse(data);
  return parsed.success ? parsed.data : undefined;
}

/** The same for the same submission, so that none is in the queue twice. */
export function taskId(batch: string, id: string, submission: number): string {
  return `${batch}-${id}-${submission}`;
}

/** Begins the reason of a job that no worker like this one will ever do. */
export const REFUSED = "refused: ";

/** A worker that listens to a queue. */
export interface Presence {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}

const presence = z.object({ host: z.string(), pid: z.number(), version: z.string() });

const presenceKey = (queue: string) => `concord:${queue}:worker:`;

/** Says that a worker is there, for so long. */
export async function announce(client: Redis, queue: string, worker: Presence, ms: number) {
  const key = `${presenceKey(queue)}${worker.host}:${worker.pid}`;
  await client.set(key, JSON.stringify(worker), "PX", ms);
}

/** Takes that back. */
export async function withdraw(
  client: Redis,
  queue: string,
  { host, pid }: Omit<Presence, "version">,
) {
  await client.del(`${presenceKey(queue)}${host}:${pid}`);
}

/** The workers that are there. */
export async function workersOf(client: Redis, queue: string): Promise<Presence[]> {
  const found: Presence[] = [];
  for (let cursor = "0"; ; ) {
    const [next, keys] = await client.scan(cursor, "MATCH", `${presenceKey(queue)}*`, "COUNT", 100);
    for (const text of keys.length > 0 ? await client.mget(keys) : [])
      if (text !== null) found.push(presence.parse(JSON.parse(text)));
    cursor = next;
    if (cursor === "0") return found;
  }
}

const cancelKey = (queue: string, id: string) => `concord:${queue}:cancel:${id}`;
/** Long enough for a worker that was cut off to come back. */
const CANCEL_SECONDS = 7 * 24 * 3600;

/** Asks whoever works on a task to stop. */
export async function requestStop(client: Redis, queue: string, id: string): Promise<void> {
  await client.set(cancelKey(queue, id), "1", "EX", CANCEL_SECONDS);
}

/** Which of these tasks are to stop. */
export async function stopsOf(client: Redis, queue: string, ids: readonly string[]) {
  if (ids.length === 0) return [];
  const values = await client.mget(ids.map((id) => cancelKey(queue, id)));
  return ids.filter((_, i) => values[i] !== null);
}
