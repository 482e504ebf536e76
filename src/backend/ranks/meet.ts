/**
 * @file How ranks find each other: files in a folder that all of them see. What ranks that were
 *   killed left there is of another attempt and misleads nobody.
 *
 * Rank 0 calls under a name that nobody used before. The others answer every call with a mark of
 * their own, and start where rank 0 lists their mark.
 *
 *   <attempt>/call.json   rank-1.json  rank-2.json   start.json   gloo/
 */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { systemCode } from "../../formats/io-error.ts";

/** Which rank meets the others, and how long it waits for them. */
export interface MeetOptions {
  readonly rank: number;
  readonly size: number;
  readonly timeoutMs: number;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** What a rank answers a call with. */
interface Answer {
  readonly mark: string;
  readonly size: number;
}

/** Between two looks at the folder. */
const POLL_MS = 50;

async function readAnswer<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

const write = (path: string, value: unknown) => writeFileAtomically(path, JSON.stringify(value));

/** Looks until `look` finds something. @throws what `tooLate` gives when the time is over. */
async function poll<T>(
  { clock, sleep, timeoutMs, signal }: MeetOptions,
  look: () => Promise<T | undefined>,
  tooLate: () => ConcordError,
): Promise<T> {
  const end = clock() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (signal?.aborted)
      throw new ConcordError("interrupted", "Interrupted while waiting for other ranks.");
    if (clock() > end) throw tooLate();
    await sleep(POLL_MS);
  }
}

async function call(folder: string, options: MeetOptions): Promise<string> {
  const { size, timeoutMs } = options;
  const attempt = join(folder, randomUUID());
  await mkdir(join(attempt, "gloo"), { recursive: true });
  await write(join(attempt, "call.json"), { size });
  const marks = new Map<number, string>();
  const missing = () =>
    Array.from({ length: size - 1 }, (_, i) => i + 1).filter((rank) => !marks.has(rank));
  const look = async () => {
    for (const rank of missing()) {
      const answer = await readAnswer<Answer>(join(attempt, `rank-${rank}.json`));
      if (!answer) continue;
      if (answer.size !== size)
        throw new ConcordError(
          "argument/invalid",
          `Rank ${rank} was started with --ranks ${answer.size}, and rank 0 with --ranks ${size}.`,
        );
      marks.set(rank, answer.mark);
    }
    return missing().length === 0 ? [...marks.values()] : undefined;
  };
  const tooLate = () =>
    new ConcordError(
      "network/failed",
      `Rank ${missing().join(", ")} of ${size} did not come within ${timeoutMs / 1000} s.`,
      {
        hint: "Start every rank with the same --ranks, config and runs folder, which all machines must see.",
      },
    );
  await write(join(attempt, "start.json"), await poll(options, look, tooLate));
  return attempt;
}

async function answer(folder: string, options: MeetOptions): Promise<string> {
  const { rank, size, timeoutMs } = options;
  const mark = randomUUID();
  const answered = new Set<string>();
  const look = async () => {
    const attempts = existsSync(folder) ? await readdir(folder) : [];
    for (const name of attempts) {
      const attempt = join(folder, name);
      const marks = await readAnswer<string[]>(join(attempt, "start.json"));
      if (marks?.includes(mark)) return attempt;
      const isCall = existsSync(join(attempt, "call.json"));
      if (answered.has(name) || !isCall) continue;
      answered.add(name);
      const own = { mark, size } satisfies Answer;
      await write(join(attempt, `rank-${rank}.json`), own).catch((error: unknown) => {
        // Rank 0 removes an attempt of before.
        if (!(error instanceof ConcordError && error.code === "file/missing")) throw error;
      });
    }
    return undefined;
  };
  const tooLate = () =>
    new ConcordError(
      "network/failed",
      `Rank 0 did not call rank ${rank} in ${folder} within ${timeoutMs / 1000} s.`,
      {
        hint: "Rank 0 may have ended with a message of its own, or write to another folder: all machines must see the same runs folder.",
      },
    );
  return poll(options, look, tooLate);
}

/** Removes what rank 0 has made to meet the others, who may be answering it. */
export async function leave(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

/**
 * Waits until all ranks are there.
 *
 * @param folder One that all ranks see; only rank 0 makes it.
 * @returns The folder of this attempt, whose `gloo` is empty. Rank 0 calls `leave` once all are
 *   connected.
 * @throws {ConcordError} "network/failed" naming the ranks that did not come in time;
 *   "argument/invalid" when a rank expects another number of ranks.
 */
export async function meet(folder: string, options: MeetOptions): Promise<string> {
  if (options.rank > 0) return answer(folder, options);
  await leave(folder);
  try {
    return await call(folder, options);
  } catch (error) {
    await leave(folder);
    throw error;
  }
}
