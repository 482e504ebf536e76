/**
 * @file The report of a sweep: what its settings differ in, over seeds, with intervals and next to
 *   nulls.
 */

import { basename, join, resolve } from "node:path";
import { ANALYSES } from "../analyses/analyses.ts";
import { describeSource } from "../domains/domains.ts";
import { html, type Markup } from "../figures/html/html.ts";
import { metricDefinitions } from "../figures/html/metric-words.ts";
import { figures, page, section } from "../figures/html/page.ts";
import { SORT_SCRIPT } from "../figures/html/sort-script.ts";
import { facts } from "../figures/html/table.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRICS } from "../metrics/registry.ts";
import { mcc } from "../metrics/similarity.ts";
import { settingText } from "./run-tables.ts";
import { sweepAnswer } from "./sweep-answer.ts";
import { bestTable } from "./sweep-best.ts";
import { readSweep, type SweepMember, type SweepRunData, sweepMembers } from "./sweep-data.ts";
import { differencesTable } from "./sweep-differences.ts";
import { cellNote, intervalFigures, sweepCurves } from "./sweep-figures.ts";
import { memberFigures } from "./sweep-members-figure.ts";
import { type SweepSummary, sweepSummary } from "./sweep-summary.ts";
import { cellTable, differenceTable, present, runTable } from "./sweep-tables.ts";
import { tradeOffFigure } from "./trade-off-figure.ts";

function valuesOf(runs: readonly SweepRunData[], axis: string): string {
  const texts = new Set(runs.map((run) => settingText(run.axes[axis] ?? "not set")));
  return [...texts].join(", ");
}

function unique(values: readonly string[]): string {
  return [...new Set(values)].join("; ");
}

/** The metrics of the tables, and what their definitions speak of. */
function metricsOf(summary: SweepSummary): Metric[] {
  const shown = new Set([mcc, ...present(summary).map(({ metric }) => metric)]);
  return [...METRICS.values()].filter((metric) => shown.has(metric));
}

/** The page for what was read. */
function sweepReportPage(
  name: string,
  summary: SweepSummary,
  runs: readonly SweepRunData[],
  ofAnalyses: readonly Markup[],
): string {
  const records = runs.map((run) => run.record);
  const unfinished = summary.cells.flatMap((cell) => cell.unfinished);
  const note = cellNote(summary);
  const known: [string, string][] = [
    ...[...summary.axes, ...summary.replicated_over].map((axis): [string, string] => [
      ...([axis, valuesOf(runs, axis)] as const),
    ]),
    ["Data", unique(records.map(({ provenance }) => describeSource(provenance)))],
    ["Backend", unique(records.map(({ backend: b }) => `${b.name}, ${b.isa}`))],
    [
      "Versions",
      unique(
        records.map((r) =>
          Object.entries(r.versions)
            .map(([k, v]) => `${k} ${v}`)
            .join(", "),
        ),
      ),
    ],
  ];
  return page({
    title: `${name}: sweep report`,
    script: SORT_SCRIPT,
    body: html`<header>
<h1>${name}</h1>
<p class="byline">Concord sweep · ${runs.length} runs · ${unique(records.map(({ provenance }) => describeSource(provenance)))}</p>
${unfinished.length > 0 && html`<div class="notice" role="status"><strong>Not finished</strong>${unfinished.length} of ${runs.length} runs have no results yet and are not counted: ${unfinished.slice(0, 20).join(", ")}${unfinished.length > 20 && " …"}.</div>`}
${summary.substitutes.map((text) => html`<div class="notice"><strong>Substitute data</strong>${text}</div>`)}
<p class="answer">${sweepAnswer(summary)}</p>
</header>
${section("Settings", cellTable(summary), figures(tradeOffFigure(summary)), differenceTable(summary))}
${section("The best by each metric", bestTable(summary, runs))}
${section("Members and hyper-parameters", figures(...memberFigures(runs)))}
${section(
  "Means and intervals",
  html`<p class="small">Means over seeds with their 95 % intervals; small dots are single runs. Differences are taken seed by seed:
where the interval leaves out 0, the seeds show one.</p>`,
  note !== undefined && html`<p class="small">${note}</p>`,
  html`<div class="figures rows">${intervalFigures(summary).map((f) => f ?? html`<div></div>`)}</div>`,
)}
${ofAnalyses}
${section("Training", figures(sweepCurves(runs)))}
${section("Runs", runTable(summary, runs))}
${section("What the configs differ in", differencesTable(summary, runs))}
${section(
  "What the numbers are",
  html`<p>Means over the members of one setting that are not independent, then over seeds. Intervals are Student-t intervals over seeds
(mean ± t · s / √n): over runs where runs repeat a setting, otherwise over the members of its run, unless a coupling pulls them
together. Differences are taken seed by seed first. PW-MCC is over pairs of members that differ in their seeds alone. Every similarity stands next to its null: that of unrelated dictionaries of
the same shapes.</p>`,
  metricDefinitions(metricsOf(summary)),
)}
${section(
  "How to reproduce",
  facts(known),
  html`<p>Lists outside <code>population</code>, and those below <code>sweep</code>, make the runs of a sweep; lists inside
<code>population</code> make members. Give the axes above as lists in one config and run <code>concord run config.yaml</code>. The config of the first run:</p><details><summary>config.yaml of ${runs[0]!.name}</summary><pre>${runs[0]!.configText}</pre></details>`,
)}`,
  });
}

/** What analyses show of all runs together. */
async function analysisSections(members: readonly SweepMember[]): Promise<Markup[]> {
  const sections: Markup[] = [];
  for (const analysis of ANALYSES) {
    if (!analysis.sweepSections) continue;
    const all: unknown[] = [];
    for (const { folder } of members) {
      const found = await analysis.read(folder);
      if (found !== undefined) all.push(found);
    }
    const own = all.length > 0 ? analysis.sweepSections(all) : undefined;
    if (own) sections.push(own);
  }
  return sections;
}

/** A sweep's page and its numbers. */
export interface SweepReport {
  readonly html: string;
  readonly summary: SweepSummary;
}

/**
 * The report of a sweep.
 *
 * @param path The sweep's folder.
 * @param members Its runs; default: every run below the folder. Axes that are not given are what
 *   the runs' configs differ in.
 * @throws {ConcordError} `file/missing` without a run, {FormatError} when files are damaged.
 */
export async function sweepReport(
  path: string,
  members?: readonly SweepMember[],
): Promise<SweepReport> {
  const all = members ?? (await sweepMembers(path));
  const runs = await readSweep(path, all);
  const summary = sweepSummary(runs);
  const sections = await analysisSections(all);
  return { html: sweepReportPage(basename(resolve(path)), summary, runs, sections), summary };
}

/**
 * Writes a sweep's summary.json and report.html, each atomically. @returns The path of the report.
 */
export async function writeSweepReport(
  path: string,
  members?: readonly SweepMember[],
): Promise<string> {
  const { html: text, summary } = await sweepReport(path, members);
  await writeFileAtomically(join(path, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  const report = join(path, "report.html");
  await writeFileAtomically(report, text);
  return report;
}
