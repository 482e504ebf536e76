/** @file Dictionaries that need no rows: random atoms, the axes themselves, and turned axes. */

import { randomStream } from "../../base/philox.ts";
import { expected } from "../../errors.ts";
import { fillOrthogonal } from "../../sae/init/orthogonal.ts";
import type { Baseline, Components, FitContext } from "./baseline.ts";
import { normals, unitRows } from "./rows.ts";

/** Atoms that encode as well: s = (x − centre) Dᵀ, x̂ = s D + centre. */
async function tied(context: FitContext, atoms: Float32Array): Promise<Components> {
  const { rows, centre = false } = context;
  const { dIn } = rows;
  const found = { count: atoms.length / dIn, encoder: atoms, atoms, facts: { centred: centre } };
  if (!centre) return { ...found, centre: undefined };
  const sum = new Float64Array(dIn);
  await rows.pass((x) => {
    for (let at = 0; at < x.length; at++) sum[at % dIn]! += x[at]!;
  });
  return { ...found, centre: Float32Array.from(sum, (s) => s / rows.rows) };
}

function requireNoMore(components: number | undefined, dIn: number): number {
  const count = components ?? dIn;
  if (count > dIn) throw expected("components", `an integer from 1 to d_in ${dIn}`, count);
  return count;
}

const FOUNDING =
  "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)), HoagyC/sparse_coding";

/** Directions that are drawn uniformly, each for itself. */
export const random: Baseline = {
  name: "random",
  summary: "Random directions that encode and decode",
  source: FOUNDING,
  signs: ["positive", "plus-minus", "oriented", "signed"],
  rows: 100_000,
  async fit(context) {
    const { backend, rows, seed } = context;
    const { dIn } = rows;
    const length = (context.components ?? dIn) * dIn;
    const drawn = await normals(backend, randomStream(seed, "baseline/random"), length);
    return tied(context, unitRows(drawn, dIn).unit);
  },
};

/** The axes: each dimension of the rows is a component ("neuron basis"). */
export const identity: Baseline = {
  name: "identity",
  summary: "The dimensions of the rows themselves, the neuron basis",
  source: FOUNDING,
  signs: ["positive", "plus-minus", "oriented", "signed"],
  rows: 100_000,
  async fit(context) {
    const { dIn } = context.rows;
    const count = requireNoMore(context.components, dIn);
    const atoms = new Float32Array(count * dIn);
    for (let i = 0; i < count; i++) atoms[i * dIn + i] = 1;
    return tied(context, atoms);
  },
};

/** A random orthonormal basis: unlike random directions, it loses nothing. */
export const rotation: Baseline = {
  name: "rotation",
  summary: "A random orthonormal basis",
  source: FOUNDING,
  signs: ["plus-minus", "oriented", "positive", "signed"],
  rows: 100_000,
  async fit(context) {
    const { backend, rows, seed } = context;
    const { dIn } = rows;
    const count = requireNoMore(context.components, dIn);
    const atoms = backend.float32(count * dIn);
    await fillOrthogonal(backend, randomStream(seed, "baseline/rotation"), atoms, count, dIn);
    return tied(context, atoms);
  },
};
