import { expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { bestSettings, bestTable } from "./sweep-best.ts";
import type { SweepRunData } from "./sweep-data.ts";
import { configDifferences, differencesTable } from "./sweep-differences.ts";
import { memberFigures, numericAxes } from "./sweep-members-figure.ts";
import { sweepSummary } from "./sweep-summary.ts";

const density = { edges: [], width: 0.1, counts: [], dead: 0 };

/** A run of one member for every k; its FVU is `fvu` of the setting and the seed. */
function run(
  axes: Readonly<Record<string, unknown>>,
  settings: readonly Readonly<Record<string, unknown>>[],
  fvu: (index: number) => number,
): SweepRunData {
  const name = Object.entries(axes)
    .map(([key, value]) => `${key}=${value}`)
    .join(".");
  return {
    name,
    axes,
    evaluation: {
      rows: 10,
      members: settings.map((setting, i) => ({
        name: `member-${i}`,
        coupled: true,
        architecture: "topk",
        density,
        seed: 0,
        label: {},
        setting,
        metrics: { fvu: fvu(i), l0: 4, dead_fraction: 0 },
      })),
    },
    record: undefined as never,
    config: {},
    configText: "",
    metrics: undefined as never,
  };
}

const seeded = (weight: number, fvus: readonly number[]) =>
  fvus.map((fvu, seed) => run({ "coupling.weight": weight, seed }, [{}], () => fvu));

const RUNS = [
  ...seeded(0, [0.5, 0.6, 0.7]),
  ...seeded(1, [0.3, 0.4, 0.5]),
  ...seeded(2, [0.31, 0.39, 0.53]),
];

test("the best setting stands beside the next one, with their paired difference", () => {
  const [fvu, dead, ...others] = bestSettings(sweepSummary(RUNS), RUNS);
  expect(others).toEqual([]);
  expect(fvu!.metric.metric.name).toBe("fvu");
  expect([fvu!.best.cell.axes, fvu!.next!.cell.axes]).toEqual([
    { "coupling.weight": 1 },
    { "coupling.weight": 2 },
  ]);
  // −0.01, 0.01 and −0.03.
  expect(fvu!.lead!.mean).toBeCloseTo(-0.01, 12);
  expect(fvu!.lead!.high).toBeGreaterThan(0);
  expect(fvu!.run).toEqual({ name: "coupling.weight=1.seed=0", value: 0.3 });
  expect(dead!.metric.metric.name).toBe("dead_fraction");
});

test("a lead is shown where its interval leaves out 0, and not else", () => {
  const clear = [...seeded(0, [0.5, 0.6, 0.7]), ...seeded(1, [0.3, 0.4, 0.51])];
  const cells = (runs: SweepRunData[]) =>
    allElements(parseMarkup(bestTable(sweepSummary(runs), runs)!.markup))
      .filter(({ name }) => name === "td")
      .map(textOf);
  expect(cells(clear)[5]).toBe("yes");
  expect(cells(RUNS)[5]).toBe("no");
});

test("the best run is a link to its report", () => {
  const table = parseMarkup(bestTable(sweepSummary(RUNS), RUNS)!.markup);
  const [link] = allElements(table).filter(({ name }) => name === "a");
  expect(link!.attributes["href"]).toBe("coupling.weight%3D1.seed%3D0/report.html");
});

test("one setting, one seed, or a run without results: nothing is claimed", () => {
  const one = seeded(0, [0.5, 0.6]);
  expect(bestTable(sweepSummary(one), one)).toBeUndefined();
  const single = [...seeded(0, [0.5]), ...seeded(1, [0.4])];
  const [fvu] = bestSettings(sweepSummary(single), single);
  expect(fvu!.lead!.low).toBeUndefined();
  const { evaluation: _, ...lost } = seeded(3, [0.1])[0]!;
  const some = [...RUNS, lost];
  expect(bestSettings(sweepSummary(some), some)[0]!.best.cell.axes).toEqual({
    "coupling.weight": 1,
  });
});

test("of a run whose members have several settings, its best one counts", () => {
  const settings = [{ k: 1 }, { k: 4 }];
  const runs = [0, 1, 2].map((seed) => run({ seed }, settings, (i) => (i === 0 ? 0.9 : 0.2)));
  const [fvu] = bestSettings(sweepSummary(runs), runs);
  expect(fvu!.best.cell.axes).toEqual({ "population.k": 4 });
  expect(fvu!.run!.value).toBe(0.2);
});

test("config keys that differ are listed with their values and how often they occur", () => {
  const summary = sweepSummary(RUNS);
  expect(configDifferences(summary, RUNS)).toEqual([
    {
      key: "coupling.weight",
      of: "runs",
      values: ["0", "1", "2"].map((text) => ({ text, times: 3 })),
    },
    { key: "seed", of: "runs", values: ["0", "1", "2"].map((text) => ({ text, times: 3 })) },
  ]);
  expect(textOf(parseMarkup(differencesTable(summary, RUNS)!.markup))).toContain("0 (3 runs)");
});

test("values that members of one run differ in are those of settings", () => {
  const runs = [run({}, [{ k: 1 }, { k: 4 }], () => 0.5)];
  expect(configDifferences(sweepSummary(runs), runs)).toEqual([
    {
      key: "population.k",
      of: "settings",
      values: [
        { text: "1", times: 1 },
        { text: "4", times: 1 },
      ],
    },
  ]);
  const same = [run({}, [{}], () => 0.5)];
  expect(differencesTable(sweepSummary(same), same)).toBeUndefined();
});

test("every numeric hyper-parameter has a figure of all members, coloured by another", () => {
  const settings = [1, 16].flatMap((k) => [0.001, 0.01].map((lr) => ({ k, lr })));
  const runs = [0, 1].map((seed) => run({ seed }, settings, (i) => 0.1 * (i + 1)));
  const figures = memberFigures(runs);
  expect(figures).toHaveLength(2);
  const [first, second] = figures.map(({ markup }) => markup);
  expect(first).toContain("FVU of every member over k");
  expect(first).toContain("k (log scale)");
  expect(first).toContain("Colours: lr.");
  expect(second).toContain("Colours: k.");
  for (const markup of [first, second]) checkFigure(/<svg .*?<\/svg>/s.exec(markup!)![0]);
});

test("words, single values and what a member lacks are not axes", () => {
  expect(
    numericAxes([
      { a: 1, b: "x", c: 2 },
      { a: 2, b: "y", c: 2 },
    ]),
  ).toEqual(["a"]);
  expect(numericAxes([{ a: 1 }, {}])).toEqual([]);
  expect(memberFigures([run({}, [{}], () => 0.5)])).toEqual([]);
});

test("members whose FVU is not a number are left out", () => {
  const runs = [run({}, [{ k: 1 }, { k: 2 }, { k: 4 }], (i) => (i === 2 ? Number.NaN : 0.5))];
  expect(memberFigures(runs)[0]!.markup).toContain("2 members, each a dot");
});
