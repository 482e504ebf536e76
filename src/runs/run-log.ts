/**
 * @file The run's JSON Lines files, which are cut back to a checkpoint when a run continues from
 *   it.
 */

import { createReadStream, existsSync } from "node:fs";
import { FormatError } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { type JsonlAppender, openJsonlAppender, readJsonl } from "../formats/jsonl.ts";
import { cutJsonl, lastOfJsonl } from "../formats/jsonl-tail.ts";
import { fenceOf } from "../formats/write-fence.ts";
import type { RunFolder } from "./run-folder.ts";

export const LOGS = ["metrics.jsonl", "events.jsonl", "timings.jsonl"] as const;
export type LogName = (typeof LOGS)[number];

/** A line of a log: the number of steps taken, and its content. */
export interface LogLine {
  readonly step: number;
  readonly [key: string]: unknown;
}

/**
 * Lines of a log one after the other, in memory no larger than the longest; none when the file does
 * not exist. A torn last line is left out.
 *
 * @throws {FormatError} for lines that are not of a log; {ConcordError} `file/io`.
 */
export async function* logLines(folder: RunFolder, name: LogName): AsyncGenerator<LogLine> {
  const path = folder.file(name);
  if (!existsSync(path)) return;
  for await (const value of readJsonl(path)) yield asLogLine(value, path);
}

/** The first line of a log; undefined when it has none. */
export async function firstLogLine(folder: RunFolder, name: LogName): Promise<LogLine | undefined> {
  for await (const line of logLines(folder, name)) return line;
  return undefined;
}

/** The last line of a log; undefined when it has none. */
export async function lastLogLine(folder: RunFolder, name: LogName): Promise<LogLine | undefined> {
  const path = folder.file(name);
  if (!existsSync(path)) return undefined;
  const value = await lastOfJsonl(path);
  return value === undefined ? undefined : asLogLine(value, path);
}

function asLogLine(value: unknown, path: string): LogLine {
  if (typeof (value as Partial<LogLine> | null)?.step !== "number")
    throw new FormatError(path, "a line has no step.");
  return value as LogLine;
}

export interface RunLogs {
  append(name: LogName, line: LogLine): Promise<void>;
  /** Flushes all logs to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the logs with only the lines of the first `step` steps kept.
 *
 * @param isLogged Whether a run that does not end there has metrics and timings of `step`; the last
 *   step of one that does always has.
 */
export async function openLogs(folder: RunFolder, step: number, isLogged = true): Promise<RunLogs> {
  const appenders = new Map<LogName, JsonlAppender>();
  for (const name of LOGS) {
    const path = folder.file(name);
    // An earlier attempt that still writes appends to a file that no longer has a name.
    if (fenceOf(path) && existsSync(path)) await writeFileAtomically(path, createReadStream(path));
    const last = isLogged || name === "events.jsonl" ? step : step - 1;
    if (existsSync(path)) await cutJsonl(path, (line) => asLogLine(line, path).step <= last);
    else await writeFileAtomically(path, "");
    appenders.set(name, await openJsonlAppender(path));
  }
  return {
    append: (name, line) => appenders.get(name)!.append(line),
    async sync() {
      for (const appender of appenders.values()) await appender.sync();
    },
    async close() {
      for (const appender of appenders.values()) await appender.close();
    },
  };
}
