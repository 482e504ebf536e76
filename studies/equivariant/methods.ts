/** @file The methods of the toy part: what is trained on which rows, for a number of features. */

/** Numbers of features; the group makes four atoms of each, in 32 dimensions. */
export const SIZES = [8, 24, 64] as const;
/** One of `SIZES`. */
export type Size = (typeof SIZES)[number];

/** Poses of the group. */
const POSES = 4;

/** Keys of a member that differ from the config. */
export type Overrides = Readonly<Record<string, unknown>>;

/** A way to train an SAE. */
export interface Method {
  readonly title: string;
  readonly member: (features: Size) => Overrides;
  /** Its seed less that of the run. Default: its place among the members of the run. */
  readonly start?: number;
}

/** Rows to train on, and what is trained on them together. */
export interface Rows {
  /** Of the source. */
  readonly settings: readonly string[];
  readonly methods: Readonly<Record<string, Method>>;
  /** Default: all. */
  readonly sizes?: readonly Size[];
}

const plain = (title: string, widths: number, more: Overrides = {}): Method => ({
  title,
  member: (features) => ({ d_sae: widths * features, ...more }),
});

const equivariant = (title: string, more: Overrides): Method =>
  plain(title, 1, { architecture: "equivariant", ...more });

/**
 * Losses, and how far the seeds of their members are from that of the run: where only the rows
 * differ, members start with the same weights.
 */
const LOSSES = [
  ["canonical", 3],
  ["latent_inv", 4],
  ["output_inv", 5],
] as const;

/** Equivariant methods by the names of their losses, with this behind their names and titles. */
function losses(suffix = "", words = "", more: Overrides = {}): Record<string, Method> {
  return Object.fromEntries(
    LOSSES.map(([name, start]) => [
      `${name}${suffix}`,
      { ...equivariant(`equivariant, ${name}${words}`, { loss_type: name, ...more }), start },
    ]),
  );
}

/** The one loss that the matrices enter: each pose's own reconstruction, M_k x̂ against a_k. */
const pose = (words = ""): Method => ({
  ...equivariant(`equivariant, each pose${words}`, {
    loss_weights: { rec: 0, can: 0, pose: 1, lat: 0, out: 0, mse: 0 },
  }),
  start: 3,
});

const RANDOM = { canonical: "random" };

/** Variants are compared at one number of features. */
const ONE: readonly Size[] = [24];

/** By the names of their runs. */
const ROWS: Readonly<Record<string, Rows>> = {
  exact: {
    settings: [],
    methods: {
      narrow: plain("plain, F latents", 1),
      wide: plain("plain, 4F latents", POSES),
      "linear-wide": plain("plain linear encoder, 4F", POSES, { architecture: "topk" }),
      ...losses(),
    },
  },
  crosscoder: {
    settings: [],
    methods: {
      crosscoder: plain("group crosscoder, F", 1, { architecture: "group_crosscoder" }),
    },
    sizes: ONE,
  },
  archetypal: {
    settings: [],
    methods: { archetypal: plain("archetypal, 4F", POSES, { architecture: "archetypal" }) },
  },
  random: {
    settings: [],
    methods: losses("-random", ", random representative", RANDOM),
    sizes: ONE,
  },
  pose: { settings: [], methods: { pose: pose() }, sizes: ONE },
  fitted: {
    settings: ["source.action=fitted"],
    methods: {
      ...losses("-fitted", ", learned M"),
      "pose-fitted": pose(", learned M"),
      "canonical-random-fitted": {
        ...equivariant("equivariant, canonical, random representative, learned M", {
          loss_type: "canonical",
          ...RANDOM,
        }),
        start: 3,
      },
    },
    sizes: ONE,
  },
  wrong: {
    settings: ["source.action=wrong"],
    methods: {
      "wide-wrong": { ...plain("plain, 4F, wrong group", POSES), start: 1 },
      ...losses("-wrong", ", wrong group"),
    },
    sizes: ONE,
  },
  "one-pose": {
    settings: ["source.poses=one", "source.train_rows=10000"],
    methods: {
      "narrow-one-pose": plain("plain, F, one pose of each orbit", 1),
      "wide-one-pose": plain("plain, 4F, one pose of each orbit", POSES),
    },
    sizes: ONE,
  },
};

/** Rows and methods for a number of features. */
export function rowsFor(features: Size): [string, Rows][] {
  return Object.entries(ROWS).filter(([, { sizes = SIZES }]) => sizes.includes(features));
}

/** The names of the methods that are tried with a number of features. */
export function methodsFor(features: Size): string[] {
  return rowsFor(features).flatMap(([, { methods }]) => Object.keys(methods));
}

/** All methods by name, in the order of tables. */
export const METHODS: Readonly<Record<string, Method>> = Object.assign(
  {},
  ...Object.values(ROWS).map(({ methods }) => methods),
);

/** Methods whose members are compared with each other, and how many of each. */
export const COMPARED = ["narrow", "wide", "linear-wide", "canonical", "latent_inv"] as const;
export const MEMBERS = 3;
/** Features where they are. */
export const COMPARED_SIZE: Size = 24;
/** Weights of MFR across equivariant members. */
export const MFR_WEIGHT = 1;
