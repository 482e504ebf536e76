/**
 * @file Simulated EEG of which everything is known: sources in a spherical head, the matrix that
 *   mixes them, the clean recording and each artefact apart. A stand-in for recordings that cannot
 *   be had, and a test bench where denoising can be scored; not a model of any brain.
 */

import { randomStream, uniformAt } from "../../../base/philox.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import { ConcordError, expected } from "../../../errors.ts";
import { addBlinkShape, addBurstShape, blinkTopography } from "./artefact-shapes.ts";
import { electrodePosition, type Point3, TEN_TWENTY } from "./electrodes.ts";
import type { Multichannel } from "./multichannel.ts";
import { normalised, pinkNoise, type RandomEvent, randomEvents } from "./noise.ts";

/** Electrodes added to the 10–20 system, in this order, up to 31. */
const FURTHER = "Fpz Oz FC1 FC2 CP1 CP2 FC5 FC6 CP5 CP6 AFz POz".split(" ");

export interface SimulatedEegOptions {
  /**
   * A non-negative safe integer: the same options give the same numbers on every machine with the
   * same arithmetic.
   */
  readonly seed: number;
  /**
   * Decides where the sources are and how they point, the lead field then: recordings with the same
   * one are of the same head. Default: `seed`.
   */
  readonly headSeed?: number;
  /** Hz. Default 250. */
  readonly rate?: number;
  readonly seconds: number;
  /** 10–10 names, or how many from 19 to 31 of the usual ones. Default 19. */
  readonly channels?: number | readonly string[];
  /** Sources of 1/f activity. Default 12. */
  readonly backgroundSources?: number;
  readonly alphaSources?: number;
  readonly betaSources?: number;
  /**
   * Root mean square over channels and time of each part of the brain's activity, µV. Defaults 8, 6
   * and 2.5.
   */
  readonly backgroundUv?: number;
  readonly alphaUv?: number;
  readonly betaUv?: number;
  /** Height of a blink at the strongest electrode, µV. Default 120. */
  readonly blinkUv?: number;
  /** Default 12. */
  readonly blinksPerMinute?: number;
  /** Amplitude of line noise, µV (each channel up to twice that). Default 4. */
  readonly lineUv?: number;
  /** Hz. Default 50. */
  readonly lineFrequency?: number;
  /** White noise of electrode and amplifier, µV. Default 1. */
  readonly sensorUv?: number;
}

export type SourceKind = "background" | "alpha" | "beta";

/** A current dipole in the head. */
export interface SimulatedSource {
  readonly kind: SourceKind;
  readonly position: Point3;
  readonly orientation: Point3;
  /** Activity over time, mean square 1: [samples]. */
  readonly activity: Float64Array;
  /** When an alpha or beta source is active. */
  readonly bursts: readonly (RandomEvent & { readonly frequency: number })[];
}

export interface SimulatedEeg extends Multichannel {
  /** The brain's activity at the electrodes, µV: leadField · activities. */
  readonly clean: readonly Float64Array[];
  /** What disturbs it, µV, each [channels][samples]. */
  readonly artefacts: {
    readonly blinks: readonly Float64Array[];
    readonly line: readonly Float64Array[];
    readonly sensor: readonly Float64Array[];
  };
  /** The recording, µV: clean + all artefacts. The same arrays as `channels`. */
  readonly noisy: readonly Float64Array[];
  readonly sources: readonly SimulatedSource[];
  /** µV at each electrode per unit of each source: [channels × sources], row-major. */
  readonly leadField: Float64Array;
  readonly blinks: readonly RandomEvent[];
}

/**
 * Bounds one recording to 2²⁶ numbers per part (31 channels at 250 Hz for two and a half hours):
 * 512 MiB each.
 */
const MAX_NUMBERS = 2 ** 26;

/**
 * Simulates one recording.
 *
 *   noisy = leadField · activities + blinks + line + sensor
 *
 * Sources are dipoles in a homogeneous conductor, φ = q · (rₑ − rₛ) / |rₑ − rₛ|³, at depths and
 * orientations drawn from the seed. There is background anywhere (1/f activity), alpha at the back
 * (8–13 Hz in bursts of 0.5–3 s), and beta near the middle (15–28 Hz, 0.2–1 s). Each column of the
 * lead field is scaled so that every kind has its stated root mean square. Line noise has a third
 * harmonic of a fifth.
 *
 * @throws {ConcordError} for unknown electrodes or more samples than the limit.
 */
