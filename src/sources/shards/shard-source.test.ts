import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { numberedRows, rowNumbers, served } from "../../../test/support/stored-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { xxh32 } from "../../formats/xxh32.ts";
import { type Mixing, measureMixing } from "../rows/mixing.ts";
import { showChecksum } from "./shard-index.ts";
import { openShardSource, type ShardSourceOptions } from "./shard-source.ts";
import { openShardWriter, type ShardWriterOptions } from "./shard-writer.ts";
import { verifyShards } from "./verify-shards.ts";

const D_IN = 8;
const BLOCK_ROWS = 16;

/** A float32 store of numbered rows, blocks of 16, shards of 5 blocks. */
async function storeOf(rows: number, options: Partial<ShardWriterOptions> = {}): Promise<string> {
  const folder = temporaryFolder();
  const blockBytes = BLOCK_ROWS * D_IN * 4;
  const writer = await openShardWriter({
    folder,
    dIn: D_IN,
    dtype: "float32",
    provenance: { kind: "test", substitute: "numbers" },
    blockBytes,
    shardBytes: 5 * blockBytes,
    ...options,
  });
  await writer.append(numberedRows(rows, D_IN));
  await writer.finish();
  return folder;
}

const ROW_BYTES = D_IN * 4;
/** Room for exactly `blocks` blocks in memory, 2 staged, 2 for scratch. */
const budget = (blocks: number): number =>
  BLOCK_ROWS * (blocks * (ROW_BYTES + 4) + 2 * ROW_BYTES + 2 * ROW_BYTES);

const open = (folder: string, options: Partial<ShardSourceOptions> = {}) =>
  openShardSource({ folder, bufferBytes: budget(6), ...options });

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sorted = (rows: number[]): number[] => rows.toSorted((a, b) => a - b);

test("a pass serves every training row once; held-out rows are the last and never among them", async () => {
  const source = await open(await storeOf(1000));
  expect(source.train.rowsPerPass).toBe(896); // 56 whole blocks; 104 rows held out for the 100 asked for
  expect(source.heldOut.rows).toBe(104);
  const first = await served(source.train, D_IN, 896, 50);
  const second = await served(source.train, D_IN, 896, 50);
  expect(sorted(first)).toEqual(upTo(896));
  expect(sorted(second)).toEqual(upTo(896));
  expect(second).not.toEqual(first);
  const out = new Float32Array(104 * D_IN);
  await source.heldOut.read(0, out);
  expect(rowNumbers(out, D_IN)).toEqual(upTo(104).map((i) => 896 + i));
  await source.close();
});

test("the seed alone decides the order", async () => {
  const folder = await storeOf(500);
  const order = async (seed: number): Promise<number[]> => {
    const source = await open(folder, { seed });
    const rows = await served(source.train, D_IN, 600, 32);
    await source.close();
    return rows;
  };
  expect(await order(3)).toEqual(await order(3));
  expect(await order(3)).not.toEqual(await order(4));
});

test("a position in another store of the same shape is refused", async () => {
  const one = await storeOf(500);
  const other = temporaryFolder();
  const blockBytes = BLOCK_ROWS * ROW_BYTES;
  const make = { dIn: D_IN, dtype: "float32", provenance: { kind: "test" }, blockBytes } as const;
  const writer = await openShardWriter({ folder: other, ...make, shardBytes: 5 * blockBytes });
  await writer.append(new Float32Array(500 * D_IN).fill(1));
  await writer.finish();
  for (const bufferBytes of [budget(6), 2 ** 20]) {
    const [first, second] = [await open(one, { bufferBytes }), await open(other, { bufferBytes })];
    expect(second.train.rowsPerPass).toBe(first.train.rowsPerPass);
    await expect(first.train.seek(second.train.state())).rejects.toMatchObject({
      code: "run/conflict",
      message: expect.stringMatching(
        /saved in another order: store [0-9a-f]{8}, .*this source has/,
      ),
    });
    await first.close();
    await second.close();
  }
});

