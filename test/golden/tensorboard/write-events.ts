/** @file The event files of the log in events.ts, at moments that are always the same. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serializeJsonl } from "../../../src/formats/jsonl.ts";
import { openTensorBoardLogger } from "../../../src/runs/loggers/tensorboard-logger.ts";
import { RunFolder } from "../../../src/runs/run-folder.ts";
import { LINES, momentOf } from "./events.ts";

/** Writes metrics.jsonl and tensorboard/ into `path`. */
export async function writeOurs(path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "metrics.jsonl"), serializeJsonl(LINES));
  let event = 0;
  await openTensorBoardLogger(new RunFolder(path), Infinity, () => new Date(momentOf(event++)));
}
