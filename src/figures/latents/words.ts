/** @file What the axes of figures of latents are called. */

/** Of a latent: the largest cosine of its atom with a true feature. */
export const TRUTH = "largest cosine to a true feature";
/** The largest cosine of its atom with an atom of another member. */
export const OTHERS = "largest cosine to another member";
/** Share of held-out rows in which it is active. */
export const DENSITY = "activation density";
