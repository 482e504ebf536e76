import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { expectGradients, smallProblem } from "../../../test/support/finite-differences.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import type { ArchitectureOptions } from "../registry.ts";
import { LinearTrainable } from "./linear-trainable.ts";

const [BATCH, D_IN, D_SAE] = [32, 6, 14];

/** An SAE with drawn weights, a step at a time on rows of a few features. */
async function training(
  backend: Backend,
  architecture: string,
  options: Partial<ArchitectureOptions>,
) {
  const spec = linearSpec(architecture, { dIn: D_IN, dSae: D_SAE, ...options });
  const context = { backend, dIn: D_IN, batch: BATCH, shared: new Map() };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const sae = new LinearTrainable(context, { dSae: D_SAE, spec, adam });
  await sae.initialise({ seed: 2, restart: 0 });
  const features = normals("features", 4 * D_IN);
  const pull = normals("pull", D_SAE * D_IN, 0.1);
  let at = 0;
  const step = async (moved?: Float32Array) => {
    const x = normals(`rows/${at}`, BATCH * D_IN, 0.1).map(
      (v, i) => v + features[((Math.floor(i / D_IN) * 7 + at) % 4) * D_IN + (i % D_IN)]!,
    );
    at++;
    return sae.backward(await sae.forward({ x }), { lr: 0.05, pull, moved });
  };
  return { sae, step, p: sae.member.parameters };
}

function cosines(a: Float32Array, b: Float32Array): number[] {
  return Array.from({ length: D_SAE }, (_, f) => {
    const rows = [a, b].map((m) => m.subarray(f * D_IN, (f + 1) * D_IN));
    const dot = rows[0]!.reduce((sum, v, j) => sum + v * rows[1]![j]!, 0);
    return dot / Math.hypot(...rows[0]!) / Math.hypot(...rows[1]!);
  });
}

const UNTIED = [
  ["topk", { k: 3 }],
  ["relu", { l1: 1e-3 }],
  ["batchtopk", { k: 3 }],
  ["matryoshka", { k: 3, prefixes: 3 }],
  ["jumprelu", {}],
  ["gated", {}],
] as const;

describe.each([...backendNames])("on %s", (name) => {
  test.each([
    ["topk", { k: 3, auxK: false, clipNorm: false }],
    ["topk_tied", { k: 3 }],
    ["relu", { l1: 0.05 }],
    ["relu_tied", { l1: 0.05 }],
  ] as const)(
    "weight decay is in the loss and in the gradients of %s",
    async (architecture, options) => {
      const settings = { ...options, weightDecay: 0.05 };
      await expectGradients(await smallProblem(openNamed(name), architecture, settings));
    },
  );

  test.each(UNTIED)(
    "a frozen decoder of %s stays to the last bit, and the encoder learns",
    async (architecture, options) => {
      const { step, p } = await training(openNamed(name), architecture, {
        ...options,
        freeze: "decoder",
      });
      const before = { unit: p.unit.slice(), encoder: p.encoder!.parameter.slice() };
      const moved = new Float32Array(D_SAE);
      for (let i = 0; i < 4; i++) await step(moved);
      expect(p.unit).toEqual(before.unit);
      expect(Math.max(...moved)).toBeLessThan(1e-5);
      expect(p.encoder!.parameter).not.toEqual(before.encoder);
    },
  );

  test.each(UNTIED)(
    "a frozen encoder of %s stays to the last bit, and atoms and biases learn",
    async (architecture, options) => {
      const { step, p } = await training(openNamed(name), architecture, {
        ...options,
        freeze: "encoder",
      });
      const before = { unit: p.unit.slice(), encoder: p.encoder!.parameter.slice() };
      for (let i = 0; i < 4; i++) await step();
      expect(p.encoder!.parameter).toEqual(before.encoder);
      expect(p.unit).not.toEqual(before.unit);
      expect(p.bias.parameter.some((b) => b !== 0)).toBe(true);
    },
  );

  test.each(UNTIED)(
    "atoms of %s turn no further than they may, and their movement is counted",
    async (architecture, options) => {
      const limited = { ...options, decoderMaxRotation: 0.8 };
      const { sae, step, p } = await training(openNamed(name), architecture, limited);
      const start = p.unit.slice();
      for (let i = 0; i < 25; i++) {
        const before = p.unit.slice();
        const moved = new Float32Array(D_SAE);
        await step(moved);
        for (let f = 0; f < D_SAE; f++) {
          const row = (m: Float32Array) => m.subarray(f * D_IN, (f + 1) * D_IN);
          const distance = Math.hypot(...row(p.unit).map((v, j) => v - row(before)[j]!));
          expect(moved[f]!).toBeGreaterThanOrEqual(distance - 1e-6);
        }
      }
      const turned = cosines(p.unit, start);
      expect(Math.min(...turned)).toBeGreaterThan(0.8 - 1e-5);
      expect(turned.filter((c) => c < 0.801).length).toBeGreaterThan(1);
      expect(
        Math.max(...cosines(p.unit, p.raw!.parameter).map((c) => Math.abs(c - 1))),
      ).toBeLessThan(1e-5);
      // A checkpoint knows where atoms started.
      expect(sae.save().arrays["start"]).toEqual(start);
    },
  );

  test.each(UNTIED)(
    "encoder rows of %s keep a product of 1 with their atoms",
    async (architecture, options) => {
      const settings = { ...options, aligned: true, weightInit: "xavier_uniform" } as const;
      const { step, p } = await training(openNamed(name), architecture, settings);
      const largest = () => {
        const products = Array.from({ length: D_SAE }, (_, f) => {
          const row = (m: Float32Array) => m.subarray(f * D_IN, (f + 1) * D_IN);
          return row(p.unit).reduce((sum, v, j) => sum + v * row(p.encoder!.parameter)[j]!, 0);
        });
        return Math.max(...products.map((product) => Math.abs(product - 1)));
      };
      expect(largest()).toBeLessThan(1e-5);
      for (let i = 0; i < 4; i++) await step();
      expect(largest()).toBeLessThan(1e-5);
    },
  );
});

test("tied architectures have no decoder of their own to constrain", () => {
  const options = { dIn: D_IN, dSae: D_SAE, k: 3, freeze: "decoder", aligned: true } as const;
  expect(linearSpec("topk_tied", options)).toMatchObject({ freeze: undefined, aligned: undefined });
});
