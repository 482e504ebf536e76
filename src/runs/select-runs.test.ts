import { describe, expect, test } from "vitest";
import type { RunOverview } from "./overview.ts";
import { runFilter, sortedRuns, statusFilter } from "./select-runs.ts";

const KNOWN = {
  metrics: ["fvu", "l0"],
  config: [
    "seed",
    "source.kind",
    "source.text",
    "coupling",
    "coupling.weight",
    "coupling.kind",
    "population.k",
    "population.lr",
    "population.warmup_steps",
    "coupling.warmup_steps",
  ],
};

function run(name: string, config: object, metrics: Record<string, number[]> = {}): RunOverview {
  return { name, folder: name, state: "finished", config: { ...config }, metrics };
}

const RUNS = [
  run("a", { seed: 0, population: { k: 16, lr: 0.01 } }, { fvu: [0.2] }),
  run("b", { seed: 1, population: { k: [4, 8], lr: 0.001 } }, { fvu: [0.4, 0.1] }),
  run("c", { seed: 2, coupling: { weight: 0.5 }, population: { k: 2, overrides: [{ k: 16 }] } }),
  run("d", { seed: 3, source: { text: "null hypothesis" } }, { fvu: [Number.NaN] }),
];

const names = (runs: readonly RunOverview[]) => runs.map((r) => r.name).join("");
const kept = (text: string) => names(RUNS.filter(runFilter(text, KNOWN)));

describe("a filter", () => {
  test.each([
    ["k=16", "ac"],
    ["k==16", "ac"],
    ["population.k = 8", "b"],
    ["k!=16", "bd"],
    ["k>4", "abc"],
    ["k<=2", "c"],
    ["lr=1e-2", "a"],
    ["lr=0.010", "a"],
    ["fvu<0.2", "b"],
    ["fvu>=0.2", "ab"],
    ["weight=0.5", "c"],
    ["weight=null", "abd"],
    ["coupling!=null", "c"],
    ["text=null hypothesis", "d"],
    ["name=a", "a"],
    ["status=finished", "abcd"],
    ["seed=3", "d"],
    ["warmup_steps=3", ""],
  ])("%s", (text, expected) => {
    expect(kept(text)).toBe(expected);
  });
});

test("runs are sorted by the value that comes first, those without one last", () => {
  expect(names(sortedRuns(RUNS, "fvu", KNOWN))).toBe("bacd");
  expect(names(sortedRuns(RUNS, "-fvu", KNOWN))).toBe("bacd");
  expect(names(sortedRuns(RUNS, "k", KNOWN))).toBe("cbad");
  expect(names(sortedRuns(RUNS, "-name", KNOWN))).toBe("dcba");
});

test.each([
  [() => sortedRuns(RUNS, "fuv", KNOWN), "Runs have no key fuv."],
  [() => sortedRuns(RUNS, "kind", KNOWN), "The key kind could be source.kind or coupling.kind."],
  [() => runFilter("k", KNOWN), 'Expected a filter such as k=16 or fvu<0.1 but received "k".'],
  [() => runFilter("k=", KNOWN), 'Expected a filter such as k=16 or fvu<0.1 but received "k=".'],
  [() => runFilter("fvu<low", KNOWN), 'Expected a number behind < but received "low".'],
  [() => statusFilter("done"), 'Expected a status but received "done".'],
])("a mistake is refused with what was expected, case %#", (ask, message) => {
  expect(ask).toThrow(expect.objectContaining({ code: "config/invalid", message }));
});

test("states are named with commas between them", () => {
  expect(RUNS.filter(statusFilter("failed, finished"))).toHaveLength(4);
  expect(RUNS.filter(statusFilter("failed,killed"))).toEqual([]);
});
