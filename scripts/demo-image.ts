// Writes docs/images/demo.svg, the picture of the README, from a finished run of configs/demo.yaml:
//   npm run demo && npx tsx scripts/demo-image.ts runs/demo
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { valueAt as setting } from "../src/base/json.ts";
import { fixed, significant } from "../src/figures/number-text.ts";
import { onSurface } from "../src/figures/on-surface.ts";
import { COLOURS } from "../src/figures/palette.ts";
import { inset } from "../src/figures/plot/own-marks.ts";
import { renderFigure } from "../src/figures/plot/render.ts";
import type { Specification } from "../src/figures/plot/specification.ts";
import { placedTexts } from "../src/figures/plot/texts.ts";
import { FIGURE_WIDTH } from "../src/figures/svg.ts";
import { type RunData, readRunData } from "../src/report/run-data.ts";
import { pairMap } from "../src/report/run-figures.ts";
import { listRuns } from "../src/runs/run-folder.ts";

const FILE = resolve(import.meta.dirname, "../docs/images/demo.svg");
/** Between two panels, and for the lines above each. */
const GAP = 36;
const HEAD = 58;

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v / values.length, 0);
}

/** What a panel is of, and what it says in numbers. */
function headLines(data: RunData): string[] {
  const { evaluation, consistency, config } = data;
  const inside = evaluation!.members.filter((m) => m.coupled);
  const weight = Number(setting(config, "coupling.weight"));
  const among = mean(consistency!.pairs.map((p) => p.mcc));
  const outside = mean((consistency!.independent ?? []).map((p) => p.mcc));
  return [
    weight > 0
      ? `Coupled by MFR of weight ${significant(weight)}`
      : "Each trained alone, on the same data",
    `Mean of pairs ${fixed(among, 3)}, with the independent one ${fixed(outside, 3)}`,
    `Variance unexplained ${fixed(mean(inside.map((m) => m.metrics["fvu"]!)), 3)}`,
  ];
}

/** Runs side by side, each with its lines above the heat map of its pairs. */
function panels(runs: readonly RunData[]): Specification {
  return {
    title: "Agreement of sparse autoencoders of a language model",
    description: runs.map((run) => headLines(run).join("; ")).join(". "),
    options: (plot, width) => {
      const maps = runs.map((run) => pairMap(run)!.options(plot, FIGURE_WIDTH));
      const left = (i: number) => i * (FIGURE_WIDTH + GAP);
      const texts = runs.flatMap((run, i) =>
        headLines(run).map((text, row) => ({
          text,
          x: left(i),
          y: 8 + 18 * row,
          strong: row === 0,
          fill: row === 0 ? COLOURS.ink : COLOURS.quiet,
        })),
      );
      return {
        width,
        height: HEAD + Math.max(...maps.map(({ height }) => height!)),
        marks: [
          placedTexts(plot, texts),
          ...maps.map((map, i) => inset(plot, map, { x: left(i), y: HEAD })),
        ],
      };
    },
  };
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("Expected the folder of the finished sweep.");
const runs = await Promise.all((await listRuns(path)).map(readRunData));
const width = runs.length * FIGURE_WIDTH + (runs.length - 1) * GAP;
mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, onSurface(renderFigure(panels(runs), width), 1));
console.log(join("docs/images", "demo.svg"));
