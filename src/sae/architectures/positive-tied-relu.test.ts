import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../../backend/backend.ts";
import { resolveOptions } from "../architecture.ts";
import { LinearTrainable } from "../linear/linear-trainable.ts";
import { positiveTiedRelu } from "./positive-tied-relu.ts";

const [BATCH, D_IN, D_SAE] = [16, 6, 10];

function created(backend: Backend): LinearTrainable {
  const spec = linearSpec("relu_tied_positive", { dIn: D_IN, dSae: D_SAE, l1: 1e-3 });
  const context = { backend, dIn: D_IN, batch: BATCH, shared: new Map() };
  const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  return new LinearTrainable(context, { dSae: D_SAE, spec, adam });
}

const rows = (step: number) => normals(`rows/${step}`, BATCH * D_IN).map((v) => Math.abs(v));

async function step(sae: LinearTrainable, at: number, moved?: Float32Array) {
  return sae.backward(await sae.forward({ x: rows(at) }), { lr: 0.05, moved });
}

test("b_dec is not its to choose", () => {
  const given = { decoderBias: "mean" };
  const shape = { dIn: D_IN, dSae: D_SAE };
  expect(() => resolveOptions(positiveTiedRelu, given, shape)).toThrow("its b_dec is −input_shift");
});

describe.each([...backendNames])("on %s", (name) => {
  test("weights start and stay at 0 or above, b_dec stays, and atoms have length one", async () => {
    const sae = created(openNamed(name));
    await sae.initialise({ seed: 3, restart: 0 });
    await sae.fitTo(rows(0));
    const { parameters: p } = sae.member;
    expect(p.bias.parameter.every((b) => b === -1)).toBe(true);
    const first = p.unit.slice();
    const moved = new Float32Array(D_SAE);
    let zeros = 0;
    for (let at = 0; at < 12; at++) {
      await step(sae, at, moved);
      expect(p.raw!.parameter.every((v) => v >= 0)).toBe(true);
      zeros += p.raw!.parameter.filter((v) => v === 0).length;
      for (let f = 0; f < D_SAE; f++)
        expect(Math.hypot(...p.unit.subarray(f * D_IN, (f + 1) * D_IN))).toBeCloseTo(1, 5);
    }
    expect(zeros).toBeGreaterThan(0);
    expect(p.decoderBias!.parameter.every((b) => b === Math.fround(-0.18))).toBe(true);
    // Movement is a bound on how far an atom has come.
    for (let f = 0; f < D_SAE; f++) {
      const distance = Math.hypot(
        ...first.subarray(f * D_IN, (f + 1) * D_IN).map((v, j) => v - p.unit[f * D_IN + j]!),
      );
      expect(moved[f]!).toBeGreaterThanOrEqual(distance - 1e-5);
    }
    const { decoderBias, selection } = sae.inference();
    expect(selection).toEqual({ kind: "relu" });
    expect(decoderBias![0]).toBe(Math.fround(-0.18));
  });

  test("goes on after a checkpoint to the same bytes", async () => {
    const whole = created(openNamed(name));
    await whole.initialise({ seed: 3, restart: 0 });
    await whole.fitTo(rows(0));
    for (let at = 0; at < 4; at++) await step(whole, at);
    const saved = structuredClone(whole.save());
    for (let at = 4; at < 8; at++) await step(whole, at);
    const resumed = created(openNamed(name));
    await resumed.load(saved);
    for (let at = 4; at < 8; at++) await step(resumed, at);
    expect(resumed.save()).toEqual(whole.save());
  });
});
