import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyContext, tinyRuns } from "../../test/support/tiny-run.ts";
import { analyseRun } from "../experiments/analyse-run.ts";
import { runReport } from "../report/run-report.ts";
import { baselines } from "./baselines.ts";

test("at every L0 of members, next to them, the same numbers again", async () => {
  const base = temporaryFolder();
  const listed = { kind: "baselines", kinds: ["pca", "rotation"], rows: 500 };
  const [run] = await tinyRuns(base, [
    "population.k=[1, 2]",
    "population.members=1",
    "population.independent=0",
    `analyses=[evaluation, ${JSON.stringify(listed)}]`,
  ]);
  const found = (await baselines.read(run!))!;
  expect(found).toMatchObject({ rows: 64, fitted_rows: 500 });
  expect(found.members).toHaveLength(2);
  expect(found.baselines.map(({ name, sign }) => [name, sign])).toEqual([
    ["pca, k 1", "plus-minus"],
    ["pca, k 2", "plus-minus"],
    ["rotation, k 1", "plus-minus"],
    ["rotation, k 2", "plus-minus"],
  ]);
  for (const one of found.baselines) {
    expect(one.l0).toBe(one.k);
    expect(one.gt_mcc_null).toBeGreaterThan(0);
  }
  expect(found.baselines[1]!.fvu).toBeLessThan(found.baselines[0]!.fvu);
  const [again] = await analyseRun(run!, [listed], tinyContext(base));
  expect(again!.found).toEqual(found);
  expect(String(await runReport(run!))).toContain("Members and baselines at equal L0");
  const { header, rows } = baselines.table(found);
  expect(header).toEqual(["SAE", "latents", "FVU", "L0", "GT-MCC", "(null)"]);
  expect(rows).toHaveLength(6);
});

test.each(["expected_norm", "layer_norm"])(
  "rows that training normalised with %s are unchanged for members and baselines alike",
  async (normalize) => {
    const base = temporaryFolder();
    const [run] = await tinyRuns(base, [
      `source.normalize=${normalize}`,
      "analyses=[evaluation, { kind: baselines, kinds: [pca], rows: 500 }]",
    ]);
    const [pca] = (await baselines.read(run!))!.baselines;
    // Two of eight components hold some of the variance, whatever the scale of the rows.
    expect(pca!.fvu).toBeLessThan(0.9);
    expect(pca!.fvu).toBeGreaterThan(0.01);
  },
);