export function simulateEeg(options: SimulatedEegOptions): SimulatedEeg {
  const { seed, rate = 250, seconds } = options;
  const labels = channelNames(options.channels ?? 19);
  const positions = labels.map((name) => electrodePosition(name)!);
  if (!(rate > 0 && Number.isFinite(rate))) throw expected("rate", "Hz above 0", rate);
  if (!(seconds > 0)) throw expected("seconds", "a number above 0", seconds);
  const n = Math.floor(seconds * rate);
  if (n < 1 || n * labels.length > MAX_NUMBERS) {
    throw new ConcordError(
      "argument/invalid",
      `${labels.length} channels × ${n} samples: expected from 1 sample to ${MAX_NUMBERS} numbers.`,
      { hint: "Simulate several shorter recordings with different seeds." },
    );
  }
  const sources = simulateSources(options, n, rate);
  const leadField = mixing(options, sources, positions);
  const clean = labels.map((_, c) => {
    const out = new Float64Array(n);
    for (const [s, { activity }] of sources.entries()) {
      const weight = leadField[c * sources.length + s]!;
      for (let i = 0; i < n; i++) out[i] = out[i]! + weight * activity[i]!;
    }
    return out;
  });
  const stream = (name: string) => randomStream(seed, `eeg/${name}`);
  const blinks = randomEvents(
    stream("blinks"),
    seconds,
    60 / (options.blinksPerMinute ?? 12),
    [0.2, 0.4],
  );
  const blink = new Float64Array(n);
  for (const event of blinks) {
    addBlinkShape(blink, rate, event, (options.blinkUv ?? 120) * (0.7 + 0.6 * event.draws[0]));
  }
  const topography = blinkTopography(positions);
  const line = lineNoise(options, labels.length, n, rate);
  const sensor = labels.map((_, c) =>
    whiteNoise(stream(`sensor/${c}`), n).map((v) => v * (options.sensorUv ?? 1)),
  );
  const artefacts = {
    blinks: Array.from(topography, (w) => blink.map((v) => v * w)),
    line,
    sensor,
  };
  const noisy = clean.map((brain, c) =>
    brain.map((v, i) => v + artefacts.blinks[c]![i]! + line[c]![i]! + sensor[c]![i]!),
  );
  return {
    rate,
    labels,
    channels: noisy,
    clean,
    artefacts,
    noisy,
    sources,
    leadField,
    blinks,
  };
}

function channelNames(channels: number | readonly string[]): readonly string[] {
  if (typeof channels === "number") {
    const most = TEN_TWENTY.length + FURTHER.length;
    if (!Number.isInteger(channels) || channels < TEN_TWENTY.length || channels > most) {
      throw expected("channels", `an integer from ${TEN_TWENTY.length} to ${most}`, channels);
    }
    return [...TEN_TWENTY, ...FURTHER].slice(0, channels);
  }
  const unknown = channels.find((name) => electrodePosition(name) === undefined);
  if (unknown !== undefined || channels.length === 0) {
    throw expected("channels", "10–10 electrode names such as Fp1, Cz, PO7", unknown ?? "none");
  }
  return channels;
}

function simulateSources(options: SimulatedEegOptions, n: number, rate: number): SimulatedSource[] {
  const { backgroundSources = 12, alphaSources = 2, betaSources = 2, seconds } = options;
  const kinds: SourceKind[] = [
    ...Array.from({ length: backgroundSources }, () => "background" as const),
    ...Array.from({ length: alphaSources }, () => "alpha" as const),
    ...Array.from({ length: betaSources }, () => "beta" as const),
  ];
  if (kinds.length === 0) throw expected("backgroundSources", "at least one source of any kind", 0);
  return kinds.map((kind, s) => {
    const stream = (what: string) => randomStream(options.seed, `eeg/source/${s}/${what}`);
    const place = randomStream(options.headSeed ?? options.seed, `eeg/source/${s}/place`);
    const draw = (i: number) => uniformAt(place, i);
    const base = { kind, position: placeOf(kind, draw), orientation: direction(draw(4), draw(5)) };
    if (kind === "background") {
      return { ...base, activity: pinkNoise(stream("activity"), n, rate), bursts: [] };
    }
    const [low, high] = kind === "alpha" ? [8, 13] : [15, 28];
    const events =
      kind === "alpha"
        ? randomEvents(stream("bursts"), seconds, 1.5, [0.5, 3])
        : randomEvents(stream("bursts"), seconds, 1, [0.2, 1]);
    const bursts = events.map((e) => ({ ...e, frequency: low + (high - low) * e.draws[0] }));
    const activity = new Float64Array(n);
    for (const burst of bursts) {
      addBurstShape(activity, rate, burst, burst.frequency, 0.5 + burst.draws[1]);
    }
    return { ...base, activity: normalised(activity), bursts };
  });
}

