/**
 * @file An EDF or BDF recording through SAEs that were trained on EEG windows. It gives a copy in
 *   which their channels are denoised and nothing else is touched. It is worked through in pieces,
 *   so that memory does not grow with the recording.
 */

import { realpath } from "node:fs/promises";
import { extname } from "node:path";
import type { Backend } from "../../../backend/backend.ts";
import { ConcordError, expected, FormatError } from "../../../errors.ts";
import type { EdfFile } from "../edf/edf-file.ts";
import type { EdfSignal } from "../edf/header.ts";
import { openEdf } from "../edf/open-edf.ts";
import { rewriteEdf } from "../edf/rewrite-edf.ts";
import { warningLines } from "../edf/warning-lines.ts";
import { flatSignals } from "../recordings/flat-channels.ts";
import { butterworth } from "../signal/butterworth.ts";
import { FIXED_DEFAULTS } from "../windows/fixed.ts";
import type { EegRecipe } from "../windows/recipe.ts";
import { type RecipeChannels, recipeChannels } from "../windows/recipe-channels.ts";
import {
  type DenoisedChannel,
  DenoisingTally,
  denoisedParts,
  leastSamples,
  type PieceOptions,
} from "./denoise-pieces.ts";
import type { SignalDenoiser } from "./denoise-signal.ts";
import { openEegSaes } from "./open-eeg-saes.ts";

/** What to denoise, with which autoencoder, and where the result goes. */
export interface DenoiseOptions extends PieceOptions {
  readonly input: string;
  /** Replaced when it is there, at the end and at once. */
  readonly output: string;
  /**
   * Folders of SAEs that were trained on the same windows; of several, the mean of what they make
   * of a window.
   */
  readonly saes: readonly string[];
  /**
   * Share of a window that neighbours have in common, 0 to below 1. Default 0.75: four windows to a
   * sample.
   */
  readonly overlap?: number;
  /**
   * Where the SAEs know channels against their average: add that back, disturbed as it is. Default
   * false.
   */
  readonly restoreReference?: boolean;
}

/** What was denoised, and how much that took away. */
export interface DenoisedRecording {
  readonly channels: readonly DenoisedChannel[];
  /** Labels of the signals that were copied as they are. */
  readonly passedThrough: readonly string[];
  /**
   * Labels of the SAE's channels that are flat from beginning to end: kept out of the average, and
   * copied as they are.
   */
  readonly flat: readonly string[];
  /**
   * Channels that drop out, staying about one value for a while, and for how many seconds: these
   * are left as recorded.
   */
  readonly dropouts: readonly { readonly label: string; readonly seconds: number }[];
  /** Bytes of a last record that was cut, copied as they are after the whole ones. */
  readonly extraBytes: number;
  /** What is odd about the file, a line each. */
  readonly warnings: readonly string[];
  /** Hz: of the recording, and of the SAE. */
  readonly rate: number;
  readonly saeRate: number;
  readonly band: EegRecipe["band"];
  /** Against what the denoised channels are measured now. */
  readonly reference: "as recorded" | "average";
  /**
   * Seconds denoised, in stretches between gaps; and seconds in stretches too short for filter or
   * window, left as they are.
   */
  readonly seconds: number;
  readonly stretches: number;
  readonly keptSeconds: number;
  readonly keptStretches: number;
  readonly windows: number;
  /** Samples that the calibration cannot hold, stored as the nearest it can. */
  readonly clipped: number;
  readonly bytes: number;
}

const DEFAULT_OVERLAP = 0.75;

/**
 * Writes a denoised copy of a recording.
 *
 * The SAEs' channels are filtered to the band they were trained on, resampled to their rate, cut
 * into overlapping windows, z-scored and reconstructed. All of it is undone afterwards. Gaps of
 * EDF+D and BDF+D are never crossed. Header, labels, calibration, annotations and all other signals
 * stay as they are, but for the prefiltering that the header states. So do channels that are flat,
 * and the parts in which one drops out.
 *
 * @throws {ConcordError} `argument/invalid` when the SAEs and the recording do not fit;
 *   {FormatError} for an SAE without a recipe of its windows; for a recording of which nothing can
 *   be denoised (no records, no stretch as long as a window, every channel flat); `interrupted`;
 *   errors of reading and writing. What was at `output` is then still there.
 */
