import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { smallEvidence } from "../../test/support/evidence/made-evidence.ts";
import { withFeatures } from "../../test/support/serving.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { EvidenceCache } from "./evidences.ts";

/** Runs with features, and a cache that says what it opens and closes. */
function runs(names: readonly string[], most: number) {
  const root = temporaryFolder();
  const log: string[] = [];
  const folders = names.map((name) => {
    mkdirSync(join(root, name));
    withFeatures(join(root, name));
    return new RunFolder(join(root, name));
  });
  const cache = new EvidenceCache(async (path) => {
    const name = path.slice(root.length + 1);
    log.push(`open ${name}`);
    return smallEvidence(10, () => void log.push(`close ${name}`));
  }, most);
  return { folders, cache, log };
}

const nothing = async () => {};
/** What promises still have to do. */
const settled = () => new Promise((done) => setImmediate(done));

test("those that were used last stay open", async () => {
  const { folders, cache, log } = runs(["a", "b", "c"], 2);
  const [a, b, c] = folders;
  for (const folder of [a!, b!, a!, c!, a!]) await cache.use(folder, nothing);
  await settled();
  expect(log).toEqual(["open a", "open b", "open c", "close b"]);
  expect(cache.size).toBe(2);
});

test("one that is in use is closed when it is not", async () => {
  const { folders, cache, log } = runs(["a", "b"], 1);
  const [a, b] = folders;
  await cache.use(a!, async (evidence) => {
    await cache.use(b!, nothing);
    await settled();
    expect(log).toEqual(["open a", "open b"]);
    expect((await evidence.columns("member-0")).density).toHaveLength(10);
  });
  await settled();
  expect(log).toEqual(["open a", "open b", "close a"]);
});

test("one that was written anew is opened anew", async () => {
  const { folders, cache, log } = runs(["a"], 2);
  await cache.use(folders[0]!, nothing);
  withFeatures(folders[0]!.path, 50);
  await cache.use(folders[0]!, nothing);
  await settled();
  expect(log).toEqual(["open a", "open a", "close a"]);
  expect(cache.size).toBe(1);
});

test("two who ask at once share one, and closing waits for both", async () => {
  const { folders, cache, log } = runs(["a"], 2);
  const [a] = folders;
  let release = () => {};
  let held = Promise.resolve();
  // Files are looked at first, and who asks second may have looked first.
  await new Promise<void>((begun) => {
    held = cache.use(a!, () => {
      begun();
      return new Promise<void>((done) => (release = done));
    });
  });
  await cache.use(a!, nothing);
  cache.close();
  await settled();
  expect(log).toEqual(["open a"]);
  release();
  await held;
  await settled();
  expect(log).toEqual(["open a", "close a"]);
  expect(cache.size).toBe(0);
});

test("work that fails leaves it open", async () => {
  const { folders, cache, log } = runs(["a"], 2);
  const failing = cache.use(folders[0]!, async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  await cache.use(folders[0]!, nothing);
  expect(log).toEqual(["open a"]);
});
