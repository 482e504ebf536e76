/** @file Fits how a group acts on rows, and measures the fit on orbits kept apart. */

import type { Backend } from "../backend/backend.ts";
import { matricesOf } from "./action.ts";
import { type ActionDiagnostics, diagnoseAction } from "./diagnose.ts";
import { type AdamFitOptions, fitByAdam } from "./fit-adam.ts";
import { fitElement, fitGenerators } from "./fit-least-squares.ts";
import type { FiniteGroup } from "./group.ts";
import type { Orbits } from "./orbits.ts";

/** How matrices are fitted. */
export interface ActionFitOptions extends AdamFitOptions {
  /** Default `least_squares`. */
  readonly method?: "least_squares" | "adam";
  /**
   * `generators`: one matrix each, and products of these for other elements (M and its powers).
   * `elements`: each element has a matrix of its own, by least squares. Default `generators`.
   */
  readonly of?: "generators" | "elements";
}

/** Fitted matrices. */
export interface FittedAction {
  /** By element, [size, d, d]; the first is the identity. */
  readonly matrices: Float32Array;
  readonly diagnostics: ActionDiagnostics;
  /** Directions in which the rows vary; below d, matrices say nothing about the others. */
  readonly rank: number;
}

/** Matrices of all elements, each by least squares of its own. */
async function everyElement(
  backend: Backend,
  group: FiniteGroup,
  orbits: Orbits,
  trainOnAllK: boolean,
): Promise<Float32Array> {
  const { d } = orbits;
  const out = new Float32Array(group.size * d * d);
  for (let i = 0; i < d; i++) out[i * d + i] = 1;
  for (let k = 1; k < group.size; k++)
    out.set((await fitElement(backend, group, orbits, k, trainOnAllK)).matrix, k * d * d);
  return out;
}

/**
 * Fits the matrices of a group on some orbits.
 *
 * @param heldOut Orbits that the fit is measured on.
 */
export async function fitAction(
  backend: Backend,
  group: FiniteGroup,
  orbits: Orbits,
  heldOut: Orbits,
  options: ActionFitOptions = {},
): Promise<FittedAction> {
  const { method = "least_squares", of = "generators", trainOnAllK = true } = options;
  const { d } = orbits;
  // Adam has no orthogonal counterpart: that of least squares stands beside it.
  const fitted = await fitGenerators(backend, group, orbits, trainOnAllK);
  const matrices =
    method === "adam"
      ? matricesOf(group, await fitByAdam(backend, group, orbits, options), d)
      : of === "elements"
        ? await everyElement(backend, group, orbits, trainOnAllK)
        : matricesOf(
            group,
            fitted.map(({ matrix }) => matrix),
            d,
          );
  const orthogonals = fitted.map(({ orthogonal }) => orthogonal);
  const diagnostics = await diagnoseAction(backend, group, heldOut, matrices, orthogonals);
  return { matrices, diagnostics, rank: Math.min(d, ...fitted.map(({ rank }) => rank)) };
}
