import { expect, test } from "vitest";
import { madeMember, madeSimilarity } from "../../test/support/run-data.ts";
import { fvuEnds, isCoupled, runSettings } from "./run-settings.ts";

const withSetting = (name: string, k: number, fvu: number, seed: number) =>
  madeMember(name, { seed, setting: { k }, metrics: { fvu } });

const members = [
  withSetting("member-0", 4, 0.5, 0),
  withSetting("member-1", 4, 0.3, 1),
  withSetting("member-2", 8, 0.2, 0),
];
const consistency = { pairs: [{ a: "member-0", b: "member-1", ...madeSimilarity(0.75) }] };
const numbers = { evaluation: { rows: 10, members }, consistency, config: {} };

test("the members of one run are summarised by setting, as runs of a sweep are", () => {
  const { cells, axes } = runSettings(numbers)!;
  expect(axes).toEqual(["population.k"]);
  expect(cells.map((c) => [c.axes["population.k"], c.metrics["fvu"]!.mean])).toEqual([
    [4, 0.4],
    [8, 0.2],
  ]);
  expect(cells[0]!.metrics["pw_mcc"]).toMatchObject({ mean: 0.75, null: 0.25 });
  expect(cells[1]!.metrics).not.toHaveProperty("pw_mcc");
});

test("members of one setting, and a run without results, have no such summary", () => {
  const same = { rows: 10, members: members.slice(0, 2) };
  expect(runSettings({ ...numbers, evaluation: same })).toBeUndefined();
  expect(runSettings({ ...numbers, evaluation: undefined })).toBeUndefined();
});

test("a coupling is in force from a weight above 0 on", () => {
  const weights = [
    {},
    { coupling: {} },
    { coupling: { weight: 0 } },
    { coupling: { weight: 0.1 } },
  ];
  expect(weights.map(isCoupled)).toEqual([false, false, false, true]);
  expect(isCoupled(undefined)).toBe(false);
});

test("a coupling takes the intervals of its members away", () => {
  const interval = (config: unknown) =>
    runSettings({ ...numbers, config })!.cells[0]!.metrics["fvu"]!;
  expect(interval({})).toHaveProperty("low");
  expect(interval({ coupling: { weight: 1 } })).not.toHaveProperty("low");
});

test("the ends are the settings with the lowest and the highest mean FVU", () => {
  const { best, worst } = fvuEnds(runSettings(numbers)!)!;
  expect([best.axes, worst.axes]).toEqual([{ "population.k": 8 }, { "population.k": 4 }]);
});

test("a setting whose FVU is not a number is not an end, and without any there are none", () => {
  const bad = (all: boolean) =>
    members.map((m) => (all || m.setting!["k"] === 8 ? { ...m, metrics: { fvu: Number.NaN } } : m));
  const ends = (all: boolean) =>
    fvuEnds(runSettings({ ...numbers, evaluation: { rows: 10, members: bad(all) } })!);
  const { best, worst } = ends(false)!;
  expect([best.axes, worst.axes]).toEqual([{ "population.k": 4 }, { "population.k": 4 }]);
  expect(ends(true)).toBeUndefined();
});
