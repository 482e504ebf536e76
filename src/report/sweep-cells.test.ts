import { describe, expect, test } from "vitest";
import { madeMember, madeSimilarity } from "../../test/support/run-data.ts";
import { partOfMember, repeatsMembers, type SweepRun, sweepCells } from "./sweep-cells.ts";

const run = (name: string, axes: SweepRun["axes"], over: Partial<SweepRun> = {}): SweepRun => ({
  name,
  axes,
  evaluation: { rows: 1, members: [madeMember("member-0")] },
  ...over,
});

const unfinished = (name: string, axes: SweepRun["axes"]): SweepRun => ({ name, axes });

describe("the settings of a sweep", () => {
  test("are in order of their axes, numbers by size, their runs in order of their seeds", () => {
    const cells = sweepCells([
      run("a", { "coupling.weight": 10, seed: 2 }),
      run("b", { "coupling.weight": 10, seed: 1 }),
      run("c", { "coupling.weight": 9, seed: 2 }),
    ]);
    expect(cells.map((c) => [c.axes, c.parts.map((p) => p.run)])).toEqual([
      [{ "coupling.weight": 9 }, ["c"]],
      [{ "coupling.weight": 10 }, ["b", "a"]],
    ]);
  });

  test("do not depend on the order of the axes", () => {
    const cells = sweepCells([run("a", { x: 1, y: 2 }), run("b", { y: 2, x: 1 })]);
    expect(cells).toHaveLength(1);
  });

  test("are repeated by every seed, that of the source too", () => {
    const cells = sweepCells([
      run("a", { seed: 1, "source.seed": 1 }),
      run("b", { seed: 1, "source.seed": 2 }),
    ]);
    expect(cells).toHaveLength(1);
    expect(new Set(cells[0]!.parts.map((part) => part.seed)).size).toBe(2);
  });

  test("are those of members too; a list of one value is that value", () => {
    const members = [4, 8].map((k, i) => madeMember(`member-${i}`, { setting: { k } }));
    const cells = sweepCells([
      run("a", { "population.lr": [0.1] }, { evaluation: { rows: 1, members } }),
    ]);
    expect(cells.map((c) => c.axes)).toEqual([
      { "population.lr": 0.1, "population.k": 4 },
      { "population.lr": 0.1, "population.k": 8 },
    ]);
    expect(cells.map((c) => c.parts[0]!.members.map((m) => m.name))).toEqual([
      ["member-0"],
      ["member-1"],
    ]);
  });

  test("of a run that has not finished are those of its fellows", () => {
    const members = [4, 8].map((k, i) => madeMember(`member-${i}`, { setting: { k } }));
    const cells = sweepCells([
      unfinished("b", { seed: 2 }),
      run("a", { seed: 1 }, { evaluation: { rows: 1, members } }),
      unfinished("c", { seed: 1, weight: 5 }),
    ]);
    expect(cells.map((c) => [c.axes, c.parts.length, c.unfinished])).toEqual(
      expect.arrayContaining([
        [{ "population.k": 4 }, 1, ["b"]],
        [{ "population.k": 8 }, 1, ["b"]],
        [{ weight: 5 }, 0, ["c"]],
      ]),
    );
  });
});

test("members repeat a setting where one run has it and nothing pulls them together", () => {
  const cell = (runs: SweepRun[]) => sweepCells(runs)[0]!;
  expect(repeatsMembers(cell([run("a", {})]))).toBe(true);
  expect(repeatsMembers(cell([run("a", {}, { coupled: true })]))).toBe(false);
  expect(repeatsMembers(cell([run("a", { seed: 1 }), run("b", { seed: 2 })]))).toBe(false);
  expect(repeatsMembers(cell([unfinished("a", {})]))).toBe(false);
});

test("a member by itself has its truth, and no pairs", () => {
  const members = ["member-0", "member-1"].map((name) => madeMember(name));
  const consistency = {
    pairs: [{ a: "member-0", b: "member-1", ...madeSimilarity(0.5) }],
    ground_truth: members.map(({ name }, i) => ({ member: name, ...madeSimilarity(i) })),
  };
  const [cell] = sweepCells([run("a", {}, { evaluation: { rows: 1, members }, consistency })]);
  const [part] = cell!.parts;
  expect(part!.pairs).toHaveLength(1);
  const own = partOfMember(part!, members[1]!);
  expect(own.members).toEqual([members[1]]);
  expect([own.pairs, own.independent]).toEqual([[], []]);
  expect(own.truth.map((t) => t.mcc)).toEqual([1]);
});
