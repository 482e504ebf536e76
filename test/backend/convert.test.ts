import { describe, expect, test } from "vitest";
import type { Backend, StoredDType } from "../../src/backend/backend.ts";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "../../src/base/float16.ts";
import { randomBlock, randomStream } from "../../src/base/philox.ts";
import { tensor } from "../../src/base/tensor.ts";
import { openArraySource } from "../../src/sources/arrays/array-source.ts";
import { openShardSource } from "../../src/sources/shards/shard-source.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { backendNames, nativeIsas, openNamed, reference } from "../support/backends.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Every 16-bit pattern. */
const ALL = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/**
 * float32 bit patterns of every kind: random ones, and those next to the limits of rounding and
 * overflow.
 */
function float32Patterns(): Float32Array {
  const stream = randomStream(3, "patterns");
  const words = Array.from({ length: 25_000 }, (_, i) => [...randomBlock(stream, i)]).flat();
  const edges = [65_504, 65_519.996, 65_520, 65_536, 2 ** -14, 2 ** -24, 2 ** -25, 2 ** -26, 0, 1];
  edges.push(
    3.3895313892515355e38,
    3.4e38,
    2 ** -126,
    2 ** -133,
    2 ** -149,
    Number.POSITIVE_INFINITY,
  );
  for (const edge of edges) {
    const bits = new Uint32Array(Float32Array.of(edge).buffer)[0]!;
    for (const step of [-1, 0, 1])
      for (const sign of [0, 0x80000000]) words.push(((bits + step) | sign) >>> 0);
  }
  // Ties of float16 and of bfloat16: the bits below the last one kept are one half.
  for (let i = 0; i < 2000; i++) {
    words.push(((words[i]! & ~0x1fff) | 0x1000) >>> 0, ((words[i]! & ~0xffff) | 0x8000) >>> 0);
    words.push((0x38800000 + ((words[i]! >>> 5) & ~0xfff)) >>> 0);
  }
  return new Float32Array(Uint32Array.from(words).buffer);
}

/** The bits, with every NaN replaced by the same one. */
function bitsOf(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) bits[i] = 0x7fc00000;
  return bits;
}

const sameNumbers = (received: Float32Array, expected: Float32Array): void =>
  expect(Buffer.from(bitsOf(received).buffer).equals(Buffer.from(bitsOf(expected).buffer))).toBe(
    true,
  );

const FORMATS = {
  float16: { widen: fromFloat16, narrow: toFloat16 },
  bfloat16: { widen: fromBfloat16, narrow: toBfloat16 },
};

/** Rows of d_in 5 in chunks of 7, placed out of order and read back both ways. */
async function moved(b: Backend, dtype: StoredDType): Promise<Float32Array[]> {
  const [rows, columns, rowsPerChunk] = [45, 5, 7];
  const from =
    dtype === "float32" ? normals("rows", rows * columns) : ALL.slice(9000, 9000 + rows * columns);
  const chunks = Array.from({ length: Math.ceil(rows / rowsPerChunk) }, (_, c) => {
    const length = Math.min(rowsPerChunk, rows - c * rowsPerChunk) * columns;
    return dtype === "float32" ? new Float32Array(length) : new Uint16Array(length);
  });
  const index = Int32Array.from({ length: rows }, (_, i) => (i * 19) % rows);
  await b.placeRows({ chunks, rowsPerChunk, from, columns, index, count: rows });
  const [gathered, inOrder] = [b.float32(40 * columns), b.float32(40 * columns)];
  const memory = { dtype, chunks, rowsPerChunk, columns, count: 40 };
  await b.widenRows({ ...memory, index: index.subarray(3), out: gathered });
  await b.widenRows({ ...memory, first: 5, out: inOrder });
  return [gathered, inOrder];
}

