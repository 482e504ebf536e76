import { describe, expect, test } from "vitest";
import { numberedRows, served } from "../../../test/support/stored-rows.ts";
import { rowsInMemory } from "./stored-rows.ts";
import { openTrainStream, requireBufferBytes, type TrainStreamOptions } from "./train-stream.ts";

const [ROWS, D_IN] = [200, 4];
/** A row of float32, and its place in the order. */
const WHOLE = ROWS * (4 * D_IN + 4);

const stored = () => rowsInMemory("float32", D_IN, numberedRows(ROWS, D_IN));

const options = (given: Partial<TrainStreamOptions> = {}): TrainStreamOptions => ({
  seed: 1,
  rowsPerBlock: 10,
  bufferBytes: 2 ** 20,
  scratchBytes: 0,
  where: "the store",
  ...given,
});

/** The least buffer that is taken, as the refusal of none at all says it. */
function leastBytes(given: Partial<TrainStreamOptions> = {}): number {
  try {
    openTrainStream(stored(), options({ ...given, bufferBytes: 0 }));
  } catch (error) {
    return Number(/at least (\d+) are needed/.exec((error as Error).message)![1]);
  }
  throw new Error("a buffer of nothing was taken");
}

const ascending = (rows: number[]) => [...rows].sort((a, b) => a - b);
const ALL = Array.from({ length: ROWS }, (_, i) => i);

describe("a training stream", () => {
  test.each([
    ["in memory", WHOLE],
    ["block by block", WHOLE - 1],
    ["in the least memory", leastBytes()],
  ])("%s serves every row once a pass, each pass in another order", async (_, bufferBytes) => {
    const { stream, settled } = openTrainStream(stored(), options({ bufferBytes }));
    const first = await served(stream, D_IN, ROWS, 16);
    const second = await served(stream, D_IN, ROWS, 16);
    await settled();
    expect(ascending(first)).toEqual(ALL);
    expect(ascending(second)).toEqual(ALL);
    expect(first).not.toEqual(ALL);
    expect(second).not.toEqual(first);
  });

  test.each([leastBytes(), leastBytes() + 500, WHOLE - 1, WHOLE, 2 ** 20])(
    "with a buffer of %d bytes holds no more",
    (bufferBytes) => {
      const { memoryBytes } = openTrainStream(stored(), options({ bufferBytes }));
      expect(memoryBytes).toBeLessThanOrEqual(bufferBytes);
      expect(memoryBytes).toBeGreaterThan(0);
    },
  );

  test("has the order of its seed", async () => {
    const order = (seed: number) =>
      served(openTrainStream(stored(), options({ seed })).stream, D_IN, 50);
    expect(await order(1)).toEqual(await order(1));
    expect(await order(2)).not.toEqual(await order(1));
  });

  test("mixes better the more it may hold", () => {
    const mixing = (bufferBytes: number) =>
      openTrainStream(stored(), options({ bufferBytes })).mixing;
    const [little, some, all] = [mixing(leastBytes()), mixing(WHOLE - 1), mixing(WHOLE)];
    expect(little.neighbourSpread).toBeLessThan(some.neighbourSpread);
    expect(some.neighbourSpread).toBeLessThan(all.neighbourSpread);
    expect(all.sameBlockShare).toBeCloseTo(all.idealSameBlockShare, 6);
    expect(little.sameBlockShare).toBeGreaterThan(2 * little.idealSameBlockShare);
  });

  test("does not count rows that the caller holds anyway", () => {
    const memory = {
      chunks: [numberedRows(ROWS, D_IN)],
      rowsPerChunk: ROWS,
    } as NonNullable<TrainStreamOptions["memory"]>;
    const { memoryBytes } = openTrainStream(stored(), options({ memory, bufferBytes: 0 }));
    expect(memoryBytes).toBe(4 * ROWS);
  });
});

describe("a buffer that is too small", () => {
  test("is refused with the number that would do, and that number does", () => {
    const least = leastBytes();
    const open = (bufferBytes: number) => openTrainStream(stored(), options({ bufferBytes }));
    expect(() => open(least - 1)).toThrow(
      `buffer_bytes is ${least - 1}, too small for the store: at least ${least} are needed.`,
    );
    expect(() => open(least)).not.toThrow();
  });

  test("has to hold the scratch memory of the source, too", () => {
    expect(leastBytes({ scratchBytes: 1000 })).toBe(leastBytes() + 1000);
  });

  test("is refused before the rows exist", () => {
    const shape = { dtype: "float16" as const, dIn: 768, rows: 10 ** 6 };
    const needs = { rowsPerBlock: 1000, bufferBytes: 10 ** 6, scratchBytes: 0, where: "it" };
    expect(() => requireBufferBytes(shape, needs)).toThrow(
      expect.objectContaining({ code: "config/invalid" }),
    );
    expect(() => requireBufferBytes(shape, { ...needs, bufferBytes: 2 ** 30 })).not.toThrow();
  });
});
