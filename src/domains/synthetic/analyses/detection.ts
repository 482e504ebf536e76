/**
 * @file How well latents tell which features a row is made of. What is chosen (a latent, its
 *   threshold, a probe) is chosen on one half of the rows and measured on the other.
 *
 *   top-1 F1      of "latent j is at least t", j and t those of the largest F1
 *   best AUROC    of the latent of the largest AUROC
 *   probe AUROC   of a linear map of all latents, by least squares
 *   probe F1      of the same map, from the threshold of the largest F1 on
 */

import { mean } from "../../../base/statistics/mean.ts";
import { leastSquaresMap } from "../../../linalg/least-squares.ts";

/** Latent activations of some rows, and which features these are made of. */
export interface LabelledCodes {
  readonly rows: number;
  readonly latents: number;
  readonly features: number;
  /** [rows, latents] */
  readonly codes: Float32Array;
  /** [rows, features], 1 where a row has the feature. */
  readonly present: Uint8Array;
}

/** Means over the features that both halves have and lack; NaN without one. */
export interface Detection {
  readonly top1F1: number;
  readonly bestAuroc: number;
  readonly probeAuroc: number;
  readonly probeF1: number;
  /** Features that were looked at. */
  readonly features: number;
}

/** Scores of some rows. */
interface Scores {
  /** [rows] */
  readonly scores: Float32Array;
  /** Rows above the lowest score, by falling score; most latents are 0 in most rows. */
  readonly order: Int32Array;
}

function scoresOf(matrix: Float32Array, rows: number, columns: number, at: number): Scores {
  const scores = Float32Array.from({ length: rows }, (_, row) => matrix[row * columns + at]!);
  const lowest = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY);
  const order = Int32Array.from(scores.keys())
    .filter((row) => scores[row]! > lowest)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { scores, order };
}

/** Which rows have a feature. */
interface Labels {
  /** [rows], 1 where they do. */
  readonly has: Uint8Array;
  readonly positives: number;
}

/** Tells of each distinct score, falling: the rows that have it, and how many have the feature. */
function byScore(
  { scores, order }: Scores,
  { has, positives }: Labels,
  tell: (score: number, rows: number, hits: number) => void,
): void {
  let [found, at] = [0, 0];
  while (at < order.length) {
    const [first, score] = [at, scores[order[at]!]!];
    let hits = 0;
    for (; at < order.length && scores[order[at]!] === score; at++) hits += has[order[at]!]!;
    found += hits;
    tell(score, at - first, hits);
  }
  tell(Number.NEGATIVE_INFINITY, scores.length - at, positives - found);
}

/**
 * Area under the ROC curve: the chance that a row with the feature scores above one without, a tie
 * counting half.
 */
function auroc(scored: Scores, labels: Labels): number {
  let [hitsAbove, area] = [0, 0];
  byScore(scored, labels, (_, rows, hits) => {
    area += (rows - hits) * (hitsAbove + hits / 2);
    hitsAbove += hits;
  });
  return area / (labels.positives * (scored.scores.length - labels.positives));
}

/** The largest F1 of "score of at least t", and the t that has it. */
function bestF1(scored: Scores, labels: Labels): { readonly f1: number; readonly from: number } {
  let [called, hitsAbove, f1, from] = [0, 0, -1, Number.NEGATIVE_INFINITY];
  byScore(scored, labels, (score, rows, hits) => {
    called += rows;
    hitsAbove += hits;
    const own = (2 * hitsAbove) / (called + labels.positives);
    if (own > f1) [f1, from] = [own, score];
  });
  return { f1, from };
}

function f1From({ scores }: Scores, from: number, { has, positives }: Labels): number {
  let [hits, called] = [0, 0];
  for (let row = 0; row < scores.length; row++)
    if (scores[row]! >= from) {
      called++;
      hits += has[row]!;
    }
  return (2 * hits) / (positives + called);
}

