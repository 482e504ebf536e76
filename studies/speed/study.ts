import type { BenchRecord, Study } from "../../src/index.ts";
import { rounded, tables } from "./tables.ts";

const judged = (lines: readonly BenchRecord[]) =>
  lines.filter((line) => line["target"] !== undefined);
const ratiosOf = (lines: readonly BenchRecord[], name: string) =>
  lines.filter((line) => line["name"] === name).map((line) => Number(line["ratio"]));
const first = (key: string) => (lines: readonly BenchRecord[]) => String(lines[0]![key]);

const study: Study = {
  kind: "benchmark",
  title: "Speed",
  question: "How fast is Concord next to PyTorch, SciPy and plain TypeScript?",
  command: "CONCORD_PEERS=<python>,<python> npm run --silent bench -- <name …> --json",
  tables,
  values: {
    cpu: first("cpu"),
    threads: first("threads"),
    isa: first("isa"),
    node: first("node"),
    judged: (lines) => String(judged(lines).length),
    reached: (lines) => String(judged(lines).filter((line) => line["reached"]).length),
    gpt2: (lines) => ratiosOf(lines, "mfr-gpt2").map(rounded).join(", "),
    ...Object.fromEntries(
      ["topk-step", "mfr-synthetic"].map((name) => [
        name,
        (lines: readonly BenchRecord[]) => {
          const all = ratiosOf(lines, name);
          return `${rounded(Math.min(...all))} to ${rounded(Math.max(...all))}`;
        },
      ]),
    ),
  },
  verdicts: {
    missed: (lines) => {
      const missed = judged(lines).filter((line) => !line["reached"]);
      return [...new Set(missed.map(({ name }) => String(name)))].join(", ") || "none";
    },
  },
};

export default study;
