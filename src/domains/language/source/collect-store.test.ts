/** Several hooks in one pass: a store for each, whole whatever broke off on the way. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import { tinyRuns } from "../../../../test/support/tiny-run.ts";
import { openShardSource } from "../../../sources/shards/shard-source.ts";
import type { CollectStoreOptions } from "./collect-options.ts";
import { collectStore, collectStores } from "./collect-store.ts";

const LATER = "blocks.1.hook_resid_post";

function prepared() {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 6, 400);
  const options: Omit<CollectStoreOptions, "hook"> = {
    model: join(folder, "model"),
    text: join(folder, "letters.txt"),
    skipSpecial: true,
    mode: "packed",
    dtype: "float32",
    threads: 1,
    catalogue: { cacheDir: folder, offline: true },
  };
  const stores = (name: string) =>
    [TINY_HOOK, LATER].map((hook) => ({ hook, folder: join(folder, name, hook) }));
  return { folder, options, stores };
}

/** Every file of a store with its bytes. */
const bytesOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), "hex")]);

async function rowsOf(folder: string): Promise<number[]> {
  const source = await openShardSource({ folder, heldOutFraction: 0.9 });
  const rows = new Float32Array(source.heldOut.rows * source.dIn);
  await source.heldOut.read(0, rows);
  await source.close();
  return [...rows];
}

test("two hooks of one pass have the rows that each has alone", async () => {
  const { folder, options, stores } = prepared();
  const pass = stores("pass");
  await collectStores(pass, options);
  for (const { hook, folder: both } of pass) {
    const alone = join(folder, "alone", hook);
    await collectStore(alone, { ...options, hook });
    const [a, b] = [await rowsOf(both), await rowsOf(alone)];
    expect(a.length).toBe(b.length);
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 4);
  }
});

test("a pass that is broken off goes on to the bytes of one that is not", async () => {
  const { options, stores } = prepared();
  const whole = stores("whole");
  await collectStores(whole, options);
  const broken = stores("broken");
  const stop = new AbortController();
  const interrupted = collectStores(broken, {
    ...options,
    signal: stop.signal,
    onProgress: ({ rows }) => rows > 500 && stop.abort(),
  });
  await expect(interrupted).rejects.toMatchObject({ code: "interrupted" });
  const [again] = await collectStores(broken, options);
  expect(again!.rows).toBeGreaterThan(2000);
  for (const [i, { folder }] of whole.entries())
    expect(bytesOf(broken[i]!.folder)).toEqual(bytesOf(folder));
  const [complete] = await collectStores(broken, options);
  expect(complete!.written).toBe(0);
  // One store is lost: the other stays, and the same bytes come again.
  rmSync(broken[1]!.folder, { recursive: true });
  const [kept, anew] = await collectStores(broken, options);
  expect([kept!.written, anew!.written]).toEqual([0, anew!.rows]);
  expect(bytesOf(broken[1]!.folder)).toEqual(bytesOf(whole[1]!.folder));
});

test("a store says which hooks were collected with it, and another pass does not go on with it", async () => {
  const { options, stores } = prepared();
  const pass = stores("pass");
  await collectStores(pass, options);
  await expect(
    collectStore(pass[0]!.folder, { ...options, hook: TINY_HOOK }),
  ).rejects.toMatchObject({ code: "run/conflict", message: expect.stringContaining("hooks") });
  await expect(collectStores([pass[0]!, pass[0]!], options)).rejects.toThrow(/every hook once/);
});

test("a config with hooks makes a run of each, on stores of one pass", async () => {
  const { folder } = prepared();
  const source = `source={ kind: language_model, model: model, hooks: [${TINY_HOOK}, ${LATER}], text: letters.txt }`;
  const runs = await tinyRuns(folder, [source]);
  expect(runs.map(({ path }) => path.split("/").at(-1))).toEqual([
    `source.hook=${TINY_HOOK}`,
    `source.hook=${LATER}`,
  ]);
  for (const [i, run] of runs.entries()) {
    const { provenance } = await run.readRecord();
    expect(provenance).toMatchObject({ hook: [TINY_HOOK, LATER][i], hooks: [TINY_HOOK, LATER] });
  }
  const stores = join(folder, "activations");
  expect(readdirSync(stores)).toHaveLength(2);
  // A run whose own store is whole does without the others.
  const [, later] = readdirSync(stores).sort();
  rmSync(join(stores, later!), { recursive: true });
  await tinyRuns(folder, [source.replace("hooks", `hook: ${TINY_HOOK}, hooks`), "name=again"]);
  expect(readdirSync(stores)).toHaveLength(1);
});
