import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { expectGradients, lossOf, smallProblem } from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { tiedTopk } from "./tied-topk.ts";

test("defaults are those of the MFR authors' code", () => {
  expect(linearSpec("topk_tied", { dIn: 256, dSae: 512 })).toEqual({
    name: "topk_tied",
    tying: 2,
    selection: { kind: "topk", k: 32, relu: false },
    decoderBias: undefined,
    lossReduction: "mean",
    l1: 0,
    clipNorm: undefined,
    auxK: undefined,
    weightInit: "orthogonal",
  });
  expect(tiedTopk.defaultLr({ dIn: 256, dSae: 512 })).toBe(1e-3);
});

test("AuxK can be added as a control", () => {
  expect(linearSpec("topk_tied", { dIn: 256, dSae: 512, auxK: {} }).auxK).toEqual({
    coefficient: 1 / 32,
    kAux: 128,
    deadAfterTokens: 10_000_000,
  });
  expect(() => linearSpec("topk_tied", { dIn: 8, dSae: 16, k: 17 })).toThrow(
    "from 1 to d_sae (16) for k",
  );
});

describe.each([...backendNames])("on %s", (name) => {
  test("negative scores inside the k largest survive; atoms decode at length one", async () => {
    // All nine latents: those with negative scores too.
    const problem = await smallProblem(openNamed(name), "topk_tied", { k: 9 });
    const { member, x } = problem;
    const { parameters: p } = member;
    const W = p.encoder!.parameter;
    let error = 0;
    let negative = 0;
    for (let b = 0; b < 7; b++) {
      const left = Array.from(x.subarray(b * 5, (b + 1) * 5));
      for (let latent = 0; latent < 9; latent++) {
        const atom = W.subarray(latent * 5, (latent + 1) * 5);
        const score = atom.reduce(
          (sum, v, j) => sum + v * x[b * 5 + j]!,
          p.bias.parameter[latent]!,
        );
        negative += score < 0 ? 1 : 0;
        for (let j = 0; j < 5; j++) left[j]! -= (score * atom[j]!) / Math.hypot(...atom);
      }
      error += left.reduce((sum, v) => sum + v * v, 0) / (7 * 5);
    }
    expect(negative).toBeGreaterThan(5);
    expectAllclose([await lossOf(problem)], [error], { rtol: 1e-5 });
  });

  test("gradients reach the one matrix as encoder, and as decoder through its normalisation", async () => {
    await expectGradients(await smallProblem(openNamed(name), "topk_tied", { k: 3 }));
  });

  test("with b_dec as well", async () => {
    const options = { k: 3, decoderBias: "mean" } as const;
    await expectGradients(await smallProblem(openNamed(name), "topk_tied", options));
  });
});
