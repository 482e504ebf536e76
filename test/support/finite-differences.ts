/**
 * @file The gradients of one training step against central differences of its loss. Adam with beta1
 *   = 0 and rate 0 leaves the gradient of every parameter in its first moment and the parameters
 *   where they are.
 */

import type { Backend } from "../../src/backend/backend.ts";
import {
  allocateMember,
  initialiseWeights,
  type Member,
  refreshDerived,
} from "../../src/sae/linear/member.ts";
import { namedArrays } from "../../src/sae/linear/parameters.ts";
import { backward, forward } from "../../src/sae/linear/train-step.ts";
import { allocateWorkspace, type Workspace } from "../../src/sae/linear/workspace.ts";
import type { ArchitectureOptions } from "../../src/sae/registry.ts";
import { expectAllclose } from "./allclose.ts";
import { linearSpec } from "./linear.ts";
import { normals } from "./random.ts";

const [BATCH, D_IN, D_SAE] = [7, 5, 9];

export interface Problem {
  readonly backend: Backend;
  readonly member: Member;
  readonly w: Workspace;
  readonly x: Float32Array;
}

/** A member of nine latents in five dimensions with weights, biases and a batch drawn at random. */
export async function smallProblem(
  backend: Backend,
  architecture: string,
  options: Partial<ArchitectureOptions>,
): Promise<Problem> {
  const spec = linearSpec(architecture, { dIn: D_IN, dSae: D_SAE, ...options });
  const adam = { lr: 0, beta1: 0, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn: D_IN, dSae: D_SAE, spec, adam });
  await initialiseWeights(backend, member, { seed: 1, restart: 0 });
  const { parameters: p } = member;
  // Away from the special values that training starts from: atoms of length one, biases of zero,
  // ties between matrices.
  for (const [name, state] of Object.entries({ encoder: p.encoder, raw: p.raw })) {
    if (!state || state.parameter === p.unit) continue;
    const noise = normals(name, state.parameter.length, 0.3);
    for (let i = 0; i < noise.length; i++) state.parameter[i]! += noise[i]!;
  }
  p.bias.parameter.set(normals("bias", D_SAE, 0.2));
  p.decoderBias?.parameter.set(normals("b_dec", D_IN, 0.2));
  await refreshDerived(backend, member);
  const w = allocateWorkspace(backend, { batch: BATCH, dIn: D_IN, dSae: D_SAE, capacity: 64 });
  return { backend, member, w, x: normals("x", BATCH * D_IN) };
}

/** The loss as the architecture's formula has it. */
export async function lossOf({ member, w, x }: Problem): Promise<number> {
  const f = await forward(member, w, { x });
  const scale = member.spec.lossReduction === "sum" ? 1 : 1 / D_IN;
  return scale * (f.reconstruction ?? f.squaredError) + member.spec.l1 * f.l1 + (f.penalty ?? 0);
}

/** The gradient that a step hands to Adam, by parameter. */
export async function gradientsOf({ member, w, x }: Problem): Promise<Map<string, Float32Array>> {
  await backward(member, w, { lr: 0 }, await forward(member, w, { x }));
  const arrays = namedArrays(member.parameters);
  const names = Object.keys(arrays).filter((name) => `${name}.m` in arrays);
  return new Map(names.map((name) => [name, arrays[`${name}.m`]!.slice()]));
}

/**
 * Half the width of a central difference: far from the rounding of float32, and from where other
 * latents would be chosen.
 */
const STEP = 2 ** -9;

/**
 * Compares every parameter's gradient with central differences of the loss. Where atoms are kept at
 * length one by projection, the differences are taken along the sphere.
 *
 * @param except Parameters whose gradient is not that of the loss.
 */
export async function expectGradients(
  problem: Problem,
  except: readonly string[] = [],
): Promise<void> {
  const { backend, member } = problem;
  const gradients = await gradientsOf(problem);
  const arrays = namedArrays(member.parameters);
  for (const [name, gradient] of gradients) {
    if (except.includes(name)) continue;
    const parameter = arrays[name]!;
    const start = parameter.slice();
    const differences = new Float32Array(parameter.length);
    for (let i = 0; i < parameter.length; i++) {
      const lossAt = async (shift: number) => {
        parameter.set(start);
        parameter[i]! += shift;
        if (parameter === member.parameters.unit) normalizeRow(parameter, Math.floor(i / D_IN));
        await refreshDerived(backend, member);
        return lossOf(problem);
      };
      differences[i] = ((await lossAt(STEP)) - (await lossAt(-STEP))) / (2 * STEP);
    }
    parameter.set(start);
    await refreshDerived(backend, member);
    expectAllclose(gradient, differences, { rtol: 2e-2, atol: 2e-3 }, name);
  }
}

function normalizeRow(matrix: Float32Array, row: number): void {
  const atom = matrix.subarray(row * D_IN, (row + 1) * D_IN);
  const length = Math.hypot(...atom);
  for (let j = 0; j < D_IN; j++) atom[j]! /= length;
}
