/** @file Options that all linear architectures have, whatever they select by. */

import { z } from "zod";
import { expected } from "../../errors.ts";
import { CENTROID_DEFAULTS, CENTROID_OPTIONS, centroidSettings } from "../init/centroids.ts";
import { option } from "../options.ts";
import type { LinearSpec } from "./spec.ts";

/** What every linear architecture listens to. */
export const COMMON_OPTIONS = {
  weightDecay: option(
    z.number().min(0),
    "λ of λ(‖W_enc‖² + ‖W_dec‖²) in the loss, over weights whose length is free",
  ),
  ...CENTROID_OPTIONS,
};

/** What those with a decoder of their own listen to besides. */
export const UNTIED_OPTIONS = {
  freeze: option(
    z.enum(["none", "decoder", "encoder"]),
    "Weights that stay as they started, as a control; biases still learn",
  ),
  decoderMaxRotation: option(
    z.union([z.literal(false), z.number().gt(-1).max(1)]),
    "Least cosine of an atom with its start; false: atoms turn freely",
  ),
  aligned: option(
    z.boolean(),
    "Whether ⟨encoder row, atom⟩ is held at 1 for every latent (aligned training)",
  ),
};

/** What they are when a person gives nothing. */
export const COMMON_DEFAULTS = { weightDecay: 0, ...CENTROID_DEFAULTS } as const;
export const UNTIED_DEFAULTS = {
  freeze: "none",
  decoderMaxRotation: false,
  aligned: false,
} as const;

/** The part of a spec that follows from these options; what is off is undefined. */
export function commonSpec(
  options: Readonly<Record<string, unknown>>,
): Pick<LinearSpec, "weightDecay" | "centroids" | "freeze" | "maxRotation" | "aligned"> {
  const { weightDecay, freeze, decoderMaxRotation, aligned } = options;
  const decay = Number(weightDecay ?? 0);
  if (!(decay >= 0 && Number.isFinite(decay)))
    throw expected("weightDecay", "a number from 0", weightDecay);
  return {
    weightDecay: decay > 0 ? decay : undefined,
    centroids: options["weightInit"] === "k_means" ? centroidSettings(options) : undefined,
    freeze: freeze === "decoder" || freeze === "encoder" ? freeze : undefined,
    maxRotation: typeof decoderMaxRotation === "number" ? decoderMaxRotation : undefined,
    aligned: aligned === true ? true : undefined,
  };
}
