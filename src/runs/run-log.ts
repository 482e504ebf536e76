/** @file The run's JSON Lines files, cut back to a checkpoint when a run goes on from it. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import {
  type JsonlAppender,
  openJsonlAppender,
  parseJsonl,
  serializeJsonl,
} from "../formats/jsonl.ts";
import type { RunFolder } from "./run-folder.ts";

export const LOGS = ["metrics.jsonl", "events.jsonl", "timings.jsonl"] as const;
export type LogName = (typeof LOGS)[number];

/** A line of a log: the number of steps that had been taken, and what there is to say. */
export interface LogLine {
  readonly step: number;
  readonly [key: string]: unknown;
}

/** Lines of a log; none when the file does not exist. A torn last line is left out. */
export async function readLog(folder: RunFolder, name: LogName): Promise<LogLine[]> {
  const path = folder.file(name);
  if (!existsSync(path)) return [];
  const text = await readFile(path, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return parseJsonl(whole, path) as LogLine[];
}

export interface RunLogs {
  append(name: LogName, line: LogLine): Promise<void>;
  /** Flushes all logs to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the logs with only the lines of the first `step` steps kept. */
export async function openLogs(folder: RunFolder, step: number): Promise<RunLogs> {
  const appenders = new Map<LogName, JsonlAppender>();
  for (const name of LOGS) {
    const lines = await readLog(folder, name);
    const kept = lines.filter((line) => line.step <= step);
    if (kept.length < lines.length || lines.length === 0)
      await writeFileAtomically(folder.file(name), serializeJsonl(kept));
    appenders.set(name, await openJsonlAppender(folder.file(name)));
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
