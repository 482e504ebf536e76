/**
 * @file metrics.csv: one line per log point and member, with the same columns for every run. Its
 *   bytes follow from metrics.jsonl, so a continued run rewrites it up to the point where it
 *   stopped.
 */

import { appendFile } from "node:fs/promises";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { ioError } from "../../formats/io-error.ts";
import { csvField } from "../../formats/text/csv-field.ts";
import { requireWritable } from "../../formats/write-fence.ts";
import type { RunFolder } from "../run-folder.ts";
import { type LogLine, logLines } from "../run-log.ts";
import { type Logger, lineNumbers } from "./logger.ts";

const CSV_FILE = "metrics.csv";

/** Numbers of a member, in the order of the columns. */
const MEMBER_COLUMNS = [
  "loss",
  "fvu",
  "mse",
  "l0",
  "l1",
  "dead",
  "lr",
  "aux_loss",
  "gradient_norm",
  "activity_score",
  "gt_mcc",
  "gt_mcc_null",
] as const;

/** Numbers of the population, the same in the lines of all its members. */
const POPULATION_COLUMNS = ["coupling_loss", "pw_mcc", "pw_mcc_null"] as const;

/**
 * The columns; a cell is empty where there is no such number, or it is not finite. The last three
 * are the population's.
 */
export const CSV_COLUMNS = [
  "step",
  "activations",
  "member",
  ...MEMBER_COLUMNS,
  ...POPULATION_COLUMNS,
] as const;

/** The lines that a line of metrics.jsonl makes. */
function csvLines(line: LogLine): string {
  const { step, population, members } = lineNumbers(line);
  const number = (value: number | undefined) => (value === undefined ? "" : String(value));
  return [...members]
    .map(([name, numbers]) => {
      const cells = [
        String(step),
        number(population.get("activations")),
        csvField(name),
        ...MEMBER_COLUMNS.map((key) => number(numbers.get(key))),
        ...POPULATION_COLUMNS.map((key) => number(population.get(key))),
      ];
      return `${cells.join(",")}\n`;
    })
    .join("");
}

/** Opens metrics.csv with the lines that metrics.jsonl has. @throws {ConcordError} `file/io`. */
export async function openCsvLogger(folder: RunFolder): Promise<Logger> {
  const path = folder.file(CSV_FILE);
  const encoder = new TextEncoder();
  async function* content() {
    yield encoder.encode(`${CSV_COLUMNS.join(",")}\n`);
    for await (const line of logLines(folder, "metrics.jsonl"))
      yield encoder.encode(csvLines(line));
  }
  await writeFileAtomically(path, content());
  return {
    async log(line) {
      await requireWritable(path);
      try {
        await appendFile(path, csvLines(line));
      } catch (error) {
        throw ioError(error, "write", path);
      }
    },
  };
}
