/**
 * @file The report of a run: one self-contained page that answers in words first and shows
 *   everything it rests on.
 */

import { ANALYSES } from "../analyses/analyses.ts";
import { isObject, valueAt } from "../base/json.ts";
import { METRICS } from "../domains/all-metrics.ts";
import { describeSource, domainOf } from "../domains/domains.ts";
import { type Content, html, type Markup } from "../figures/html/html.ts";
import { metricDefinitions, metricLabel } from "../figures/html/metric-words.ts";
import { figures, page, section } from "../figures/html/page.ts";
import { facts } from "../figures/html/table.ts";
import { count, fixed, percent, significant } from "../figures/number-text.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { snakeKeys } from "../formats/key-case.ts";
import type { Metric } from "../metrics/metric.ts";
import { gtMcc, independentMcc, pwMcc, pwMccModulo } from "../metrics/similarity.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { leftOut, meanMccModulo, pwMccOf, settingParts } from "../runs/settings.ts";
import { insideAndOutside, runAnswer, unfinishedWords } from "./run-answer.ts";
import { type RunData, readRunData } from "./run-data.ts";
import { agreementFigures, densityHistogram, learningCurves, timingFigure } from "./run-figures.ts";
import { fvuEnds, runSettings } from "./run-settings.ts";
import {
  attemptTable,
  eventTable,
  meanSimilarity,
  measuredTable,
  memberTable,
  pairTable,
  settingText,
  similarityTable,
  timingTable,
} from "./run-tables.ts";
import { axisText } from "./sweep-axes.ts";
import { cellTable } from "./sweep-tables.ts";
import { tradeOffFigure } from "./trade-off-figure.ts";

interface Tile {
  readonly label: Content;
  readonly value: string;
  readonly beside: string;
  /** Position of the value and of its null on a track from 0 to 1. */
  readonly track?: { readonly value: number; readonly null: number };
}

/** A number large enough to be read across a room. */
function tile({ label, value, beside, track }: Tile): Markup {
  const at = (v: number) => `${fixed(100 * Math.min(1, Math.max(0, v)), 1)}%`;
  const bar =
    track &&
    Number.isFinite(track.value) &&
    html`<span class="track"><i style="width:${at(track.value)}"></i>${Number.isFinite(track.null) && html`<b style="left:${at(track.null)}"></b>`}</span>`;
  return html`<div class="tile"><span class="label">${label}</span><span class="value">${value}</span>${bar}<span class="beside">${beside}</span></div>
`;
}

function similarityTile(label: Content, value: number, chance: number): Markup {
  return tile({
    label,
    value: fixed(value, 3),
    beside: `null ${fixed(chance, 3)}`,
    track: { value, null: chance },
  });
}

function tiles(data: RunData): Markup | undefined {
  const { evaluation, consistency, record } = data;
  if (!evaluation) return undefined;
  const settings = runSettings(data);
  const best = settings && fvuEnds(settings)?.best;
  const parts = settingParts(evaluation, consistency);
  const { inside } = insideAndOutside(evaluation);
  // Several settings have no mean between them: the tiles show the best.
  const mean = (name: string) =>
    settings
      ? (best?.metrics[name]?.mean ?? Number.NaN)
      : inside.reduce((sum, m) => sum + (m.metrics[name] ?? Number.NaN) / inside.length, 0);
  const pw = pwMccOf(evaluation, consistency);
  const truth = parts.length === 1 ? parts[0]!.truth : [];
  const modulo = pw && meanMccModulo(parts.flatMap((part) => part.pairs));
  const independent = parts.length === 1 ? parts[0]!.independent : [];
  const t = truth.length > 0 ? meanSimilarity(truth) : undefined;
  const i = independent.length > 0 ? meanSimilarity(independent) : undefined;
  const speed = record.measured?.["activations_per_second"] ?? Number.NaN;
  const perSecond = speed < 1000 ? count(speed) : `${significant(speed / 1000, 3)}\u202fk`;
  const one = inside.length > 1 ? `mean of ${inside.length} members` : "one member";
  const members = settings
    ? `best of ${settings.cells.length} settings${best ? `: ${axisText(best.axes)}` : ""}`
    : one;
  return html`<div class="tiles">
${tile({ label: metricLabel(METRICS.get("fvu")!), value: significant(mean("fvu"), 3), beside: members })}
${pw && similarityTile(metricLabel(pwMcc), pw.mean, pw.null)}
${modulo && similarityTile(metricLabel(pwMccModulo), modulo.mean, modulo.null)}
${t && similarityTile(metricLabel(gtMcc), t.mcc, t.mcc_null)}
${i && similarityTile(metricLabel(independentMcc), i.mcc, i.mcc_null)}
${tile({ label: metricLabel(METRICS.get("dead_fraction")!), value: percent(mean("dead_fraction")), beside: `of latents, ${settings ? "the setting with the lowest FVU" : members}` })}
${Number.isFinite(speed) && tile({ label: "Training speed", value: perSecond, beside: "activations per second, all members" })}
</div>
`;
}

