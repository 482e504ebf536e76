import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyContext, tinyRuns } from "../../test/support/tiny-run.ts";
import { analyseRun } from "../experiments/analyse-run.ts";
import { runReport } from "../report/run-report.ts";
import { readLatents } from "../runs/latents.ts";
import { latentStatistics } from "./latent-statistics.ts";

test("of members of two widths, in results, tables and the report", async () => {
  const base = temporaryFolder();
  const [run] = await tinyRuns(base, [
    "population.d_sae=[16,24]",
    "population.independent=0",
    "population.members=2",
    "analyses=[evaluation]",
  ]);
  expect(await latentStatistics.read(run!)).toBeUndefined();
  const listed = { kind: "latent_statistics", top: 4 };
  await analyseRun(run!, [listed], tinyContext(base));
  const { result } = (await latentStatistics.read(run!))!;
  expect([result.rows, result.top]).toEqual([64, 4]);
  const widths = result.members.map((m) => m.d_sae);
  expect(widths.toSorted((a, b) => a - b)).toEqual([16, 16, 24, 24]);
  for (const member of result.members) {
    expect(member.ratio).toBe(member.d_sae / 8);
    const { active_latents, top_fvu, rest_fvu, capacity } = member.metrics;
    expect(active_latents).toBeLessThanOrEqual(member.d_sae);
    expect(Math.min(top_fvu!, rest_fvu!)).toBeGreaterThan(0);
    expect(capacity).toBeLessThanOrEqual(1);
    if (member.d_sae === 24) expect(member.larger).toBeNull();
    else {
      const wider = result.members.find(({ name }) => name === member.larger!.name)!;
      expect(wider.d_sae).toBe(24);
      expect(member.larger!.mmcs).toBeGreaterThan(member.larger!.mmcs_null!);
    }
  }
  const latents = await readLatents(run!);
  const [{ name, d_sae }] = result.members as [(typeof result.members)[number]];
  expect(latents.get(`${name}.activation_mean`)).toHaveLength(d_sae);
  expect(latents.get(`${name}.activation_deviation`)!.every((v) => v >= 0)).toBe(true);
  // What the evaluation keeps there stays.
  expect(latents.has(`${name}.density`)).toBe(true);
  const { header, rows } = latentStatistics.table({ result });
  expect(rows[0]).toHaveLength(header.length);
  expect(String(await runReport(run!))).toContain("What the latents of members are like");
});

test("a run does it only when its config lists it, and with its options", async () => {
  const base = temporaryFolder();
  const [plain] = await tinyRuns(base, ["name=plain"]);
  expect(existsSync(plain!.file("results/latent_statistics.json"))).toBe(false);
  const [asked] = await tinyRuns(base, [
    "name=asked",
    "analyses=[evaluation, {kind: latent_statistics, top: 3}]",
  ]);
  expect((await latentStatistics.read(asked!))!.result.top).toBe(3);
});
