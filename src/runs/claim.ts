/**
 * @file Who may write a run's folder when several processes were started for the same run: the one
 *   that began last.
 *
 *   claims/000001.json   {"batch", "submission", "host", "pid"}: a file for each that began
 *
 * The number of a claim is that of the attempt. A file that only one process can create decides it,
 * which shared file systems guarantee as well. Nothing depends on clocks or on leases.
 */

import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../errors.ts";
import { ioError, systemCode } from "../formats/io-error.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { raiseFence, type WriteFence } from "../formats/write-fence.ts";

/** Why a process was started: the jobs it belongs to, and how often its job was handed out. */
export interface Submission {
  /** Names the jobs that were planned together, once and for all. */
  readonly batch: string;
  /** Counts from 1. */
  readonly number: number;
}

/** A claim that holds until another process claims the folder. */
export interface Claim extends WriteFence {
  /** Ends the fence of this process; the claim itself stays on disk. */
  release(): void;
}

const FOLDER = "claims";
const NAME = /^(\d{6,})\.json$/;

const nameOf = (attempt: number) => `${String(attempt).padStart(6, "0")}.json`;

/** The numbers of all claims, ascending; none where the folder has none. */
async function attemptsIn(path: string): Promise<number[]> {
  try {
    const names = await readdir(path);
    const numbers = names.flatMap((name) => NAME.exec(name)?.[1] ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw ioError(error, "list", path);
  }
}

function superseded(folder: string, attempt: string, by: string): ConcordError {
  return new ConcordError("run/superseded", `${attempt} of ${folder} stops: ${by} took it over.`, {
    hint: "Nothing is lost: whoever took it over goes on from the last checkpoint.",
  });
}

/** The submission that a claim was made for; undefined for one that was not written to its end. */
async function submissionOf(path: string): Promise<Submission | undefined> {
  try {
    const file = await open(path, "r");
    try {
      const { batch, submission } = JSON.parse(await file.readFile("utf8"));
      return { batch: String(batch), number: Number(submission) };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Claims a folder, and fences what this process writes there from now on.
 *
 * @param folder Of a run, or of whatever one process at a time is to write; it is made.
 * @throws {ConcordError} `run/superseded` when a later submission of the same batch has begun
 *   already; `file/io`.
 */
export async function claimFolder(
  folder: string,
  submission: Submission,
  { host, pid }: { readonly host: string; readonly pid: number },
): Promise<Claim> {
  const path = join(folder, FOLDER);
  await makeFolder(path);
  for (;;) {
    const taken = await attemptsIn(path);
    const newest = taken.at(-1) ?? 0;
    const last = newest > 0 ? await submissionOf(join(path, nameOf(newest))) : undefined;
    if (last && last.batch === submission.batch && last.number > submission.number)
      throw superseded(folder, `Submission ${submission.number}`, `submission ${last.number}`);
    const attempt = newest + 1;
    const file = join(path, nameOf(attempt));
    const { batch, number } = submission;
    try {
      const handle = await open(file, "wx");
      try {
        await handle.writeFile(`${JSON.stringify({ batch, submission: number, host, pid })}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (systemCode(error) === "EEXIST") continue;
      throw ioError(error, "write", file);
    }
    const fence: WriteFence = {
      attempt,
      async check() {
        const now = (await attemptsIn(path)).at(-1);
        if (now === attempt) return;
        throw superseded(folder, `Attempt ${attempt}`, now ? `attempt ${now}` : "another process");
      },
    };
    return { ...fence, release: raiseFence(folder, fence) };
  }
}
