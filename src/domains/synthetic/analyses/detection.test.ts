import { expect, test } from "vitest";
import { normals } from "../../../../test/support/random.ts";
import { detect, type LabelledCodes, withOtherLabels } from "./detection.ts";

/** Rows whose features are the digits of their numbers: 0 has each second row, 1 each fourth. */
function labelled(rows: number, latents: number, code: (row: number, latent: number) => number) {
  const present = new Uint8Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    present[2 * row] = row % 2;
    present[2 * row + 1] = Number(row % 4 === 3);
  }
  const codes = Float32Array.from({ length: rows * latents }, (_, at) =>
    code(Math.floor(at / latents), at % latents),
  );
  return { rows, latents, features: 2, codes, present } satisfies LabelledCodes;
}

test("latents that are the features are found, from the threshold that divides them", () => {
  // Always active, stronger where the feature is; the third says nothing.
  const found = detect(
    labelled(64, 3, (row, latent) =>
      latent === 2 ? 1 : latent === 0 ? 1 + (row % 2) : row % 4 === 3 ? 0.5 : 0.2,
    ),
  );
  expect(found).toEqual({ top1F1: 1, bestAuroc: 1, probeAuroc: 1, probeF1: 1, features: 2 });
});

test("worked by hand: a latent in half of the rows of a feature", () => {
  // Feature 0 in rows 1, 3, 5, …; the latent fires in rows 1, 5, …: precision 1, recall ½.
  const found = detect(labelled(64, 1, (row) => Number(row % 4 === 1)));
  // Feature 1 (rows 3, 7, …) is where the latent is silent: called everywhere, ¼ are right.
  expect(found.top1F1).toBeCloseTo((2 / 3 + 2 / 5) / 2, 10);
  // Of 0: half of the pairs above and half tied; of 1: a third below, two thirds tied.
  expect(found.bestAuroc).toBeCloseTo((0.75 + 1 / 3) / 2, 10);
  expect(found.features).toBe(2);
});

test("codes of noise detect as little as codes with the labels of other rows do", () => {
  const noise = normals("codes", 512 * 6);
  const own = labelled(512, 6, (row, latent) => Math.max(0, noise[row * 6 + latent]!));
  const found = detect(own);
  expect(Math.abs(found.bestAuroc - 0.5)).toBeLessThan(0.08);
  expect(Math.abs(found.probeAuroc - 0.5)).toBeLessThan(0.08);
  // Calling every row is the best that there is: 2p / (1 + p) for shares of ½ and ¼.
  expect(Math.abs(found.top1F1 - (2 / 3 + 2 / 5) / 2)).toBeLessThan(0.08);
});

test("labels of other rows move by whole orbits, within a half", () => {
  const rows = 16;
  const present = Uint8Array.from({ length: rows }, (_, row) => row);
  const codes = new Float32Array(rows);
  const moved = withOtherLabels({ rows, latents: 1, features: 1, codes, present }, 2).present;
  expect([...moved]).toEqual([4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11]);
});

test("features that a half does not have, or always has, are left out", () => {
  const own = labelled(64, 1, (row) => row % 2);
  const present = own.present.map((value, at) => (at % 2 === 1 ? 1 : value));
  expect(detect({ ...own, present }).features).toBe(1);
});
