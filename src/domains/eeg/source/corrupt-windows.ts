/**
 * @file A clean window with a disturbance of known kind and strength: drawn by position, the same
 *   again for the same draw.
 */

import { type RandomStream, randomBlock } from "../../../base/philox.ts";
import { expected } from "../../../errors.ts";
import { CORRUPTIONS, type Corruption, corrupt } from "../signal/corruptions.ts";
import { toScale, zScore } from "../signal/z-score.ts";
import type { WindowLayout } from "../windows/pipeline.ts";

export interface CorruptOptions {
  /** One of these is drawn for each window. Default all. */
  readonly kinds?: readonly Corruption[];
  /**
   * Signal over noise of a window, dB: the same for all, or from the first to the second, uniform.
   * Default −5 to 5.
   */
  readonly snrDb?: number | readonly [least: number, most: number];
  /** Hz of line noise. Default 50. */
  readonly lineFrequency?: number;
  /**
   * What training sees: noisy windows to be made clean (default), or clean ones. Held-out windows
   * are noisy in any case.
   */
  readonly training?: "pairs" | "clean";
}

export const CORRUPT_DEFAULTS = {
  kinds: CORRUPTIONS,
  snrDb: [-5, 5],
  lineFrequency: 50,
  training: "pairs",
} as const satisfies Required<CorruptOptions>;

/** Which disturbance a window gets. */
export interface CorruptionDraw {
  readonly kind: Corruption;
  readonly snrDb: number;
  readonly seed: number;
}

function rangeOf(snrDb: number | readonly [number, number]): readonly [number, number] {
  return typeof snrDb === "number" ? [snrDb, snrDb] : snrDb;
}

/**
 * @throws {ConcordError} `argument/invalid` naming the option that does not fit windows of this
 *   layout.
 */
export function checkCorruption(options: CorruptOptions, { rate }: WindowLayout): void {
  const { kinds, snrDb, lineFrequency } = { ...CORRUPT_DEFAULTS, ...options };
  const [least, most] = rangeOf(snrDb);
  if (kinds.length === 0) throw expected("corrupt.kinds", "at least one kind", "none");
  if (!(least <= most))
    throw expected("corrupt.snrDb", "finite decibels, the lower ratio first", `${least}, ${most}`);
  if (kinds.includes("line") && !(lineFrequency > 0 && lineFrequency < rate / 2)) {
    const rule = `Hz below half the windows' rate (${rate / 2})`;
    throw expected("corrupt.lineFrequency", rule, lineFrequency);
  }
}

/** The `index`-th draw of a stream. */
export function drawCorruption(
  options: CorruptOptions,
  stream: RandomStream,
  index: number,
): CorruptionDraw {
  const { kinds, snrDb } = { ...CORRUPT_DEFAULTS, ...options };
  const [least, most] = rangeOf(snrDb);
  const [a, b, high, low] = randomBlock(stream, index);
  return {
    kind: kinds[Math.floor((a / 2 ** 32) * kinds.length)]!,
    snrDb: least + (most - least) * (b / 2 ** 32),
    seed: (high & 0x1fffff) * 2 ** 32 + low,
  };
}

/** The channels of a window [channels × samples], each [samples]. */
export function channelsOf(window: Float32Array, { channels, samples }: WindowLayout) {
  return channels.map((_, c) => Float64Array.from(window.subarray(c * samples, (c + 1) * samples)));
}

/**
 * Adds the drawn disturbance to a window.
 *
 * @param window µV, [channels × samples]; overwritten.
 */
export function corruptWindow(
  window: Float32Array,
  layout: WindowLayout,
  draw: CorruptionDraw,
  lineFrequency: number = CORRUPT_DEFAULTS.lineFrequency,
): void {
  const { rate, channels: labels, samples } = layout;
  const signal = { rate, labels, channels: channelsOf(window, layout) };
  const { snrDb, seed, kind } = draw;
  const { noisy } = corrupt(signal, kind, { snrDb, seed, lineFrequency });
  for (const [c, x] of noisy.entries()) window.set(x, c * samples);
}

/** z-scores a window channel by channel in place, and puts its target on the same scale. */
export function scaleWindow(
  window: Float32Array,
  { channels, samples }: WindowLayout,
  target?: Float32Array,
): void {
  for (let c = 0; c < channels.length; c++) {
    const [from, to] = [c * samples, (c + 1) * samples];
    const scale = zScore(window, from, to);
    if (target) toScale(target, scale, from, to);
  }
}
