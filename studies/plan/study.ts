import type { BenchRecord, Study } from "../../src/index.ts";

const mib = (bytes: unknown) => String(Number((Number(bytes) / 2 ** 20).toPrecision(3)));
const over = (share: number) => {
  const percent = 100 * (share - 1);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(1)} %`;
};
const nameOf = ({ name }: BenchRecord) => String(name).replace(/^plan: /, "");
const shares = (lines: readonly BenchRecord[]) =>
  lines.map((line) => Number(line["peak_over_plan"]));
const first = (key: string) => (lines: readonly BenchRecord[]) => String(lines[0]![key]);

const study: Study = {
  kind: "benchmark",
  title: "What concord plan says, and what runs take",
  question: "How near does concord plan come to the memory and disk that runs really take?",
  command: "npm run bench --silent -- plan --json",
  tables: {
    runs: {
      head: [
        "run",
        "planned, MiB",
        "at most, MiB",
        "peak, MiB",
        "peak − plan",
        "within 15 %",
        "disk planned, MiB",
        "disk taken, MiB",
      ],
      rows: (lines) =>
        lines.map((line) => [
          nameOf(line),
          mib(line["planned_bytes"]),
          mib(line["most_bytes"]),
          mib(line["peak_bytes"]),
          over(Number(line["peak_over_plan"])),
          line["reached"] ? "yes" : "**no**",
          mib(line["planned_disk_bytes"]),
          mib(line["disk_bytes"]),
        ]),
    },
  },
  values: {
    cpu: first("cpu"),
    threads: first("threads"),
    isa: first("isa"),
    node: first("node"),
    lowest: (lines) => over(Math.min(...shares(lines))),
    highest: (lines) => over(Math.max(...shares(lines))),
    // The runs of a sweep share a config and its settings.
    commands: (lines) => {
      const all = lines.map(({ config, settings }) => {
        const sets = (settings as readonly string[]).map((setting) => ` --set '${setting}'`);
        return `concord run configs/${config}${sets.join("")}`;
      });
      return [...new Set(all)].join("\n");
    },
  },
  verdicts: {
    within: (lines) => {
      const missed = lines.filter((line) => !line["reached"]);
      return missed.length === 0 ? "all" : `all but ${missed.map(nameOf).join(", ")}`;
    },
  },
};

export default study;
