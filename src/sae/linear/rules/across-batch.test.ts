import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../../test/support/backends.ts";
import { linearSpec } from "../../../../test/support/linear.ts";
import { normals } from "../../../../test/support/random.ts";
import { allocateMember, initialiseWeights, refreshDerived } from "../member.ts";
import { allocateWorkspace } from "../workspace.ts";
import { cutOf, encodeAcrossBatch } from "./across-batch.ts";

test("the cut is the k-th largest positive number, with the ties that are still to be kept", () => {
  const values = [Float32Array.of(3, -1, 0.5, 0), Float32Array.of(0.5, 7, 0.5, -0)];
  expect(cutOf(values, 1)).toEqual({ value: 7, ties: 1 });
  expect(cutOf(values, 3)).toEqual({ value: 0.5, ties: 1 });
  expect(cutOf(values, 4)).toEqual({ value: 0.5, ties: 2 });
  expect(cutOf(values, 5)).toEqual({ value: 0, ties: 0 });
  expect(cutOf([Float32Array.of(1e-40, 2e-40, 1e30)], 2).value).toBeCloseTo(2e-40, 45);
});

describe.each([...backendNames])("on %s", (name) => {
  // Row 3 is so long that it alone deserves far more latents than there are candidates per row.
  test.each([1, 40])(
    "the code is that of sorting all scores of the batch (row 3 × %d)",
    async (long) => {
      const [batch, dIn, dSae, k] = [12, 8, 400, 4];
      const backend = openNamed(name);
      const spec = linearSpec("batchtopk", { dIn, dSae, k });
      const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
      const member = allocateMember(backend, { dIn, dSae, spec, adam });
      await initialiseWeights(backend, member, { seed: 1, restart: 0 });
      member.parameters.bias.parameter.set(normals("bias", dSae, 0.1));
      await refreshDerived(backend, member);
      const x = normals("x", batch * dIn).map((v, i) => (Math.floor(i / dIn) === 3 ? long * v : v));
      const w = allocateWorkspace(backend, { batch, dIn, dSae, capacity: batch * k });
      const { redoneRows, smallest } = await encodeAcrossBatch(member, w, x, k);
      if (long > 1) expect(redoneRows).toBeGreaterThan(0);

      const { encoder, bias } = member.parameters;
      const all: { row: number; latent: number; score: number }[] = [];
      for (let row = 0; row < batch; row++)
        for (let latent = 0; latent < dSae; latent++) {
          let score = bias.parameter[latent]!;
          for (let j = 0; j < dIn; j++)
            score += x[row * dIn + j]! * encoder!.parameter[latent * dIn + j]!;
          all.push({ row, latent, score });
        }
      all.sort((a, b) => b.score - a.score);
      const kept = all.slice(0, k * batch).sort((a, b) => a.row - b.row || a.latent - b.latent);
      const { indptr, indices, values } = w.code;
      expect(indptr[batch]).toBe(k * batch);
      expect(Array.from(indices.subarray(0, k * batch))).toEqual(kept.map((entry) => entry.latent));
      for (const [e, { row, score }] of kept.entries()) {
        expect(e >= indptr[row]! && e < indptr[row + 1]!).toBe(true);
        expect(Math.abs(values[e]! - score)).toBeLessThan(1e-4 * Math.abs(score) + 1e-5);
      }
      expect(smallest).toBe(Math.min(...values.subarray(0, k * batch)));
    },
  );
});