export async function denoiseRecording(
  backend: Backend,
  options: DenoiseOptions,
): Promise<DenoisedRecording> {
  const { recipe, denoiser } = await openEegSaes(backend, options.saes);
  await refuseSameFile(options);
  const { overlap = DEFAULT_OVERLAP, restoreReference = false } = options;
  if (!(overlap >= 0 && overlap < 1))
    throw expected("overlap", "a share from 0 to below 1", overlap);
  const file = await openEdf(options.input, { badCalibration: "keep" });
  try {
    requireFormat(options.output, file.format);
    if (file.signals.length > 0) refuseEmpty(file);
    const matched = recipeChannels(recipe, file.signals, options.input);
    const dead = await flatSignals(file, matched.indices, FIXED_DEFAULTS.minStdUv);
    const flat = new Set(matched.indices.flatMap((i, c) => (dead.has(i) ? [c] : [])));
    if (flat.size === matched.indices.length) {
      const message = "every channel that the SAE was trained on is flat from beginning to end.";
      throw new FormatError(file.name, message);
    }
    const live = matched.indices.filter((i) => !dead.has(i));
    for (const i of live) requireZero(file.signals[i]!, options.input);
    const { low, high, order } = recipe.band;
    const settings: SignalDenoiser = {
      recipe,
      denoiser,
      restoreReference,
      flat,
      hop: Math.max(1, Math.round((1 - overlap) * recipe.samples)),
      sections: butterworth(order, { kind: "bandPass", low, high }, matched.rate),
    };
    await refuseShort(file, settings, matched);
    const tally = new DenoisingTally(matched);
    const averaged = recipe.averageReference && !restoreReference;
    const { bytes, clipped } = await rewriteEdf(file, options.output, {
      indices: matched.indices,
      samples: denoisedParts(file, settings, matched, tally, options),
      prefilter: (signal) =>
        dead.has(file.signals.indexOf(signal))
          ? signal.prefilter
          : prefilterText(signal, recipe, averaged),
    });
    const used = new Set(matched.indices);
    const labelOf = (c: number) => file.signals[matched.indices[c]!]!.label;
    return {
      channels: tally.channels(file.signals, recipe).filter((_, c) => !flat.has(c)),
      flat: [...flat].map(labelOf),
      dropouts: tally.droppedSamples.flatMap((samples, c) =>
        samples > 0 ? [{ label: labelOf(c), seconds: samples / matched.rate }] : [],
      ),
      extraBytes: file.extraByteCount,
      warnings: warningLines(file.warnings),
      passedThrough: file.signals.filter((_, i) => !used.has(i)).map((s) => s.label),
      rate: matched.rate,
      saeRate: recipe.rate,
      band: recipe.band,
      reference: averaged ? "average" : "as recorded",
      seconds: tally.samples / matched.rate,
      stretches: tally.stretches,
      keptSeconds: tally.keptSamples / matched.rate,
      keptStretches: tally.keptStretches,
      windows: tally.windows,
      clipped,
      bytes,
    };
  } finally {
    await file.close();
  }
}

function refuseEmpty(file: EdfFile): void {
  if (file.recordCount > 0) return;
  const why = warningLines(file.warnings).join(" ");
  throw new FormatError(
    file.name,
    `it holds no data record, so there is nothing to denoise.${why && ` ${why}`}`,
  );
}

/**
 * @throws {FormatError} when no stretch between gaps is long enough, so that the copy would be the
 *   recording itself.
 */
async function refuseShort(
  file: EdfFile,
  settings: SignalDenoiser,
  { indices, rate }: RecipeChannels,
): Promise<void> {
  const least = leastSamples(settings, rate);
  const perRecord = file.signals[indices[0]!]!.samplesPerRecord;
  const segments = await file.segments();
  const longest = segments.reduce((most, s) => Math.max(most, s.records * perRecord), 0);
  if (longest >= least) return;
  const [found, needed] = [longest, least].map((samples) => Number((samples / rate).toFixed(3)));
  throw new FormatError(
    file.name,
    `its longest stretch without a gap lasts ${found} s, and a filter and a window need ${needed} s: nothing can be denoised.`,
  );
}

async function refuseSameFile({ input, output }: DenoiseOptions): Promise<void> {
  const [from, to] = await Promise.all([input, output].map((p) => realpath(p).catch(() => p)));
  if (from === to) throw expected("output", "another file than the input", output);
}

/**
 * A copy is of the same format as the recording, so its name must not say that it is of the other.
 */
function requireFormat(output: string, format: string): void {
  const [kind] = format.split("+");
  const said = extname(output).slice(1).toUpperCase();
  if (["EDF", "BDF"].includes(said) && said !== kind)
    throw expected(
      "output",
      `a name that ends in .${kind!.toLowerCase()}, as its format will be,`,
      output,
    );
}

/** A filtered signal lies about zero, so zero has to be a number that the signal can store. */
function requireZero({ label, physMin, physMax }: EdfSignal, where: string): void {
  if (physMin * physMax < 0) return;
  throw new ConcordError(
    "argument/invalid",
    `${where}: "${label}" stores ${physMin} to ${physMax}, which a signal without its offset lies outside of.`,
    { hint: "Write the recording with a physical range about zero." },
  );
}

/**
 * What the header says of a denoised signal: the filters it went through, as EDF+ abbreviates them.
 */
function prefilterText({ prefilter }: EdfSignal, { band }: EegRecipe, averaged: boolean): string {
  const own = `HP:${band.low}Hz LP:${band.high}Hz${averaged ? " average reference" : ""}, SAE`;
  const both = prefilter === "" ? own : `${prefilter}; ${own}`;
  return both.length <= 80 ? both : own;
}
