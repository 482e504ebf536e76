/** @file The tables of a run's report. */

import { mean, sum } from "../base/statistics/mean.ts";
import { type Content, html, type Markup } from "../figures/html/html.ts";
import { metricHead } from "../figures/html/metric-words.ts";
import { type Column, exactly, numberCell, seriesName, table } from "../figures/html/table.ts";
import { columnDecimals, count, fixed, significant } from "../figures/number-text.ts";
import { RECONSTRUCTION_METRICS } from "../metrics/registry.ts";
import { mcc, mccModulo, meanMaxCosine, SHARED_FROM, shared } from "../metrics/similarity.ts";
import type { MemberEvaluation, SimilarityNumbers } from "../runs/results.ts";
import type { LogLine } from "../runs/run-log.ts";
import {
  leftOut,
  settingKeys,
  settingOf,
  settingParts,
  settingText as settingWords,
  valueText,
} from "../runs/settings.ts";
import { MOST_EVENTS } from "./logged.ts";
import type { RunData } from "./run-data.ts";

/** A value as text: 16, or {"coefficient":0.03}. */
export function settingText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function detailText(label: Readonly<Record<string, unknown>>): string {
  return Object.entries(label)
    .map(([key, value]) => `${key} ${settingText(value)}`)
    .join(", ");
}

/** Latents of a member. */
export function latentCount({ density }: MemberEvaluation): number {
  return density.dead + sum(density.counts);
}

/** Every member on held-out activations. */
export function memberTable({ evaluation }: RunData): Markup | undefined {
  if (!evaluation) return undefined;
  const { members, rows } = evaluation;
  // The architecture has a column of its own.
  const keys = settingKeys(members.map(settingOf)).filter((key) => key !== "architecture");
  const colour = new Map(members.map((m, i) => [m, i]));
  const columns: Column<MemberEvaluation>[] = [
    { head: "Member", cell: (m) => seriesName(m.name, colour.get(m)!) },
    { head: "Architecture", cell: (m) => m.architecture },
    ...keys.map((key) => ({
      head: key,
      cell: (m: MemberEvaluation) => valueText(settingOf(m)[key]),
    })),
    { head: "Seed", kind: "number", cell: (m) => String(m.seed) },
    { head: "Latents", kind: "number", cell: (m) => count(latentCount(m)) },
    ...RECONSTRUCTION_METRICS.map((metric): Column<MemberEvaluation> => {
      const value = (m: MemberEvaluation) => m.metrics[metric.name];
      const decimals = columnDecimals(members.map(value));
      return {
        head: metricHead(metric),
        sub: metric.unit,
        kind: "number",
        cell: (m) => numberCell(value(m), decimals),
      };
    }),
  ];
  return table(`Members on ${count(rows)} held-out activations`, columns, members);
}

interface SimilarityRow {
  readonly name: string;
  readonly pairs: number;
  readonly numbers: SimilarityNumbers;
}

/** Means over several comparisons. */
export function meanSimilarity(all: readonly SimilarityNumbers[]): SimilarityNumbers {
  const of = (value: (s: SimilarityNumbers) => number) => mean(all.map(value));
  return {
    mcc: of((s) => s.mcc),
    mcc_null: of((s) => s.mcc_null),
    mean_max: [of((s) => s.mean_max[0]), of((s) => s.mean_max[1])],
    mean_max_null: [of((s) => s.mean_max_null[0]), of((s) => s.mean_max_null[1])],
    shared: of((s) => s.shared),
    shared_null: of((s) => s.shared_null ?? Number.NaN),
    ...(all.some((s) => s.mcc_modulo !== undefined)
      ? {
          mcc_modulo: of((s) => s.mcc_modulo ?? Number.NaN),
          mcc_modulo_null: of((s) => s.mcc_modulo_null ?? Number.NaN),
        }
      : {}),
  };
}

/**
 * @param group Of the rows, where they come in orbits.
 */
