import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { openNamed } from "../../../../test/support/backends.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import { readShardIndex } from "../../../sources/shards/read-index.ts";
import { openShardSource } from "../../../sources/shards/shard-source.ts";
import { openModelByName } from "../models/open-by-name.ts";
import { collectStore, storeNames } from "./collect-store.ts";

const FOREIGN = resolve(import.meta.dirname, "../../../../test/golden/models/foreign.onnx");

/** A folder with a model and a text, and what is collected of them by each engine. */
function prepared() {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 9, 30);
  const asked = {
    model: join(folder, "model"),
    hook: TINY_HOOK,
    text: join(folder, "letters.txt"),
    mode: "documents",
    dtype: "float32",
    skipSpecial: true,
    threads: 1,
    catalogue: { cacheDir: folder, offline: true },
  } as const;
  const native = { ...asked, engine: "native", forward: openNamed("reference") } as const;
  return { folder, asked, native };
}

async function rowsOf(store: string): Promise<number[]> {
  const source = await openShardSource({ folder: store, heldOutFraction: 0.9 });
  const rows = new Float32Array(source.heldOut.rows * source.dIn);
  await source.heldOut.read(0, rows);
  await source.close();
  return [...rows];
}

test("the native engine collects what onnxruntime does, into a store that says so", async () => {
  const { folder, asked, native } = prepared();
  const [theirs, ours] = [join(folder, "theirs"), join(folder, "ours")];
  await collectStore(theirs, asked);
  await collectStore(ours, native);
  const engineOf = async (store: string) => (await readShardIndex(store)).provenance["engine"];
  expect([await engineOf(theirs), await engineOf(ours)]).toEqual([undefined, "native"]);
  const [expected, rows] = [await rowsOf(theirs), await rowsOf(ours)];
  expect(rows.length).toBe(expected.length);
  for (const [i, value] of rows.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  await expect(collectStore(theirs, native)).rejects.toThrow("engine was not set, now native");
});

test("the engine decides the name of a store; onnxruntime is the default", async () => {
  const { asked } = prepared();
  const nameOf = async (engine?: "native" | "onnxruntime") =>
    (await storeNames({ ...asked, engine }, [TINY_HOOK]))[0];
  expect(await nameOf("onnxruntime")).toBe(await nameOf());
  expect(await nameOf("native")).not.toBe(await nameOf());
});

test("the native engine needs a backend, and refuses ONNX files", async () => {
  const { folder, asked, native } = prepared();
  const without = collectStore(join(folder, "refused"), { ...asked, engine: "native" });
  await expect(without).rejects.toThrow("a backend for the engine native");
  const opened = openModelByName(FOREIGN, { ...asked, forward: native.forward });
  await expect(opened).rejects.toThrow("is an ONNX file, but the native engine");
});
