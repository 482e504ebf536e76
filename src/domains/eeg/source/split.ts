/**
 * @file Which windows training never sees: whole recordings where there are several, the end of the
 *   only one otherwise.
 */

import { permutation, randomStream } from "../../../base/philox.ts";
import { sum } from "../../../base/statistics/mean.ts";
import { ConcordError, expected } from "../../../errors.ts";

export interface SplitOptions {
  /** Share of the recorded time that is held out, above 0 and below 1. Default 0.1. */
  readonly heldOutFraction?: number;
  /**
   * Hold out the recordings whose name contains one of these texts, and no other; the fraction is
   * not used then.
   */
  readonly heldOut?: readonly string[];
  /** Decides which recordings are held out. Default 0. */
  readonly seed?: number;
  /**
   * Seconds between training and held-out windows of a single recording; the filter's memory is
   * about 2 s. Default 5.
   */
  readonly guardSeconds?: number;
}

export type Split =
  /** Whole recordings. `heldOut[i]` says it of recording i. */
  | { readonly by: "recording"; readonly heldOut: readonly boolean[] }
  /**
   * Seconds of stored signal: windows that end by `trainEnd` train, those that begin at or after
   * `heldOutStart` are held out.
   */
  | { readonly by: "time"; readonly trainEnd: number; readonly heldOutStart: number };

/** What a split needs to know of a recording. */
export interface SplitRecording {
  readonly name: string;
  readonly seconds: number;
}

/**
 * Splits recordings.
 *
 * Several: in an order drawn from the seed, recordings are held out until they make up the
 * fraction. One is always left to train on. One: its last part, with a guard gap before it, since
 * neighbouring windows overlap and share the filter's memory.
 *
 * @throws {ConcordError} `config/invalid` when a single recording is too short for the guard gap,
 *   or `heldOut` names none or all of the recordings.
 */
export function splitRecordings(
  recordings: readonly SplitRecording[],
  options: SplitOptions = {},
): Split {
  if (options.heldOut !== undefined) return splitByName(recordings, options.heldOut);
  const seconds = recordings.map((r) => r.seconds);
  const { heldOutFraction = 0.1, seed = 0, guardSeconds = 5 } = options;
  if (!(heldOutFraction > 0 && heldOutFraction < 1)) {
    throw expected("heldOutFraction", "a number between 0 and 1, both excluded", heldOutFraction);
  }
  if (!(guardSeconds >= 0)) throw expected("guardSeconds", "a number ≥ 0", guardSeconds);
  const total = sum(seconds);
  if (seconds.length === 1) {
    const heldOutStart = total * (1 - heldOutFraction);
    const trainEnd = heldOutStart - guardSeconds;
    if (trainEnd <= 0) {
      throw new ConcordError(
        "config/invalid",
        `The only recording lasts ${total} s: nothing is left to train on before a guard gap of ${guardSeconds} s.`,
        { hint: "Add recordings, or make guardSeconds or heldOutFraction smaller." },
      );
    }
    return { by: "time", trainEnd, heldOutStart };
  }
  const heldOut = seconds.map(() => false);
  let held = 0;
  const order = permutation(randomStream(seed, "eeg/split"), seconds.length);
  for (const i of order.subarray(0, Math.max(0, seconds.length - 1))) {
    if (held >= total * heldOutFraction) break;
    heldOut[i] = true;
    held += seconds[i]!;
  }
  return { by: "recording", heldOut };
}

function splitByName(recordings: readonly SplitRecording[], texts: readonly string[]): Split {
  const idle = texts.find((text) => !recordings.some(({ name }) => name.includes(text)));
  const heldOut = recordings.map(({ name }) => texts.some((text) => name.includes(text)));
  if (idle === undefined && heldOut.includes(false)) return { by: "recording", heldOut };
  const names = recordings.map(({ name }) => name).slice(0, 5);
  throw new ConcordError(
    "config/invalid",
    idle === undefined
      ? `All ${recordings.length} recordings would be held out: nothing is left to train on.`
      : `No recording has "${idle}" in its name, so it cannot be held out.`,
    { hint: `The recordings used are ${names.join(", ")}${recordings.length > 5 ? ", …" : ""}.` },
  );
}