test("held-out rows are read by any range, across blocks and shards", async () => {
  const source = await open(await storeOf(1000), { heldOutRows: 400 });
  const first = source.train.rowsPerPass!;
  expect(source.heldOut.rows).toBe(1000 - first);
  for (const [start, count] of [
    [0, 1],
    [13, 7],
    [100, 250],
    [399, 1],
    [5, 0],
  ] as const) {
    // biome-ignore format: one line
    const out = new Float32Array(count * D_IN);
    await source.heldOut.read(start, out);
    expect(rowNumbers(out, D_IN)).toEqual(upTo(count).map((i) => first + start + i));
  }
  await expect(source.heldOut.read(source.heldOut.rows, new Float32Array(D_IN))).rejects.toThrow(
    /rows inside the/,
  );
  await source.close();
});

test("a store of few blocks holds out groups rather than most of its rows", async () => {
  const source = await open(await storeOf(60, { groupRows: 4, blockBytes: 2 ** 20 }), {
    bufferBytes: 8192,
  });
  expect(source.train.rowsPerPass).toBe(52); // 54 would cut a group of 4
  expect(sorted(await served(source.train, D_IN, 52))).toEqual(upTo(52));
  await source.close();
});

test("a store that fits is permuted whole, a larger one block by block, as mixing says", async () => {
  const folder = await storeOf(2000);
  const whole = await open(folder, { bufferBytes: 2 ** 20 });
  expect(whole.mixing.sameBlockShare).toBe(whole.mixing.idealSameBlockShare);
  expect(whole.mixing.neighbourSpread).toBe(1);
  const blocks = await open(folder, { bufferBytes: budget(12) });
  for (const source of [whole, blocks]) {
    const rows = source.train.rowsPerPass!;
    const passes: Mixing[] = [];
    for (let pass = 0; pass < 4; pass++) {
      const order = Int32Array.from(await served(source.train, D_IN, rows, 100));
      passes.push(measureMixing(order, { rowsPerBlock: BLOCK_ROWS, batchRows: 64 }));
    }
    const mean = (key: keyof Mixing): number => passes.reduce((sum, m) => sum + m[key], 0) / 4;
    expect(Math.abs(mean("positionCorrelation"))).toBeLessThan(0.2);
    expect(mean("sameBlockShare") / source.mixing.sameBlockShare).toBeCloseTo(1, 0.5);
    expect(Math.abs(mean("neighbourSpread") - source.mixing.neighbourSpread)).toBeLessThan(0.08);
    await source.close();
  }
  // 12 of the 112 training blocks are together at a time.
  expect(blocks.mixing.sameBlockShare).toBeGreaterThan(1 / 12);
  expect(blocks.mixing.sameBlockShare).toBeLessThan(1 / 10);
});

