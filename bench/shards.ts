/**
 * @file How fast an activation store is read: shuffled float32 batches out of float16 shards that the operating system has in
 * memory, checksums, shuffle and conversion included.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openShardSource, type ShardSource } from "../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../src/sources/shards/shard-writer.ts";
import { normalAt, randomStream } from "../src/tensor/philox.ts";
import { sharedFloat32 } from "../src/tensor/tensor.ts";

export interface ShardBenchOptions {
  /** Stored rows. Default 262 144: 384 MiB of float16 at d_in 768. */
  readonly rows?: number;
  readonly dIn?: number;
  readonly batchRows?: number;
  /** A quarter of the store by default, so that blocks really are shuffled through a buffer. */
  readonly bufferBytes?: number;
  /**
   * `first`: a store opened anew each time, so that every block's checksum is verified. `later`: a pass over blocks that have
   * been verified.
   */
  readonly pass?: "first" | "later";
  readonly repeats?: number;
}

export interface BenchResult {
  readonly name: string;
  readonly shape: string;
  readonly ms: { readonly min: number; readonly median: number };
  /** Stored bytes (float16) over the median time; the float32 that come out are twice as many. */
  readonly gbPerSecond: number;
}

/** Times one pass over the training rows of a store written for the purpose in the system's temporary folder. */
export async function benchShards(options: ShardBenchOptions = {}): Promise<BenchResult> {
  const { rows = 2 ** 18, dIn = 768, batchRows = 4096, pass = "first", repeats = 5 } = options;
  const { bufferBytes = (rows * dIn * 2) / 4 } = options;
  const folder = await mkdtemp(join(tmpdir(), "concord-bench-shards-"));
  try {
    await writeStore(folder, rows, dIn);
    const open = (): Promise<ShardSource> => openShardSource({ folder, bufferBytes });
    const out = sharedFloat32(batchRows * dIn);
    const times: number[] = [];
    let trainRows = 0;
    let source = await open();
    await readPass(source, out);
    for (let repeat = 0; repeat < repeats; repeat++) {
      if (pass === "first") {
        await source.close();
        source = await open();
      }
      const start = performance.now();
      trainRows = await readPass(source, out);
      times.push(performance.now() - start);
    }
    await source.close();
    times.sort((a, b) => a - b);
    const median = times[Math.floor(repeats / 2)]!;
    return {
      name: `read shards, ${pass} pass`,
      shape: `[${trainRows}, ${dIn}] float16 in batches of ${batchRows}, buffer ${Math.round(bufferBytes / 2 ** 20)} MiB`,
      ms: { min: times[0]!, median },
      gbPerSecond: (trainRows * dIn * 2) / (median * 1e6),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Serves one pass, short of what does not fill a batch. @returns Rows served. */
async function readPass(source: ShardSource, out: Float32Array): Promise<number> {
  const batches = Math.floor(source.train.rowsPerPass! / (out.length / source.dIn));
  for (let batch = 0; batch < batches; batch++) await source.train.next(out);
  return (batches * out.length) / source.dIn;
}

async function writeStore(folder: string, rows: number, dIn: number): Promise<void> {
  const writer = await openShardWriter({
    folder,
    dIn,
    dtype: "float16",
    provenance: { kind: "bench" },
  });
  const stream = randomStream(0, "bench/shards");
  const batch = Float32Array.from({ length: 1024 * dIn }, (_, i) => normalAt(stream, i));
  for (let done = 0; done < rows; done += 1024)
    await writer.append(batch.subarray(0, Math.min(1024, rows - done) * dIn));
  await writer.finish();
}

if (process.argv[1] === import.meta.filename) {
  for (const pass of ["first", "later"] as const) console.table([await benchShards({ pass })]);
}
