/** A run that has finished can be analysed again, and by analyses that its config left out. */
import { readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { runReport } from "../report/run-report.ts";
import { readConsistency, readEvaluation } from "../runs/results.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { analyseRun } from "./analyse-run.ts";

const NOISY = `source={kind: eeg, min_channels: 3, held_out_fraction: 0.3, corrupt: {snr_db: 0},
  simulated: {recordings: 3, seconds: 20, rate: 128, channels: [Fp1, Cz, O1]}}`;

function options(folder: string) {
  const catalogue = { cacheDir: folder, offline: true };
  return { backend: reference, baseFolder: folder, cacheDir: folder, catalogue };
}

const json = (run: RunFolder, name: string) =>
  JSON.parse(readFileSync(run.file("results", name), "utf8")) as Record<string, unknown>;

test("it finds what the run itself found, and writes nothing else", async () => {
  const folder = temporaryFolder();
  const [run] = (await tinyRuns(folder, ["backend={kind: reference}"])) as [RunFolder];
  const evaluation = readFileSync(run.file("results", "evaluation.json"));
  const before = (await readConsistency(run))!;
  const [found] = await analyseRun(run, ["agreement"], options(folder));
  expect(found!.analysis.name).toBe("agreement");
  const after = (await readConsistency(run))!;
  expect(after.pairs.map((p) => [p.a, p.b])).toEqual(before.pairs.map((p) => [p.a, p.b]));
  for (const [i, { mcc }] of after.pairs.entries())
    expect(mcc).toBeCloseTo(before.pairs[i]!.mcc, 5);
  expect(after.ground_truth).toHaveLength(4);
  expect(readFileSync(run.file("results", "evaluation.json"))).toEqual(evaluation);
  expect(await runReport(run)).toContain("Every pair");
});

test("analyses that a config leaves out are not run, and can be added later", async () => {
  const folder = temporaryFolder();
  const few = ["analyses=[evaluation]", NOISY, "training.batch=16"];
  const [run] = (await tinyRuns(folder, few)) as [RunFolder];
  expect(await readConsistency(run)).toBeUndefined();
  expect(json(run, "evaluation.json")).not.toHaveProperty("denoising");
  expect(await runReport(run)).not.toContain("its results are missing");
  // Started again it is finished already.
  const events: string[] = [];
  await tinyRuns(folder, few, ({ kind }) => void events.push(kind), undefined, true);
  expect(events.filter((kind) => kind !== "warning")).toEqual(["finished"]);

  await analyseRun(run, ["denoising", "agreement"], options(folder));
  expect(json(run, "evaluation.json")["denoising"]).toMatchObject({ noisy: { snr_gain: 0 } });
  expect((await readEvaluation(run))!.members).toHaveLength(4);
  expect((await readConsistency(run))!.pairs).toHaveLength(3);
  const page = await runReport(run);
  expect(page).toContain("Denoised by");
  expect(page).not.toContain("Most active templates");
});

test("what cannot be analysed is said in a line", async () => {
  const folder = temporaryFolder();
  const [run] = (await tinyRuns(folder)) as [RunFolder];
  await expect(analyseRun(run, ["x"], options(folder))).rejects.toMatchObject({
    message: 'There is no analysis "x".',
    hint: expect.stringMatching(/^Name one or more of evaluation, agreement,/),
  });
  expect(await analyseRun(run, ["denoising"], options(folder))).toEqual([]);
  for (const [given, message] of [
    [{ kind: "features", around: 51 }, /^features\.around: expected a number of at most 50/],
    [{ kind: "features", rows: 0 }, /^features\.rows: expected a number of at least 1/],
    [{ kind: "features", row: 1 }, /^features: .*row/],
    [{ kind: "agreement", rows: 1 }, /^agreement: .*rows/],
  ] as const)
    await expect(analyseRun(run, [given], options(folder))).rejects.toThrow(message);
  const record = await run.readRecord();
  await run.writeRecord({ ...record, status: "interrupted" });
  await expect(analyseRun(run, ["agreement"], options(folder))).rejects.toMatchObject({
    code: "run/conflict",
  });
  await run.writeRecord(record);
  rmSync(run.file("saes", "member-1"), { recursive: true });
  await expect(analyseRun(run, ["agreement"], options(folder))).rejects.toMatchObject({
    code: "file/missing",
  });
});

test("analyses without the evaluation, and unknown ones, are refused with the config", async () => {
  const folder = temporaryFolder();
  await expect(tinyRuns(folder, ["analyses=[agreement]"])).rejects.toThrow(
    /analyses: expected evaluation among them/,
  );
  await expect(tinyRuns(folder, ["analyses=[evaluation, x]"])).rejects.toThrow(
    /analyses\.1: expected one of evaluation, agreement, .*, features, or a mapping/,
  );
});
