/**
 * @file Event files for TensorBoard, a folder for each member so that its charts lie over each
 *   other:
 *
 *   tensorboard/<member>/events.out.tfevents.concord     loss, fvu, mse, …
 *   tensorboard/events.out.tfevents.concord              coupling_loss, activations
 *
 * Events carry the time of day, so their bytes depend on the moment. A run that goes on keeps the
 * events of the steps that it keeps, and adds those that a kill lost.
 */

import { existsSync } from "node:fs";
import { appendFile, readdir, readFile, truncate } from "node:fs/promises";
import { ioError } from "../../formats/io-error.ts";
import { eventPrefix, eventRecord, versionRecord } from "../../formats/tfevents.ts";
import { requireWritable } from "../../formats/write-fence.ts";
import type { RunFolder } from "../run-folder.ts";
import { type LogLine, logLines } from "../run-log.ts";
import { type Logger, lineNumbers } from "./logger.ts";

const TENSORBOARD_FOLDER = "tensorboard";
const FILE = "events.out.tfevents.concord";

/**
 * Cuts an event file back to the first `step` steps. @returns The last step that it has then;
 * undefined for an empty file.
 */
async function cutBack(path: string, step: number): Promise<number | undefined> {
  const { bytes, lastStep } = eventPrefix(await readFile(path), step);
  await truncate(path, bytes);
  return bytes === 0 ? undefined : lastStep;
}

/**
 * Opens the event files, with the events of the first `step` steps that metrics.jsonl has.
 *
 * @param now The time of day.
 * @throws {ConcordError} `file/io`.
 */
export async function openTensorBoardLogger(
  folder: RunFolder,
  step: number,
  now: () => Date,
): Promise<Logger> {
  const root = folder.file(TENSORBOARD_FOLDER);
  /** The last step of every file, by the member it is of; the population's by "". */
  const last = new Map<string, number>();
  const guarded = async <T>(path: string, operation: Promise<T>): Promise<T> => {
    try {
      return await operation;
    } catch (error) {
      throw ioError(error, "write", path);
    }
  };
  if (existsSync(root)) {
    const names = await guarded(root, readdir(root, { withFileTypes: true }));
    const members = names.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    for (const name of ["", ...members]) {
      const path = folder.file(TENSORBOARD_FOLDER, name, FILE);
      const kept = existsSync(path) ? await guarded(path, cutBack(path, step)) : undefined;
      if (kept !== undefined) last.set(name, kept);
    }
  }
  const append = async (name: string, line: LogLine, numbers: ReadonlyMap<string, number>) => {
    const known = last.get(name);
    if (numbers.size === 0 || (known !== undefined && known >= line.step)) return;
    const wallTime = now().getTime() / 1000;
    const event = eventRecord({ wallTime, step: line.step, scalars: [...numbers] });
    if (known === undefined) await folder.makeFolder(TENSORBOARD_FOLDER, name);
    const bytes = known === undefined ? Buffer.concat([versionRecord(wallTime), event]) : event;
    const path = folder.file(TENSORBOARD_FOLDER, name, FILE);
    await requireWritable(path);
    await guarded(path, appendFile(path, bytes));
    last.set(name, line.step);
  };
  const log = async (line: LogLine) => {
    const { population, members } = lineNumbers(line);
    await append("", line, population);
    for (const [name, numbers] of members) await append(name, line, numbers);
  };
  for await (const line of logLines(folder, "metrics.jsonl")) await log(line);
  return { log };
}
