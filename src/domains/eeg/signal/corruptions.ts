/**
 * @file Disturbances of known kind and strength, for measuring how well something cleans a
 *   recording: the same options give the same noise.
 */

import { type RandomStream, randomStream, uniformAt } from "../../../base/philox.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import { ConcordError, expected, ShapeError } from "../../../errors.ts";
import {
  addBlinkShape,
  addPopShape,
  blinkTopography,
  eachSample,
  muscleTopography,
} from "./artefact-shapes.ts";
import { butterworth } from "./butterworth.ts";
import { parseChannelLabel } from "./channel-labels.ts";
import { electrodePosition, type Point3 } from "./electrodes.ts";
import { type Multichannel, sampleCountOf } from "./multichannel.ts";
import { type RandomEvent, randomEvents } from "./noise.ts";
import { sosfilt } from "./sections.ts";

/** Kinds of disturbance. */
export const CORRUPTIONS = ["white", "line", "muscle", "blinks", "pops"] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

export interface CorruptionOptions {
  /**
   * 10 log₁₀ of signal power over noise power, both over all channels and samples, each channel's
   * mean removed.
   */
  readonly snrDb: number;
  readonly seed: number;
  /** Hz, for "line"; default 50. */
  readonly lineFrequency?: number;
}

export interface Corrupted {
  /** [channels][samples]: the recording and the noise added. */
  readonly noisy: readonly Float64Array[];
  readonly noise: readonly Float64Array[];
}

/**
 * Adds one kind of disturbance to a recording at a stated signal-to-noise ratio.
 *
 * - white: independent normal noise in every channel
 * - line: a sine of the line frequency, of its own amplitude and phase in every channel
 * - muscle: bursts of noise above 20 Hz, strongest at the sides
 * - blinks: on all channels together, strongest at the front
 * - pops: sudden steps that decay, each on one channel
 *
 * Channels whose labels are not electrodes count as if at Cz. Bursts, blinks and pops happen now
 * and then, and at least once. In a recording shorter than the usual pause between them they happen
 * exactly once, anywhere. So one may begin before the recording or end after it.
 *
 * @throws {ConcordError} `argument/invalid` when the recording is constant (no ratio exists) or the
 *   line frequency is above half the rate.
 */
export function corrupt(
  signal: Multichannel,
  kind: Corruption,
  options: CorruptionOptions,
): Corrupted {
  const { snrDb, seed } = options;
  if (!Number.isFinite(snrDb)) throw expected("snrDb", "a finite number of decibels", snrDb);
  const n = sampleCountOf(signal.channels);
  const power = signalPower(signal.channels);
  if (!(power > 0)) {
    throw new ConcordError(
      "argument/invalid",
      "The recording is constant: there is no signal to disturb.",
    );
  }
  const noise = makeNoise(signal, kind, n, seed, options.lineFrequency ?? 50);
  const noisePower = signalPower(noise);
  if (!(noisePower > 0)) {
    throw expected(
      "channels",
      `enough samples for a disturbance of kind "${kind}"`,
      `${n} samples`,
    );
  }
  const scale = Math.sqrt(power / (noisePower * 10 ** (snrDb / 10)));
  for (const channel of noise) {
    for (let i = 0; i < n; i++) channel[i] = channel[i]! * scale;
  }
  return { noise, noisy: signal.channels.map((x, c) => x.map((v, i) => v + noise[c]![i]!)) };
}

/**
 * The signal-to-noise ratio of a recording against its clean form, dB: Infinity when they are equal
 * up to a constant per channel.
 *
 *   10 log₁₀ (power(clean) / power(noisy − clean))
 */
export function snrDb(clean: readonly Float64Array[], noisy: readonly Float64Array[]): number {
  if (clean.length !== noisy.length) {
    throw new ShapeError("snrDb", `${clean.length} channels`, `${noisy.length}`);
  }
  sampleCountOf([...clean, ...noisy]);
  const noise = clean.map((x, c) => x.map((v, i) => noisy[c]![i]! - v));
  return 10 * Math.log10(signalPower(clean) / signalPower(noise));
}

