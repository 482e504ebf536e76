/**
 * @file The synthetic generators of published works as settings of one family.
 *
 *   x = Σ_j c_j F_j + noise
 *
 *   mfr             512 features in 256 dimensions, N(0,1), not normalised; active: 32 of one of
 *                   12 groups of ⌊512/12⌋, weights 0.99^i; coefficients U(0,1)
 *   song            32 in 16 dimensions, unit length; active: 3 of all, uniformly;
 *                   coefficients |N(0,1)|
 *   sparse_coding   512 in 256 dimensions, unit length; active: each with probability
 *                   5 · 0.99^i / 512; coefficients U(0,1), noise 0.1
 *   orbits          24 in 32 dimensions, unit length, each moved by the group c4; active: each with
 *                   probability 2 / 24; coefficients U(0,1). See orbits/orbit-rows.ts
 *
 * Sources: mutual-feature-regularization e9ec664 utils/data_utils.py; Song et al. 2025
 * (arXiv:2505.20254) synthetic model organism, whose 50 000 rows repeat where `trainRows` says so;
 * HoagyC/sparse_coding 69c5ae0 replicate_toy_models.py. The later SparseMixDataset of the same
 * program is `sparse_coding` with `correlated` and coefficients `uniform_product`. A row in which
 * nothing is active stays empty here; with correlated features that program gives it one.
 * `orbits` is ours, after the toy model of Erdogan and Lucic (arXiv:2511.09432). Its numbers are
 * not known.
 */

import { expected } from "../../errors.ts";
import type { Draw } from "../../sources/rows/draw.ts";

/** Names of the generators. */
export const GENERATORS = ["mfr", "song", "sparse_coding", "orbits"] as const;
/** One of `GENERATORS`. */
export type Generator = (typeof GENERATORS)[number];

/** Whether a generator draws each feature on its own; others draw a fixed number. */
export function drawsEachFeature(generator: Generator): boolean {
  return generator === "sparse_coding" || generator === "orbits";
}

/** How strongly a feature is active when it is: U(0,1), |N(0,1)|, or the product of two U(0,1). */
export const COEFFICIENT_KINDS = ["uniform", "absolute_normal", "uniform_product"] as const;
/** One of `COEFFICIENT_KINDS`. */
export type CoefficientKind = (typeof COEFFICIENT_KINDS)[number];

/** The action that a source of orbits says that its rows follow. */
export const ACTIONS = ["exact", "fitted", "wrong"] as const;
/** Which row of an orbit comes first: that in the features' own pose, or a random one. */
export const REPRESENTATIVES = ["fixed", "random"] as const;
/** Which rows of an orbit train: all poses one after another, or one pose drawn at random. */
export const POSES = ["all", "one"] as const;

/** What `orbits` has besides; other generators have none of it. */
export interface OrbitOptions {
  /** `c4`, `d3`; see `groupNamed`. */
  readonly group?: string;
  /**
   * `exact`: the matrices that made the rows. `fitted`: least squares on orbits of their own draws.
   * `wrong`: a control, orbits and matrices of an action that the features do not follow.
   */
  readonly action?: (typeof ACTIONS)[number];
  /** `random` draws the first pose once per orbit; wherever the orbit is read, it has that pose. */
  readonly representative?: (typeof REPRESENTATIVES)[number];
  readonly poses?: (typeof POSES)[number];
}

/** What synthetic activations are like; see the file's head for the formula. */
export interface SyntheticOptions extends OrbitOptions {
  readonly generator: Generator;
  readonly dIn: number;
  /** Ground-truth features. */
  readonly features: number;
  readonly normalizeFeatures: boolean;
  readonly seed: number;
  readonly coefficients: CoefficientKind;
  /** Standard deviation of normal noise on every element. */
  readonly noise: number;
  /** Groups of features; the features left over when they do not divide evenly never occur. */
  readonly groups: number;
  /** Active features of a row; their mean number for `sparse_coding`. */
  readonly active: number;
  /** Weight of feature i of a group relative to feature i − 1. */
  readonly decay: number;
  /**
   * `per_sample`: every row draws its own active features. `per_batch_group`: all rows of a group
   * share one draw for a whole generation batch. So does the MFR authors' code, whether it meant to
   * or not.
   */
  readonly support: "per_sample" | "per_batch_group";
  /** Rows that share a draw with `per_batch_group`. */
  readonly generationBatch: number;
  /**
   * `sparse_coding` only: every generation batch has its own activation probabilities. They are the
   * decayed normal CDF of one sample of correlated normal numbers, rescaled to the mean number of
   * active features.
   */
  readonly correlated: boolean;
  /** Which of several independent streams of training rows; undefined: the only one. */
  readonly draw?: Draw | undefined;
  /** Rows held out for evaluation. */
  readonly heldOutRows: number;
  /** Distinct training rows, repeated in their order. Undefined: rows never repeat. */
  readonly trainRows?: number;
}

