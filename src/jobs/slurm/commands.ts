/** @file Slurm's own programs: how they are called, and what they answer. */

import { execFile } from "node:child_process";
import { ConcordError } from "../../errors.ts";

/** How a program of Slurm ended. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls programs of Slurm. */
export type Ask = (program: string, args: readonly string[], input?: string) => Promise<Answer>;

/** A program that does not answer is given up after this long. */
const TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 2 ** 28;

/** Calls programs with these variables. */
export function askSlurm(env: Readonly<Record<string, string | undefined>>): Ask {
  const options = { env: { ...env }, timeout: TIMEOUT_MS, maxBuffer: MAX_ANSWER_BYTES };
  return (program, args, input) =>
    new Promise((settle) => {
      const child = execFile(program, [...args], options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        settle({ code, stdout, stderr: stderr || (error?.message ?? "") });
      });
      // A program that is not there reads nothing.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input ?? "");
    });
}

/** What a program complained of, in one line, without its own name. */
export function complaint({ stderr, code }: Answer): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^\w+: (error: )?/, "").trim());
  return lines.find((line) => line !== "") ?? `it ended with code ${code}`;
}

/** The error of a program that Slurm refused. */
export function refusal(
  what: string,
  answer: Answer,
  hint = "docs/cluster.md says how partition, account and time are set.",
): ConcordError {
  const why = complaint(answer);
  const areApart = /expired credential|rewound credential|munge.*(expired|rewound)/i.test(
    answer.stderr,
  );
  if (areApart)
    return new ConcordError(
      "job/failed",
      `${what}: the clocks of the cluster are apart (${why}).`,
      {
        hint: "Set the clock of this machine; munge accepts a difference of five minutes.",
      },
    );
  return new ConcordError("job/failed", `${what}: ${why}`, { hint });
}

/** A task of an array that waits or runs. */
export interface QueuedTask {
  /** `<id of the array>_<index>`. */
  readonly task: string;
  readonly state: string;
  readonly reason: string;
}

/** The lines of `squeue -h -r -o "%F|%K|%T|%r"`. */
export function parseQueue(text: string): QueuedTask[] {
  return text.split("\n").flatMap((line) => {
    const [id, index, state, reason = ""] = line.trim().split("|");
    return state === undefined ? [] : [{ task: `${id}_${index}`, state, reason }];
  });
}

/** How a task ended, as Slurm knows it. */
export interface EndedTask {
  /** `COMPLETED`, `FAILED`, `OUT_OF_MEMORY`, … */
  readonly state: string;
  readonly exitCode: number;
  readonly node: string;
}

/** The lines of `sacct -X -n -P -o JobID,State,ExitCode,NodeList`, by task. */
export function parseAccounting(text: string): Map<string, EndedTask> {
  const found = new Map<string, EndedTask>();
  for (const line of text.split("\n")) {
    const [task, state, exit, node = ""] = line.split("|");
    if (!task || !state) continue;
    found.set(task, {
      state: state.split(" ")[0]!,
      exitCode: Number.parseInt(exit ?? "", 10),
      node,
    });
  }
  return found;
}

/** The records of `scontrol show job`, by task: for clusters that keep no accounts. */
export function parseJobs(text: string): Map<string, EndedTask> {
  const found = new Map<string, EndedTask>();
  for (const record of text.split(/\n\s*\n/)) {
    const key = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(record)?.[1];
    const [id, index, state] = ["ArrayJobId", "ArrayTaskId", "JobState"].map(key);
    if (!id || !index || !state) continue;
    const exitCode = Number.parseInt(key("ExitCode") ?? "", 10);
    found.set(`${id}_${index}`, { state, exitCode, node: key("NodeList") ?? "" });
  }
  return found;
}