function flattened(value: unknown, path: string): [string, string][] {
  if (!isObject(value)) return [[path, settingText(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattened(inner, path === "" ? key : `${path}.${key}`),
  );
}

/** What one needs to get the same numbers again. */
function reproduction(data: Pick<RunData, "record" | "config">): Markup {
  const { record, config } = data;
  const { backend, versions } = record;
  const name = `${record.name
    .split("/")
    .at(-1)!
    .replace(/[^\w.-]+/g, "-")}-again`;
  const isa = backend.name === "native" ? `CONCORD_ISA=${backend.isa} ` : "";
  const known: [string, string][] = [
    ["Seed", settingText(valueAt(config, "seed") ?? 0)],
    ["Backend", `${backend.name}, ${backend.isa}, ${count(backend.threads)} threads`],
    [
      "Versions",
      Object.entries(versions)
        .map(([k, v]) => `${k} ${v}`)
        .join(", "),
    ],
    ["Created", record.createdAt],
  ];
  return html`<p>The same config, seed and instruction set give the same metrics, weights and results, byte for byte, whatever the
number of threads. Save the config below as <code>config.yaml</code>, in the folder that its relative paths start from, and run:</p>
<pre>${isa}concord run config.yaml --name ${name}</pre>
${facts(known)}`;
}

/** A word of caution above figures of latents, which know no settings. */
function settingNote({ evaluation, consistency }: RunData): Markup | undefined {
  if (!evaluation) return undefined;
  const { otherSetting, sharedSeed } = leftOut(evaluation, consistency);
  if (otherSetting.length + sharedSeed.length === 0) return undefined;
  return html`<p class="small">The figures below show the nearest atom of any other member, whatever its setting and seed. Members that share a
seed began with the same weights: latents may be near each other for that reason alone.</p>`;
}

/** What the settings of the members come to; nothing where they have one. */
function settingSection(data: RunData): Markup | undefined {
  const summary = runSettings(data);
  return summary && section("Settings", cellTable(summary), figures(tradeOffFigure(summary)));
}

/** Every metric but those of analyses that the run does not have. */
function metricsOf({ found }: RunData): Metric[] {
  const shown = new Set(found.flatMap(({ analysis }) => analysis.metrics ?? []));
  const idle = new Set(
    ANALYSES.flatMap(({ metrics = [] }) => metrics).filter((m) => !shown.has(m)),
  );
  return [...METRICS.values()].filter((metric) => !idle.has(metric));
}

/** The sections of the analyses that have some. */
function analysisSections({ found, evaluation }: RunData): (Markup | undefined)[] {
  if (!evaluation) return [];
  return found.map(({ analysis, found: result }) => analysis.sections?.(result, { evaluation }));
}

/** Reasons to doubt the numbers, before anything that rests on them. */
function doubts({ evaluation }: RunData): Markup | undefined {
  const warnings = evaluation?.warnings ?? [];
  if (warnings.length === 0) return undefined;
  return html`<div class="notice" role="status"><strong>Doubtful results</strong>${warnings.map(({ message }) => html`<p>${message}</p>`)}</div>
`;
}

/** The page for what was read. */
export function runReportPage(data: RunData): string {
  const { record, configText, evaluation } = data;
  const notice = unfinishedWords(data);
  const substitute = evaluation?.substitute ?? valueAt(record.provenance, "substitute");
  const { provenance } = record;
  const ofDomain = provenance && domainOf(provenance["kind"])?.figures?.(provenance);
  const otherFacts = Object.fromEntries(
    Object.entries(provenance ?? {}).filter(([key]) => !ofDomain?.keys.includes(key)),
  );
  const pairs = pairTable(data);
  const agreement = agreementFigures(data);
  const times = timingTable(data);
  const curves = learningCurves(data);
  return page({
    title: `${record.name}: run report`,
    body: html`<header>
<h1>${record.name}</h1>
<p class="byline">Concord run · ${record.status} · ${record.createdAt.slice(0, 10)} · ${describeSource(provenance)}</p>
${notice !== undefined && html`<div class="notice" role="status"><strong>Not finished</strong>${notice}</div>`}
${typeof substitute === "string" && html`<div class="notice"><strong>Substitute data</strong>${substitute}</div>`}
${doubts(data)}<p class="answer">${runAnswer(data)}</p>
${tiles(data)}
</header>
${settingSection(data)}
${section("Agreement", similarityTable(data), settingNote(data), agreement.length > 0 && figures(agreement), pairs && html`<details><summary>Every pair</summary>${pairs}</details>`)}
${section("Members", memberTable(data), figures(densityHistogram(data)))}
${analysisSections(data)}
${section("Training", curves.length > 0 && figures(curves))}
${section("Time", times && html`<div class="pair"><div>${measuredTable(data)}${times}</div>${timingFigure(data)}</div>`)}
${section("Events", eventTable(data))}
${section("What the numbers are", metricDefinitions(metricsOf(data)))}
${section("Data", ofDomain?.markup, provenance && facts(flattened(snakeKeys(otherFacts), "")))}
${section("How to reproduce", reproduction(data), attemptTable(data), html`<details><summary>config.yaml</summary><pre>${configText}</pre></details>`)}`,
  });
}

/**
 * The report of a run as one self-contained HTML page; a run that has not finished gets one that
 * says so.
 *
 * @throws {ConcordError} `file/missing` when the folder is not a run, {FormatError} when its files
 *   are damaged.
 */
export async function runReport(folder: RunFolder): Promise<string> {
  return runReportPage(await readRunData(folder));
}

/**
 * Writes the run's report.html, atomically. @returns Its path. @throws {ConcordError} as
 * `runReport`, and `file/io`.
 */
export async function writeRunReport(folder: RunFolder): Promise<string> {
  const path = folder.file("report.html");
  await writeFileAtomically(path, await runReport(folder));
  return path;
}
