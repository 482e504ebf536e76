import { expect, test } from "vitest";
import type { EvaluationResult } from "../../../runs/results.ts";
import { perplexityGrid } from "./perplexity-grid.ts";
import type { SpliceNumbers } from "./splice-numbers.ts";

type Given = readonly [setting: Record<string, unknown>, crossEntropy: number, l0: number];

function gridOf(given: readonly Given[]) {
  const saes = given.map(([, cross_entropy, l0], i) => ({ name: `m${i}`, cross_entropy, l0 }));
  const members = given.map(([setting], i) => ({ name: `m${i}`, setting, label: {} }));
  return perplexityGrid(
    { saes } as unknown as SpliceNumbers,
    { members } as unknown as EvaluationResult,
  );
}

test("a row for every coefficient, a column for every width, seeds averaged", () => {
  const grid = gridOf([
    [{ l1: 0.003, d_sae: 64 }, Math.log(10), 4],
    [{ l1: 0.003, d_sae: 32 }, Math.log(20), 5],
    [{ l1: 0.001, d_sae: 32 }, Math.log(4), 12],
    [{ l1: 0.001, d_sae: 32 }, Math.log(6), 14],
  ])!;
  expect([grid.key, grid.widths]).toEqual(["l1", [32, 64]]);
  const [first, second] = grid.rows;
  expect(first!.value).toBe("0.003");
  expect(first!.perplexities.map((p) => Math.round(p!))).toEqual([20, 10]);
  expect(first!.l0).toEqual([4, 5]);
  expect(second!.perplexities[0]).toBeCloseTo(5, 10);
  expect(second!.perplexities[1]).toBeUndefined();
  expect(second!.l0).toEqual([12, 14]);
});

test.each([
  ["members that differ in their seeds alone", [[{}, 1, 2]]],
  ["one width", [[{ l1: 1 }, 1, 2], [{ l1: 2 }, 1, 2]]], // biome-ignore format: one line
  ["widths alone", [[{ d_sae: 8 }, 1, 2], [{ d_sae: 9 }, 1, 2]]], // biome-ignore format: one line
  ["three keys", [[{ l1: 1, d_sae: 8, lr: 1 }, 1, 2], [{ l1: 2, d_sae: 9, lr: 2 }, 1, 2]]], // biome-ignore format: one line
] as const)("%s have none", (_, given) => {
  expect(gridOf(given as unknown as Given[])).toBeUndefined();
});
