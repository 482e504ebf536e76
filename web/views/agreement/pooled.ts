/** @file The latents of several members in one row of arrays, as figures and lists take them. */

import type { ScatteredLatents } from "../../../src/figures/latents/latent-scatters.ts";
import { count, plural } from "../../../src/figures/number-text.ts";
import type { LatentsAnswer } from "../../../src/server/api/run.ts";

/** The latents of the chosen members in one row of arrays. */
export interface Pooled extends ScatteredLatents {
  readonly member: readonly string[];
  readonly latent: readonly number[];
  readonly density: readonly number[];
  readonly others: readonly number[];
  readonly truth: readonly number[] | undefined;
  readonly truthNull: number | undefined;
}

/** Pools the members whose latents were compared with others. */
export function pooled(answers: readonly LatentsAnswer[]): Pooled {
  const whole = answers.filter((a) => a.density && a.best_in_others);
  const hasTruth = whole.length > 0 && whole.every((a) => a.best_in_truth);
  const flat = (of: (a: LatentsAnswer) => readonly number[] | null) =>
    whole.flatMap((a) => of(a) ?? []);
  const latents = whole.reduce((sum, a) => sum + a.density!.length, 0);
  return {
    who: `${count(latents)} latents of ${plural(whole.length, "member")}`,
    member: whole.flatMap((a) => a.density!.map(() => a.member)),
    latent: whole.flatMap((a) => a.density!.map((_, i) => i)),
    density: flat((a) => a.density),
    others: flat((a) => a.best_in_others),
    truth: hasTruth ? flat((a) => a.best_in_truth) : undefined,
    othersNull: whole[0]?.best_in_others_null ?? undefined,
    truthNull: whole[0]?.best_in_truth_null ?? undefined,
  };
}

/** The members as the histogram takes them. */
export function cosinesOf({ others, member }: Pooled, groups: readonly string[]) {
  return groups.flatMap((name, colour) => {
    const values = others.filter((_, i) => member[i] === name);
    return values.some(Number.isFinite) ? [{ name, colour, values }] : [];
  });
}
