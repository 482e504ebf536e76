/** Numbers of orbits against SAEs for which they are known. */
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { orbitRows, quarterTurns } from "../../test/support/orbits.ts";
import type { Sae } from "../sae/sae.ts";
import { orbitNumbers } from "./orbit-sums.ts";

const [D, ORBITS] = [4, 12];
const C4 = quarterTurns(D);
const rows = orbitRows(C4, D, ORBITS);
const reader = {
  rows: ORBITS * 4,
  async read(start: number, out: Float32Array) {
    out.set(rows.subarray(start * D, start * D + out.length));
  },
};

/** x̂ = the row itself: atoms ±e_i. */
const signed = Float32Array.from({ length: 2 * D * D }, (_, i) => {
  const [latent, j] = [Math.floor(i / D), i % D];
  return latent % D === j ? (latent < D ? 1 : -1) : 0;
});
const whole: Sae = {
  architecture: "relu",
  selection: { kind: "relu" },
  dIn: D,
  dSae: 2 * D,
  encoder: signed,
  decoder: signed,
  encoderBias: new Float32Array(2 * D),
  decoderBias: undefined,
};
/** The code of the canonical row for every pose: it looks rows up. */
const upright: Sae = {
  ...whole,
  ownEncoder: {
    options: {},
    tensors: new Map(),
    open: () => async (x, count) => {
      const z = new Float32Array(count * 2 * D);
      for (let b = 0; b < count; b++) {
        const known = Array.from({ length: 4 * ORBITS }, (_, r) => r).find((r) =>
          x.subarray(b * D, b * D + D).every((v, j) => v === rows[r * D + j]),
        )!;
        const canonical = known - (known % 4);
        for (let j = 0; j < D; j++) {
          const v = rows[canonical * D + j]!;
          z[b * 2 * D + j + (v < 0 ? D : 0)] = Math.abs(v);
        }
      }
      const indptr = Int32Array.from({ length: count + 1 }, (_, b) => b * 2 * D);
      const indices = Int32Array.from(z, (_, i) => i % (2 * D));
      return { rows: count, indptr, indices, values: z };
    },
  },
};

test("an SAE of rows and one of canonical poses each have the FVU that is theirs", async () => {
  const [plain, canonical] = await orbitNumbers(reference, [whole, upright], reader, C4);
  expect(plain!.fvu).toBeCloseTo(0, 9);
  expect(plain!.fvuCanonical).toBeGreaterThan(0.5);
  expect(plain!.fvuBestPose).toBeCloseTo(0, 9);
  expect(plain!.codeChange).toBeGreaterThan(0.5);
  expect(canonical!.fvu).toBeGreaterThan(0.5);
  for (const value of [canonical!.fvuCanonical, canonical!.fvuPosed, canonical!.codeChange])
    expect(value).toBeCloseTo(0, 5);
});
