import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { type EvaluationResult, readConsistency } from "../runs/results.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { runReport } from "./run-report.ts";
import { sweepReport, writeSweepReport } from "./sweep-report.ts";
import type { SweepSummary } from "./sweep-summary.ts";

test("a sweep's folder gets a page and its numbers, whichever run is missing", async () => {
  const folder = temporaryFolder();
  const settings = ["coupling={}", "coupling.weight=[0, 1]", "seed=[0, 1, 2]", "training.steps=6"];
  const runs = await tinyRuns(folder, settings);
  expect(runs).toHaveLength(6);
  const sweep = join(folder, "tiny");
  const path = await writeSweepReport(sweep);
  const page = readFileSync(path, "utf8");
  const summary = JSON.parse(readFileSync(join(sweep, "summary.json"), "utf8")) as SweepSummary;

  expect(summary.cells.map((c) => [c.axes, c.runs.length])).toEqual([
    [{ "coupling.weight": 0 }, 3],
    [{ "coupling.weight": 1 }, 3],
  ]);
  const elements = allElements(parseMarkup(page));
  const exact = elements.filter((e) => e.name === "data").map((e) => e.attributes["value"]);
  for (const cell of summary.cells)
    for (const metric of Object.values(cell.metrics)) {
      expect(exact).toContain(String(metric.mean));
      for (const value of metric.values) expect(exact).toContain(String(value));
      if (metric.null !== undefined) expect(exact).toContain(String(metric.null));
      if (metric.difference) expect(exact).toContain(String(metric.difference.mean));
    }
  const figures = page.match(/<svg .*?<\/svg>/gs)!;
  // Six metrics, each with its differences, FVU over L0, the members over the weight, and the
  // learning curves.
  expect(figures).toHaveLength(15);
  for (const svg of figures) checkFigure(svg);

  // What the numbers are is said of those that stand here, and of the MCC that they are means of.
  const defined = elements.filter((e) => e.name === "dt").map(textOf);
  const shown = ["FVU", "L0", "Dead", "MCC", "PW-MCC", "GT-MCC", "Independent MCC"];
  expect(defined.slice(0, shown.length + 1)).toEqual([...shown, "coupling.weight"]);

  const links = elements.filter((e) => e.name === "a").map((e) => e.attributes["href"]!);
  // Every run, and the best one by each of the five metrics that have a better end.
  expect(links).toHaveLength(11);
  for (const link of links)
    expect(existsSync(join(sweep, decodeURIComponent(link), "../run.json"))).toBe(true);

  const heads = elements.filter((e) => e.name === "h2").map(textOf);
  expect(heads).toEqual([
    "Settings",
    "The best by each metric",
    "Members and hyper-parameters",
    "Means and intervals",
    "Training",
    "Runs",
    "What the configs differ in",
    "What the numbers are",
    "How to reproduce",
  ]);
  const sortable = elements.filter((e) => e.attributes["data-sortable"] !== undefined);
  expect(sortable).toHaveLength(2);

  // A run whose results are gone is named, not counted.
  renameSync(runs[0]!.file("results"), runs[0]!.file("gone"));
  const again = await sweepReport(sweep);
  expect(again.summary.cells[0]!.unfinished).toEqual(["seed=0.coupling.weight=0"]);
  expect(textOf(parseMarkup(again.html))).toContain("1 of 6 runs have no results yet");
});

test("a population of several settings has a row and a point for each, in its run's page and in the sweep's", async () => {
  const folder = temporaryFolder();
  const grid = "population={members: 2, d_sae: 16, k: [1, 2, 4], lr: [0.01, 0.003]}";
  const runs = await tinyRuns(folder, [grid, "seed=[0, 1, 2]", "training.steps=6"]);
  const { summary, html } = await sweepReport(join(folder, "tiny"));
  expect(summary.cells.map((c) => [c.axes, c.seeds])).toEqual(
    [1, 2, 4].flatMap((k) =>
      [0.003, 0.01].map((lr) => [{ "population.k": k, "population.lr": lr }, 3]),
    ),
  );
  // Every mean is that of the members of its setting alone.
  for (const { axes, metrics } of summary.cells) {
    const means = runs.map((run) => {
      const file = readFileSync(run.file("results/evaluation.json"), "utf8");
      const members = (JSON.parse(file) as EvaluationResult).members.filter(
        ({ setting }) =>
          setting!["k"] === axes["population.k"] && setting!["lr"] === axes["population.lr"],
      );
      expect(members).toHaveLength(2);
      return members.reduce((sum, m) => sum + m.metrics["fvu"]! / 2, 0);
    });
    expect(metrics["fvu"]!.values.map((v) => v.toFixed(9))).toEqual(means.map((v) => v.toFixed(9)));
    expect(metrics["pw_mcc"]!.n).toBe(3);
  }
  expect(textOf(parseMarkup(html))).toContain("3 runs of 6 settings of k, lr.");

  const own = await runReport(runs[0]!);
  for (const page of [html, own]) {
    const text = textOf(parseMarkup(page));
    expect(text).toContain("Sparsity against reconstruction");
    const heads = allElements(parseMarkup(page)).filter((e) => e.name === "th");
    expect(heads.map(textOf)).toEqual(expect.arrayContaining(["k", "lr"]));
    for (const svg of page.match(/<svg .*?<\/svg>/gs)!) checkFigure(svg);
    expect(page).toContain("FVU over L0, by setting");
    expect(text).toContain("★");
  }
  // 12 members have 66 pairs, 6 of them within a setting.
  expect(textOf(parseMarkup(own))).toContain("they leave out 60 pairs of members");
  const consistency = await readConsistency(runs[0]!);
  expect(consistency).not.toHaveProperty("pw_mcc");
  expect(consistency!.pw_mcc_by_setting!.map((p) => [p.setting, p.pairs])).toEqual(
    [1, 2, 4].flatMap((k) => [0.01, 0.003].map((lr) => [{ k, lr }, 1])),
  );
});

test("axes that are passed in are taken as they are", async () => {
  const folder = temporaryFolder();
  const runs = await tinyRuns(folder, ["seed=[0, 1]", "training.steps=2"]);
  const members = runs.map((run, i) => ({ folder: run, axes: { "<b>": i } }));
  const { summary, html } = await sweepReport(folder, members);
  expect(summary.cells.map((cell) => cell.axes)).toEqual([{ "<b>": 0 }, { "<b>": 1 }]);
  expect(html).not.toContain("<b>");
  parseMarkup(html);
});

test("a folder without runs is an error that says what was expected", async () => {
  const folder = temporaryFolder();
  await expect(writeSweepReport(folder)).rejects.toMatchObject({
    code: "file/missing",
    hint: "A sweep's folder holds the folders of its runs.",
  });
  const strangers = [{ folder: new RunFolder(join(folder, "none")) }];
  await expect(sweepReport(folder, strangers)).rejects.toMatchObject({ code: "file/missing" });
});
