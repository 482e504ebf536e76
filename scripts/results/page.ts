/**
 * @file A page of results as Markdown: tables of means with their intervals, sentences about them,
 *   pictures beside it.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { MeanInterval } from "../../src/base/statistics/mean-interval.ts";
import { columnDecimals, count, fixed } from "../../src/figures/number-text.ts";
import { standaloneSvg } from "../../src/figures/palette.ts";
import type { ArmRun } from "./arm-runs.ts";
import type { Measure } from "./measures.ts";

const FOLDER = resolve(import.meta.dirname, "../../docs/results");

function half({ low, high }: MeanInterval): number | undefined {
  return low === undefined || high === undefined ? undefined : (high - low) / 2;
}

/** More decimals than this say nothing here. */
const MOST_DECIMALS = 4;

/** Mean ± half its interval, the interval with two significant digits. */
export function interval(value: MeanInterval | undefined, signed = false, factor = 1): string {
  if (!value) return "–";
  const width = half(value);
  const shown = value.mean * factor;
  const decimals =
    width !== undefined && width > 0
      ? columnDecimals([width * factor], 2, MOST_DECIMALS)
      : columnDecimals([shown], 3, MOST_DECIMALS);
  const plus = signed && shown > 0 ? "+" : "";
  const least = 10 ** -decimals;
  const tiny = width !== undefined && width > 0 && width * factor < least / 2;
  const around =
    width === undefined
      ? ""
      : ` ± ${tiny ? `<${fixed(least, decimals)}` : fixed(width * factor, decimals)}`;
  return `${plus}${fixed(shown, decimals)}${around}`;
}

/** The same as percent. */
export function percent(value: MeanInterval | undefined, signed = false): string {
  return value ? `${interval(value, signed, 100)} %` : "–";
}

/**
 * Whether a difference is told apart from none: 1 above, −1 below, 0 when its interval includes 0.
 */
export function direction(difference: MeanInterval | undefined): -1 | 0 | 1 | undefined {
  const { low, high } = difference ?? {};
  if (low === undefined || high === undefined) return undefined;
  return low > 0 ? 1 : high < 0 ? -1 : 0;
}

/** A table; the first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|---|${"---:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");
}

/** Space around a picture that stands alone, in its units. */
const MARGIN = 14;

/**
 * A figure as a file of its own, light or dark on a surface that it brings. @param scale Pixels to
 * a unit.
 */
export function onSurface(svg: string, scale = 1.4): string {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
  const [w, h] = [Number(width) + 2 * MARGIN, Number(height) + 2 * MARGIN];
  const box = `viewBox="${-MARGIN} ${-MARGIN} ${w} ${h}"`;
  const surface = `<rect x="${-MARGIN}" y="${-MARGIN}" width="${w}" height="${h}" style="fill:var(--fig-surface)"/>`;
  const whole = standaloneSvg(svg)
    .replace(/viewBox="[^"]*"/, `${box} width="${scale * w}"`)
    .replace("</style>", `</style>${surface}`);
  return `${whole}\n`;
}

/** Writes a figure into the page's folder. @returns What shows it on the page. */
export function picture(svg: string, name: string, alternative: string): string {
  const file = join(FOLDER, "images", `${name}.svg`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, onSurface(svg));
  return `![${alternative}](images/${name}.svg)`;
}

/** What computed the runs, how long it took, and how to do it again. */
export function provenance(runs: readonly ArmRun[], script: string): string {
  const distinct = (of: (run: ArmRun) => string) => [...new Set(runs.map(of))].join("; ");
  const seconds = runs.reduce(
    (sum, { data }) => sum + data.record.measured!["training_seconds"]!,
    0,
  );
  return [
    `${count(runs.length)} runs, ${fixed(seconds / 60, 0)} minutes of training by the clock, much of it side by side and on a busy machine:`,
    `${distinct(({ data: { record } }) => `Concord ${record.versions["concord"]}, Node ${record.versions["node"]}, ${record.backend.name} backend on ${record.backend.isa}`)}.`,
    `Every number and every verdict on this page is computed from the runs' files by \`npx tsx scripts/results/${script}.ts\`, which`,
    `trains the runs that are missing (\`--runs\` names their folder, \`--no-train\` only reads). The numbers of every run: [${script}.json](${script}.json).`,
  ].join("\n");
}

/** Writes docs/results/<name>.json: what every run measured, for those who want to reckon again. */
export function writeNumbers(
  name: string,
  runs: readonly ArmRun[],
  measures: Readonly<Record<string, Measure>>,
): void {
  mkdirSync(FOLDER, { recursive: true });
  const lines = runs.map((run) => {
    const numbers = Object.entries(measures).flatMap(([key, measure]) => {
      const found = measure.of(run);
      return found ? [[key, Number(found.value.toPrecision(7))] as const] : [];
    });
    return JSON.stringify({ arm: run.arm.name, seed: run.seed, ...Object.fromEntries(numbers) });
  });
  writeFileSync(join(FOLDER, `${name}.json`), `[\n${lines.join(",\n")}\n]\n`);
}

/** Writes docs/results/<name>.md. */
export function writePage(name: string, parts: readonly string[]): void {
  mkdirSync(FOLDER, { recursive: true });
  const note = `<!-- Generated by scripts/results/${name}.ts from its runs: change it there. -->`;
  const [title, ...rest] = parts;
  const file = join(FOLDER, `${name}.md`);
  writeFileSync(file, `${[title, note, ...rest].join("\n\n")}\n`);
  console.log(file);
}
