/**
 * @file From the `source` of a config with EEG to a Source: in memory where the windows fit, else
 *   through an activation store.
 */

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { given } from "../../../base/given.ts";
import { ConfigError } from "../../../errors.ts";
import { sha256Of } from "../../../fetch/checksums.ts";
import { snakeCase } from "../../../formats/key-case.ts";
import type { RowKernels } from "../../../sources/rows/row-kernels.ts";
import { openShardSource, requireStoreBuffer } from "../../../sources/shards/shard-source.ts";
import type { Source } from "../../../sources/source.ts";
import { eegNotices } from "../recordings/report-words.ts";
import type { EegConfig } from "../schema.ts";
import type { EegPlan } from "../windows/pipeline.ts";
import {
  type EegInput,
  type EegProgress,
  planEeg,
  refuseInterrupted,
  tell,
} from "../windows/prepare.ts";
import { type CollectedEeg, collectEeg, eegStoreShape, readCollectedEeg } from "./collect-eeg.ts";
import type { CorruptOptions } from "./corrupt-windows.ts";
import { type EegSourceOptions, openEegSource, servedSource, storedOptions } from "./eeg-source.ts";
import { type ExpectedEeg, expectedEeg } from "./expected-windows.ts";

export interface OpenEegOptions {
  /** Folder that relative paths of the config start from. */
  readonly baseFolder: string;
  /** Where windows that do not fit in memory are kept. */
  readonly cacheDir: string;
  /** Of the run, for a source without a seed of its own. */
  readonly seed: number;
  readonly kernels?: RowKernels;
  readonly signal?: AbortSignal | undefined;
  readonly onRecording?: ((progress: EegProgress) => void) | undefined;
  /** Told of the width of a window before any sample is read; may throw. */
  readonly onWidth?: ((dIn: number) => void) | undefined;
}

/** Keys that only the `fixed` variant knows. */
const FIXED_ONLY = [
  "overlap",
  "channels",
  "minChannels",
  "rate",
  "averageReference",
  "maxAmplitudeUv",
  "minStdUv",
  "rejectClipped",
  "corrupt",
] as const;

function inputOf(source: EegConfig, baseFolder: string, seed: number): EegInput {
  const { paths, simulated: s } = source;
  if ((paths === undefined) === (s === undefined))
    throw new ConfigError(
      `source: expected exactly one of paths and simulated, but ${s ? "both are" : "neither is"} given.`,
      { hint: "paths takes .edf and .bdf files or folders; simulated: {} generates recordings." },
    );
  if (paths !== undefined)
    return { paths: [paths].flat().map((path) => resolve(baseFolder, path)) };
  return {
    simulated: given({
      recordings: s!.recordings,
      seconds: s!.seconds,
      rate: s!.rate,
      channels: s!.channels,
      backgroundSources: s!.backgroundSources,
      alphaSources: s!.alphaSources,
      betaSources: s!.betaSources,
      backgroundUv: s!.backgroundUv,
      alphaUv: s!.alphaUv,
      betaUv: s!.betaUv,
      blinkUv: s!.blinkUv,
      blinksPerMinute: s!.blinksPerMinute,
      lineUv: s!.lineUv,
      lineFrequency: s!.lineFrequency,
      sensorUv: s!.sensorUv,
      seed: s!.seed ?? seed,
      headSeed: s!.headSeed,
    }),
  };
}

function corruptOptions(corrupt: EegConfig["corrupt"]): CorruptOptions | undefined {
  if (corrupt === undefined) return undefined;
  const { kinds, snrDb, lineFrequency, training } = corrupt;
  return { kinds, snrDb, lineFrequency, training };
}

/**
 * What a config's EEG source asks of the pipeline.
 *
 * @throws {ConfigError} for paths and simulated both or neither, and for keys of `fixed` with
 *   `faithful`.
 */
export function eegOptions(
  source: EegConfig,
  { baseFolder, seed: runSeed, kernels }: Omit<OpenEegOptions, "cacheDir">,
): EegSourceOptions {
  const seed = source.seed ?? runSeed;
  const idle = FIXED_ONLY.find((key) => source[key] !== undefined);
  if (source.variant === "faithful" && idle !== undefined)
    throw new ConfigError(`source.${snakeCase(idle)} has no effect with variant: faithful.`, {
      hint: "Leave it out, or use variant: fixed.",
    });
  const shared = given({
    ...inputOf(source, baseFolder, seed),
    seed,
    orderSeed: source.orderSeed,
    kernels,
    ...source.band,
    windowSeconds: source.windowSeconds,
    maxBytes: source.bufferBytes,
    maxRecordingBytes: source.maxRecordingBytes,
    heldOutFraction: source.heldOutFraction,
    heldOut: source.heldOut,
    guardSeconds: source.guardSeconds,
  });
  if (source.variant === "faithful") return { ...shared, variant: "faithful" };
  const fixed = given({
    overlap: source.overlap,
    channels: source.channels,
    minChannels: source.minChannels,
    rate: source.rate,
    averageReference: source.averageReference,
    maxAmplitudeUv: source.maxAmplitudeUv,
    minStdUv: source.minStdUv,
    rejectClipped: source.rejectClipped,
    corrupt: corruptOptions(source.corrupt),
  });
  return { ...shared, ...fixed, variant: "fixed" };
}

