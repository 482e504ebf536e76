/**
 * @file How fast an activation store is read: shuffled float32 batches out of float16 shards that the operating system has in
 * memory, checksums, shuffle and conversion included. Run with `npx tsx bench/shards.ts`: the native core and plain TypeScript
 * in turn, so that what else the machine does falls on both.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../src/backend/backend.ts";
import { openBackend } from "../src/backend/open-backend.ts";
import { openShardSource, type ShardSource } from "../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../src/sources/shards/shard-writer.ts";
import { normalAt, randomStream } from "../src/tensor/philox.ts";

export interface ShardBenchOptions {
  /** Default: the native core with `threads` threads where it is built. */
  readonly backends?: readonly Backend[];
  /** Default 2. */
  readonly threads?: number;
  /** Stored rows. Default 262 144: 384 MiB of float16 at d_in 768. */
  readonly rows?: number;
  readonly dIn?: number;
  readonly batchRows?: number;
  /** A quarter of the store by default, so that blocks really are shuffled through a buffer. */
  readonly bufferBytes?: number;
  readonly repeats?: number;
}

export interface ShardBenchResult {
  readonly name: string;
  readonly backend: string;
  readonly shape: string;
  readonly ms: { readonly min: number; readonly median: number };
  /** Stored bytes (float16) over the median time; the float32 that come out are twice as many. */
  readonly gbPerSecond: number;
  /** Median over the repeats of the time of the last backend over this one's, in the same repeat. */
  readonly timesLastBackend: number;
  /** Resident memory that opening and one pass added to the process, over `bufferBytes`. First backend, first pass only. */
  readonly memoryShare: number | undefined;
}

const PASSES = ["first", "later"] as const;

/**
 * Times passes over the training rows of a store written for the purpose in the system's temporary folder. `first`: a store just
 * opened, memory allocated and every block's checksum verified. `later`: a pass over blocks that have been verified.
 */
export async function benchShards(options: ShardBenchOptions = {}): Promise<ShardBenchResult[]> {
  const { rows = 2 ** 18, dIn = 768, batchRows = 4096, repeats = 7, threads = 2 } = options;
  const { bufferBytes = (rows * dIn * 2) / 4 } = options;
  const backends = options.backends ?? [openBackend({ threads }).backend];
  const folder = await mkdtemp(join(tmpdir(), "concord-bench-shards-"));
  try {
    await writeStore(folder, rows, dIn, backends[0]!);
    const out = backends[0]!.float32(batchRows * dIn).fill(0);
    const open = (kernels: Backend): Promise<ShardSource> =>
      openShardSource({ folder, bufferBytes, kernels });
    const before = process.memoryUsage().rss;
    const warm = await open(backends[0]!);
    const trainRows = await readPass(warm, out);
    const memoryShare = (process.memoryUsage().rss - before) / bufferBytes;
    await warm.close();

    const times = backends.map(() => PASSES.map((): number[] => []));
    for (let repeat = 0; repeat <= repeats; repeat++)
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
    return backends.flatMap((backend, i) =>
      PASSES.map((pass, p) => {
        const ms = times[i]![p]!;
        const median = medianOf(ms);
        return {
          name: `read shards, ${pass} pass`,
          backend: `${backend.isa}, ${backend.threads} thread(s)`,
          shape: `[${trainRows}, ${dIn}] float16 in batches of ${batchRows}, buffer ${Math.round(bufferBytes / 2 ** 20)} MiB`,
          ms: { min: Math.min(...ms), median },
          gbPerSecond: (trainRows * dIn * 2) / (median * 1e6),
          timesLastBackend: medianOf(times.at(-1)![p]!.map((last, r) => last / ms[r]!)),
          memoryShare: i === 0 && p === 0 ? memoryShare : undefined,
        };
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** Serves one pass, short of what does not fill a batch. @returns Rows served. */
async function readPass(source: ShardSource, out: Float32Array): Promise<number> {
  const batches = Math.floor(source.train.rowsPerPass! / (out.length / source.dIn));
  for (let batch = 0; batch < batches; batch++) await source.train.next(out);
  return (batches * out.length) / source.dIn;
}

async function writeStore(
  folder: string,
  rows: number,
  dIn: number,
  kernels: Backend,
): Promise<void> {
  const writer = await openShardWriter({
    ...{ folder, dIn, dtype: "float16", kernels },
    provenance: { kind: "bench" },
  });
  const stream = randomStream(0, "bench/shards");
  const batch = Float32Array.from({ length: 1024 * dIn }, (_, i) => normalAt(stream, i));
  for (let done = 0; done < rows; done += 1024)
    await writer.append(batch.subarray(0, Math.min(1024, rows - done) * dIn));
  await writer.finish();
}

if (process.argv[1] === import.meta.filename) {
  const reference = openBackend({ kind: "reference" }).backend;
  const native = openBackend({ threads: 2 }).backend;
  const backends = native.name === "native" ? [native, reference] : [reference];
  for (const { ms, ...result } of await benchShards({ backends }))
    console.log(JSON.stringify({ ...result, ms }));
}
