import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { RECONSTRUCTION_METRICS } from "../metrics/registry.ts";
import type { Sae } from "../sae/sae.ts";
import type { RowReader } from "../sources/source.ts";
import { EVALUATION_BATCH, evaluateSaes } from "./evaluate-saes.ts";

const D_IN = 6;

function readerOf(data: Float32Array): RowReader {
  return {
    rows: data.length / D_IN,
    async read(start, out) {
      out.set(data.subarray(start * D_IN, start * D_IN + out.length));
    },
  };
}

/**
 * Encoder and decoder are the first six unit vectors, twice: z = max(x − b, 0) and max(b − x, 0).
 */
function mirror(selection: Sae["selection"], decoderBias: Float32Array | undefined): Sae {
  const weights = new Float32Array(12 * D_IN);
  for (let j = 0; j < D_IN; j++) [weights[j * D_IN + j], weights[(6 + j) * D_IN + j]] = [1, -1];
  return {
    selection,
    architecture: "relu",
    dIn: D_IN,
    dSae: 12,
    decoderBias,
    encoder: weights,
    decoder: weights.slice(),
    encoderBias: new Float32Array(12),
  };
}

describe.each([...backendNames])("on %s", (name) => {
  test("an SAE that keeps everything has no error; one that keeps one number, the others' squares", async () => {
    const rows = EVALUATION_BATCH + 77;
    const x = normals("held out", rows * D_IN, 1).map((v) => v + 100);
    const bias = new Float32Array(D_IN).fill(100);
    const all = mirror({ kind: "relu" }, bias);
    const one = mirror({ kind: "topk", k: 1, relu: true }, bias);
    const [whole, largest] = await evaluateSaes(openNamed(name), [all, one], readerOf(x), D_IN);
    let [squares, kept, l1, keptL1, variance] = [0, 0, 0, 0, 0];
    const mean = new Float64Array(D_IN);
    for (let i = 0; i < x.length; i++) mean[i % D_IN]! += x[i]! / rows;
    for (let r = 0; r < rows; r++) {
      const row = Array.from(x.subarray(r * D_IN, (r + 1) * D_IN));
      const sizes = row.map((v) => Math.abs(v - 100));
      squares += sizes.reduce((sum, s) => sum + s * s, 0);
      kept += Math.max(...sizes) ** 2;
      l1 += sizes.reduce((sum, s) => sum + s, 0);
      keptL1 += Math.max(...sizes);
      variance += row.reduce((sum, v, j) => sum + (v - mean[j]!) ** 2, 0);
    }
    expect(whole).toMatchObject({ rows, dIn: D_IN });
    expect(whole!.squaredError / variance).toBeLessThan(1e-9);
    expect(whole!.variance / variance).toBeCloseTo(1, 6);
    expect(whole!.l1 / l1).toBeCloseTo(1, 5);
    expect(whole!.active).toBe(rows * D_IN);
    expect(largest!.squaredError / (squares - kept)).toBeCloseTo(1, 4);
    expect(largest!.l1 / keptL1).toBeCloseTo(1, 5);
    expect(largest!.active).toBe(rows);
    expect(largest!.activeRows.reduce((a, b) => a + b)).toBe(rows);
    const metrics = RECONSTRUCTION_METRICS.map((m) => [m.name, m.compute(largest!)]);
    expect(Object.fromEntries(metrics)).toMatchObject({ l0: 1, dead_fraction: 0 });
  });

  test("a row that is not finite is named, whatever the selection", async () => {
    const x = normals("held out", 2000 * D_IN);
    x[1500 * D_IN + 2] = Number.POSITIVE_INFINITY;
    for (const selection of [{ kind: "relu" }, { kind: "topk", k: 1, relu: true }] as const)
      await expect(
        evaluateSaes(openNamed(name), [mirror(selection, undefined)], readerOf(x), D_IN),
      ).rejects.toThrow(/^Held-out row 1500 holds a value that is not finite\.$/);
  });
});
