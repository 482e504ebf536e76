import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { readSafetensors } from "../../../formats/safetensors-file.ts";
import { TYPESCRIPT_KERNELS } from "../../../sources/rows/row-kernels.ts";
import { TOKEN_FILE } from "../../../sources/shards/shard-index.ts";
import { openShardWriter, type ShardWriterOptions } from "../../../sources/shards/shard-writer.ts";
import { verifyShards } from "../../../sources/shards/verify-shards.ts";
import { countRows, packDocuments } from "../text/packing.ts";
import { openStoreTokens } from "./store-tokens.ts";
import { describeTokenFile, type StoredTokens, tokenFilePieces } from "./token-file.ts";

/** Documents of different lengths: 0 to 12 tokens, ids from 10 on. */
const DOCUMENTS = Array.from({ length: 40 }, (_, d) =>
  Array.from({ length: (7 * d) % 13 }, (_, i) => 10 + ((5 * d + 3 * i) % 90)),
);

const options = { contextLength: 8, separatorId: 1, remainder: "keep" } as const;

async function tokensOf(mode: "packed" | "documents", skipSpecial = true): Promise<StoredTokens> {
  return { packed: await packDocuments(DOCUMENTS, { ...options, mode }), skipSpecial };
}

async function writerOptions(folder: string, stored: StoredTokens): Promise<ShardWriterOptions> {
  const described = await describeTokenFile(stored, TYPESCRIPT_KERNELS);
  return {
    folder,
    dIn: 2,
    dtype: "float32",
    provenance: { kind: "language_model" },
    tokens: { described, pieces: () => tokenFilePieces(stored) },
  };
}

/** A complete store of rows of these tokens. */
async function storeOf(stored: StoredTokens): Promise<string> {
  const folder = temporaryFolder();
  const writer = await openShardWriter(await writerOptions(folder, stored));
  await writer.append(new Float32Array(2 * countRows(stored.packed, stored.skipSpecial)));
  await writer.finish();
  return folder;
}

test.each([
  ["packed", true],
  ["packed", false],
  ["documents", true],
] as const)(
  "token, document and position of every row (%s, special left out: %s)",
  async (mode, skip) => {
    const stored = await tokensOf(mode, skip);
    const { packed } = stored;
    const tokens = await openStoreTokens(await storeOf(stored));
    const kept = [...packed.ids.keys()].filter(
      (at) => at % 8 < packed.lengths[Math.floor(at / 8)]! && !(skip && packed.ids[at] === 1),
    );
    expect(tokens.rows).toBe(kept.length);
    const all = await tokens.readRows(0, tokens.rows);
    expect([...all.tokens]).toEqual(kept.map((at) => packed.ids[at]));
    expect([...all.documents]).toEqual(kept.map((at) => packed.documentOf[at]));
    expect([...all.windows]).toEqual(kept.map((at) => Math.floor(at / 8)));
    expect([...all.positions]).toEqual(kept.map((at) => at % 8));
    const some = await tokens.readRows(17, 5);
    expect(some.tokens).toEqual(all.tokens.slice(17, 22));
    expect(some.positions).toEqual(all.positions.slice(17, 22));
    await tokens.close();
  },
);

test("the window of any row comes back with its special tokens", async () => {
  const { packed, ...rest } = await tokensOf("documents");
  const tokens = await openStoreTokens(await storeOf({ packed, ...rest }));
  expect(tokens).toMatchObject({ windows: packed.windows, contextLength: 8 });
  expect([...tokens.specialIds]).toEqual([1]);
  const { windows, positions, tokens: ids } = await tokens.readRows(50, 1);
  const window = await tokens.readWindows(windows[0]!, 1);
  expect(window.ids[0]).toBe(1);
  expect(window.ids[positions[0]!]).toBe(ids[0]);
  const all = await tokens.readWindows(0, packed.windows);
  expect(all).toEqual({ ids: packed.ids, documents: packed.documentOf, lengths: packed.lengths });
  await expect(tokens.readRows(tokens.rows, 1)).rejects.toThrow(/rows within 0 to/);
  await expect(tokens.readWindows(-1, 1)).rejects.toThrow(/windows within 0 to/);
  await tokens.close();
});

test("other programs read the file as safetensors", async () => {
  const stored = await tokensOf("packed");
  const { tensors, metadata } = await readSafetensors(join(await storeOf(stored), TOKEN_FILE));
  expect([...tensors.keys()]).toEqual(["documents", "ids", "lengths", "row_positions"]);
  expect(tensors.get("ids")).toMatchObject({ dtype: "int32", shape: [stored.packed.windows, 8] });
  expect(metadata).toEqual({ special_ids: "[1]" });
});

test("a store without token ids opens, and says so when they are asked for", async () => {
  const folder = temporaryFolder();
  const make = { folder, dIn: 1, dtype: "float32" } as const;
  const writer = await openShardWriter({ ...make, provenance: { kind: "language_model" } });
  await writer.append(new Float32Array(3));
  await writer.finish();
  await expect(openStoreTokens(folder)).rejects.toMatchObject({
    code: "file/missing",
    message: `The store ${folder} has no token ids: an earlier version collected it.`,
  });
});

test("damage is found when it is read, and by verifying", async () => {
  const folder = await storeOf(await tokensOf("packed"));
  const path = join(folder, TOKEN_FILE);
  const bytes = readFileSync(path);
  const last = bytes.byteLength - 1;
  bytes[last] = bytes[last]! ^ 1;
  writeFileSync(path, bytes);
  await expect(openStoreTokens(folder)).rejects.toThrow(/block 0 at byte 0: it is damaged/);
  await expect(verifyShards(folder)).rejects.toThrow(/it is damaged/);
  truncateSync(path, 100);
  await expect(openStoreTokens(folder)).rejects.toThrow(/it has 100 bytes; the index promises/);
});

test("a writer that is opened again writes the file again only where it is missing or damaged", async () => {
  const stored = await tokensOf("packed");
  const folder = temporaryFolder();
  const make = await writerOptions(folder, stored);
  await (await openShardWriter(make)).close();
  const path = join(folder, TOKEN_FILE);
  const whole = readFileSync(path);
  rmSync(path);
  await (await openShardWriter(make)).close();
  expect(readFileSync(path)).toEqual(whole);
  writeFileSync(path, whole.subarray(1));
  await (await openShardWriter(make)).close();
  expect(readFileSync(path)).toEqual(whole);
  const other = await writerOptions(folder, await tokensOf("documents"));
  await expect(openShardWriter(other)).rejects.toThrow(/was begun with token ids /);
});
