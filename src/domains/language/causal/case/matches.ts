/** @file Whether a regular expression says where a latent is active: precision and recall. */

import { wilsonInterval } from "../../../../base/statistics/wilson-interval.ts";
import { ConcordError, messageOf } from "../../../../errors.ts";
import { withinTime } from "../../text/limited-time.ts";

/** Shares of the largest activation above which a latent counts as active. */
const THRESHOLDS = [0, 0.1, 0.25, 0.5];

/** Milliseconds that a pattern may take over all windows. */
const MOST_TIME = 10_000;

/** Counts of tokens at one threshold. */
export interface RegexScore {
  /** Share of the largest activation. */
  readonly threshold: number;
  readonly both: number;
  readonly latentOnly: number;
  readonly regexOnly: number;
  /** Of the tokens where the latent is active, the share that matches, with its 95 % interval. */
  readonly precision: number;
  readonly precisionInterval: readonly [number, number] | undefined;
  /** Of the tokens that match, the share where the latent is active. */
  readonly recall: number;
  readonly recallInterval: readonly [number, number] | undefined;
}

/** @throws {ConcordError} `argument/invalid` for what is not a regular expression. */
export function parseRegex(source: string): RegExp {
  try {
    return new RegExp(source, "gu");
  } catch (error) {
    throw new ConcordError(
      "argument/invalid",
      `"${source}" is not a regular expression (${messageOf(error)}).`,
      { hint: "As in JavaScript, with the flag u: \\((?=[A-Z])" },
    );
  }
}

/**
 * Tokens that some match covers, in part or whole. @param pieces Texts of the tokens of a window.
 */
function matchedTokens(regex: RegExp, pieces: readonly string[]): Uint8Array {
  const ends: number[] = [];
  let text = "";
  for (const piece of pieces) {
    text += piece;
    ends.push(text.length);
  }
  const matched = new Uint8Array(pieces.length);
  let at = 0;
  for (const match of text.matchAll(regex)) {
    const end = match.index + match[0].length;
    while (at < ends.length && ends[at]! <= match.index) at++;
    for (let i = at; i < ends.length && (i === 0 ? 0 : ends[i - 1]!) < end; i++) matched[i] = 1;
  }
  return matched;
}

/**
 * Scores a pattern.
 *
 * @param windows Texts of the tokens of each window, with the activation of the latent at each.
 * @throws {ConcordError} `argument/invalid` for a pattern that matches nothing, or takes too long.
 */
export function scoreRegex(
  regex: RegExp,
  windows: readonly { readonly pieces: readonly string[]; readonly values: Float32Array }[],
): RegexScore[] {
  let matched: Uint8Array[];
  try {
    matched = withinTime(MOST_TIME, () =>
      windows.map(({ pieces }) => matchedTokens(regex, pieces)),
    );
  } catch (error) {
    throw new ConcordError(
      "argument/invalid",
      `/${regex.source}/ cannot be used: ${messageOf(error)}.`,
    );
  }
  if (!matched.some((window) => window.includes(1)))
    throw new ConcordError(
      "argument/invalid",
      `/${regex.source}/ matches nothing in this text, so there is no recall.`,
      { hint: "Tokens come with their spaces, as in running text." },
    );
  const largest = windows.reduce(
    (most, { values }) => values.reduce((m, v) => Math.max(m, v), most),
    0,
  );
  return THRESHOLDS.map((threshold) => {
    let [both, latentOnly, regexOnly] = [0, 0, 0];
    for (const [w, { values }] of windows.entries())
      for (const [i, value] of values.entries()) {
        const isActive = value > threshold * largest;
        const isMatch = matched[w]![i] === 1;
        if (isActive && isMatch) both++;
        else if (isActive) latentOnly++;
        else if (isMatch) regexOnly++;
      }
    return {
      threshold,
      both,
      latentOnly,
      regexOnly,
      precision: both / (both + latentOnly),
      precisionInterval: wilsonInterval(both, both + latentOnly),
      recall: both / (both + regexOnly),
      recallInterval: wilsonInterval(both, both + regexOnly),
    };
  });
}
