import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { openLanguageModel } from "../models/language-model.ts";
import { countRows, type PackedTokens, packDocuments } from "../text/packing.ts";
import { findSinks, sinkNotices, sinkProvenance } from "./attention-sinks.ts";
import { collectActivations } from "./collect.ts";

const HOOK = "blocks.1.hook_resid_post";
const WIDTH = 24;
let model: LanguageModel;
let packed: PackedTokens;

beforeAll(async () => {
  const folder = join(resolve(import.meta.dirname, "../../../../test/golden/models"), "gpt2");
  model = await openLanguageModel(folder, { threads: 1 });
  const documents = [Array.from({ length: 60 }, (_, i) => 2 + ((13 * i) % 59))];
  packed = await packDocuments(documents, { contextLength: 8 });
});
afterAll(() => model.close());

/** The model with rows made longer: `times` by window and position. */
function lengthened(times: (window: number, position: number) => number): LanguageModel {
  return Object.assign(Object.create(model), {
    async activationsAt(...given: Parameters<LanguageModel["activationsAt"]>) {
      const [, { positions }] = given;
      const all = await model.activationsAt(...given);
      return all.map((rows) =>
        rows.map((v, i) => {
          const row = Math.floor(i / WIDTH);
          return v * times(Math.floor(row / positions), row % positions);
        }),
      );
    },
  });
}

test("an ordinary hook has none, and its store says nothing of them", async () => {
  const facts = (await findSinks(model, [HOOK], packed))[0]!;
  expect(facts).toMatchObject({ positions: [], outliers: 0, ratio: 0 });
  expect(sinkProvenance(facts, true)).toEqual({});
  expect(sinkNotices({})).toEqual([]);
});

test("a position that is long in every window is a sink, one in some windows an outlier", async () => {
  const sink = lengthened((window, position) =>
    position === 0 ? 1000 : window === 1 && position === 3 ? 500 : 1,
  );
  const facts = (await findSinks(sink, [HOOK], packed))[0]!;
  expect(facts.positions).toEqual([0]);
  expect(facts.ratio).toBeGreaterThan(100);
  expect(facts.outliers).toBe(1);
  const [left, kept] = sinkNotices(sinkProvenance(facts, true));
  expect(left).toMatch(
    /^Activations at position 0 of every window are \d+ times as long as the median \(an attention sink\): they are left out\./,
  );
  expect(kept).toMatch(/^1 of the first \d+ activations are more than ten times as long/);
  expect(sinkNotices(sinkProvenance(facts, false))[0]).toContain("and are kept");
});

test.each<[string, number[], number[]]>([
  ["a position that only one window has", [8, 3, 3, 3], []],
  ["a position that every window has", [8, 6, 8, 6], [5]],
  ["a position of a single window", [8], []],
])("%s", async (_, lengths, positions) => {
  const long = lengthened((_, position) => (position === 5 ? 1000 : 1));
  const windows = lengths.length;
  const uneven = { ...packed, windows, lengths: Int32Array.from(lengths) };
  expect((await findSinks(long, [HOOK], uneven))[0]).toMatchObject({
    positions,
    outliers: positions.length > 0 ? 0 : 1,
  });
});

test("a hook as wide as a vocabulary is looked at as well", async () => {
  const width = 151_936;
  const wide: LanguageModel = Object.assign(Object.create(model), {
    async activationsAt(...[, { ids, positions }]: Parameters<LanguageModel["activationsAt"]>) {
      const rows = new Float32Array(ids.length * width);
      for (const row of ids.keys()) rows[row * width] = row % positions === 0 ? 1000 : 1;
      return [rows];
    },
  });
  const two = { ...packed, windows: 2, lengths: packed.lengths.subarray(0, 2) };
  expect((await findSinks(wide, [HOOK], two))[0]).toMatchObject({ positions: [0], ratio: 1000 });
});

test("positions that are skipped have no rows, and the others stay as they are", async () => {
  const without = { ...packed, skippedPositions: new Set([0]) };
  expect(countRows(without, false)).toBe(countRows(packed, false) - packed.windows);
  const rowsOf = async (from: PackedTokens) => {
    const rows = new Map<number, number[]>();
    for await (const part of collectActivations(model, HOOK, from, { skipSpecial: false }))
      for (const [i, at] of part.positions.entries())
        rows.set(at, [...part.rows.subarray(i * WIDTH, (i + 1) * WIDTH)]);
    return rows;
  };
  const [all, some] = [await rowsOf(packed), await rowsOf(without)];
  expect([...some.keys()]).toEqual([...all.keys()].filter((at) => at % 8 !== 0));
  for (const [at, row] of some) expect(row).toEqual(all.get(at));
});

test("a store keeps what was left out in its provenance", async () => {
  const { collectStore } = await import("./collect-store.ts");
  const { writeLetters, writeTinyModel } = await import("../../../../test/support/tiny-model.ts");
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "t.txt"), 10, 40);
  const store = await collectStore(join(folder, "acts"), {
    model: join(folder, "model"),
    hook: HOOK,
    text: join(folder, "t.txt"),
    context: 8,
    skipSpecial: false,
    mode: "packed",
    dtype: "float32",
    catalogue: { cacheDir: folder, offline: true },
  });
  expect(store.notices).toEqual([]);
  const { provenance } = await readShardIndex(join(folder, "acts"));
  expect(provenance).not.toHaveProperty("sink_positions");
});
