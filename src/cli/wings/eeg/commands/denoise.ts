/** @file concord denoise: an EEG recording through SAEs that were trained on EEG windows. */

import { InvalidArgumentError } from "commander";
import {
  type DenoisedRecording,
  denoiseRecording,
} from "../../../../domains/eeg/denoise/denoise-recording.ts";
import { showName } from "../../../../formats/show-name.ts";
import { backendFor, interruptSignal } from "../../../environment.ts";
import { bytes, duration, ProgressLine, short, TimeLeft, table } from "../../../output.ts";
import { print, warn } from "../../../print.ts";

interface Options {
  readonly out: string;
  readonly sae: readonly string[];
  readonly overlap: number;
  readonly restoreReference?: boolean;
  readonly json?: boolean;
}

function _share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new InvalidArgumentError("Expected a share from 0 to below 1.");
  return value;
}

function json(result: DenoisedRecording, input: string, { out, sae }: Options): unknown {
  return {
    input,
    output: out,
    sae,
    rate: result.rate,
    sae_rate: result.saeRate,
    band: result.band,
    reference: result.reference,
    windows: result.windows,
    seconds: result.seconds,
    stretches: result.stretches,
    kept_seconds: result.keptSeconds,
    kept_stretches: result.keptStretches,
    clipped: result.clipped,
    bytes: result.bytes,
    channels: result.channels.map(({ label, name, unit, rmsIn, rmsOut, rmsRemoved }) => ({
      label,
      name,
      unit,
      rms_in: rmsIn,
      rms_out: rmsOut,
      rms_removed: rmsRemoved,
    })),
    passed_through: result.passedThrough,
    flat: result.flat,
    dropouts: result.dropouts,
    extra_bytes: result.extraBytes,
    warnings: result.warnings,
  };
}

function report(result: DenoisedRecording, out: string): string {
  const { channels, passedThrough, band, rate, saeRate } = result;
  const rows = channels.map((c) => [
    showName(c.label),
    c.name,
    showName(c.unit),
    short(c.rmsIn),
    short(c.rmsOut),
    short(c.rmsRemoved),
  ]);
  const resampled = rate === saeRate ? "" : `, by way of ${short(saeRate)} Hz`;
  const reference = result.reference === "average" ? ", against the average of these channels" : "";
  const stretches = result.stretches === 1 ? "" : ` in ${result.stretches} stretches`;
  const lines = [
    `${out}: ${bytes(result.bytes)}, ${duration(result.seconds)} denoised${stretches}, ${result.windows} windows`,
    `${band.low} to ${band.high} Hz${resampled}${reference}`,
    "",
    table(["channel", "as", "unit", "RMS filtered", "denoised", "removed"], rows),
  ];
  if (passedThrough.length > 0)
    lines.push("", `copied unchanged: ${passedThrough.map(showName).join(", ")}`);
  if (result.flat.length > 0)
    lines.push(`flat throughout, copied unchanged: ${result.flat.map(showName).join(", ")}`);
  for (const { label, seconds } of result.dropouts)
    lines.push(`left as recorded, flat for a while: ${showName(label)}, ${short(seconds)} s`);
  if (result.extraBytes > 0)
    lines.push(`copied unchanged: ${result.extraBytes} bytes after the last complete record`);
  if (result.keptStretches > 0)
    lines.push(
      `left as recorded, too short for a filter and a window: ${result.keptStretches} stretches, ${short(result.keptSeconds)} s`,
    );
  if (result.clipped > 0)
    lines.push(
      `beyond the file's calibration, stored as the nearest value: ${result.clipped} samples`,
    );
  return lines.join("\n");
}

export async function denoise(input: string, options: Options): Promise<void> {
  const { backend } = backendFor();
  const line = new ProgressLine(process.stderr, () => performance.now());
  const start = performance.now();
  const timeLeft = new TimeLeft(() => performance.now());
  const result = await denoiseRecording(backend, {
    input,
    output: options.out,
    saes: options.sae,
    overlap: options.overlap,
    restoreReference: options.restoreReference === true,
    signal: interruptSignal(),
    onProgress: ({ seconds, totalSeconds }) => {
      const left = timeLeft.update(seconds, totalSeconds);
      line.update(() => {
        const speed = seconds / ((performance.now() - start) / 1000);
        return `${duration(seconds)} of ${duration(totalSeconds)}  ${short(speed)} times real time${left}`;
      });
    },
  }).finally(() => line.clear());
  for (const warning of result.warnings) warn(`${input}: ${warning}`);
  const text = options.json
    ? JSON.stringify(json(result, input, options))
    : report(result, options.out);
  print(`${text}\n`);
}
