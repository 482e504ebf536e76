/**
 * @file numbers.json of a study: what every run measured, so that its page can be rendered, and its
 *   verdicts be reckoned again, without the runs.
 */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ConcordError, FormatError, messageOf } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { ioError } from "../../formats/io-error.ts";
import { parseResult } from "../../runs/parse-result.ts";
import type { BenchRecord } from "./study.ts";

const values = z.record(z.string(), z.number());

const numbersSchema = z.strictObject({
  format: z.literal(1),
  /** What computed the runs, each kind once. */
  made_with: z.array(
    z.strictObject({
      concord: z.string(),
      /** The commit of Concord that recorded the numbers, where it is known. */
      commit: z.string().optional(),
      node: z.string(),
      backend: z.string(),
      isa: z.string(),
    }),
  ),
  /** Seconds in training steps, all runs together. */
  training_seconds: z.number().optional(),
  runs: z.array(
    z.strictObject({
      arm: z.string(),
      seed: z.number(),
      numbers: values,
      nulls: values.optional(),
      curves: z
        .record(z.string(), z.strictObject({ x: z.array(z.number()), y: z.array(z.number()) }))
        .optional(),
    }),
  ),
  /** Means of which the values of the single seeds were not kept. */
  summaries: z
    .array(
      z.strictObject({
        arm: z.string(),
        measure: z.string(),
        mean: z.number(),
        /** Half the width of the 95 % interval over `n` seeds. */
        half: z.number().optional(),
        n: z.number(),
      }),
    )
    .optional(),
});

/** numbers.json, as it stands. */
export type StudyNumbers = z.infer<typeof numbersSchema>;

/** More digits than a seed is good for say nothing. */
const DIGITS = 7;

/** Rounds to the digits that numbers.json keeps, so that a page is the same before and after. */
export function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

async function textOf(path: string, hint: string): Promise<string> {
  if (!existsSync(path))
    throw new ConcordError("file/missing", `There are no numbers yet: ${path} is missing.`, {
      hint,
    });
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

/**
 * Reads numbers.json.
 *
 * @throws {ConcordError} `file/missing`; {FormatError} when it is something else.
 */
export async function readStudyNumbers(path: string): Promise<StudyNumbers> {
  const text = await textOf(path, "concord study run trains the runs and writes it.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `not JSON: ${messageOf(error)}`);
  }
  return parseResult(numbersSchema, value, path);
}

const list = (items: readonly unknown[]) =>
  items.length === 0 ? "[]" : `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]`;

/** numbers.json as text: a line for each run. */
export function studyNumbersText(numbers: StudyNumbers): string {
  const { format, made_with, training_seconds, runs, summaries } = numbers;
  const parts = [`"format": ${format}`, `"made_with": ${list(made_with)}`];
  if (training_seconds !== undefined) parts.push(`"training_seconds": ${training_seconds}`);
  parts.push(`"runs": ${list(runs)}`);
  if (summaries !== undefined) parts.push(`"summaries": ${list(summaries)}`);
  return `{\n${parts.join(",\n")}\n}\n`;
}

/** Writes numbers.json, whole or not at all. */
export async function writeStudyNumbers(path: string, numbers: StudyNumbers): Promise<void> {
  await writeFileAtomically(path, studyNumbersText(numbers));
}

/**
 * Reads the lines that a bench printed; what does not begin with a brace is its other output.
 *
 * @throws {ConcordError} `file/missing`; {FormatError} for lines that are not JSON, and for none.
 */
export async function readBenchLines(path: string, command: string): Promise<BenchRecord[]> {
  const text = await textOf(path, `${command} > ${path}`);
  const lines = text.split("\n").flatMap((line, i): BenchRecord[] => {
    if (!line.startsWith("{")) return [];
    try {
      return [JSON.parse(line) as BenchRecord];
    } catch (error) {
      throw new FormatError(`${path}:${i + 1}`, `not JSON: ${messageOf(error)}`);
    }
  });
  if (lines.length === 0)
    throw new FormatError(path, "holds no lines of a bench.", { hint: `${command} > ${path}` });
  return lines;
}
