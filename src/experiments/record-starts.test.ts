import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { readStarts } from "../runs/starts.ts";
import { startWarnings } from "./compare/start-warnings.ts";
import { recordStarts } from "./record-starts.ts";

const D = 24;

async function member(name: string, rows: Float32Array) {
  const { unit, count, d } = await dictionaryOf(reference, rows, rows.length / D, D);
  return { name, sae: { dictionary: () => ({ unit, count, d, parameter: undefined }) } };
}

test("equal starts are told from independent ones, also in another order", async () => {
  const folder = new RunFolder(temporaryFolder());
  const rows = normals("start", 40 * D);
  const turned = new Float32Array(rows.length);
  for (let i = 0; i < 40; i++) turned.set(rows.subarray(i * D, (i + 1) * D), (39 - i) * D);
  const members = await Promise.all([
    member("a", rows),
    member("same", rows),
    member("turned", turned),
    member("other", normals("other", 40 * D)),
    member("wide", normals("wide", 60 * D)),
  ]);
  await recordStarts(reference, folder, { members } as never, 0);
  const { pairs } = (await readStarts(folder))!;
  const of = (b: string) => pairs.find((pair) => pair.a === "a" && pair.b === b)!;
  expect(of("same").same_index).toBeCloseTo(1, 5);
  expect(of("turned").same_index).toBeLessThan(0.3);
  expect(of("turned").mean_max).toBeCloseTo(1, 5);
  expect(Math.abs(of("other").mean_max - of("other").mean_max_null!)).toBeLessThan(0.04);
  expect(of("wide").same_index).toBeNull();

  const saes = members.map(({ name }) => ({
    name,
    seed: undefined,
    format: "saelens",
    sae: { dIn: D, dSae: 40 },
  }));
  const compared = [0, 1, 2, 3].map((b) => ({ a: 0, b: b + 1 }));
  const starts = compared.map(({ b }) => ({ start: of(members[b]!.name) }));
  expect(startWarnings(saes, starts, compared)).toEqual([
    expect.stringMatching(/^a and same were alike before the first step/),
    expect.stringMatching(/^a and turned were alike/),
  ]);
});

test("programs that start all SAEs alike are named", () => {
  const sae = (name: string, format: string, dSae = 16) => ({
    name,
    format,
    seed: undefined,
    sae: { dIn: 8, dSae },
  });
  const saes = [
    sae("g0", "gemma_scope"),
    sae("g1", "gemma_scope"),
    sae("g2", "gemma_scope", 32),
    sae("s0", "sparsify"),
    sae("s1", "sparsify"),
    sae("o", "saelens"),
  ];
  const found = startWarnings(saes, [], []);
  expect(found).toEqual([
    expect.stringMatching(/Gemma Scope share one initial seed.*\(here g0, g1\)\.$/),
    expect.stringMatching(/sparsify initialises.*\(here s0, s1\)\.$/),
  ]);
});

test("a run keeps its members' starts, the same bytes after an interruption", async () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()];
  const [run] = await tinyRuns(folder);
  const text = readFileSync(run!.file("results/starts.json"), "utf8");
  const { pairs } = (await readStarts(run!))!;
  expect(pairs).toHaveLength(6);
  for (const { mean_max, mean_max_null } of pairs)
    expect(Math.abs(mean_max - mean_max_null!)).toBeLessThan(0.15);
  const signal = new AbortController();
  const stop = (event: { kind: string }) => event.kind === "step" && signal.abort();
  await expect(tinyRuns(other, [], stop, signal.signal)).rejects.toThrow("Interrupted");
  const [resumed] = await tinyRuns(other, [], undefined, undefined, true);
  expect(readFileSync(resumed!.file("results/starts.json"), "utf8")).toBe(text);
});
