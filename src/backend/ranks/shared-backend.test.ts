/** The code that ranks find together has the bytes of one rank alone, however many they are. */
import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { inProcessExchanges } from "../../../test/support/in-process-exchange.ts";
import { normals } from "../../../test/support/random.ts";
import type { Backend } from "../backend.ts";
import { sharedBackend } from "./shared-backend.ts";

const [BATCH, D_IN, D_SAE, K] = [37, 24, 160, 5];

const x = normals("ranks x", BATCH * D_IN);
const W = normals("ranks W", D_SAE * D_IN);
const bias = normals("ranks bias", D_SAE, 0.1);

/** What every one of `size` ranks finds, and the bytes that they sent. */
async function onRanks<T>(size: number, backend: Backend, encode: (b: Backend) => Promise<T>) {
  const { ranks, bytes } = inProcessExchanges(size);
  const sharing = { timeoutMs: 1000, leastProductsPerByte: 0 };
  const found = ranks.map((exchange) => encode(sharedBackend(backend, exchange, sharing)));
  return { found: await Promise.allSettled(found), bytes: bytes() };
}

async function topK(backend: Backend, batch = BATCH, rows = x) {
  const shape = { dIn: D_IN, dSae: D_SAE, k: K };
  const packed = backend.bytes(backend.encoderPacking(shape).bytes);
  await backend.packEncoder({ W, packed, ...shape });
  const [indices, values] = [backend.int32(batch * K), backend.float32(batch * K)];
  const args = { ...shape, x: rows, batch, W, bias, packed, margin: 2, relu: false };
  const redone = await backend.encodeTopK({ ...args, indices, values });
  return { redone, indices, values };
}

async function positive(backend: Backend, capacity: number, rows = x) {
  const shape = { dIn: D_IN, dSae: D_SAE };
  const packed = backend.bytes(backend.encoderPacking({ ...shape, k: 0 }).bytes);
  await backend.packEncoder({ W, packed, ...shape, k: 0 });
  const indptr = backend.int32(BATCH + 1);
  const [indices, values] = [backend.int32(capacity), backend.float32(capacity)];
  const args = { ...shape, x: rows, batch: BATCH, W, bias, packed, indptr, indices, values };
  return { nnz: await backend.encodePositive(args), indptr, indices, values };
}

describe.each([...backendNames])("on %s", (name) => {
  test.each([2, 3, 5])("%d ranks find the k largest scores that one finds", async (size) => {
    const backend = openNamed(name);
    const alone = await topK(backend);
    const { found } = await onRanks(size, backend, (b) => topK(b));
    expect(found).toEqual(found.map(() => ({ status: "fulfilled", value: alone })));
  });

  test.each([2, 3, 5])("%d ranks find the positive scores that one finds", async (size) => {
    const backend = openNamed(name);
    const capacity = BATCH * D_SAE;
    const alone = await positive(backend, capacity);
    expect(alone.nnz).toBeGreaterThan(BATCH);
    const { found } = await onRanks(size, backend, (b) => positive(b, capacity));
    expect(found).toEqual(found.map(() => ({ status: "fulfilled", value: alone })));
  });
});

const reference = openNamed("reference");

test("a code that does not fit is counted, and nothing is written", async () => {
  const { nnz } = await positive(reference, BATCH * D_SAE);
  const { found } = await onRanks(3, reference, (b) => positive(b, nnz - 1));
  for (const end of found)
    expect(end).toMatchObject({ value: { nnz, values: new Float32Array(nnz - 1) } });
});

test("with fewer rows than ranks, some have none", async () => {
  const alone = await topK(reference, 2, x.subarray(0, 2 * D_IN));
  const { found } = await onRanks(3, reference, (b) => topK(b, 2, x.subarray(0, 2 * D_IN)));
  expect(found).toEqual(found.map(() => ({ status: "fulfilled", value: alone })));
});

test("a row without an order fails on every rank, with its place in the batch", async () => {
  const broken = x.slice();
  broken[30 * D_IN] = Number.NaN;
  const reason = { code: "numeric/not-finite", message: expect.stringContaining("Row 30 ") };
  const rejected = [0, 1, 2].map(() => ({ status: "rejected", reason }));
  const best = await onRanks(3, reference, (b) => topK(b, BATCH, broken));
  expect(best.found).toMatchObject(rejected);
  const all = await onRanks(3, reference, (b) => positive(b, BATCH * D_SAE, broken));
  expect(all.found).toMatchObject(rejected);
});

test("codes that are quicker to find than to send are found on every rank", async () => {
  const { ranks, bytes } = inProcessExchanges(2);
  const least = (products: number) => ({ timeoutMs: 1000, leastProductsPerByte: products });
  const perByte = (D_IN * D_SAE) / (8 * K);
  const run = (products: number) =>
    Promise.all(ranks.map((e) => topK(sharedBackend(reference, e, least(products)))));
  await run(perByte + 1);
  expect(bytes()).toBe(0);
  await run(perByte);
  expect(bytes()).toBe(2 * 4 + BATCH * K * 8);
});
