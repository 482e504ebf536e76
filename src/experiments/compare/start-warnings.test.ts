import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type StartedSae, startWarnings } from "./start-warnings.ts";
import { startOfPairs } from "./starts-of-pairs.ts";

const sae = (
  name: string,
  seed: number | undefined,
  { format = "saelens", dIn = 4, dSae = 8 } = {},
): StartedSae => ({ name, seed, format: format as StartedSae["format"], sae: { dIn, dSae } });

const start = (mean_max: number, mean_max_null: number | null) => ({
  start: { a: "0", b: "1", same_index: null, mean_max, mean_max_null },
});

describe("one seed", () => {
  test("of SAEs of one shape is named once, with all of them", () => {
    const found = startWarnings([sae("a", 0), sae("b", 1), sae("c", 0), sae("d", 0)], [], []);
    expect(found).toEqual([expect.stringMatching(/^a, c, d have the seed 0 and one shape: /)]);
  });

  test("of SAEs of other shapes says nothing, as their weights differ anyway", () => {
    const saes = [sae("a", 5), sae("b", 5, { dSae: 16 }), sae("c", 5, { dIn: 3 })];
    expect(startWarnings(saes, [], [])).toEqual([]);
  });

  test("that is not known is not one seed", () => {
    expect(startWarnings([sae("a", undefined), sae("b", undefined)], [], [])).toEqual([]);
  });

  test("groups are named one by one", () => {
    const saes = [sae("a", 1), sae("b", 2), sae("c", 1), sae("d", 2)];
    const found = startWarnings(saes, [], []);
    expect(found.map((line) => line.split(" have")[0])).toEqual(["a, c", "b, d"]);
  });
});

test("a program that starts all alike is not named where seeds are known to differ", () => {
  const format = "gemma_scope";
  expect(startWarnings([sae("a", 1, { format }), sae("b", 2, { format })], [], [])).toEqual([]);
  const one = [sae("a", undefined, { format }), sae("b", undefined)];
  expect(startWarnings(one, [], [])).toEqual([]);
});

describe("starts that were measured", () => {
  const saes = [sae("a", 1), sae("b", 2)];
  const warned = (mean_max: number, none: number | null) =>
    startWarnings(saes, [start(mean_max, none)], [{ a: 0, b: 1 }]);

  test("are doubtful from a tenth of the way from the null to 1", () => {
    expect(warned(0.54, 0.5)).toEqual([]);
    expect(warned(0.5625, 0.5)).toEqual([
      "a and b were alike before the first step: their mean-max cosine was 0.563, that of random decoders is 0.500.",
    ]);
    expect(warned(1, 0.5)).toHaveLength(1);
  });

  test("below the null, without one, or not recorded say nothing", () => {
    expect(warned(0.1, 0.5)).toEqual([]);
    expect(warned(1, null)).toEqual([]);
    expect(startWarnings(saes, [{ start: undefined }], [{ a: 0, b: 1 }])).toEqual([]);
  });
});

describe("the start of a pair", () => {
  /** A run that recorded the start of its members m0 and m1. */
  function run(folder: string, name: string): string {
    const path = join(folder, name);
    mkdirSync(join(path, "results"), { recursive: true });
    const pairs = [{ a: "m0", b: "m1", same_index: 1, mean_max: 0.5, mean_max_null: 0.25 }];
    writeFileSync(join(path, "results/starts.json"), JSON.stringify({ atoms: 8, pairs }));
    return path;
  }
  const member = (path: string, name: string) => ({ folder: join(path, "saes", name) });

  test("is that of members of one run, whichever came first", async () => {
    const path = run(temporaryFolder(), "r");
    const pairs = [
      { a: 0, b: 1 },
      { a: 1, b: 0 },
    ];
    const found = await startOfPairs(pairs, [member(path, "m0"), member(path, "m1")]);
    expect(found.map((one) => one?.mean_max)).toEqual([0.5, 0.5]);
  });

  test("is not known between runs, of a member that was not recorded, and of SAEs of no run", async () => {
    const folder = temporaryFolder();
    const [one, other] = [run(folder, "r"), run(folder, "s")];
    const saes = [
      member(one, "m0"),
      member(other, "m1"),
      member(one, "m2"),
      { folder: join(folder, "loose") },
    ];
    const pairs = [1, 2, 3].map((b) => ({ a: 0, b }));
    expect(await startOfPairs(pairs, saes)).toEqual([undefined, undefined, undefined]);
  });

  test("of a run from before starts were recorded is not known", async () => {
    const path = join(temporaryFolder(), "old");
    mkdirSync(path);
    const saes = [member(path, "m0"), member(path, "m1")];
    expect(await startOfPairs([{ a: 0, b: 1 }], saes)).toEqual([undefined]);
  });

  test("in a damaged file is refused by the file's name", async () => {
    const path = run(temporaryFolder(), "r");
    writeFileSync(join(path, "results/starts.json"), '{"atoms": 8, "pairs": [{"a": 1}]}');
    const saes = [member(path, "m0"), member(path, "m1")];
    await expect(startOfPairs([{ a: 0, b: 1 }], saes)).rejects.toThrow("starts.json");
  });
});
