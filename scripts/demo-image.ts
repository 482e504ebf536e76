// Writes docs/images/demo.svg, the picture of the README, from a finished run of configs/demo.yaml:
//   npm run demo && npx tsx scripts/demo-image.ts runs/demo
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { valueAt as setting } from "../src/base/json.ts";
import { fixed, significant } from "../src/figures/number-text.ts";
import { onSurface } from "../src/figures/on-surface.ts";
import { element, escapeText, FIGURE_WIDTH, FONT_SIZE, textAt } from "../src/figures/svg.ts";
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

/** One run: its lines above the heat map of its pairs. */
function panel(data: RunData): { markup: string; height: number } {
  const svg = pairMap(data)!;
  const height = Number(/viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg)![1]);
  const map = svg.replace(/^<svg [^>]*>/, "").replace(/<\/svg>$/, "");
  const words = map.replace(/<(title|desc) id[^>]*>[^<]*<\/\1>/g, "");
  const lines = headLines(data).map((line, i) =>
    textAt(line, { x: 0, y: 8 + 18 * i, class: i === 0 ? "strong" : "quiet" }),
  );
  const body = element("g", { transform: `translate(0 ${HEAD})` }, words);
  return { markup: lines.join("") + body, height: HEAD + height };
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("Expected the folder of the finished sweep.");
const runs = await Promise.all((await listRuns(path)).map(readRunData));
const panels = runs.map(panel);
const height = Math.max(...panels.map((p) => p.height));
const width = panels.length * FIGURE_WIDTH + (panels.length - 1) * GAP;
const words = runs.map((run) => headLines(run).join("; ")).join(". ");
const svg = element(
  "svg",
  {
    xmlns: "http://www.w3.org/2000/svg",
    class: "fig",
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-labelledby": "demo-t demo-d",
    "font-size": FONT_SIZE,
  },
  [
    `<title id="demo-t">Agreement of sparse autoencoders of a language model</title>`,
    `<desc id="demo-d">${escapeText(words)}</desc>`,
    ...panels.map(({ markup }, i) =>
      element("g", { transform: `translate(${i * (FIGURE_WIDTH + GAP)} 0)` }, markup),
    ),
  ],
);
mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, onSurface(svg, 1));
console.log(join("docs/images", "demo.svg"));