/** What a source will be like, from headers alone. */
export async function eegFacts(
  source: EegConfig,
  options: Omit<OpenEegOptions, "cacheDir">,
): Promise<ExpectedEeg & { readonly inMemory: boolean }> {
  const eeg = eegOptions(source, options);
  const expected = expectedEeg(await planEeg(eeg), eeg);
  return { ...expected, inMemory: expected.bytes <= source.bufferBytes };
}

/**
 * Opens an EEG source. Windows that cannot fit `buffer_bytes` are written to the cache first, once
 * for the same content of recordings and options. Their order in training is then that of a store.
 *
 * @throws {ConfigError}; {ConcordError} as `openEegSource`, `collectEeg` and `openShardSource`.
 */
export async function openEeg(source: EegConfig, options: OpenEegOptions): Promise<Source> {
  const { eeg, plan, folder } = await placeEeg(source, options);
  if (folder === undefined) return openEegSource({ ...eeg, plan });
  const kept = storedOptions(eeg);
  const collected = (await readCollectedEeg(folder)) ?? (await collect(kept, plan, folder));
  const { heldOutRows, layout, report } = collected;
  const store = await openShardSource({
    folder,
    heldOutRows,
    seed: eeg.orderSeed ?? eeg.seed ?? 0,
    bufferBytes: source.bufferBytes,
    ...(options.kernels && { kernels: options.kernels }),
  });
  // A store that an older version wrote does not say what its recordings stand in for.
  const { substitute } = plan;
  const facts = { layout, report, heldOutRows, ...(substitute !== undefined && { substitute }) };
  const provenance = { ...store.provenance, ...facts };
  const { heldOutWindows } = collected;
  const known = heldOutWindows === undefined ? {} : { heldOutWindows };
  return servedSource({ ...store, ...known, provenance, notices: eegNotices(report) }, layout, eeg);
}

/**
 * Checks, before any window is made, that a store of the expected windows can be served within
 * `buffer_bytes`.
 *
 * @throws {ConcordError} `config/invalid` with the number of bytes that would do.
 */
function requireEegBuffer(source: EegConfig, expected: ExpectedEeg): void {
  const { dIn, trainRows, heldOutRows } = expected;
  // That a side has no windows is said, with the reasons, by whoever makes them.
  if (trainRows === 0 || heldOutRows === 0) return;
  requireStoreBuffer(eegStoreShape(dIn, source.variant), trainRows + heldOutRows, {
    where: "the EEG windows",
    bufferBytes: source.bufferBytes,
    heldOutRows,
  });
}

function collect(eeg: EegSourceOptions, plan: EegPlan, folder: string): Promise<CollectedEeg> {
  return collectEeg({ ...eeg, plan, folder });
}

/** Where the windows of a source will be: in memory, or in a store that may be there already. */
export interface PlacedEeg {
  readonly eeg: EegSourceOptions;
  readonly plan: EegPlan;
  /** Artefacts included, of which nothing is known yet. */
  readonly expected: ExpectedEeg;
  /** Of the store, in the cache; undefined for windows that fit in memory. */
  readonly folder: string | undefined;
}

/** Reads headers, and for the name of a store the recordings' contents; writes nothing. */
export async function placeEeg(source: EegConfig, options: OpenEegOptions): Promise<PlacedEeg> {
  const { signal, onRecording: onProgress } = options;
  const eeg = { ...eegOptions(source, options), ...given({ signal, onProgress }) };
  const plan = await planEeg(eeg);
  const expected = expectedEeg(plan, eeg);
  options.onWidth?.(expected.dIn);
  if (expected.bytes <= source.bufferBytes) return { eeg, plan, expected, folder: undefined };
  requireEegBuffer(source, expected);
  const name = await storeName(storedOptions(eeg), plan);
  return { eeg, plan, expected, folder: join(options.cacheDir, "activations", name) };
}

/** Folder name: another for other options, and for recordings of other content. */
async function storeName(eeg: EegSourceOptions, plan: EegPlan): Promise<string> {
  // Of a disturbance the store knows nothing: its windows are clean.
  const { kernels: _, maxBytes: __, signal, onProgress: ___, corrupt: ____, ...decisive } = eeg;
  const { planned } = plan;
  const files: [name: string, sha256: string][] = [];
  if (!("simulated" in eeg))
    for (const [i, { recording }] of planned.entries()) {
      refuseInterrupted(signal, i, planned.length);
      files.push([recording.name, await sha256Of(recording.name)]);
      tell(eeg, "checksums", recording.name, i + 1, planned.length);
    }
  const all = JSON.stringify([decisive, files]);
  const digest = createHash("sha256").update(all).digest("hex").slice(0, 12);
  return `eeg-${eeg.variant}-${digest}`;
}
