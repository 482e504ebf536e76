/** @file The `source` of a config that trains on EEG recordings, or on simulated ones. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import {
  bufferBytes,
  heldOutFraction,
  normalize,
  positiveInteger,
  seed,
  sourceSeed,
} from "../../sources/schema-parts.ts";
import { CORRUPTIONS } from "./signal/corruptions.ts";
import { CORRUPT_DEFAULTS } from "./windows/corrupt-windows.ts";
import { FIXED_DEFAULTS } from "./windows/fixed.ts";
import { DEFAULT_BAND } from "./windows/pipeline.ts";

const texts = z.array(z.string()).min(1);
const hertz = z.number().gt(0);
const microvolts = z.number().min(0).optional();

const band = z.strictObject({
  low: hertz.default(DEFAULT_BAND.low).describe("Hz"),
  high: hertz.default(DEFAULT_BAND.high).describe("Hz"),
  order: positiveInteger.default(DEFAULT_BAND.order).describe("Of the Butterworth prototype"),
});

const simulated = z.strictObject({
  recordings: positiveInteger.default(8).describe("How many; they differ in their seeds"),
  seconds: z.number().gt(0).default(120).describe("Length of each"),
  rate: hertz.optional().describe("Hz; default 250"),
  channels: z
    .union([texts, z.int().min(19).max(31)])
    .optional()
    .describe("10–10 names, or how many of the usual ones; default 19"),
  background_sources: z.int().min(0).optional().describe("Sources of 1/f activity; default 12"),
  alpha_sources: z.int().min(0).optional().describe("Sources of alpha bursts; default 2"),
  beta_sources: z.int().min(0).optional().describe("Sources of beta bursts; default 2"),
  background_uv: microvolts.describe("Root mean square of the 1/f activity, µV; default 8"),
  alpha_uv: microvolts.describe("Root mean square of alpha activity, µV; default 6"),
  beta_uv: microvolts.describe("Root mean square of beta activity, µV; default 2.5"),
  blink_uv: microvolts.describe("Height of a blink at the strongest electrode, µV; default 120"),
  blinks_per_minute: z.number().gt(0).optional().describe("Default 12"),
  line_uv: microvolts.describe("Amplitude of line noise, µV; default 4"),
  line_frequency: hertz.optional().describe("Hz; default 50"),
  sensor_uv: microvolts.describe("White noise of electrode and amplifier, µV; default 1"),
  seed: seed
    .optional()
    .describe("Of the first recording, the others count up; default: that of the source"),
  head_seed: seed
    .optional()
    .describe(
      "Where the sources are in the head: the same for all recordings; default: each has a head of its own",
    ),
});

const decibels = z.number().min(-60).max(60);

const corrupt = z.strictObject({
  kinds: z
    .array(z.enum(CORRUPTIONS))
    .min(1)
    .default([...CORRUPT_DEFAULTS.kinds])
    .describe("Kinds of disturbance, one drawn for each window served"),
  snr_db: z
    .union([decibels, z.tuple([decibels, decibels])])
    .default([...CORRUPT_DEFAULTS.snrDb])
    .describe("Signal over noise of a window, dB: one value, or the lowest and the highest"),
  line_frequency: hertz
    .default(CORRUPT_DEFAULTS.lineFrequency)
    .describe("Of line noise, Hz; below half the rate"),
  training: z
    .enum(["pairs", "clean"])
    .default(CORRUPT_DEFAULTS.training)
    .describe(
      "Train on noisy windows with clean targets, or on clean windows; evaluation is noisy",
    ),
});

const only = "fixed only";

export const eegSource = z.strictObject({
  kind: z.literal("eeg").describe("Windows of EEG recordings, channel after channel, z-scored"),
  paths: z
    .union([texts, z.string()])
    .optional()
    .describe(".edf and .bdf files, or folders searched at any depth; relative to the config file"),
  simulated: simulated
    .optional()
    .describe("Instead of paths: simulated recordings, labelled a substitute wherever they appear"),
  variant: z
    .enum(["fixed", "faithful"])
    .default("fixed")
    .describe("faithful cuts windows as the founding program does; fixed mends its weaknesses"),
  window_seconds: z.number().gt(0).default(1).describe("Length of a window"),
  band: band.prefault({}).describe("Butterworth band-pass, forward and backward"),
  overlap: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe(
      `Share of a window that neighbours have in common (${only}); default ${FIXED_DEFAULTS.overlap}`,
    ),
  channels: texts
    .optional()
    .describe(`10–10 names in the order wanted (${only}); default: what all recordings have`),
  min_channels: positiveInteger
    .optional()
    .describe(
      `Recordings with fewer electrodes are skipped when channels is not given (${only}); default ${FIXED_DEFAULTS.minChannels}`,
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
      `A window with a sample beyond ± this is an artefact, µV (${only}); default ${FIXED_DEFAULTS.maxAmplitudeUv}`,
    ),
  min_std_uv: z
    .number()
    .min(0)
    .optional()
    .describe(
      `A window with a channel that varies less, as recorded or filtered, is an artefact, µV; a channel that does so from beginning to end is left out; 0 turns both off (${only}); default ${FIXED_DEFAULTS.minStdUv}`,
    ),
  reject_clipped: z
    .boolean()
    .optional()
    .describe(
      `A window in which a channel as recorded stays at the end of its range is an artefact (${only}); default true`,
    ),
  max_recording_bytes: positiveInteger
    .optional()
    .describe(
      "Recordings whose samples take more memory, as float64, are skipped, bytes; default 2 GiB. Making windows of one takes up to three times that",
    ),
  corrupt: corrupt
    .optional()
    .describe(
      `Train denoisers: windows are disturbed as they are served, before the z-score, and the clean ones are their targets (${only})`,
    ),
  held_out: texts
    .optional()
    .describe(
      "Hold out the recordings whose path contains one of these texts, for example a subject's folder",
    ),
  held_out_fraction: heldOutFraction.describe(
    "Share of the recorded time to hold out, whole recordings, when held_out is not given; the end of a single one",
  ),
  guard_seconds: z
    .number()
    .min(0)
    .default(5)
    .describe("Gap before the held-out end of a single recording"),
  buffer_bytes: bufferBytes.describe(
    "Memory the source may hold, bytes; more windows than fit are kept in an activation store in the cache",
  ),
  normalize,
  seed: sourceSeed,
});

export type EegConfig = CamelKeys<z.output<typeof eegSource>>;
