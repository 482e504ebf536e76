/** @file Files of `results/`, checked by their schemas when they are read. */

import { existsSync } from "node:fs";
import type { z } from "zod";
import { FormatError } from "../errors.ts";
import { issueText } from "../formats/issue-text.ts";
import type { RunFolder } from "./run-folder.ts";

/**
 * The value, when it is what the schema says.
 *
 * @param where Names the file in messages.
 * @throws {FormatError} naming the key and what was expected there.
 */
export function parseResult<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value, { error: issueText });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new FormatError(where, `${path.map(String).join(".") || "the file"}: ${message}.`);
}

/**
 * `results/<name>.json` of a run; undefined where the run does not have it.
 *
 * @throws {FormatError} naming the file and what is wrong with it.
 */
export async function readResult<T>(
  folder: RunFolder,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const path = folder.file("results", `${name}.json`);
  if (!existsSync(path)) return undefined;
  return parseResult(schema, await folder.readJson(`results/${name}.json`), path);
}
