/** What is trained: SAEs by the weight of their penalty, in two populations. */

import type { Arm } from "../../src/index.ts";

/** Numbers of epochs of the published figure: one run of the last passes through all of them. */
export const EPOCHS = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26] as const;
/** α of their loss; published are 20 values between the same ends. */
export const FREE = [1e-5, 1e-4, 1e-3, 1e-2] as const;
/** α of Cunningham's loss, at half of their steps in the exponent. */
export const PROPER = [1e-4, 3.162e-4, 1e-3, 3.162e-3, 1e-2] as const;

export const freeArm = (alpha: number) => `free.${alpha}`;
export const properArm = (alpha: number) => `proper.${alpha}`;

/** The two kinds, with the settings of their populations. */
export const KINDS = {
  free: {
    title: "mean |z|, atoms of any length",
    alphas: FREE,
    architecture: "relu_tied_free",
    normalize: "standardize",
  },
  proper: {
    title: "Σ|z|, atoms of length one",
    alphas: PROPER,
    architecture: "relu_tied",
    normalize: "standardize",
  },
} as const;

export type Kind = keyof typeof KINDS;

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(
  (["free", "proper"] as const).flatMap((kind) =>
    KINDS[kind].alphas.map((alpha): [string, Arm] => [
      `${kind}.${alpha}`,
      { title: `${KINDS[kind].title}, α ${alpha}` },
    ]),
  ),
);
