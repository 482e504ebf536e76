/**
 * @file docs/results/plan.md from the lines of its bench:
 *
 *   npm run prepare && npm run bench --silent -- plan --json > docs/results/plan.jsonl
 *   npx tsx scripts/results/plan.ts
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BenchLine } from "../../bench/harness.ts";

const FOLDER = join(resolve(import.meta.dirname, "../.."), "docs/results");

type Line = BenchLine & {
  readonly cpu: string;
  readonly node: string;
  readonly config: string;
  readonly settings: readonly string[];
} & Readonly<
    Record<
      | "planned_bytes"
      | "most_bytes"
      | "peak_bytes"
      | "peak_over_plan"
      | "planned_disk_bytes"
      | "disk_bytes",
      number
    >
  >;

const lines = readFileSync(join(FOLDER, "plan.jsonl"), "utf8")
  .split("\n")
  .filter((text) => text.startsWith("{"))
  .map((text) => JSON.parse(text) as Line);
if (lines.length === 0) throw new Error("plan.jsonl holds no lines of the bench.");

const mib = (bytes: number) => String(Number((bytes / 2 ** 20).toPrecision(3)));
const percent = (share: number) => {
  const over = 100 * (share - 1);
  return `${over < 0 ? "−" : "+"}${Math.abs(over).toFixed(1)} %`;
};
const nameOf = ({ name }: Line) => name.replace(/^plan: /, "");

const rows = lines.map((line) => {
  const cells = [nameOf(line), mib(line.planned_bytes), mib(line.most_bytes)];
  cells.push(mib(line.peak_bytes), percent(line.peak_over_plan), line.reached ? "yes" : "**no**");
  cells.push(mib(line.planned_disk_bytes), mib(line.disk_bytes));
  return `| ${cells.join(" | ")} |`;
});

// The runs of a sweep share a config and its settings.
const commands = new Map(
  lines.map(({ config, settings }) => {
    const sets = settings.map((setting) => ` --set '${setting}'`).join("");
    return [`concord run configs/${config}${sets}`, true];
  }),
);

const { cpu, node, isa, threads, target } = lines[0]!;
const missed = lines.filter((line) => !line.reached);
const overs = lines.map((line) => line.peak_over_plan);
const verdict =
  missed.length === 0
    ? `All ${lines.length} runs stayed within it, from ${percent(Math.min(...overs))} to ${percent(Math.max(...overs))}.`
    : `${missed.length} of ${lines.length} runs did not stay within it: ${missed.map(nameOf).join("; ")}.`;

const page = `# What \`concord plan\` says, and what runs take

Made by \`npx tsx scripts/results/plan.ts\` from \`plan.jsonl\` beside this page, which \`npm run bench -- plan --json\` printed: ${cpu},
${threads} threads, kernels for ${isa}, Node ${node}. One run a line; each config was planned and then run in
processes of their own, the runs of a sweep one after another in one process. Target: ${target}. ${verdict}

| run | planned, MiB | at most | peak, MiB | against the plan | within | disk planned, MiB | disk taken |
|---|---:|---:|---:|---:|---|---:|---:|
${rows.join("\n")}

The peak is that of the process's resident memory from the moment a run begins to its end: the kernel's high-water mark
(\`VmHWM\`), set back as each run of a sweep begins; where a system cannot set it back, it counts from the start of the process.
Code of the interpreter and of libraries that lies in files counts as far as it is resident.

"At most" is the plan for every latent dying, or half the latents of a ReLU member being active at once: an estimate like the
other, and no bound. A plan takes a tenth of
the latents for dead where AuxK could find any. What arrays nobody uses any more can come to before V8 collects them is part of a
plan; between the phases of a run they are collected.

## The runs

\`\`\`sh
${[...commands.keys()].join("\n")}
\`\`\`

The first run on stories15m collects the model's activations, those after it find them. Numbers of steps are small: every
buffer is in use after a few. Only the arrays that matching leaves behind need some hundred steps to come to what is planned for
them, so that short runs of MFR on small dictionaries stay below their plans.
`;
writeFileSync(join(FOLDER, "plan.md"), page);
