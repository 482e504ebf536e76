/** @file What the denoising study holds fixed, said once. */

export const STUDY = {
  seeds: [0, 1, 2],
  dSae: 512,
  k: 64,
  /** Active latents of a second set of SAEs. */
  fewerK: 16,
  members: 3,
  /**
   * Weight of MFR's coupling; the loss of `topk` is a sum over d_in, so that 1024 is to it what 1
   * is to a mean.
   */
  weight: 1024,
  lr: 3e-3,
  batch: 64,
  steps: 300,
  /** Activations without firing after which AuxK takes a latent for dead. */
  deadAfter: 6_400,
  /** Disturbances in training: all kinds, this range of ratios. */
  trainingSnrDb: [-5, 5],
  /** Ratios of evaluation, each with every kind. */
  snrDb: [-5, 0, 5],
  kinds: ["white", "line", "muscle", "blinks", "pops"],
  /** Held-out windows that are evaluated with each kind and ratio, spread over all there are. */
  windows: 60,
  rate: 128,
  overlap: 0.75,
  band: { low: 0.5, high: 45, order: 5 },
} as const;

/**
 * Eight of the nineteen electrodes that the open recordings have in common: front, middle, sides
 * and back.
 */
export const CHANNELS = "Fp1 Fp2 C3 C4 T7 T8 O1 O2".split(" ");
