import { describe, expect, test } from "vitest";
import { flatSweep, sweepBlockAxes } from "./sweep-block.ts";

const where = (key: readonly string[]) => `x.yaml:${key.join("/") || "top"}`;
const axes = (block: unknown, lists: Parameters<typeof sweepBlockAxes>[1] = []) =>
  sweepBlockAxes(block, lists, where);

describe("a block with sections", () => {
  test("is the same as one with dots", () => {
    const flat = { "population.k": [1, 2], "population.lr": [3], seed: [0] };
    expect(flatSweep({ population: { k: [1, 2], lr: [3] }, seed: [0] }, "x")).toEqual(flat);
    expect(flatSweep({ "population.k": [1, 2], population: { lr: [3] }, seed: [0] }, "x")).toEqual(
      flat,
    );
  });

  test("is refused where a key is given twice", () => {
    expect(() => flatSweep({ "a.b": [1], a: { b: [2] } }, "x.yaml:3")).toThrow(
      "x.yaml:3: sweep.a.b is given twice.",
    );
  });

  test("that is none is left for others to refuse", () => {
    expect(flatSweep([1], "x")).toEqual([1]);
    expect(flatSweep(undefined, "x")).toBeUndefined();
  });
});

describe("the axes of a block", () => {
  test("are its keys, in their order, with their values", () => {
    expect(axes({ "population.k": [4, 8], seed: [0, 1] })).toEqual([
      { path: ["population", "k"], values: [4, 8] },
      { path: ["seed"], values: [0, 1] },
    ]);
  });

  test("may be values of any kind", () => {
    const values = [false, { k_aux: 2 }, [1], null];
    expect(axes({ "population.aux_k": values })[0]!.values).toEqual(values);
  });

  test.each([
    [[1], "x.yaml:top: sweep: expected a section."],
    [{ seed: 1 }, "x.yaml:seed: sweep.seed: expected a list of values."],
    [{ seed: [] }, "sweep.seed: the list is empty."],
    [{ name: ["a"] }, "sweep.name: this key is the same for all runs of a sweep."],
    [{ "runs_folder.x": ["a"] }, "this key is the same for all runs"],
    [{ sweep: [1] }, "this key is the same for all runs"],
    [{ "a.b": [1], a: [2] }, "sweep.a: a.b has a list of values as well."],
    [{ a: [1], "a.b": [2] }, "sweep.a.b: a has a list of values as well."],
  ])("are refused: %j", (block, message) => {
    expect(() => axes(block)).toThrow(message);
  });

  test("may not be those of a list elsewhere in the config, keys that begin alike may", () => {
    const lists = [{ path: ["population", "k"], values: [1, 2] }];
    expect(() => axes({ "population.k": [4] }, lists)).toThrow(
      "population.k has a list of values as well.",
    );
    expect(axes({ "population.k2": [4] }, lists)).toHaveLength(1);
  });
});