/**
 * Background anywhere in the upper head, alpha at the back, beta under the central row; depth 0.5
 * to 0.8 of the radius.
 */
function placeOf(kind: SourceKind, draw: (i: number) => number): Point3 {
  const depth = 0.5 + 0.3 * draw(2);
  const spread = 0.5 * (draw(0) - 0.5);
  const [x, y, z] =
    kind === "alpha"
      ? ([spread * 2, -1, 0.4 + 0.5 * (draw(1) - 0.5)] as const)
      : kind === "beta"
        ? ([(draw(0) < 0.5 ? -1 : 1) * (0.5 + 0.3 * draw(3)), spread, 0.8] as const)
        : direction(draw(0), 0.4 + 0.6 * draw(1));
  const scale = depth / Math.hypot(x, y, z);
  return [x * scale, y * scale, z * scale];
}

/** Uniform on the sphere for uniform a and b; upwards for b above ½. */
function direction(a: number, b: number): Point3 {
  const z = 2 * b - 1;
  const flat = Math.sqrt(1 - z * z);
  return [flat * Math.cos(2 * Math.PI * a), flat * Math.sin(2 * Math.PI * a), z];
}

function mixing(
  options: SimulatedEegOptions,
  sources: readonly SimulatedSource[],
  positions: readonly Point3[],
): Float64Array {
  const total: Record<SourceKind, number> = {
    background: options.backgroundUv ?? 8,
    alpha: options.alphaUv ?? 6,
    beta: options.betaUv ?? 2.5,
  };
  const matrix = new Float64Array(positions.length * sources.length);
  for (const [s, { kind, position, orientation }] of sources.entries()) {
    const column = positions.map((electrode) => {
      const d = electrode.map((v, i) => v - position[i]!);
      const dot = d.reduce((sum, v, i) => sum + v * orientation[i]!, 0);
      return dot / Math.hypot(...d) ** 3;
    });
    const rms = Math.sqrt(column.reduce((sum, v) => sum + v * v, 0) / column.length);
    // Independent sources of one kind add in power.
    const share = total[kind] / Math.sqrt(sources.filter((o) => o.kind === kind).length);
    for (const [c, v] of column.entries()) matrix[c * sources.length + s] = (v / rms) * share;
  }
  return matrix;
}

function lineNoise(
  options: SimulatedEegOptions,
  channels: number,
  n: number,
  rate: number,
): Float64Array[] {
  const { lineUv = 4, lineFrequency = 50 } = options;
  const stream = randomStream(options.seed, "eeg/line");
  // What lies above half the rate would fold back onto some other frequency.
  const share = (harmonic: number, amount: number) =>
    harmonic * lineFrequency < rate / 2 ? amount : 0;
  const [first, third] = [share(1, 1), share(3, 0.2)];
  return Array.from({ length: channels }, (_, c) => {
    const amplitude = 2 * lineUv * uniformAt(stream, 4 * c);
    const phase = uniformAt(stream, 4 * c + 1);
    const thirdPhase = uniformAt(stream, 4 * c + 2);
    return Float64Array.from({ length: n }, (_, i) => {
      const turns = (lineFrequency * i) / rate;
      return (
        amplitude *
        (first * Math.sin(2 * Math.PI * (turns + phase)) +
          third * Math.sin(2 * Math.PI * (3 * turns + thirdPhase)))
      );
    });
  });
}
