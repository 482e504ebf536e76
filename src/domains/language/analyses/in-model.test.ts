import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import { tinyContext, tinyRuns } from "../../../../test/support/tiny-run.ts";
import { analysisTables } from "../../../cli/analysis-tables.ts";
import { analyseRun } from "../../../experiments/analyse-run.ts";
import { runReport } from "../../../report/run-report.ts";
import { openStoreTokens } from "../source/store-tokens.ts";
import { heldOutWindows } from "./held-out-windows.ts";
import { inModel } from "./in-model.ts";

const LISTED = "analyses=[evaluation, agreement, { kind: in_model, tokens: 100 }]";

async function run(settings: readonly string[], keys = "") {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "letters-model"));
  writeLetters(join(folder, "letters.txt"), 4, 400);
  const source = `source={ kind: language_model, model: letters-model, hook: ${TINY_HOOK}, text: letters.txt${keys} }`;
  const [one] = await tinyRuns(folder, [source, ...settings]);
  return { folder, run: one! };
}

test("members that a config wants tried in the model are, on windows that training never saw", async () => {
  const { folder, run: one } = await run([LISTED]);
  const found = (await inModel.read(one))!;
  expect(found).toMatchObject({ context: 12, windows: 10 });
  const { saes, tokens, cross_entropy, zeros } = found.spliced!;
  expect(saes.map(({ name }) => name)).toContain("independent-0");
  expect(tokens).toBe(10 * 11);
  expect(zeros.cross_entropy).not.toBe(cross_entropy);
  for (const sae of saes) expect(sae.fvu).toBeLessThan(1.5);
  expect(await runReport(one)).toContain("What members cost the model");
  expect((await analysisTables(one, ({ onRequest }) => onRequest === true)).join()).toMatch(
    /110 predicted tokens of 10 held-out windows.*CE recovered/s,
  );
  // The same numbers later, of the SAEs as they were saved.
  const [again] = await analyseRun(one, ["in_model"], tinyContext(folder));
  expect(again!.found).toEqual(found);
});

test("members of two widths and two k end with perplexities by both; dimensions may stay", async () => {
  const { run: one } = await run([
    "population.d_sae=[16, 24]",
    "population.k=[1, 2]",
    "population.members=1",
    "population.independent=0",
    "analyses=[evaluation, { kind: in_model, tokens: 100, pass_dimensions: 3 }]",
  ]);
  const found = (await inModel.read(one))!;
  expect(found.passed).toBe(3);
  expect(found.spliced!.saes).toHaveLength(4);
  const report = String(await runReport(one));
  expect(report).toContain("Perplexity by k and width, means over seeds");
  expect(report).toContain("So do the 3 dimensions of largest variance.");
});

test("nobody is kept waiting for it who did not ask", async () => {
  const { run: one } = await run([]);
  expect(await inModel.read(one)).toBeUndefined();
});

test("a config that asks for it without a model behind its rows is told so before training", async () => {
  const warnings: string[] = [];
  await tinyRuns(temporaryFolder(), ["analyses=[evaluation, in_model]"], (event) => {
    if (event.kind === "warning") warnings.push(event.message);
  });
  expect(warnings).toContain(
    "analyses: in_model has nothing to look at in these rows, and is left out.",
  );
});

test("held-out rows that are a part of one window say so", async () => {
  const { run: one } = await run([LISTED], ", held_out_rows: 1");
  const found = (await inModel.read(one))!;
  expect(found.spliced).toBeNull();
  expect(inModel.table(found).title).toMatch(
    /not tried in letters-model: no window of 12 tokens is held out/,
  );
});

test("held-out windows are spread over all, and none holds a training row", async () => {
  const { folder: cache, run: one } = await run([]);
  const { provenance } = await one.readRecord();
  const { trainRows, rows } = provenance as unknown as { trainRows: number; rows: number };
  const folder = join(cache, "activations");
  const store = join(folder, readdirSync(folder)[0]!);
  const packed = await heldOutWindows(store, trainRows, 40);
  expect(packed.windows).toBe(4);
  const tokens = await openStoreTokens(store);
  const all = await tokens.readRows(trainRows, rows - trainRows);
  const from = Math.max((await tokens.readRows(trainRows - 1, 1)).windows[0]! + 1, all.windows[0]!);
  const first = await tokens.readWindows(from, 1);
  expect(packed.ids.subarray(0, 12)).toEqual(first.ids);
  await tokens.close();
});
