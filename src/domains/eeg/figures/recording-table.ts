/**
 * @file The table of EEG recordings in a run's report: which were used for what, which were not,
 *   and why.
 */

import { html, type Markup } from "../../../figures/html/html.ts";
import { type Column, table } from "../../../figures/html/table.ts";
import { count, significant } from "../../../figures/number-text.ts";
import type { SourceProvenance } from "../../../sources/source-kind.ts";
import { type EegReport, rejectedWindows } from "../recordings/report.ts";
import { channelWords, commonFolder } from "../recordings/report-words.ts";

/** More recordings than this are folded away. */
const MOST_OPEN = 12;
/** Rows of the table: thousands of recordings would make a page of megabytes. */
const MOST_ROWS = 400;

interface Row {
  readonly name: string;
  readonly use: string;
  readonly rate?: number;
  readonly seconds?: number;
  readonly windows?: number;
  readonly artefacts?: number;
  readonly remarks: string;
}

/** The report that an EEG source leaves in a run's record; undefined where there is none. */
function eegReportOf(provenance: SourceProvenance): EegReport | undefined {
  const report = provenance["report"] as EegReport | undefined;
  return Array.isArray(report?.used) && Array.isArray(report.skipped) ? report : undefined;
}

function remarks(used: EegReport["used"][number]): string {
  const worst = Object.entries(used.rejectedBy).sort((a, b) => b[1] - a[1])[0];
  return [
    used.truncated ? "cut short: used as far as it goes" : "",
    used.paddedWindows > 0 ? `${count(used.paddedWindows)} completed with zeros` : "",
    worst ? `artefacts most often at ${worst[0]}` : "",
    used.shortStretches > 0 ? `${count(used.shortStretches)} stretches too short` : "",
    used.skippedChannels.length > 0
      ? `${count(used.skippedChannels.length)} channels left out (${channelWords(used.skippedChannels)})`
      : "",
    ...used.warnings.slice(0, 2),
    used.warnings.length > 2 ? `${count(used.warnings.length - 2)} more remarks in run.json` : "",
  ]
    .filter((text) => text !== "")
    .join("; ");
}

/** Every recording with what became of it. */
export function recordingTable(provenance: SourceProvenance): Markup | undefined {
  const report = eegReportOf(provenance);
  if (!report) return undefined;
  const heldOut = new Set((provenance["heldOutRecordings"] ?? []) as string[]);
  const folder = commonFolder([...report.used, ...report.skipped].map((r) => r.name));
  const short = (name: string) => name.slice(folder.length);
  const rows: Row[] = [
    ...report.used.map((r) => ({
      name: short(r.name),
      rate: r.rate,
      seconds: r.seconds,
      windows: r.windows,
      use: heldOut.size === 0 ? "both" : heldOut.has(r.name) ? "held out" : "training",
      artefacts: rejectedWindows(r.rejected),
      remarks: remarks(r),
    })),
    ...report.skipped.map((r) => ({ name: short(r.name), use: "skipped", remarks: r.reason })),
  ];
  const number = (
    head: string,
    sub: string | undefined,
    of: (r: Row) => number | undefined,
  ): Column<Row> => ({
    head,
    sub,
    kind: "number",
    cell: (r) => (of(r) === undefined ? "–" : significant(of(r)!)),
  });
  const all = html`${table(
    `Recordings${folder === "" ? "" : ` of ${folder}`}: ${count(report.used.length)} used, ${count(report.skipped.length)} skipped`,
    [
      { head: "Recording", cell: (r) => r.name },
      { head: "Used for", cell: (r) => r.use },
      number("Rate", "Hz", (r) => r.rate),
      number("Length", "s", (r) => r.seconds),
      number("Windows", undefined, (r) => r.windows),
      number("Artefacts", "windows left out", (r) => r.artefacts),
      { head: "Remarks", cell: (r) => html`<span class="remark">${r.remarks}</span>` },
    ],
    rows.slice(0, MOST_ROWS),
  )}${rows.length > MOST_ROWS && html`<p class="small">The first ${count(MOST_ROWS)} of ${count(rows.length)}; all are in run.json.</p>`}${report.notes.map((note) => html`<p class="small">${note}</p>`)}`;
  if (rows.length <= MOST_OPEN) return all;
  return html`<details><summary>${count(rows.length)} recordings, ${count(report.skipped.length)} of them skipped</summary>${all}</details>`;
}