test("memory stays within bufferBytes, whatever the store's size", async () => {
  const folder = temporaryFolder();
  const dIn = 64;
  const writer = await openShardWriter({
    folder,
    dIn,
    dtype: "float16",
    provenance: { kind: "test" },
    blockBytes: 2 ** 17,
  });
  const rows = new Float32Array(4096 * dIn).fill(1);
  for (let i = 0; i < 64; i++) await writer.append(rows); // 32 MiB stored
  await writer.finish();
  const bufferBytes = 4 * 2 ** 20;
  const out = new Float32Array(1024 * dIn);
  const before = process.memoryUsage().arrayBuffers;
  const source = await openShardSource({ folder, bufferBytes });
  let most = 0;
  for (let batch = 0; batch < 600; batch++) {
    await source.train.next(out);
    if (batch % 7 === 0)
      await source.heldOut.read((batch * 31) % 20_000, out.subarray(0, 300 * dIn));
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(source.memoryBytes).toBeLessThanOrEqual(bufferBytes);
  expect(most).toBeLessThanOrEqual(1.1 * bufferBytes);
  expect(most).toBeGreaterThan(0.5 * bufferBytes);
  await source.close();
});

test("a buffer without room for two blocks is refused with the number that would do", async () => {
  const folder = await storeOf(1000);
  await expect(open(folder, { bufferBytes: budget(2) - 1 })).rejects.toMatchObject({
    code: "config/invalid",
    message: expect.stringMatching(`at least ${budget(2)} are needed`),
  });
  const source = await open(folder, { bufferBytes: budget(2) });
  expect(source.memoryBytes).toBe(budget(2));
  expect(sorted(await served(source.train, D_IN, 896, 100))).toEqual(upTo(896));
  await source.close();
});

describe("a store that another program wrote", () => {
  /**
   * Four blocks of 16 rows, whose index does not say that they are finite; rows 5 and 60 are not.
   */
  async function foreign(): Promise<string> {
    const folder = await storeOf(64, { shardBytes: 2 ** 20 });
    const [path, index] = [join(folder, "shard-00000.bin"), join(folder, "index.json")];
    const bytes = readFileSync(path);
    for (const row of [5, 60]) bytes.writeFloatLE(Number.NaN, row * ROW_BYTES + 8);
    writeFileSync(path, bytes);
    const document = JSON.parse(readFileSync(index, "utf8"));
    expect(document.finite).toBe(true);
    delete document.finite;
    document.shards[0].block_checksums = [0, 1, 2, 3].map((block) =>
      showChecksum(xxh32(bytes.subarray(block * 512, (block + 1) * 512))),
    );
    writeFileSync(index, JSON.stringify(document));
    return folder;
  }

  test("is read once before: rows that are not finite are refused, or left out and counted", async () => {
    const folder = await foreign();
    const options = { bufferBytes: 2 ** 20, heldOutRows: 16 };
    await expect(open(folder, options)).rejects.toMatchObject({
      code: "numeric/not-finite",
      message: `${folder}: row 5, column 2 is NaN; one of 2 such rows of 64 (counted from 0).`,
    });
    for (const bufferBytes of [2 ** 20, budget(2)]) {
      const source = await open(folder, { ...options, bufferBytes, skipNonFinite: true });
      expect(source.provenance).toMatchObject({ rows: 62, trainRows: 47, skippedRows: 2 });
      expect(source.notices).toEqual([
        `${folder}: 2 of 64 rows are not finite and are left out; the first is row 5.`,
      ]);
      const train = sorted(await served(source.train, D_IN, 47, 10));
      expect(train).toEqual(upTo(48).filter((row) => row !== 5));
      const out = new Float32Array(15 * D_IN);
      await source.heldOut.read(0, out);
      expect(rowNumbers(out, D_IN)).toEqual(
        upTo(64)
          .slice(48)
          .filter((row) => row !== 60),
      );
      await source.close();
    }
  });

  test("has the digest of its rows", async () => {
    const digest = async (folder: string) => {
      const source = await open(folder, { skipNonFinite: true, bufferBytes: 2 ** 20 });
      await source.close();
      return source.provenance.digest;
    };
    expect(await digest(await storeOf(64))).toBe(await digest(await storeOf(64)));
    expect(await digest(await storeOf(64))).not.toBe(await digest(await foreign()));
  });
});

test.each(["float16", "bfloat16"] as const)("%s stores what it rounds to", async (dtype) => {
  const folder = temporaryFolder();
  const writer = await openShardWriter({ folder, dIn: 2, dtype, provenance: { kind: "test" } });
  await writer.append(new Float32Array([1, -0.5, 1 + 2 ** -20, 1e-30, 3, 4]));
  await writer.finish();
  const source = await openShardSource({ folder, heldOutRows: 2 });
  const out = new Float32Array(4);
  await source.heldOut.read(0, out);
  expect(out[0]).toBe(1);
  expect(out[1]).toBeCloseTo(dtype === "float16" ? 0 : 1e-30, 32);
  expect([out[2], out[3]]).toEqual([3, 4]);
  await source.close();
});

test("provenance is that of the rows, with the word that they are a substitute, and how the store serves them", async () => {
  const source = await open(await storeOf(100));
  expect(source.provenance).toMatchObject({
    kind: "test",
    substitute: "numbers",
    rows: 100,
    storedDtype: "float32",
    mixing: {
      sameBlockShare: Number(source.mixing.sameBlockShare.toPrecision(4)),
      idealSameBlockShare: Number(source.mixing.idealSameBlockShare.toPrecision(4)),
      neighbourSpread: Number(source.mixing.neighbourSpread.toPrecision(4)),
    },
  });
  await source.close();
});

describe("damage", () => {
  const path = (folder: string): string => join(folder, "shard-00001.bin");

  test("in a training block is found when it is first read, naming file, block and byte", async () => {
    const folder = await storeOf(1000);
    const bytes = readFileSync(path(folder));
    bytes[3 * 512 + 100]! ^= 4; // shard 1, block 3
    writeFileSync(path(folder), bytes);
    const source = await open(folder);
    await expect(served(source.train, D_IN, 896, 100)).rejects.toMatchObject({
      name: "FormatError",
      message: expect.stringMatching(
        /shard-00001\.bin, block 3 at byte 1536: its 512 bytes are dam/,
      ),
    });
    await source.close();
  });

  test("in a held-out block is found although only a part of the block is read", async () => {
    const folder = await storeOf(1000);
    const last = join(folder, "shard-00012.bin");
    const bytes = readFileSync(last);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(last, bytes);
    const source = await open(folder, { heldOutRows: 8 });
    await expect(source.heldOut.read(0, new Float32Array(D_IN))).rejects.toThrow(/block 2 at byte/);
    await source.close();
  });

  test("is looked for once a block: later passes do not pay", async () => {
    const folder = await storeOf(1000);
    const source = await open(folder);
    await served(source.train, D_IN, 2 * 896, 100);
    const bytes = readFileSync(path(folder));
    bytes.fill(0);
    writeFileSync(path(folder), bytes);
    await expect(served(source.train, D_IN, 896, 100)).rejects.toThrow("is not a row");
    await source.close();
  });

  test("of a shard's length is found when the store is opened", async () => {
    const folder = await storeOf(1000);
    truncateSync(path(folder), 1600);
    await expect(open(folder)).rejects.toThrow(
      /shard-00001\.bin, block 3 at byte 1600: the file ends/,
    );
    writeFileSync(path(folder), Buffer.alloc(5 * 512 + 1));
    await expect(open(folder)).rejects.toThrow(/holds 2561 bytes; the index promises 2560/);
    rmSync(path(folder));
    await expect(open(folder)).rejects.toMatchObject({ code: "file/missing" });
  });
});

test("an array file in place of a store is named", async () => {
  const path = join(temporaryFolder(), "x.npy");
  writeFileSync(path, "");
  await expect(open(path)).rejects.toMatchObject({
    message: `${path} is a file, not an activation store.`,
    hint: expect.stringContaining("use source kind arrays"),
  });
});

test("a store still being written is refused, or read as far as its shards are finished", async () => {
  const folder = temporaryFolder();
  const blockBytes = BLOCK_ROWS * ROW_BYTES;
  const writer = await openShardWriter({
    folder,
    dIn: D_IN,
    dtype: "float32",
    provenance: { kind: "test" },
    blockBytes,
    shardBytes: 5 * blockBytes,
  });
  await writer.append(numberedRows(170, D_IN));
  await writer.close();
  await expect(open(folder)).rejects.toMatchObject({
    code: "run/conflict",
    message: `${folder} is not finished: 160 rows so far.`,
  });
  const source = await open(folder, { allowIncomplete: true });
  expect(source.train.rowsPerPass! + source.heldOut.rows).toBe(160);
  await source.close();
});

test("verifying a store reads every block, and names the first that is damaged", async () => {
  const folder = await storeOf(1000);
  const blocks: number[] = [];
  expect(await verifyShards(folder, { onBlock: (done) => blocks.push(done) })).toEqual({
    blocks: 63,
    rows: 1000,
  });
  expect(blocks).toEqual(upTo(63).map((i) => i + 1));
  const path = join(folder, "shard-00002.bin");
  const bytes = readFileSync(path);
  bytes[1030]! ^= 1;
  writeFileSync(path, bytes);
  await expect(verifyShards(folder)).rejects.toThrow(/shard-00002\.bin, block 2 at byte 1024/);
});

test("folders that are not a store, and options out of range, get their line", async () => {
  await expect(open(temporaryFolder())).rejects.toThrow(/is not an activation store/);
  const folder = await storeOf(100);
  for (const options of [
    { seed: -1 },
    { heldOutRows: 100 },
    { heldOutRows: 0 },
    { heldOutFraction: 1 },
  ])
    await expect(open(folder, options)).rejects.toMatchObject({ code: "argument/invalid" });
});
