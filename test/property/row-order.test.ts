import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openArraySource } from "../../src/sources/arrays/array-source.ts";
import { shufflePlan } from "../../src/sources/rows/shuffle-plan.ts";
import { ShuffledStream } from "../../src/sources/rows/shuffled-stream.ts";
import { rowsInMemory } from "../../src/sources/rows/stored-rows.ts";
import { openShardSource } from "../../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import type { ActivationStream, Source } from "../../src/sources/source.ts";
import { numberedRows, served } from "../support/stored-rows.ts";
import { contents, tear } from "../support/torn-store.ts";

const D_IN = 2;

const store = fc.record({
  rows: fc.integer({ min: 1, max: 300 }),
  rowsPerBlock: fc.integer({ min: 1, max: 40 }),
  blocksInMemory: fc.integer({ min: 1, max: 12 }),
  seed: fc.nat(),
});

function shuffled({
  rows,
  rowsPerBlock,
  blocksInMemory,
  seed,
}: {
  rows: number;
  rowsPerBlock: number;
  blocksInMemory: number;
  seed: number;
}): ActivationStream {
  // biome-ignore format: one line
  const stored = rowsInMemory("float32", D_IN, numberedRows(rows, D_IN));
  return new ShuffledStream(stored, shufflePlan(rows, rowsPerBlock, blocksInMemory, seed));
}

const everyRow = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sorted = (rows: readonly number[]): number[] => rows.toSorted((a, b) => a - b);

/** Rows of two passes and a bit, in batches of the given sizes, over and over. */
async function inBatches(stream: ActivationStream, count: number, sizes: readonly number[]) {
  const rows: number[] = [];
  for (let i = 0; rows.length < count; i++)
    rows.push(
      ...(await served(stream, D_IN, Math.min(sizes[i % sizes.length]!, count - rows.length))),
    );
  return rows;
}

const batches = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 });

test("a block shuffle serves every row exactly once a pass, whatever the batches", async () => {
  await fc.assert(
    fc.asyncProperty(store, batches, async (make, sizes) => {
      const rows = await inBatches(shuffled(make), 2 * make.rows, sizes);
      expect(sorted(rows.slice(0, make.rows))).toEqual(everyRow(make.rows));
      expect(sorted(rows.slice(make.rows))).toEqual(everyRow(make.rows));
    }),
    { numRuns: 150 },
  );
});

test("a block shuffle put back after any prefix continues as if uninterrupted", async () => {
  await fc.assert(
    fc.asyncProperty(store, batches, fc.nat({ max: 700 }), async (make, sizes, prefix) => {
      const wanted = await inBatches(shuffled(make), prefix + 50, [prefix + 50]);
      const first = shuffled(make);
      await inBatches(first, prefix, sizes);
      const second = shuffled(make);
      await served(second, D_IN, 1 + (prefix % 30));
      await second.seek(JSON.parse(JSON.stringify(first.state())));
      expect(await inBatches(second, 50, sizes)).toEqual(wanted.slice(prefix));
    }),
    { numRuns: 150 },
  );
});

/** What holds for a whole source, on disk or in memory: `open` opens the same one anew. */
async function holdsFor(
  open: () => Promise<Source>,
  rows: number,
  prefix: number,
  sizes: readonly number[],
) {
  // biome-ignore format: one line
  const source = await open();
  const train = source.train.rowsPerPass!;
  expect(train + source.heldOut.rows).toBe(rows);
  const order = await inBatches(source.train, 2 * train, sizes);
  expect(sorted(order.slice(0, train))).toEqual(everyRow(train));
  expect(sorted(order.slice(train))).toEqual(everyRow(train));
  const out = new Float32Array(source.heldOut.rows * D_IN);
  await source.heldOut.read(0, out);
  expect(out).toEqual(numberedRows(rows, D_IN).subarray(train * D_IN));
  await source.close();

  const interrupted = await open();
  const before = prefix % (2 * train);
  await inBatches(interrupted.train, before, sizes);
  const state = interrupted.train.state();
  await interrupted.close();
  const resumed = await open();
  await resumed.train.seek(state);
  expect(await inBatches(resumed.train, 2 * train - before, sizes)).toEqual(order.slice(before));
  await resumed.close();
}