describe.each([...backendNames])("stored rows on the %s backend", (name) => {
  const backend = (): Backend => openNamed(name);

  test.each(["float16", "bfloat16"] as const)(
    "all 65536 %s numbers widen bit by bit, and narrow to themselves",
    async (dtype) => {
      const wide = new Float32Array(65_536);
      const rows = { chunks: [ALL], rowsPerChunk: 1, columns: 65_536, count: 1 };
      await backend().widenRows({ ...rows, dtype, out: wide });
      sameNumbers(wide, Float32Array.from(ALL, FORMATS[dtype].widen));
      const back = new Uint16Array(65_536);
      await backend().narrow({ x: wide, dtype, out: back });
      expect(ALL.filter((bits) => back[bits] !== bits && !Number.isNaN(wide[bits]))).toEqual(
        new Uint16Array(0),
      );
    },
  );

  test.each(["float16", "bfloat16"] as const)(
    "float32 of every kind narrows to %s by the definition of rounding",
    async (dtype) => {
      const x = float32Patterns().filter((value) => !Number.isNaN(value));
      const out = new Uint16Array(x.length);
      await backend().narrow({ x, dtype, out });
      expect(x.filter((value, i) => out[i] !== FORMATS[dtype].narrow(value))).toEqual(
        new Float32Array(0),
      );
    },
  );

  test("the first number that cannot be stored is found, wherever it is", async () => {
    for (const at of [0, 1, 255, 256, 16_383, 16_384, 40_000])
      for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY, -65_505]) {
        const x = new Float32Array(40_001).fill(65_504);
        x[at] = bad;
        x[40_000] = bad;
        expect(await backend().narrow({ x, dtype: "float16" })).toBe(at);
        expect(await backend().narrow({ x, dtype: "float32" })).toBe(
          Number.isFinite(bad) ? -1 : at,
        );
      }
    expect(await backend().narrow({ x: new Float32Array(0), dtype: "bfloat16" })).toBe(-1);
  });

  test("rows that are not there and arrays that are too short are refused", async () => {
    const b = backend();
    const rows = { chunks: [new Uint16Array(6), new Uint16Array(4)], rowsPerChunk: 3, columns: 2 };
    const out = new Float32Array(4);
    const widen = { ...rows, dtype: "float16", count: 2, out } as const;
    const place = { ...rows, from: new Uint16Array(4), count: 2 };
    const x = new Float32Array(3);
    for (const attempt of [
      () => b.widenRows({ ...widen, index: Int32Array.of(0, 5) }),
      () => b.widenRows({ ...widen, index: Int32Array.of(-1, 0) }),
      () => b.widenRows({ ...widen, index: Int32Array.of(0) }),
      () => b.widenRows({ ...widen, first: 4 }),
      () => b.widenRows({ ...widen, count: 3 }),
      () => b.widenRows({ ...widen, rowsPerChunk: 4 }),
      () => b.placeRows({ ...place, index: Int32Array.of(0, 5) }),
      () => b.placeRows({ ...place, index: Int32Array.of(0, 1, 2), count: 3 }),
      () => b.narrow({ x, dtype: "float16", out: new Uint16Array(2) }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: "shape/mismatch" });
  });
});

describe.each([...nativeIsas])("the %s kernels agree with TypeScript", (name) => {
  const backend = (): Backend => openNamed(name);

  test.each(["float16", "bfloat16", "float32"] as const)(
    "%s rows are placed and found across chunks",
    async (dtype) => {
      const [received, expected] = [await moved(backend(), dtype), await moved(reference, dtype)];
      for (const [i, rows] of expected.entries()) sameNumbers(received[i]!, rows);
    },
  );

  test("checksums are those of the file format, at every length and alignment", async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31) >>> 3);
    for (const [start, end] of [
      [0, 5000],
      [1, 5000],
      [3, 4099],
      ...Array.from({ length: 70 }, (_, i) => [2, 2 + i]),
    ]) {
      const part = bytes.subarray(start, end);
      expect(await backend().checksum({ bytes: part })).toBe(
        await reference.checksum({ bytes: part }),
      );
    }
  });

  test("a store is written, shuffled, held out and resumed with the same bytes", async () => {
    const run = async (kernels: Backend) => {
      const folder = temporaryFolder();
      const [dIn, rows] = [24, 700];
      const make = {
        folder,
        dIn,
        dtype: "float16",
        provenance: { kind: "test" },
        kernels,
      } as const;
      const writer = await openShardWriter({ ...make, blockBytes: 16 * dIn * 2, shardBytes: 5000 });
      await writer.append(normals("store", rows * dIn));
      const { shards } = await writer.finish();
      const served: Float32Array[] = [];
      for (const bufferBytes of [6000, 2 ** 20]) {
        const source = await openShardSource({ folder, bufferBytes, seed: 2, kernels });
        const next = async (count: number) => {
          served.push(kernels.float32(count * dIn));
          await source.train.next(served.at(-1)!);
        };
        for (const count of [1, 64, 300]) await next(count);
        const state = source.train.state();
        await next(500);
        await source.train.seek(state);
        await next(500);
        sameNumbers(served.at(-1)!, served.at(-2)!);
        served.push(kernels.float32(source.heldOut.rows * dIn));
        await source.heldOut.read(0, served.at(-1)!);
        await source.close();
      }
      return { checksums: shards.map((s) => s.checksums), served };
    };
    const [received, expected] = [await run(backend()), await run(reference)];
    expect(received.checksums).toEqual(expected.checksums);
    for (const [i, rows] of expected.served.entries()) sameNumbers(received.served[i]!, rows);
  });

  test("arrays of any dtype are served with the same bytes", async () => {
    for (const dtype of ["float16", "bfloat16", "float32", "float64", "int32"] as const) {
      const run = async (kernels: Backend) => {
        const numbers = normals("array", 90 * 6, 1000).map(Math.abs);
        const data =
          dtype === "float32"
            ? numbers
            : dtype === "float64"
              ? new Float64Array(numbers)
              : dtype === "int32"
                ? new Int32Array(numbers)
                : new Uint16Array(numbers);
        const source = await openArraySource({
          data: tensor(dtype, [90, 6], data),
          seed: 4,
          kernels,
        });
        const out = kernels.float32(200 * 6);
        await source.train.next(out);
        await source.close();
        return out;
      };
      sameNumbers(await run(backend()), await run(reference));
    }
  });
});
