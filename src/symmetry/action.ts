/** @file How a group acts on rows: a matrix for each element, from those of its generators. */

import { expected } from "../errors.ts";
import { multiply } from "../linalg/multiply.ts";
import { elementOf, type FiniteGroup } from "./group.ts";

/** The identity, [d, d]. */
export function identity(d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) out[i * d + i] = 1;
  return out;
}

/**
 * Matrices of all elements, [size, d, d]: products along their words.
 *
 * @param generators Those of the generators, each [d, d].
 * @throws {ConcordError} "argument/invalid" when there is not one for each generator.
 */
export function matricesOf(
  group: FiniteGroup,
  generators: readonly Float64Array[],
  d: number,
): Float32Array {
  const { size, words } = group;
  if (generators.length !== group.generators.length || generators.some((g) => g.length !== d * d))
    throw expected(
      `the matrices of ${group.name}`,
      `${group.generators.length} of [${d}, ${d}], one for each generator`,
      generators.map(({ length }) => length),
    );
  const byWord = new Map([["", identity(d)]]);
  const out = new Float32Array(size * d * d);
  const byLength = [...words.keys()].sort((a, b) => words[a]!.length - words[b]!.length);
  for (const element of byLength) {
    const [letter, ...rest] = words[element]!;
    // What acts before the last letter is an element with a shorter word.
    const before = byWord.get(rest.join())!;
    const isOne = letter !== undefined && rest.length === 0;
    const matrix =
      letter === undefined
        ? before
        : isOne
          ? generators[letter]!
          : multiply(generators[letter]!, before, [d, d, d]);
    byWord.set(words[element]!.join(), matrix);
    out.set(matrix, element * d * d);
  }
  return out;
}

/**
 * ‖M_g M_j − M_{g·j}‖_F / √d, the largest over generators g and elements j: how far matrices are
 * from acting as the group does.
 */
export function actionError(group: FiniteGroup, matrices: Float32Array): number {
  const { size, products } = group;
  const d = Math.round(Math.sqrt(matrices.length / size));
  const of = (k: number) => Float64Array.from(matrices.subarray(k * d * d, (k + 1) * d * d));
  let worst = 0;
  for (const i of group.generators.keys()) {
    const g = elementOf(group, i);
    for (let j = 1; j < size; j++)
      worst = Math.max(
        worst,
        apart(multiply(of(g), of(j), [d, d, d]), of(products[g * size + j]!)),
      );
  }
  return worst;
}

/** ‖A − B‖_F / √d of matrices [d, d]. */
export function apart(a: Float64Array, b: Float64Array): number {
  const squares = a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);
  return Math.sqrt(squares / Math.sqrt(a.length));
}
