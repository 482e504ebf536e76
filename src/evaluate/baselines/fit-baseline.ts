/** @file A baseline fitted to rows, as an SAE: components, their signs, and how many are active. */

import { ConcordError, expected } from "../../errors.ts";
import type { Sae } from "../../sae/sae.ts";
import { type ActiveLatents, plainSae } from "../../sae/selection.ts";
import type { Baseline, Components, FitContext } from "./baseline.ts";
import { orient } from "./orient.ts";
import type { Sign } from "./signs.ts";

/** What becomes of components. */
export interface BaselineForm {
  readonly sign?: Sign | undefined;
  /** Latents that are active per row, the k largest; all that are above zero when left out. */
  readonly k?: number | undefined;
}

/** A baseline in the form of an SAE. */
export interface FittedBaseline {
  readonly sae: Sae;
  readonly sign: Sign;
  readonly components: number;
  /** Rows that it was fitted to. */
  readonly rows: number;
  /** How its components were found. */
  readonly facts: Components["facts"];
}

/** Components and their opposites. */
function doubled({ count, encoder, atoms, bias, ...rest }: Components): Components {
  const both = (values: Float32Array) => {
    const out = new Float32Array(2 * values.length);
    out.set(values);
    out.set(
      values.map((v) => -v),
      values.length,
    );
    return out;
  };
  return {
    ...rest,
    count: 2 * count,
    encoder: both(encoder),
    atoms: both(atoms),
    ...(bias && { bias: both(bias) }),
  };
}

/** @throws {ConcordError} for a k of activations of which some are negative. */
function activeOf(sign: Sign, k: number | undefined): ActiveLatents {
  if (sign !== "signed") return k ?? "positive";
  if (k === undefined) return "all";
  throw new ConcordError(
    "argument/invalid",
    "The k largest of signed activations would leave out the most negative ones.",
    { hint: "Use the sign plus-minus: it keeps the k largest by magnitude." },
  );
}

/**
 * Checks what can be checked before rows are read.
 *
 * @throws {ConcordError} "argument/invalid" naming the option that does not fit.
 */
export function requireForm({ name, signs }: Baseline, { sign, k }: BaselineForm): Sign {
  const chosen = sign ?? signs[0]!;
  if (!signs.includes(chosen)) throw expected(`sign of ${name}`, signs.join(", "), chosen);
  activeOf(chosen, k);
  return chosen;
}

/** Fitted components with their signs, and how many there were before. */
export interface SignedComponents {
  readonly sign: Sign;
  readonly components: number;
  readonly signed: Components;
}

/**
 * Fits a baseline and gives its components their signs.
 *
 * With `plus-minus` components n … 2n − 1 are the opposites of 0 … n − 1.
 *
 * @throws {ConcordError} as `fit`.
 */
export async function fitComponents(
  baseline: Baseline,
  context: FitContext,
  form: BaselineForm = {},
): Promise<SignedComponents> {
  const sign = requireForm(baseline, form);
  const found = await baseline.fit(context);
  let signed = found;
  if (sign === "plus-minus") signed = doubled(found);
  if (sign === "oriented") signed = await orient(context, found);
  return { sign, components: found.count, signed };
}

/**
 * Components in the form of an SAE of unit atoms. With `plus-minus` the k largest are the k
 * components of largest |s|.
 *
 * @throws {ConcordError} "argument/invalid" for a k above the number of latents.
 */
export function saeOf({ sign, signed }: SignedComponents, k: number | undefined): Sae {
  const { count, encoder, atoms, bias, centre } = signed;
  if (k !== undefined && k > count)
    throw expected("k", `an integer from 1 to the ${count} latents of the baseline`, k);
  const weights = { dIn: atoms.length / count, dSae: count, encoder, decoder: atoms };
  const encoderBias = bias ?? new Float32Array(count);
  return plainSae({ ...weights, encoderBias, decoderBias: centre }, activeOf(sign, k));
}

/**
 * Fits a baseline and gives it the form of an SAE.
 *
 * @throws {ConcordError} as `fitComponents` and `saeOf`.
 */
export async function fitBaseline(
  baseline: Baseline,
  context: FitContext,
  form: BaselineForm = {},
): Promise<FittedBaseline> {
  const found = await fitComponents(baseline, context, form);
  const { sign, components, signed } = found;
  const { rows } = context.rows;
  return { sae: saeOf(found, form.k), sign, components, rows, facts: signed.facts };
}
