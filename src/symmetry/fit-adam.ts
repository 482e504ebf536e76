/**
 * @file The matrices of a group's generators by gradient descent, as the founding commands fit M.
 *
 *   K = all elements:  L = mean_{k ≠ e} mean_j ‖ρ(k) a_j − a_{k·j}‖²
 *   K = generators:    L = mean_g ‖M_g a_0 − a_g‖²
 *
 * with ρ(k) the product along the word of k.
 *
 * The flags `--M-epochs`, `--M-learning-rate` and `--M-train-on-all-k` are those of the commands
 * that came with Erdogan and Lucic 2025 (arXiv:2511.09432). Their objective cannot be read: this
 * one is ours. Matrices start as the identity.
 */

import type { Backend } from "../backend/backend.ts";
import { permutation, randomStream } from "../base/philox.ts";
import { Adam } from "../tape/adam.ts";
import { add, scale } from "../tape/ops/arithmetic.ts";
import { gather } from "../tape/ops/gather.ts";
import { squaredDistance } from "../tape/ops/losses.ts";
import { linear } from "../tape/ops/matmul.ts";
import { Tape } from "../tape/tape.ts";
import type { TapeTensor } from "../tape/tensor.ts";
import { identity } from "./action.ts";
import { elementOf, type FiniteGroup } from "./group.ts";
import type { Orbits } from "./orbits.ts";

/** How long and how fast matrices learn; defaults are those of the founding commands. */
export interface AdamFitOptions {
  /** `--M-train-on-all-k`. Default true. */
  readonly trainOnAllK?: boolean;
  /** Passes over the orbits. Default 150. */
  readonly epochs?: number;
  /** Default 1e-3. */
  readonly lr?: number;
  /** Orbits of a step. Default 128, or all where there are fewer. */
  readonly batchOrbits?: number;
  /** Decides the order of the orbits. Default 0. */
  readonly seed?: number;
}

/** Fits the matrices of all generators, each [d, d]. */
export async function fitByAdam(
  backend: Backend,
  group: FiniteGroup,
  orbits: Orbits,
  options: AdamFitOptions = {},
): Promise<Float64Array[]> {
  const { trainOnAllK = true, epochs = 150, lr = 1e-3, seed = 0 } = options;
  const { d, size, count } = orbits;
  const batch = Math.min(options.batchOrbits ?? 128, count);
  const tape = new Tape(backend);
  const x = tape.input([batch * size, d]);
  const matrices = group.generators.map(() => tape.parameter([d, d]));
  for (const { value } of matrices) value.set(identity(d));
  const loss = (trainOnAllK ? ofAllElements : ofGenerators)(group, x, matrices, batch);
  const adam = new Adam(tape.parameters, { beta1: 0.9, beta2: 0.999, eps: 1e-8 });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = permutation(randomStream(seed, `symmetry/epoch/${epoch}`), count);
    for (let from = 0; from + batch <= count; from += batch) {
      for (let b = 0; b < batch; b++) {
        const at = order[from + b]! * size * d;
        x.value.set(orbits.rows.subarray(at, at + size * d), b * size * d);
      }
      await tape.forward();
      await tape.backward(loss);
      await adam.step({ lr });
    }
  }
  return matrices.map(({ value }) => Float64Array.from(value));
}

/** Rows of the batch that hold, for each row j of some poses, pose k · j of the same thing. */
function targetsOf({ size, products }: FiniteGroup, k: number, batch: number, poses: number) {
  return Int32Array.from({ length: batch * poses }, (_, i) => {
    const [orbit, j] = [Math.floor(i / poses), i % poses];
    return orbit * size + products[k * size + j]!;
  });
}

function meanOf(terms: readonly TapeTensor[]): TapeTensor {
  return scale(
    terms.reduce((sum, term) => add(sum, term)),
    1 / terms.length,
  );
}

function ofAllElements(
  group: FiniteGroup,
  x: TapeTensor,
  matrices: readonly TapeTensor[],
  batch: number,
): TapeTensor {
  const { size, words } = group;
  const made = new Map([["", x]]);
  const terms: TapeTensor[] = [];
  for (const k of [...words.keys()].sort((a, b) => words[a]!.length - words[b]!.length)) {
    const [letter, ...rest] = words[k]!;
    if (letter === undefined) continue;
    const y = linear(made.get(rest.join())!, matrices[letter]!);
    made.set(words[k]!.join(), y);
    terms.push(squaredDistance(y, gather(x, targetsOf(group, k, batch, size))));
  }
  return meanOf(terms);
}

function ofGenerators(
  group: FiniteGroup,
  x: TapeTensor,
  matrices: readonly TapeTensor[],
  batch: number,
): TapeTensor {
  const upright = gather(x, targetsOf(group, 0, batch, 1));
  return meanOf(
    matrices.map((matrix, i) => {
      const targets = targetsOf(group, elementOf(group, i), batch, 1);
      return squaredDistance(linear(upright, matrix), gather(x, targets));
    }),
  );
}
