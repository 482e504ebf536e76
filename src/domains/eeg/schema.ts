/** @file The `source` of a config that trains on EEG recordings, or on simulated ones. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import {
  bufferBytes,
  heldOutFraction,
  normalize,
  orderSeed,
  positiveInteger,
  residualOf,
  seed,
  sourceSeed,
} from "../../sources/schema-parts.ts";
import { CORRUPTIONS } from "./signal/corruptions.ts";
import { CORRUPT_DEFAULTS } from "./source/corrupt-windows.ts";
import { FIXED_DEFAULTS } from "./windows/fixed.ts";
import { DEFAULT_BAND } from "./windows/pipeline.ts";

const texts = z.array(z.string()).min(1);
const hertz = z.number().gt(0);
const microvolts = z.number().min(0).optional();

const band = z.strictObject({
  low: hertz.default(DEFAULT_BAND.low).describe("Hz"),
  high: hertz.default(DEFAULT_BAND.high).describe("Hz"),
  order: positiveInteger.default(DEFAULT_BAND.order).describe("Order of the Butterworth prototype"),
});

const simulated = z.strictObject({
  recordings: positiveInteger
    .default(8)
    .describe("Number of recordings; they differ in their seeds"),
  seconds: z.number().gt(0).default(120).describe("Length of each recording"),
  rate: hertz.optional().describe("Hz; default 250"),
  channels: z
    .union([texts, z.int().min(19).max(31)])
    .optional()
    .describe("10–10 names, or a number of usual electrodes; default 19"),
  background_sources: z.int().min(0).optional().describe("Sources of 1/f activity; default 12"),
  alpha_sources: z.int().min(0).optional().describe("Sources of alpha bursts; default 2"),
  beta_sources: z.int().min(0).optional().describe("Sources of beta bursts; default 2"),
  background_uv: microvolts.describe("Root mean square of the 1/f activity, µV; default 8"),
  alpha_uv: microvolts.describe("Root mean square of alpha activity, µV; default 6"),
  beta_uv: microvolts.describe("Root mean square of beta activity, µV; default 2.5"),
  blink_uv: microvolts.describe("Amplitude of a blink at the strongest electrode, µV; default 120"),
  blinks_per_minute: z.number().gt(0).optional().describe("Default 12"),
  line_uv: microvolts.describe("Amplitude of line noise, µV; default 4"),
  line_frequency: hertz.optional().describe("Hz; default 50"),
  sensor_uv: microvolts.describe("White noise of electrodes and amplifier, µV; default 1"),
  seed: seed
    .optional()
    .describe("Seed of the first recording; the others count up. Default: the source's seed"),
  head_seed: seed
    .optional()
    .describe(
      "Seed of the positions of sources in the head, shared by all recordings; default: each recording has its own head",
    ),
});

const decibels = z.number().min(-60).max(60);

const corrupt = z.strictObject({
  kinds: z
    .array(z.enum(CORRUPTIONS))
    .min(1)
    .default([...CORRUPT_DEFAULTS.kinds])
    .describe("Kinds of noise; one is drawn for each window served"),
  snr_db: z
    .union([decibels, z.tuple([decibels, decibels])])
    .default([...CORRUPT_DEFAULTS.snrDb])
    .describe("Signal-to-noise ratio of a window, dB: one value, or lowest and highest"),
  line_frequency: hertz
    .default(CORRUPT_DEFAULTS.lineFrequency)
    .describe("Frequency of line noise, Hz; below half the sampling rate"),
  training: z
    .enum(["pairs", "clean"])
    .default(CORRUPT_DEFAULTS.training)
    .describe(
      "pairs: train on noisy windows with clean targets; clean: train on clean windows. Evaluation always uses noisy windows",
    ),
});

const only = "fixed only";

export const eegSource = z.strictObject({
  kind: z.literal("eeg").describe("Windows of EEG recordings, z-scored, one channel after another"),
  paths: z
    .union([texts, z.string()])
    .optional()
    .describe(".edf and .bdf files, or folders searched at any depth; relative to the config file"),
  simulated: simulated
    .optional()
    .describe(
      "Instead of paths: simulated recordings, labelled as a substitute wherever they appear",
    ),
  variant: z
    .enum(["fixed", "faithful"])
    .default("fixed")
    .describe("faithful cuts windows as the MFR authors' code does; fixed mends its weaknesses"),
  window_seconds: z.number().gt(0).default(1).describe("Length of a window"),
  band: band.prefault({}).describe("Butterworth band-pass, forward and backward"),
  overlap: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe(
      `Share of a window that overlaps the next (${only}); default ${FIXED_DEFAULTS.overlap}`,
    ),
  channels: texts
    .optional()
    .describe(
      `10–10 names, in this order (${only}); default: the electrodes that all recordings have`,
    ),
  min_channels: positiveInteger
    .optional()
    .describe(
      `Without channels: skip recordings with fewer electrodes (${only}); default ${FIXED_DEFAULTS.minChannels}`,
    ),
  rate: hertz
    .optional()
    .describe(`Hz after resampling (${only}); default: the lowest of the recordings`),
  average_reference: z
    .boolean()
    .optional()
    .describe(`Subtract the mean over electrodes (${only}); default true`),
  max_amplitude_uv: hertz
    .optional()
    .describe(
      `Largest magnitude, µV; a window with a larger sample is an artefact (${only}); default ${FIXED_DEFAULTS.maxAmplitudeUv}`,
    ),
  min_std_uv: z
    .number()
    .min(0)
    .optional()
    .describe(
      `Least standard deviation of a channel, as recorded or filtered, µV. A window with less is an artefact; a channel with less throughout is left out; 0 turns both off (${only}); default ${FIXED_DEFAULTS.minStdUv}`,
    ),
  reject_clipped: z
    .boolean()
    .optional()
    .describe(
      `Treat a window as an artefact if a channel, as recorded, stays at the end of its range (${only}); default true`,
    ),
  max_recording_bytes: positiveInteger
    .optional()
    .describe(
      "Largest recording, bytes of its samples as float64; larger ones are skipped. Default 2 GiB. Cutting windows takes up to three times as much",
    ),
  corrupt: corrupt
    .optional()
    .describe(
      `Train denoisers: noise is added to windows as they are served, before the z-score; the clean windows are their targets (${only})`,
    ),
  held_out: texts
    .optional()
    .describe(
      "Hold out the recordings whose path contains one of these texts, for example a subject's folder",
    ),
  held_out_fraction: heldOutFraction.describe(
    "Without held_out: share of the recorded time to hold out, as whole recordings, or as the end of a single one",
  ),
  guard_seconds: z
    .number()
    .min(0)
    .default(5)
    .describe("Gap before the held-out end of a single recording"),
  buffer_bytes: bufferBytes.describe(
    "Memory that the source may use, bytes. Windows that do not fit are kept in an activation store in the cache",
  ),
  normalize,
  residual_of: residualOf,
  seed: sourceSeed,
  order_seed: orderSeed,
});

export type EegConfig = CamelKeys<z.output<typeof eegSource>>;