/** Least squares from latents to features, fitted to one half; the scores of both, [rows, F]. */
function probeScores(
  half: number,
  { rows, latents, features, codes, present }: LabelledCodes,
): Float32Array {
  const means = new Float64Array(latents);
  for (let row = 0; row < half; row++)
    for (let j = 0; j < latents; j++) means[j]! += codes[row * latents + j]! / half;
  const square = new Float64Array(latents * latents);
  const cross = new Float64Array(latents * features);
  const x = new Float64Array(latents);
  for (let row = 0; row < half; row++) {
    for (let j = 0; j < latents; j++) x[j] = codes[row * latents + j]! - means[j]!;
    for (let j = 0; j < latents; j++) {
      for (let i = 0; i <= j; i++) square[j * latents + i]! += x[j]! * x[i]!;
      for (let f = 0; f < features; f++)
        if (present[row * features + f] === 1) cross[j * features + f]! += x[j]!;
    }
  }
  for (let j = 0; j < latents; j++)
    for (let i = 0; i < j; i++) square[i * latents + j] = square[j * latents + i]!;
  const { map } = leastSquaresMap(square, cross, latents, features);
  const out = new Float32Array(rows * features);
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < latents; j++) {
      const code = codes[row * latents + j]!;
      if (code === 0) continue;
      for (let f = 0; f < features; f++) out[row * features + f]! += code * map[j * features + f]!;
    }
  return out;
}

/** One half of the rows. */
interface Half {
  readonly latents: readonly Scores[];
  readonly probe: readonly Scores[];
  readonly labels: readonly Labels[];
}

function halfOf(side: 0 | 1, labelled: LabelledCodes, probe: Float32Array): Half {
  const { latents, features, codes, present } = labelled;
  const rows = labelled.rows / 2;
  const part = <A extends Float32Array | Uint8Array>(matrix: A, columns: number) =>
    matrix.subarray(side * rows * columns, (side + 1) * rows * columns) as A;
  const all = (matrix: Float32Array, columns: number) =>
    Array.from({ length: columns }, (_, at) => scoresOf(matrix, rows, columns, at));
  const own = part(present, features);
  return {
    latents: all(part(codes, latents), latents),
    probe: all(part(probe, features), features),
    labels: Array.from({ length: features }, (_, feature) => {
      const has = Uint8Array.from({ length: rows }, (_, row) => own[row * features + feature]!);
      return { has, positives: has.reduce((sum, one) => sum + one, 0) };
    }),
  };
}

/** The position of the largest value. */
function largest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

/**
 * Judges latents by the features of known rows. The first half of the rows chooses, the second
 * measures; rows of an orbit must lie in one half.
 */
export function detect(labelled: LabelledCodes): Detection {
  const probe = probeScores(labelled.rows / 2, labelled);
  const [choosing, measuring] = [halfOf(0, labelled, probe), halfOf(1, labelled, probe)];
  const found: Omit<Detection, "features">[] = [];
  for (const [feature, labels] of choosing.labels.entries()) {
    const there = measuring.labels[feature]!;
    const isMixed = ({ has, positives }: Labels) => positives > 0 && positives < has.length;
    if (!isMixed(labels) || !isMixed(there)) continue;
    const f1s = choosing.latents.map((latent) => bestF1(latent, labels));
    const top = largest(f1s.map(({ f1 }) => f1));
    const best = largest(choosing.latents.map((latent) => auroc(latent, labels)));
    const { from } = bestF1(choosing.probe[feature]!, labels);
    found.push({
      top1F1: f1From(measuring.latents[top]!, f1s[top]!.from, there),
      bestAuroc: auroc(measuring.latents[best]!, there),
      probeAuroc: auroc(measuring.probe[feature]!, there),
      probeF1: f1From(measuring.probe[feature]!, from, there),
    });
  }
  const over = (of: (one: (typeof found)[number]) => number) => mean(found.map(of));
  return {
    top1F1: over((one) => one.top1F1),
    bestAuroc: over((one) => one.bestAuroc),
    probeAuroc: over((one) => one.probeAuroc),
    probeF1: over((one) => one.probeF1),
    features: found.length,
  };
}

/**
 * The same rows with the features of others: those of the row half of a half further on. What is
 * then detected is chance, for the same codes and the same choices.
 */
export function withOtherLabels(labelled: LabelledCodes, size: number): LabelledCodes {
  const { rows, features, present } = labelled;
  const half = rows / 2;
  const shift = size * Math.max(1, Math.floor(half / size / 2));
  const moved = new Uint8Array(present.length);
  for (let row = 0; row < rows; row++) {
    const side = row < half ? 0 : half;
    const from = side + ((row - side + shift) % half);
    moved.set(present.subarray(from * features, (from + 1) * features), row * features);
  }
  return { ...labelled, present: moved };
}