const options = fc.record({
  rows: fc.integer({ min: 2, max: 300 }),
  blockRows: fc.integer({ min: 1, max: 30 }),
  bufferBlocks: fc.integer({ min: 7, max: 20 }),
  heldOutFraction: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
  seed: fc.nat(),
});

test("array sources: once a pass, held-out rows apart, resumable anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(options, batches, fc.nat(), async (make, sizes, prefix) => {
      const { rows, blockRows, bufferBlocks, heldOutFraction, seed } = make;
      const data = numberedRows(rows, D_IN);
      const blockBytes = blockRows * D_IN * 4;
      const bufferBytes = bufferBlocks * blockRows * (D_IN * 4 + 4);
      const open = (): Promise<Source> =>
        openArraySource({ data, dIn: D_IN, heldOutFraction, seed, bufferBytes, blockBytes });
      await holdsFor(open, rows, prefix, sizes);
    }),
    { numRuns: 60 },
  );
});

test("shard sources: once a pass, held-out rows apart, resumable anywhere", async () => {
  const shape = fc.record({ shardBlocks: fc.integer({ min: 1, max: 5 }), groupRows: fc.integer({ min: 1, max: 4 }) }); // biome-ignore format: one line
  await fc.assert(
    fc.asyncProperty(
      options,
      shape,
      batches,
      fc.nat(),
      async (make, { shardBlocks, groupRows }, sizes, prefix) => {
        // biome-ignore format: one line
        const folder = mkdtempSync(join(tmpdir(), "concord-test-"));
        try {
          const { rows, blockRows, bufferBlocks, heldOutFraction, seed } = make;
          const blockBytes = blockRows * groupRows * D_IN * 4;
          const writer = await openShardWriter({
            folder,
            dIn: D_IN,
            dtype: "float32",
            provenance: { kind: "test" },
            blockBytes,
            shardBytes: shardBlocks * blockBytes,
            groupRows,
          });
          await writer.append(numberedRows(rows, D_IN));
          await writer.finish();
          const bufferBytes = bufferBlocks * blockRows * groupRows * (D_IN * 4 + 4);
          const open = (): Promise<Source> =>
            openShardSource({ folder, heldOutFraction, seed, bufferBytes });
          await holdsFor(open, rows, prefix, sizes);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 25 },
  );
});

test("a writer stopped and torn anywhere, any number of times, writes the bytes of one that was not", async () => {
  const stop = fc.record({ appended: fc.nat({ max: 60 }), torn: fc.nat({ max: 200 }), journal: fc.boolean() }); // biome-ignore format: one line
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 150 }),
      fc.array(stop, { maxLength: 5 }),
      async (rows, stops) => {
        // biome-ignore format: one line
        const data = numberedRows(rows, D_IN);
        const [unharmed, folder] = [0, 1].map(() => mkdtempSync(join(tmpdir(), "concord-test-")));
        const open = (where: string) =>
          openShardWriter({
            folder: where,
            dIn: D_IN,
            dtype: "float16",
            provenance: { kind: "test" },
            blockBytes: 8 * D_IN * 2,
            shardBytes: 3 * 8 * D_IN * 2,
          });
        try {
          const whole = await open(unharmed!);
          await whole.append(data);
          await whole.finish();
          for (const { appended, torn, journal } of stops) {
            const writer = await open(folder!);
            const end = Math.min(rows, writer.rowsWritten + appended);
            await writer.append(data.subarray(writer.rowsWritten * D_IN, end * D_IN));
            await writer.close();
            tear(folder!, torn, journal);
          }
          const last = await open(folder!);
          await last.append(data.subarray(last.rowsWritten * D_IN));
          await last.finish();
          expect(contents(folder!)).toEqual(contents(unharmed!));
        } finally {
          for (const path of [unharmed!, folder!]) rmSync(path, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 30 },
  );
});
