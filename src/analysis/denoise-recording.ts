/**
 * @file An EDF or BDF recording through SAEs that were trained on EEG windows: a copy in which their channels are denoised and nothing
 * else is touched. It is worked through in pieces, so that memory does not grow with the recording.
 */

import { realpath } from "node:fs/promises";
import { extname } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { ConcordError, expected } from "../errors.ts";
import type { EdfSignal } from "../formats/edf/header.ts";
import { openEdf } from "../formats/edf/open-edf.ts";
import { rewriteEdf } from "../formats/edf/rewrite-edf.ts";
import { butterworth } from "../signal/butterworth.ts";
import type { EegRecipe } from "../sources/eeg/recipe.ts";
import { recipeChannels } from "../sources/eeg/recipe-channels.ts";
import {
  type DenoisedChannel,
  DenoisingTally,
  denoisedParts,
  type PieceOptions,
} from "./denoise-pieces.ts";
import type { SignalDenoiser } from "./denoise-signal.ts";
import { openEegSaes } from "./open-eeg-saes.ts";

/** What to denoise, with which autoencoder, and where the result goes. */
export interface DenoiseOptions extends PieceOptions {
  readonly input: string;
  /** Replaced when it is there, at the end and at once. */
  readonly output: string;
  /** Folders of SAEs that were trained on the same windows; of several, the mean of what they make of a window. */
  readonly saes: readonly string[];
  /** Share of a window that neighbours have in common, 0 to below 1. Default 0.75: four windows to a sample. */
  readonly overlap?: number;
  /** Where the SAEs know channels against their average: add that back, disturbed as it is. Default false. */
  readonly restoreReference?: boolean;
}

/** What was denoised, and how much that took away. */
export interface DenoisedRecording {
  readonly channels: readonly DenoisedChannel[];
  /** Labels of the signals that were copied as they are. */
  readonly passedThrough: readonly string[];
  /** Hz: of the recording, and of the SAE. */
  readonly rate: number;
  readonly saeRate: number;
  readonly band: EegRecipe["band"];
  /** Against what the denoised channels are measured now. */
  readonly reference: "as recorded" | "average";
  /** Seconds denoised, in stretches between gaps; and seconds in stretches too short for filter or window, left as they are. */
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
 * The SAEs' channels are filtered to the band they were trained on, resampled to their rate, cut into overlapping windows, z-scored,
 * reconstructed, and all of it undone. Gaps of EDF+D and BDF+D are never crossed. Header, labels, calibration, annotations and all
 * other signals stay as they are, but for the prefiltering that the header states.
 *
 * @throws {ConcordError} `argument/invalid` when the SAEs and the recording do not fit; {FormatError} for an SAE without a recipe of
 *   its windows; `interrupted`; errors of reading and writing. What was at `output` is then still there.
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
    const matched = recipeChannels(recipe, file.signals, options.input);
    for (const i of matched.indices) requireZero(file.signals[i]!, options.input);
    const { low, high, order } = recipe.band;
    const settings: SignalDenoiser = {
      ...{ recipe, denoiser, restoreReference },
      hop: Math.max(1, Math.round((1 - overlap) * recipe.samples)),
      sections: butterworth(order, { kind: "bandPass", low, high }, matched.rate),
    };
    const tally = new DenoisingTally(matched);
    const averaged = recipe.averageReference && !restoreReference;
    const { bytes, clipped } = await rewriteEdf(file, options.output, {
      indices: matched.indices,
      samples: denoisedParts(file, settings, matched, tally, options),
      prefilter: (signal) => prefilterText(signal, recipe, averaged),
    });
    const used = new Set(matched.indices);
    return {
      channels: tally.channels(file.signals, recipe),
      passedThrough: file.signals.filter((_, i) => !used.has(i)).map((s) => s.label),
      ...{ rate: matched.rate, saeRate: recipe.rate, band: recipe.band },
      reference: averaged ? "average" : "as recorded",
      ...{ seconds: tally.samples / matched.rate, stretches: tally.stretches },
      ...{ keptSeconds: tally.keptSamples / matched.rate, keptStretches: tally.keptStretches },
      ...{ windows: tally.windows, clipped, bytes },
    };
  } finally {
    await file.close();
  }
}

async function refuseSameFile({ input, output }: DenoiseOptions): Promise<void> {
  const [from, to] = await Promise.all([input, output].map((p) => realpath(p).catch(() => p)));
  if (from === to) throw expected("output", "another file than the input", output);
}

/** A copy is of the same format as the recording, so its name must not say that it is of the other. */
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

/** What the header says of a denoised signal: the filters it went through, as EDF+ abbreviates them. */
function prefilterText({ prefilter }: EdfSignal, { band }: EegRecipe, averaged: boolean): string {
  const own = `HP:${band.low}Hz LP:${band.high}Hz${averaged ? " average reference" : ""}, SAE`;
  const both = prefilter === "" ? own : `${prefilter}; ${own}`;
  return both.length <= 80 ? both : own;
}
