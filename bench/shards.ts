/**
 * @file How fast an activation store is read: shuffled float32 batches from float16 shards that the
 *   operating system holds in memory. Checksums, shuffling and conversion are included. The native
 *   core and plain TypeScript are measured in turn.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import { openBackend } from "../src/backend/open-backend.ts";
import { normalAt, randomStream } from "../src/base/philox.ts";
import { measureMixing } from "../src/sources/rows/mixing.ts";
import { openShardSource, type ShardSource } from "../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../src/sources/shards/shard-writer.ts";
import { type BenchLine, median, timing } from "./harness.ts";

/**
 * 384 MiB of float16. The buffer is a quarter of the store, so blocks are really shuffled through
 * it.
 */
const [ROWS, D_IN, BATCH, REPEATS] = [2 ** 18, 768, 4096, 7];
const BUFFER_BYTES = (ROWS * D_IN * 2) / 4;

const PASSES = ["first", "later"] as const;

/**
 * Times passes over the training rows of a store written for this bench to the system's temporary
 * folder. `first`: a store just opened, which allocates memory and verifies every block's checksum.
 * `later`: a pass over verified blocks.
 */
export async function benchShards(native: Backend): Promise<BenchLine[]> {
  const backends = [native, openBackend({ kind: "reference" }).backend];
  const folder = await mkdtemp(join(tmpdir(), "concord-bench-shards-"));
  try {
    await writeStore(folder, native);
    const out = native.float32(BATCH * D_IN).fill(0);
    const open = (kernels: Backend): Promise<ShardSource> =>
      openShardSource({ folder, bufferBytes: BUFFER_BYTES, kernels });
    const before = process.memoryUsage().rss;
    const warm = await open(native);
    const trainRows = await readPass(warm, out);
    const memoryShare = (process.memoryUsage().rss - before) / BUFFER_BYTES;
    await warm.close();

    const times = backends.map(() => PASSES.map((): number[] => []));
    for (let repeat = 0; repeat <= REPEATS; repeat++)
      for (const [i, backend] of backends.entries()) {
        const source = await open(backend);
        for (const [pass] of PASSES.entries()) {
          const start = performance.now();
          await readPass(source, out);
          // The first repeat warms up the compiler.
          if (repeat > 0) times[i]![pass]!.push(performance.now() - start);
        }
        await source.close();
      }
    const mixing = await measuredMixing(await open(native), out);
    return PASSES.map((pass, p) => {
      const [ours, plain] = [times[0]![p]!, times[1]![p]!];
      const gbPerSecond = (trainRows * D_IN * 2) / (median(ours) * 1e6);
      const isWithinBuffer = memoryShare <= 1.1;
      return {
        name: `shards, ${pass} pass`,
        shape: { rows: trainRows, d_in: D_IN, batch: BATCH, buffer_bytes: BUFFER_BYTES },
        threads: native.threads,
        isa: native.isa,
        ms: timing(ours),
        against: "plain TypeScript",
        against_ms: timing(plain),
        ratio: Number(median(plain.map((ms, r) => ms / ours[r]!)).toPrecision(4)),
        // Stored bytes (float16) divided by the median time; the float32 output is twice as large.
        gb_per_second: Number(gbPerSecond.toPrecision(4)),
        ...mixing,
        ...(p === 0
          ? {
              memory_over_buffer: Number(memoryShare.toPrecision(4)),
              target: "memory within buffer_bytes + 10 %",
              reached: isWithinBuffer,
            }
          : { target: "at least 1 GB/s", reached: gbPerSecond >= 1 }),
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Serves one pass, without an incomplete last batch. @returns Rows served. */
async function readPass(source: ShardSource, out: Float32Array): Promise<number> {
  const batches = Math.floor(source.train.rowsPerPass! / (out.length / source.dIn));
  for (let batch = 0; batch < batches; batch++) await source.train.next(out);
  return (batches * out.length) / source.dIn;
}

/**
 * How well the rows of a pass are mixed as served, compared with a uniform permutation of all rows.
 */
async function measuredMixing(source: ShardSource, out: Float32Array) {
  try {
    const rows = source.train.rowsPerPass!;
    const order = new Int32Array(rows);
    for (let done = 0; done < rows; ) {
      const count = Math.min(BATCH, rows - done);
      await source.train.next(out.subarray(0, count * D_IN));
      for (let r = 0; r < count; r++) order[done++] = numberOf(out, r * D_IN);
    }
    const rowsPerBlock = source.index.blockRows;
    const found = measureMixing(order, { rowsPerBlock, batchRows: BATCH });
    const four = (value: number): number => Number(value.toPrecision(4));
    return {
      same_block_share: four(found.sameBlockShare),
      ideal_same_block_share: four(found.idealSameBlockShare),
      neighbour_spread: four(found.neighbourSpread),
      position_correlation: four(found.positionCorrelation),
    };
  } finally {
    await source.close();
  }
}

/** Rows carry their numbers in their first two columns, in parts that float16 holds exactly. */
const PART = 1024;

function writeNumber(row: number, into: Float32Array, at: number): void {
  into[at] = row % PART;
  into[at + 1] = Math.floor(row / PART);
}

function numberOf(from: Float32Array, at: number): number {
  return from[at]! + PART * from[at + 1]!;
}

async function writeStore(folder: string, kernels: Backend): Promise<void> {
  const writer = await openShardWriter({
    folder,
    dIn: D_IN,
    dtype: "float16",
    kernels,
    provenance: { kind: "bench" },
  });
  const stream = randomStream(0, "bench/shards");
  const batch = Float32Array.from({ length: 1024 * D_IN }, (_, i) => normalAt(stream, i));
  for (let done = 0; done < ROWS; done += 1024) {
    const count = Math.min(1024, ROWS - done);
    for (let r = 0; r < count; r++) writeNumber(done + r, batch, r * D_IN);
    await writer.append(batch.subarray(0, count * D_IN));
  }
  await writer.finish();
}