function similarityColumns(
  first: string,
  pairs: boolean,
  group: string | undefined,
): Column<SimilarityRow>[] {
  const cosine = (
    head: Column<SimilarityRow>["head"],
    sub: string | undefined,
    kind: "number" | "null",
    value: (s: SimilarityNumbers) => number,
  ): Column<SimilarityRow> => ({ head, sub, kind, cell: (r) => numberCell(value(r.numbers), 3) });
  return [
    { head: first, cell: (r) => r.name },
    ...(pairs
      ? [{ head: "Pairs", kind: "number" as const, cell: (r: SimilarityRow) => count(r.pairs) }]
      : []),
    cosine(metricHead(mcc), undefined, "number", (s) => s.mcc),
    cosine("null", undefined, "null", (s) => s.mcc_null),
    cosine(metricHead(meanMaxCosine), "1st to 2nd", "number", (s) => s.mean_max[0]),
    cosine("null", undefined, "null", (s) => s.mean_max_null[0]),
    cosine(metricHead(meanMaxCosine), "2nd to 1st", "number", (s) => s.mean_max[1]),
    cosine("null", undefined, "null", (s) => s.mean_max_null[1]),
    cosine(metricHead(shared), `cosine ≥ ${SHARED_FROM}`, "number", (s) => s.shared),
    cosine("null", undefined, "null", (s) => s.shared_null ?? Number.NaN),
    ...(group === undefined
      ? []
      : [
          cosine(metricHead(mccModulo), group, "number", (s) => s.mcc_modulo ?? Number.NaN),
          cosine("null", undefined, "null", (s) => s.mcc_modulo_null ?? Number.NaN),
        ]),
  ];
}

/**
 * Every kind of similarity as one row, each number next to its null; members of different settings
 * are kept apart.
 */
export function similarityTable({ consistency, evaluation }: RunData): Markup | undefined {
  if (!consistency) return undefined;
  const alone = new Set(evaluation?.members.filter((m) => !m.coupled).map((m) => m.name));
  const outside = (consistency.ground_truth ?? []).filter((g) => alone.has(g.member));
  const parts = evaluation ? settingParts(evaluation, consistency) : [];
  const rest = evaluation && leftOut(evaluation, consistency);
  const of = (part: (typeof parts)[number]) =>
    parts.length > 1 ? `, ${settingWords(part.setting)}` : "";
  const kinds: [string, readonly SimilarityNumbers[]][] = [
    ...parts.map((p): [string, readonly SimilarityNumbers[]] => [
      `Members with each other${of(p)}`,
      p.pairs,
    ]),
    ["Members with different settings", rest?.otherSetting ?? []],
    ["Members that began with the same weights", rest?.sharedSeed ?? []],
    ...parts.map((p): [string, readonly SimilarityNumbers[]] => [
      `Members with the true features${of(p)}`,
      p.truth,
    ]),
    ...parts.map((p): [string, readonly SimilarityNumbers[]] => [
      `Members with independent members${of(p)}`,
      p.independent,
    ]),
    ["Independent members with the true features", outside],
  ];
  const rows = kinds
    .filter(([, all]) => all.length > 0)
    .map(([name, all]) => ({ name, pairs: all.length, numbers: meanSimilarity(all) }));
  if (rows.length === 0) return undefined;
  return table(
    "Mean similarity of dictionaries; null: unrelated dictionaries of the same shapes",
    similarityColumns("Compared", true, consistency.group),
    rows,
  );
}

/** More comparisons than this are left to the file. */
const MOST_PAIRS_LISTED = 500;

/** Every comparison on its own. */
export function pairTable({ consistency }: RunData): Markup | undefined {
  if (!consistency) return undefined;
  const rows: SimilarityRow[] = [
    ...consistency.pairs.map((p) => ({ name: `${p.a} – ${p.b}`, pairs: 1, numbers: p })),
    ...(consistency.independent ?? []).map((p) => ({
      name: `${p.member} – ${p.independent}`,
      pairs: 1,
      numbers: p,
    })),
    ...(consistency.ground_truth ?? []).map((p) => ({
      name: `${p.member} – truth`,
      pairs: 1,
      numbers: p,
    })),
  ];
  if (rows.length === 0) return undefined;
  const shown = rows.slice(0, MOST_PAIRS_LISTED);
  const caption = "Similarity of every pair; null: unrelated dictionaries of the same shapes";
  const left =
    shown.length < rows.length &&
    html`<p class="small">${count(shown.length)} of ${count(rows.length)} comparisons; all are in results/consistency.json.</p>`;
  return html`${table(caption, similarityColumns("Pair", false, consistency.group), shown)}${left}`;
}

const PARTS = [
  ["members", "Members: encode, decode, gradients, update"],
  ["coupling", "Coupling between them"],
  ["source", "Waiting for the source"],
  ["total", "Whole step"],
] as const;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Median milliseconds of a step by what they were spent on; the first logged step of each process
 * is left out.
 */
