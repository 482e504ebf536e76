/** @file The methods of the toy part: what is trained on which rows, for a number of features. */

/** Numbers of features; the group makes four atoms of each, in 32 dimensions. */
export const SIZES = [8, 24, 64] as const;
/** One of `SIZES`. */
export type Size = (typeof SIZES)[number];

/** Poses of the group. */
export const POSES = 4;

/** Keys of a member that differ from the config. */
export type Overrides = Readonly<Record<string, unknown>>;

/** A way to train an SAE. */
export interface Method {
  readonly title: string;
  readonly member: (features: Size) => Overrides;
}

/** Rows to train on: settings of the source. */
export interface Rows {
  readonly settings: readonly string[];
  readonly methods: Readonly<Record<string, Method>>;
}

const plain = (title: string, widths: number, more: Overrides = {}): Method => ({
  title,
  member: (features) => ({ d_sae: widths * features, ...more }),
});

const equivariant = (title: string, more: Overrides): Method =>
  plain(title, 1, { architecture: "equivariant", ...more });

const LOSSES = {
  canonical: { loss_type: "canonical" },
  latent_inv: { loss_type: "latent_inv" },
  output_inv: { loss_type: "output_inv" },
  // The only one that the matrices enter.
  pose: { loss_weights: { rec: 0, can: 0, pose: 1, lat: 0, out: 0, mse: 0 } },
} as const;

/** Equivariant methods by the names of their losses, with this behind their names and titles. */
function losses(suffix: string, words: string, more: Overrides = {}): Record<string, Method> {
  return Object.fromEntries(
    Object.entries(LOSSES).map(([name, loss]) => [
      `${name}${suffix}`,
      equivariant(`equivariant, ${name}${words}`, { ...loss, ...more }),
    ]),
  );
}

/** By the names of their runs. */
export const ROWS = {
  exact: {
    settings: [],
    methods: {
      narrow: plain("plain, F latents", 1),
      wide: plain("plain, 4F latents", POSES),
      "linear-narrow": plain("plain linear encoder, F", 1, { architecture: "topk" }),
      "linear-wide": plain("plain linear encoder, 4F", POSES, { architecture: "topk" }),
      "archetypal-narrow": plain("archetypal, F", 1, { architecture: "archetypal" }),
      "archetypal-wide": plain("archetypal, 4F", POSES, { architecture: "archetypal" }),
      crosscoder: plain("group crosscoder, F", 1, { architecture: "group_crosscoder" }),
      ...losses("", ""),
      ...losses("-random", ", random representative", { canonical: "random" }),
    },
  },
  "one-pose": {
    settings: ["source.poses=one", "source.train_rows=10000"],
    methods: {
      "narrow-one-pose": plain("plain, F, one pose of each orbit", 1),
      "wide-one-pose": plain("plain, 4F, one pose of each orbit", POSES),
    },
  },
  fitted: {
    settings: ["source.action=fitted"],
    methods: losses("-fitted", ", learned M"),
  },
  wrong: {
    settings: ["source.action=wrong"],
    methods: {
      "wide-wrong": plain("plain, 4F, wrong group", POSES),
      ...losses("-wrong", ", wrong group"),
    },
  },
} as const satisfies Readonly<Record<string, Rows>>;

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
