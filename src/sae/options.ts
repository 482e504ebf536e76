/**
 * @file Options of architectures: what a value must be, and what it means. The config's schema, its
 *   documentation and the library's types are all made from these. Names are camelCase here;
 *   `config/` turns them into the snake_case of files.
 *
 * Options that several architectures share are here; one that belongs to a single architecture is
 * in its file. Defaults are the architecture's, not the option's.
 */

import { z } from "zod";

/** One option of an architecture. */
export interface Option<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** What it means, without its default and without the architectures that have it. */
  readonly about: string;
  /** Of a section, which is `false` or an object: its fields. */
  readonly fields?: Readonly<Record<string, z.ZodType>>;
  /** Whether a grid varies it before the learning rate, as it does what decides the sparsity. */
  readonly isEarly?: boolean;
}

/** Options by name. */
export type Options = Readonly<Record<string, Option>>;

/** What a person may give for some options: each of them may be left out. */
export type OptionValues<O extends Options> = {
  readonly [K in keyof O]?: z.output<O[K]["schema"]> | undefined;
};

/** An option with a single value. */
export function option<S extends z.ZodType>(schema: S, about: string): Option<S> {
  return { schema, about };
}

/** An option that is off, `false`, or an object whose fields may each be left out. */
function section<F extends Readonly<Record<string, z.ZodType>>>(fields: F, about: string) {
  const optional = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.optional()]),
  ) as { [K in keyof F]: z.ZodOptional<F[K]> };
  const schema = z.union([z.literal(false), z.strictObject(optional)]);
  return { schema, about, fields };
}

const positiveInteger = z.int().min(1);

/** Active latents per row. */
export const k = { ...option(positiveInteger, "Active latents per row"), isEarly: true };

/** Coefficient of the L1 penalty. */
export const l1 = { ...option(z.number().min(0), "L1 coefficient"), isEarly: true };

/** Weight of the penalty on the encoder's bias. */
export const biasDecay = option(z.number().min(0), "β of β‖b_enc‖₂ in the loss");

/** How long the weight of a sparsity penalty grows. */
export const sparsityWarmupSteps = option(
  z.int().min(0),
  "Steps in which the sparsity penalty grows from zero",
);

/** How b_dec starts, or that there is none. */
export const decoderBias = option(
  z.enum(["none", "zero", "mean", "geometric_median"]),
  "How b_dec starts, or none",
);

/** How weights are drawn. */
export const weightInit = option(
  z.enum(["unit_normal", "xavier_uniform", "orthogonal", "k_means"]),
  "How weights are drawn; k_means: atoms start as directions of centroids of training rows",
);

/** Global gradient norm to clip at. */
export const clipNorm = option(
  z.union([z.number().gt(0), z.literal(false)]),
  "Global gradient norm to clip at",
);

/** Dead latents learn to reconstruct what the others leave over. */
export const auxK = section(
  {
    coefficient: z.number().min(0).describe("Weight of AuxK in the loss; default 1/32"),
    kAux: positiveInteger.describe("Dead latents that AuxK uses; default d_in / 2"),
    deadAfterTokens: positiveInteger.describe(
      "Activations without activity after which a latent counts as dead; default 10 million",
    ),
  },
  "AuxK for dead latents",
);

/** What AuxK has where its fields are left out. */
export function auxKDefaults(dIn: number) {
  return {
    coefficient: 1 / 32,
    kAux: Math.max(1, Math.floor(dIn / 2)),
    deadAfterTokens: 10_000_000,
  };
}
