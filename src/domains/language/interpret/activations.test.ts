import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../../base/philox.ts";
import { shifted } from "./activations.ts";

test("the control keeps activations and their order, each on its side, and moves every one", () => {
  const latent = fc
    .uniqueArray(fc.nat(199), { minLength: 1, maxLength: 40 })
    .map((rows) => Int32Array.from(rows).sort());
  fc.assert(
    fc.property(latent, fc.integer({ min: 0, max: 200 }), fc.nat(99), (rows, heldOutFrom, seed) => {
      const values = Float32Array.from(rows, (row) => row + 1);
      const moved = shifted({ rows, values }, { rows: 200, heldOutFrom }, randomStream(seed, "s"));
      expect([...moved.rows]).toEqual([...moved.rows].sort((a, b) => a - b));
      expect(new Set(moved.rows).size).toBe(rows.length);
      expect([...moved.values].sort()).toEqual([...values].sort());
      const before = new Map(Array.from(values, (value, i) => [value, rows[i]!]));
      for (const [i, row] of moved.rows.entries()) {
        const from = before.get(moved.values[i]!)!;
        expect(row >= heldOutFrom).toBe(from >= heldOutFrom);
        const side = from >= heldOutFrom ? 200 - heldOutFrom : heldOutFrom;
        if (side >= 4) expect(row).not.toBe(from);
      }
    }),
  );
});
