/** @file concord edf info: what is in an EDF or BDF file. */

import type { EdfFile } from "../../../../domains/eeg/edf/edf-file.ts";
import { describeEdf, type EdfInfo, edfInfoJson } from "../../../../domains/eeg/edf/info.ts";
import { openEdf } from "../../../../domains/eeg/edf/open-edf.ts";
import { flatSignals } from "../../../../domains/eeg/recordings/flat-channels.ts";
import { electrodesAmong } from "../../../../domains/eeg/recordings/recorded-electrodes.ts";
import { FIXED_DEFAULTS } from "../../../../domains/eeg/windows/fixed.ts";
import { bytes, duration, table } from "../../../output.ts";
import { print } from "../../../print.ts";

interface Options {
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly all?: boolean;
}

/** Most lines each of annotations, gaps and warnings; --all prints every one. */
const MOST_LINES = 20;

/** Text of a file as one line that cannot move the terminal's cursor. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, "�");
}

/** Six significant digits, without "k" for thousands, because ranges identify recorders. */
function number(value: number | null): string {
  return value === null || Number.isNaN(value) ? "–" : String(Number(value.toPrecision(6)));
}

function seconds(value: number): string {
  return `${Number(value.toFixed(3))} s`;
}

function head(info: EdfInfo): string[] {
  const { records, truncated } = info;
  const of = records.declared === records.count ? "" : `; the header says ${records.declared}`;
  const facts: [string, string][] = [
    ["format", `${info.format}, ${bytes(info.bytes)}`],
    ["patient", plain(info.patient) || "–"],
    ["recording", plain(info.recording) || "–"],
    ["start", info.startTime ?? "–"],
    ["records", `${records.count}, ${records.duration} s and ${records.bytes} B each${of}`],
    [
      "duration",
      seconds(info.duration) + (info.duration < 60 ? "" : ` (${duration(info.duration)})`),
    ],
    ["signals", `${info.channels.length}`],
  ];
  if (truncated)
    facts.push([
      "cut short",
      `${records.count} whole records, ${truncated.extraBytes} bytes after the last`,
    ]);
  return facts.map(([name, text]) => `${name.padEnd(9)}  ${text}`);
}

/** What a source of kind eeg makes of each channel: the electrode, or why it is left out. */
interface ChannelUse {
  readonly electrode: string | null;
  readonly leftOut: string | null;
}

/**
 * The use of every channel of a recording by itself; of several the electrodes are those that all
 * have.
 */
async function usesOf(file: EdfFile): Promise<ChannelUse[]> {
  const all = file.signals.map((_, i) => i);
  const flat = await flatSignals(file, all, FIXED_DEFAULTS.minStdUv);
  const channels = file.signals.map((signal, i) => ({ ...signal, isFlat: flat.has(i) }));
  const { names, reasons } = electrodesAmong(channels);
  return all.map((i) => ({ electrode: names[i] ?? null, leftOut: reasons.get(i) ?? null }));
}

function channelTable({ channels }: EdfInfo, uses: readonly ChannelUse[]): string {
  const header = ["#", "label", "unit", "Hz", "samples", "physical range", "min", "max", "mean"];
  const rows = channels.map((c, i) => [
    String(c.index),
    plain(c.label),
    plain(c.unit),
    number(c.rate),
    String(c.samples),
    `${number(c.physicalMinimum)} … ${number(c.physicalMaximum)}`,
    number(c.min),
    number(c.max),
    number(c.mean),
    uses[i]!.leftOut === null ? uses[i]!.electrode! : `– ${uses[i]!.leftOut}`,
  ]);
  header.push("as EEG");
  return table(header, rows);
}

/** A heading with the lines below it, the first twenty unless all are wanted. */
function listed(title: string, lines: readonly string[], all: boolean): string[] {
  if (lines.length === 0) return [];
  const shown = all ? lines : lines.slice(0, MOST_LINES);
  const rest = lines.length - shown.length;
  return [
    "",
    `${lines.length} ${title}${lines.length === 1 ? "" : "s"}:`,
    ...shown.map((line) => `  ${line}`),
    ...(rest > 0 ? [`  and ${rest} more (--all)`] : []),
  ];
}

function report(info: EdfInfo, uses: readonly ChannelUse[], all: boolean): string {
  const annotations = info.annotations.map(({ onset, duration: length, texts }) => {
    const during = length === undefined ? "" : ` for ${seconds(length)}`;
    return `${seconds(onset)}${during}: ${plain(texts.join(", "))}`;
  });
  const gaps = info.gaps.map(
    ({ start, end, record }) =>
      `${seconds(start)} to ${seconds(end)}, before record ${record}: nothing recorded for ${seconds(end - start)}`,
  );
  const warnings = info.warnings.map(
    ({ field, offset, message }) => `${plain(field)} (byte ${offset}): ${plain(message)}`,
  );
  return [
    info.file,
    ...head(info),
    ...(info.channels.length > 0 ? ["", channelTable(info, uses)] : []),
    ...listed("gap", gaps, all),
    ...listed("annotation", annotations, all),
    ...listed("warning", warnings, all),
  ].join("\n");
}

/** The JSON of an info with the use of every channel. */
function withUses(info: EdfInfo, uses: readonly ChannelUse[]): unknown {
  const json = edfInfoJson(info) as { channels: object[] };
  const channels = json.channels.map((channel, i) => ({
    ...channel,
    electrode: uses[i]!.electrode,
    left_out: uses[i]!.leftOut,
  }));
  return { ...json, channels };
}

export async function info(path: string, options: Options): Promise<void> {
  const file = await openEdf(path, { badCalibration: "keep", strict: options.strict === true });
  try {
    const found = await describeEdf(file);
    const uses = await usesOf(file);
    const text = options.json
      ? JSON.stringify(withUses(found, uses))
      : report(found, uses, options.all === true);
    print(`${text}\n`);
  } finally {
    await file.close();
  }
}
