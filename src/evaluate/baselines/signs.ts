/**
 * @file What becomes of the sign of a component, which data does not decide. Nothing is imported,
 *   because the command line names these before it loads anything.
 *
 *   plus-minus  two latents per component: ReLU(s) and ReLU(−s)
 *   oriented    one, turned so that its 20 largest activations by magnitude on fitting rows sum to
 *               above zero: ReLU(s)
 *   positive    one, as it is found or drawn: ReLU(s)
 *   signed      one, with negative activations: s
 */
export const SIGN_NAMES = ["plus-minus", "oriented", "positive", "signed"] as const;

/** What becomes of a component's sign. */
export type Sign = (typeof SIGN_NAMES)[number];
