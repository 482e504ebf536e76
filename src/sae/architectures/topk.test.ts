import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed, reference } from "../../../test/support/backends.ts";
import {
  expectGradients,
  gradientsOf,
  smallProblem,
} from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import { deadLatents } from "../linear/aux-k.ts";
import { backward, forward } from "../linear/train-step.ts";
import { topk } from "./topk.ts";

const shape = { dIn: 96, dSae: 1024 };

test("defaults are those of dictionary_learning", () => {
  expect(linearSpec("topk", shape)).toEqual({
    name: "topk",
    tying: 0,
    selection: { kind: "topk", k: 32, relu: true },
    decoderBias: "geometric_median",
    lossReduction: "sum",
    l1: 0,
    clipNorm: 1,
    auxK: { coefficient: 1 / 32, kAux: 48, deadAfterTokens: 10_000_000 },
    weightInit: "unit_normal",
  });
  expect(topk.defaultLr({ ...shape, dSae: 2 ** 14 })).toBe(2e-4);
  expect(topk.defaultLr({ ...shape, dSae: 2 ** 12 })).toBe(4e-4);
});

test("every part can be switched off or set", () => {
  const off = linearSpec("topk", {
    ...shape,
    k: 7,
    auxK: false,
    clipNorm: false,
    decoderBias: "none",
  });
  expect(off).toMatchObject({ selection: { k: 7 } });
  expect([off.auxK, off.clipNorm, off.decoderBias]).toEqual([undefined, undefined, undefined]);
  expect(linearSpec("topk", { ...shape, auxK: { kAux: 3 } }).auxK).toEqual({
    coefficient: 1 / 32,
    kAux: 3,
    deadAfterTokens: 10_000_000,
  });
});

test.each([0, 1025, 2.5])("k = %d is refused with what would do", (k) => {
  expect(() => linearSpec("topk", { ...shape, k })).toThrow(
    `Expected an integer from 1 to d_sae (1024) for k but received ${k} (number).`,
  );
});

describe.each([...backendNames])("on %s", (name) => {
  test("the code is the k largest of ReLU((x − b_dec) W_enc + b_enc), the loss their reconstruction's error", async () => {
    const problem = await smallProblem(openNamed(name), "topk", { k: 3, auxK: false });
    const { member, w, x } = problem;
    const { parameters: p } = member;
    const f = await forward(member, w, { x });
    let error = 0;
    let active = 0;
    for (let b = 0; b < 7; b++) {
      const row = Array.from({ length: 5 }, (_, j) => x[b * 5 + j]! - p.decoderBias!.parameter[j]!);
      const dot = (matrix: Float32Array, latent: number) =>
        row.reduce((sum, v, j) => sum + v * matrix[latent * 5 + j]!, 0);
      const scores = Array.from({ length: 9 }, (_, latent) => [
        latent,
        dot(p.encoder!.parameter, latent) + p.bias.parameter[latent]!,
      ]);
      const chosen = scores.sort((s, t) => t[1]! - s[1]!).slice(0, 3);
      const left = row.map((v, j) =>
        chosen.reduce((rest, [latent, s]) => rest - Math.max(0, s!) * p.unit[latent! * 5 + j]!, v),
      );
      error += left.reduce((sum, v) => sum + v * v, 0) / 7;
      active += chosen.filter(([, s]) => s! > 0).length / 7;
    }
    expectAllclose([f.squaredError, f.l0], [error, active], { rtol: 1e-5 });
  });

  test("gradients are those of the loss, on the sphere of unit atoms", async () => {
    const options = { k: 3, auxK: false, clipNorm: false } as const;
    await expectGradients(await smallProblem(openNamed(name), "topk", options));
  });

  test("gradients are scaled down together to norm 1, and only when they are longer", async () => {
    const norm = (gradients: Map<string, Float32Array>) =>
      Math.hypot(...[...gradients.values()].flatMap((g) => [...g]));
    const of = async (clipNorm: number | false) =>
      gradientsOf(await smallProblem(openNamed(name), "topk", { k: 3, auxK: false, clipNorm }));
    const free = await of(false);
    expect(norm(free)).toBeGreaterThan(1);
    const clipped = await of(1);
    expect(norm(clipped)).toBeCloseTo(1, 4);
    expect(norm(await of(1e6))).toBeCloseTo(norm(free), 4);
    for (const [key, gradient] of clipped)
      expectAllclose(
        gradient,
        free.get(key)!.map((g) => g / norm(free)),
        { rtol: 1e-4, atol: 1e-6 },
      );
  });
});

test("a latent is dead when it has not fired for so many activations, however they come in batches", async () => {
  const auxK = { deadAfterTokens: 14 };
  const problem = await smallProblem(reference, "topk", { k: 1, auxK });
  const { member, w } = problem;
  // Seven rows at a time that only latent 2 can win.
  member.parameters.bias.parameter.fill(-50);
  member.parameters.bias.parameter[2] = 50;
  const x = normals("x", 35, 0.01);
  const step = async () => backward(member, w, { lr: 0 }, await forward(member, w, { x }));
  await step();
  expect([...member.tokensSinceFired]).toEqual([7, 7, 0, 7, 7, 7, 7, 7, 7]);
  expect([...deadLatents(member)]).toEqual([]);
  await step();
  expect([...deadLatents(member)]).toEqual([0, 1, 3, 4, 5, 6, 7, 8]);
  member.tokensSinceFired[3] = 13;
  expect([...deadLatents(member)]).toEqual([0, 1, 4, 5, 6, 7, 8]);
});
