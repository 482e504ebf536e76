/** The tables of the page: every line of the benches, and the parts of the steps. */

import type { BenchRecord, BenchTable } from "../../src/index.ts";

type Times = { readonly median: number; readonly min: number };

export const rounded = (x: number) => String(Number(x.toPrecision(x < 1 ? 2 : 3)));
const shapeOf = ({ shape }: BenchRecord) =>
  Object.entries(shape as Readonly<Record<string, unknown>>)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");

/** What a line measured beside its time, and the unit of each. */
const FIGURES: Readonly<Record<string, string>> = {
  tflops: "TFLOP/s",
  gb_per_second: "GB/s",
  memory_over_buffer: "× buffer_bytes of memory",
  times_real_time: "× real time",
  tokens_per_second: "tokens/s",
  share_of_peak: "of the peak",
};

function resultOf(line: BenchRecord): string {
  const own = Object.entries(FIGURES).filter(([key]) => typeof line[key] === "number");
  const figures = own.map(([key, unit]) => `${rounded(Number(line[key]))} ${unit}`).join(", ");
  const ratio = line["ratio"] === undefined ? "" : `**${rounded(Number(line["ratio"]))}×**`;
  return [ratio, figures].filter(Boolean).join("; ");
}

function peerOf(line: BenchRecord): string {
  const times = line["against_ms"] as Times | undefined;
  return `${line["against"] ?? ""}${times ? `, ${rounded(times.median)} ms` : ""}`;
}

export const tables: Readonly<Record<string, BenchTable>> = {
  speed: {
    text: 2,
    head: ["work", "shape", "median, ms", "min, ms", "peer", "result", "target", "reached"],
    rows: (lines) =>
      lines.map((line) => {
        const { median, min } = line["ms"] as Times;
        const target = line["target"];
        return [
          String(line["name"]),
          shapeOf(line),
          rounded(median),
          rounded(min),
          peerOf(line),
          resultOf(line),
          String(target ?? ""),
          target === undefined ? "" : line["reached"] ? "yes" : "**no**",
        ];
      }),
  },
  stages: {
    head: ["work", "shape", "parts, ms"],
    text: 3,
    rows: (lines) => {
      const rows = lines.flatMap((line) => {
        const parts = Object.entries((line["stages"] ?? {}) as Readonly<Record<string, number>>)
          .filter(([, ms]) => ms >= 0.05)
          .sort(([, a], [, b]) => b - a);
        const text = parts.map(([part, ms]) => `${part} ${rounded(ms)}`).join(", ");
        return text === "" ? [] : [[String(line["name"]), shapeOf(line), text]];
      });
      // A line for each peer repeats the parts.
      return [...new Map(rows.map((row) => [row.join(), row])).values()];
    },
  },
};
