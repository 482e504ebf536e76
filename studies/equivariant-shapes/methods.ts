/** @file What is trained: base models, rows that SAEs train on, and methods on these. */

/** Width of rows: the latent of the autoencoders. */
const D_IN = 256;
/** Units of the hidden layer of encoders that have one. */
const HIDDEN = 128;
/** Latents of narrow SAEs; wide ones have as many for each pose. */
const NARROW = 32;
/** Poses of the group. */
const POSES = 4;
const WIDE = POSES * NARROW;

/** Autoencoders whose latents are the rows, and how long they are trained. */
export const BASES = { cnn: 20, mlp: 60, vit: 20 } as const;
/** One of `BASES`. */
export type Base = keyof typeof BASES;

/** Numbers of a matrix and a bias. */
const layer = (inputs: number, outputs: number) => (inputs + 1) * outputs;
const mlp = (latents: number) =>
  layer(D_IN, HIDDEN) + layer(HIDDEN, latents) + layer(latents, D_IN);

/** A way to train an SAE. */
export interface Method {
  readonly title: string;
  /** Keys of a member that differ from the config. */
  readonly member: Readonly<Record<string, unknown>>;
  /** Numbers that the trained SAE encodes and decodes with. */
  readonly parameters: number;
  /** Members with seeds of their own, to be compared. */
  readonly members: number;
}

const plain = (title: string, latents: number, members = 2): Method => ({
  title,
  member: { d_sae: latents },
  parameters: mlp(latents),
  members,
});

const equivariant = (title: string, loss: string, members = 2): Method => ({
  title: `equivariant, ${title}`,
  member: { architecture: "equivariant", loss_type: loss },
  parameters: mlp(NARROW),
  members,
});

/** Rows that SAEs train on. All are judged on the same held-out rows: pictures in four turns. */
export const ROWS: Readonly<
  Record<string, { settings: readonly string[]; methods: Readonly<Record<string, Method>> }>
> = {
  turned: {
    settings: ["source.group=c4"],
    methods: {
      narrow: plain("plain, 32", NARROW),
      wide: plain("plain, 128", WIDE),
      archetypal: {
        title: "archetypal, 128",
        member: { architecture: "archetypal", d_sae: WIDE, centroids: 512 },
        parameters: layer(D_IN, WIDE) + WIDE * D_IN,
        members: 1,
      },
      crosscoder: {
        title: "group crosscoder, 32",
        member: { architecture: "group_crosscoder" },
        parameters: layer(D_IN, NARROW) + POSES * layer(NARROW, D_IN),
        members: 1,
      },
      canonical: equivariant("canonical", "canonical"),
      latent_inv: equivariant("latent_inv", "latent_inv"),
      output_inv: equivariant("output_inv", "output_inv", 1),
    },
  },
  upright: {
    settings: [],
    methods: {
      "narrow-upright": plain("plain, 32, upright pictures only", NARROW, 1),
      "wide-upright": plain("plain, 128, upright pictures only", WIDE, 1),
    },
  },
  shifted: {
    settings: ["source.group=translations"],
    methods: {
      "canonical-wrong": equivariant("canonical, wrong group", "canonical", 1),
      "latent_inv-wrong": equivariant("latent_inv, wrong group", "latent_inv", 1),
    },
  },
};

/** All methods by name, in the order of tables. */
export const METHODS: Readonly<Record<string, Method>> = Object.assign(
  {},
  ...Object.values(ROWS).map(({ methods }) => methods),
);