/** Mean square about each channel's mean, over all channels and samples. */
export function signalPower(channels: readonly Float64Array[]): number {
  let sum = 0;
  for (const x of channels) {
    let mean = 0;
    for (const v of x) mean += v;
    mean /= x.length;
    let square = 0;
    for (const v of x) square += (v - mean) ** 2;
    sum += square / x.length;
  }
  return sum / channels.length;
}

function makeNoise(
  { rate, labels, channels }: Multichannel,
  kind: Corruption,
  n: number,
  seed: number,
  lineFrequency: number,
): Float64Array[] {
  const stream = (name: string | number) => randomStream(seed, `corruption/${kind}/${name}`);
  const positions = labels.map(positionOf);
  const each = (make: (c: number) => Float64Array) => channels.map((_, c) => make(c));
  const events = (pause: number, duration: readonly [number, number]) => {
    const seconds = n / rate;
    const found = seconds < pause ? [] : randomEvents(stream("events"), seconds, pause, duration);
    return found.length > 0 ? found : [onlyEvent(stream("only event"), seconds, duration)];
  };
  switch (kind) {
    case "white":
      return each((c) => whiteNoise(stream(c), n));
    case "line": {
      if (!(lineFrequency > 0 && lineFrequency < rate / 2)) {
        throw expected(
          "lineFrequency",
          `Hz between 0 and half the rate (${rate / 2})`,
          lineFrequency,
        );
      }
      const draws = stream("channels");
      return each((c) => {
        const [gain, phase] = [0.2 + uniformAt(draws, 2 * c), uniformAt(draws, 2 * c + 1)];
        return Float64Array.from(
          { length: n },
          (_, i) => gain * Math.sin(2 * Math.PI * ((lineFrequency * i) / rate + phase)),
        );
      });
    }
    case "muscle": {
      const bursts = events(3, [0.3, 1.5]);
      const weights = muscleTopography(positions);
      const highPass = butterworth(4, { kind: "highPass", cutoff: Math.min(20, rate / 4) }, rate);
      return each((c) => {
        const hiss = sosfilt(highPass, whiteNoise(stream(c), n));
        const out = new Float64Array(n);
        for (const burst of bursts) {
          eachSample(out, rate, burst, (t, i) => {
            const envelope = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / burst.duration);
            return weights[c]! * envelope * hiss[i]!;
          });
        }
        return out;
      });
    }
    case "blinks": {
      const blink = new Float64Array(n);
      for (const e of events(5, [0.2, 0.4])) addBlinkShape(blink, rate, e, 0.7 + 0.6 * e.draws[0]);
      const weights = blinkTopography(positions);
      return each((c) => blink.map((v) => v * weights[c]!));
    }
    case "pops": {
      const noise = each(() => new Float64Array(n));
      for (const pop of events(4, [0.5, 2])) {
        const channel = noise[Math.floor(pop.draws[0] * noise.length)]!;
        // All of a pop's force is in its beginning, which therefore has to be inside.
        const inside = { ...pop, start: Math.max(0, pop.start) };
        addPopShape(channel, rate, inside, (pop.draws[1] < 0.5 ? -1 : 1) * (0.5 + pop.draws[2]));
      }
      return noise;
    }
  }
}

function positionOf(label: string): Point3 {
  const parsed = parseChannelLabel(label);
  const name = parsed.kind === "electrode" ? parsed.name : "Cz";
  return electrodePosition(name)!;
}

/** The event of a short recording: its middle is anywhere inside. */
function onlyEvent(
  stream: RandomStream,
  seconds: number,
  [least, most]: readonly [number, number],
): RandomEvent {
  const draw = (i: number) => uniformAt(stream, i);
  const duration = Math.min(seconds, least + (most - least) * draw(0));
  const start = draw(1) * seconds - duration / 2;
  return { start, duration, draws: [draw(2), draw(3), draw(4), draw(5)] };
}
