/** @file The loggers that a config names. */

import type { RunFolder } from "../run-folder.ts";
import { openCsvLogger } from "./csv-logger.ts";
import type { Logger, LoggerName } from "./logger.ts";
import { openTensorBoardLogger } from "./tensorboard-logger.ts";

/**
 * Opens loggers whose files say what metrics.jsonl says of the first `step` steps, which it has
 * been cut back to.
 *
 * @param now The time of day, for formats that hold it.
 */
export async function openLoggers(
  folder: RunFolder,
  names: readonly LoggerName[],
  step: number,
  now: () => Date,
): Promise<Logger> {
  const loggers: Logger[] = [];
  for (const name of new Set(names))
    loggers.push(
      name === "csv" ? await openCsvLogger(folder) : await openTensorBoardLogger(folder, step, now),
    );
  return {
    async log(line) {
      for (const logger of loggers) await logger.log(line);
    },
  };
}