const COMMON = { seed: 0, noise: 0, correlated: false, heldOutRows: 8192 } as const;

/**
 * Defaults of each generator: the values of its source, except that every row of `mfr` draws its
 * own features.
 */
export const SYNTHETIC_DEFAULTS: Readonly<Record<Generator, SyntheticOptions>> = {
  mfr: {
    ...COMMON,
    generator: "mfr",
    dIn: 256,
    features: 512,
    normalizeFeatures: false,
    groups: 12,
    active: 32,
    decay: 0.99,
    support: "per_sample",
    generationBatch: 1_000_000,
    coefficients: "uniform",
  },
  song: {
    ...COMMON,
    generator: "song",
    dIn: 16,
    features: 32,
    normalizeFeatures: true,
    groups: 1,
    active: 3,
    decay: 1,
    support: "per_sample",
    generationBatch: 50_000,
    coefficients: "absolute_normal",
  },
  sparse_coding: {
    ...COMMON,
    generator: "sparse_coding",
    dIn: 256,
    features: 512,
    normalizeFeatures: true,
    groups: 1,
    active: 5,
    decay: 0.99,
    support: "per_sample",
    generationBatch: 4096,
    coefficients: "uniform",
    noise: 0.1,
  },
  orbits: {
    ...COMMON,
    generator: "orbits",
    dIn: 32,
    features: 24,
    normalizeFeatures: true,
    groups: 1,
    active: 2,
    decay: 1,
    support: "per_sample",
    generationBatch: 1_000_000,
    coefficients: "uniform",
    group: "c4",
    action: "exact",
    representative: "fixed",
    poses: "all",
  },
};

/** Keys that `orbits` alone has. */
const ORBIT_KEYS = ["group", "action", "representative", "poses"] as const;

/** Refuses what one generator has and another has not. */
function checkGenerator(options: SyntheticOptions): void {
  if (options.generator !== "orbits") {
    for (const key of ORBIT_KEYS)
      if (options[key] !== undefined)
        throw expected(`source.${key}`, "nothing except with generator orbits", options[key]);
    return;
  }
  if (options.groups !== 1)
    throw expected("source.groups", "1 with generator orbits", options.groups);
  if (options.support !== "per_sample")
    throw expected("source.support", "per_sample with generator orbits", options.support);
  if (options.action === "wrong" && options.poses === "one")
    throw expected("source.poses", "all with action wrong, whose orbits are what is wrong", "one");
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw expected(`source.${name}`, `an integer from ${low} to ${high}`, value);
}

/**
 * Fills in the generator's defaults. @throws {ConcordError} naming the option that does not fit.
 */
export function syntheticOptions(
  given: Partial<SyntheticOptions> & { readonly generator: Generator },
): SyntheticOptions {
  const defined = Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined));
  const options: SyntheticOptions = { ...SYNTHETIC_DEFAULTS[given.generator], ...defined };
  checkInteger("d_in", options.dIn, 1, 65536);
  checkInteger("features", options.features, 1, 2 ** 20);
  checkInteger("groups", options.groups, 1, options.features);
  checkInteger("active", options.active, 1, Math.floor(options.features / options.groups));
  checkInteger("generation_batch", options.generationBatch, 1, Number.MAX_SAFE_INTEGER);
  checkInteger("held_out_rows", options.heldOutRows, 1, 2 ** 24);
  if (options.trainRows !== undefined)
    checkInteger("train_rows", options.trainRows, 1, Number.MAX_SAFE_INTEGER);
  if (!(options.decay > 0 && options.decay <= 1))
    throw expected("source.decay", "a number above 0 and up to 1", options.decay);
  if (!(options.noise >= 0 && Number.isFinite(options.noise)))
    throw expected("source.noise", "a number from 0", options.noise);
  if (!COEFFICIENT_KINDS.includes(options.coefficients))
    throw expected("source.coefficients", COEFFICIENT_KINDS.join(", "), options.coefficients);
  if (options.correlated && options.generator !== "sparse_coding")
    throw expected("source.correlated", "false except with generator sparse_coding", true);
  checkGenerator(options);
  return options;
}
