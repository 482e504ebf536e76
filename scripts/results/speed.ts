/**
 * @file docs/results/speed.md from the lines of the benches:
 *
 *   CONCORD_PEERS=<python>,<python> npm run --silent bench -- <name …> --json
 *     >> docs/results/speed.jsonl
 *   npx tsx scripts/results/speed.ts
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BenchLine } from "../../bench/harness.ts";

const FOLDER = join(resolve(import.meta.dirname, "../.."), "docs/results");

type Line = BenchLine & { readonly cpu: string; readonly node: string };

const lines = readFileSync(join(FOLDER, "speed.jsonl"), "utf8")
  .split("\n")
  .filter((text) => text.startsWith("{"))
  .map((text) => JSON.parse(text) as Line);
if (lines.length === 0) throw new Error("speed.jsonl holds no lines of a bench.");

const rounded = (x: number) => String(Number(x.toPrecision(x < 1 ? 2 : 3)));
const shapeOf = (line: Line) =>
  Object.entries(line.shape)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");

/** What a line measured beside its time. */
function figures(line: Line): string {
  const own = {
    tflops: "TFLOP/s",
    gb_per_second: "GB/s",
    memory_over_buffer: "× buffer_bytes of memory",
    times_real_time: "× real time",
    tokens_per_second: "tokens/s",
    share_of_peak: "of the peak",
  };
  const parts = Object.entries(own)
    .filter(([key]) => typeof line[key] === "number")
    .map(([key, unit]) => `${rounded(line[key] as number)} ${unit}`);
  return parts.join(", ");
}

function verdict({ target, reached }: Line): string {
  if (target === undefined) return "";
  return `${target}: ${reached ? "reached" : "**not reached**"}`;
}

const rows = lines.map((line) => {
  const cells = [line.name, shapeOf(line), rounded(line.ms.median), rounded(line.ms.min)];
  const theirs = line.against_ms ? ` ${rounded(line.against_ms.median)} ms` : "";
  cells.push(line.against ? `${line.against}${theirs}` : "");
  cells.push(
    line.ratio === undefined
      ? figures(line)
      : [`**${rounded(line.ratio)}×**`, figures(line)].filter(Boolean).join("; "),
  );
  cells.push(verdict(line));
  return `| ${cells.join(" | ")} |`;
});

// A line for each peer repeats the parts.
const stages = new Set(
  lines
    .filter((line) => line.stages)
    .map((line) => {
      const parts = Object.entries(line.stages!)
        .sort(([, a], [, b]) => b - a)
        .filter(([, ms]) => ms >= 0.05);
      return `| ${line.name} | ${shapeOf(line)} | ${parts.map(([part, ms]) => `${part} ${rounded(ms)}`).join(", ")} |`;
    }),
);

const { cpu, node, isa, threads } = lines[0]!;
const judged = lines.filter((line) => line.target !== undefined);
const missed = judged.filter((line) => !line.reached);
const page = `# Speed

Made by \`npx tsx scripts/results/speed.ts\` from \`speed.jsonl\` beside this page, which
\`CONCORD_PEERS=<python>,<python> npm run bench -- <name …> --json\` printed: ${cpu}, ${threads} threads, kernels for ${isa},
Node ${node}. A peer is measured in turn with ours in the same run (ours, peer, ours, peer); times are in milliseconds; a ratio is
the median of theirs over the median of ours. Machines that are shared change by the minute: believe the ratios.

${judged.length - missed.length} of ${judged.length} targets were reached.${
  missed.length > 0
    ? ` Not reached: ${missed.map((l) => `${l.name} (${l.against ?? "no peer"})`).join("; ")}.`
    : ""
} ${
  isa === "amx"
    ? ""
    : `The targets were set on a processor with AMX, whose tile unit multiplies several times as fast as the
instructions of ${isa}.`
}

| work | shape | median | min | against | ratio | target |
|---|---|---:|---:|---|---:|---|
${rows.join("\n")}

## Where the time goes

Medians of the parts, milliseconds. Parts of a step may run beside each other.

| work | shape | parts |
|---|---|---|
${[...stages].join("\n")}

What each floor is (bytes, FLOPs) stands at the head of each file of \`bench/\`; \`bench/peers/\` holds the programs measured
against.
`;
writeFileSync(join(FOLDER, "speed.md"), page);