export function timingTable({ timings }: Pick<RunData, "timings">): Markup | undefined {
  const { lines, steady, times } = timings;
  if (times.total.values.length === 0) return undefined;
  const rows = PARTS.flatMap(([key, name]) => {
    const { values, sum } = times[key];
    // Without a coupling its part of the step is the time of a function call.
    if (values.length === 0 || median(values) < 0.001) return [];
    return [{ name, median: median(values), share: sum / times.total.sum }];
  });
  const decimals = columnDecimals(
    rows.map((r) => r.median),
    3,
    3,
  );
  return table(
    `A step, over ${count(lines)} logged ones${steady ? " (first steps, which warm up, left out)" : ""}`,
    [
      { head: "Part", cell: (r) => r.name },
      { head: "Median", sub: "ms", kind: "number", cell: (r) => numberCell(r.median, decimals) },
      {
        head: "Share",
        sub: "of the time",
        kind: "number",
        cell: (r) => `${fixed(100 * r.share, 1)}\u202f%`,
      },
    ],
    rows,
  );
}

/** More events than this are folded away. */
const MOST_OPEN_EVENTS = 12;

/** The events of the run; the first two hundred. */
export function eventTable({ events }: RunData): Markup | undefined {
  if (events.count === 0) return undefined;
  const details = ({ step: _, event: __, ...rest }: LogLine) => detailText(rest);
  const rows = html`${table(
    "Events",
    [
      { head: "Step", kind: "number", cell: (e: LogLine) => count(e.step) },
      { head: "Event", cell: (e) => settingText(e["event"]) },
      { head: "Details", cell: details },
    ],
    events.first,
  )}${events.count > MOST_EVENTS && html`<p class="small">${count(MOST_EVENTS)} of ${count(events.count)} events; all are in events.jsonl.</p>`}`;
  if (events.count <= MOST_OPEN_EVENTS) return rows;
  return html`<details><summary>${count(events.count)} events</summary>${rows}</details>`;
}

/** The processes that worked on the run. */
export function attemptTable({ record }: RunData): Markup {
  return table(
    "Processes that worked on the run",
    [
      { head: "Started", cell: (a) => a.startedAt },
      { head: "Ended", cell: (a) => a.endedAt ?? "–" },
      { head: "Host", cell: (a) => a.host },
      { head: "From step", kind: "number", cell: (a) => count(a.fromStep) },
      {
        head: "To step",
        kind: "number",
        cell: (a) => (a.toStep === undefined ? "–" : count(a.toStep)),
      },
      { head: "Ended with", cell: (a) => a.error ?? (a.endedAt ? "success" : "–") },
    ],
    record.attempts,
  );
}

/** Units that the names of measured quantities end with, and how they are shown. */
const UNITS: readonly (readonly [RegExp, (value: number) => string])[] = [
  [/ per second$/, (v) => `${count(Math.round(v))}/s`],
  [/ seconds$/, (v) => `${significant(v, 3)}\u202fs`],
  [/ bytes$/, (v) => `${significant(v / 2 ** 20, 3)}\u202fMiB`],
];

function quantity(name: string, value: number | undefined): Content {
  if (value === undefined) return "–";
  const show = UNITS.find(([ending]) => ending.test(name))?.[1] ?? ((v) => significant(v));
  return exactly(value, show(value));
}

/** What was measured of the whole run, next to what was planned. */
export function measuredTable({ record }: RunData): Markup | undefined {
  const { measured, planned } = record;
  if (!measured && !planned) return undefined;
  const keys = [...new Set([...Object.keys(measured ?? {}), ...Object.keys(planned ?? {})])];
  const rows = keys.map((key) => ({ key, name: key.replaceAll("_", " ") }));
  type Row = (typeof rows)[number];
  return table(
    "The whole run",
    [
      { head: "Quantity", cell: (r) => r.name.replace(/ (bytes|seconds|per second)$/, "") },
      { head: "Measured", kind: "number", cell: (r) => quantity(r.name, measured?.[r.key]) },
      ...(planned
        ? [
            {
              head: "Planned",
              kind: "number" as const,
              cell: (r: Row) => quantity(r.name, planned[r.key]),
            },
          ]
        : []),
    ],
    rows,
  );
}
