/** @file How many latents, and how large an edit, bring predictions to a given divergence. */

/** A curve over sets that grow: sizes, and for each its divergence and its edit. */
export interface DivergenceCurve {
  readonly latents: readonly number[];
  readonly kl: readonly number[];
  readonly edit: readonly number[];
}

/**
 * Where a curve first comes down to `level`. Between two sets the size is interpolated by log(1 +
 * latents), and the edit by the same share.
 *
 * @returns Undefined for a curve that stays above.
 */
export function reached(
  { latents, kl, edit }: DivergenceCurve,
  level: number,
): { readonly latents: number; readonly edit: number } | undefined {
  const at = kl.findIndex((value) => value <= level);
  if (at < 0) return undefined;
  if (at === 0) return { latents: latents[0]!, edit: edit[0]! };
  const share = (kl[at - 1]! - level) / (kl[at - 1]! - kl[at]!);
  const between = (a: number, b: number) => a + share * (b - a);
  return {
    latents: Math.expm1(between(Math.log1p(latents[at - 1]!), Math.log1p(latents[at]!))),
    edit: between(edit[at - 1]!, edit[at]!),
  };
}
