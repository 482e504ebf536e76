import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { numberedRows, rowNumbers, served } from "../../../test/support/stored-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { permutation, randomStream } from "../../base/philox.ts";
import { float32Tensor, tensor } from "../../base/tensor.ts";
import { writeNpy } from "../../formats/npy.ts";
import { writeSafetensors } from "../../formats/safetensors-file.ts";
import { openArraySource } from "./array-source.ts";

const ROWS = 200;
const D_IN = 6;
const DATA = numberedRows(ROWS, D_IN);

/** The same rows as .npy by rows and by columns, safetensors, raw numbers, and in memory. */
async function everyForm() {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  await writeNpy(at("rows.npy"), float32Tensor([ROWS, D_IN], DATA));
  await writeNpy(at("cube.npy"), float32Tensor([ROWS / 4, 4, D_IN], DATA));
  const byColumns = Float32Array.from(
    DATA,
    (_, i) => DATA[(i % ROWS) * D_IN + Math.floor(i / ROWS)]!,
  );
  const dictionary = `{'descr': '<f4', 'fortran_order': True, 'shape': (${ROWS}, ${D_IN})}`;
  const preamble = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, dictionary.length, 0]);
  const fortran = Buffer.concat([preamble, Buffer.from(dictionary), Buffer.from(byColumns.buffer)]);
  writeFileSync(at("columns.npy"), fortran);
  await writeSafetensors(
    at("x.safetensors"),
    new Map([
      ["labels", tensor("int64", [ROWS], new BigInt64Array(ROWS))],
      ["resid", float32Tensor([ROWS, D_IN], DATA)],
    ]),
  );
  writeFileSync(at("x.f32"), Buffer.concat([Buffer.alloc(24), Buffer.from(DATA.buffer)]));
  return [
    { path: at("rows.npy") },
    { path: at("cube.npy") },
    { path: at("columns.npy") },
    { path: at("x.safetensors") },
    { path: at("x.safetensors"), tensor: "resid" },
    { path: at("x.f32"), dtype: "float32", dIn: D_IN, headerBytes: 24 },
    { data: DATA, dIn: D_IN },
    { data: float32Tensor([ROWS / 2, 2, D_IN], DATA) },
  ] as const;
}

test("every form of the same array is the same source", async () => {
  for (const form of await everyForm()) {
    const source = await openArraySource({ ...form, seed: 5 });
    expect(source.dIn).toBe(D_IN);
    expect(source.train.rowsPerPass).toBe(180);
    const order = permutation(randomStream(5, "shuffle/pass/0/rows"), 180);
    expect(await served(source.train, D_IN, 180, 50)).toEqual([...order]);
    const out = new Float32Array(20 * D_IN);
    await source.heldOut.read(0, out);
    expect(rowNumbers(out, D_IN)).toEqual(Array.from({ length: 20 }, (_, i) => 180 + i));
    await source.close();
  }
});

test("an array larger than bufferBytes is served whole, block by block, from every form", async () => {
  // 8 blocks of 8 rows, 2 staged, 1 of scratch.
  const bufferBytes = 8 * (8 * 28 + 2 * 24 + 24);
  const orders = new Set<string>();
  for (const form of await everyForm()) {
    if ("data" in form) continue;
    const source = await openArraySource({ ...form, seed: 5, bufferBytes, blockBytes: 8 * 24 });
    expect(source.memoryBytes).toBeLessThanOrEqual(bufferBytes);
    expect(source.mixing.sameBlockShare).toBeGreaterThan(source.mixing.idealSameBlockShare);
    const rows = await served(source.train, D_IN, 180, 33);
    expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, i) => i));
    orders.add(String(rows));
    await source.close();
  }
  expect(orders.size).toBe(1);
});

test("a position comes back as the same rows", async () => {
  for (const bufferBytes of [2 ** 20, 8 * (8 * 28 + 2 * 24 + 24)]) {
    const [form] = await everyForm();
    const options = { ...form, bufferBytes, blockBytes: 8 * 24 };
    const source = await openArraySource(options);
    await served(source.train, D_IN, 333, 10);
    const state = JSON.parse(JSON.stringify(source.train.state()));
    expect(state).toMatchObject({ pass: 1, row: 153 });
    const wanted = await served(source.train, D_IN, 100, 10);
    const again = await openArraySource(options);
    await again.train.seek(state);
    expect(await served(again.train, D_IN, 100, 9)).toEqual(wanted);
    await source.close();
    await again.close();
  }
});

test("other dtypes are widened", async () => {
  const data = new Int16Array([0, 1, -2, 3, 300, -32768]);
  const source = await openArraySource({ data: tensor("int16", [3, 2], data), heldOutRows: 2 });
  const out = new Float32Array(4);
  await source.heldOut.read(0, out);
  expect([...out]).toEqual([-2, 3, 300, -32768]);
});

test("held-out rows: a tenth, a fraction, a number, at least one", async () => {
  const heldOut = async (options: object, rows = ROWS): Promise<number> =>
    (await openArraySource({ data: DATA.subarray(0, rows * D_IN), dIn: D_IN, ...options })).heldOut
      .rows;
  expect(await heldOut({})).toBe(20);
  expect(await heldOut({ heldOutFraction: 0.25 })).toBe(50);
  expect(await heldOut({ heldOutRows: 7, heldOutFraction: 0.25 })).toBe(7);
  expect(await heldOut({}, 2)).toBe(1);
  for (const bad of [{ heldOutRows: 200 }, { heldOutRows: 1.5 }, { heldOutFraction: 0 }])
    await expect(heldOut(bad)).rejects.toMatchObject({ code: "argument/invalid" });
  await expect(heldOut({}, 1)).rejects.toThrow(/holds 1 row/);
});

describe("rows that are not finite", () => {
  /** Two files of 60 and 40 numbered rows; rows 7, 59 and 98 of the whole hold no number. */
  async function holed() {
    const folder = temporaryFolder();
    const x = DATA.slice(0, 100 * D_IN);
    x[7 * D_IN + 2] = Number.NaN;
    x[59 * D_IN] = Number.POSITIVE_INFINITY;
    x[98 * D_IN + 5] = Number.NEGATIVE_INFINITY;
    const [a, b] = [join(folder, "a.npy"), join(folder, "b.npy")];
    await writeNpy(a, float32Tensor([60, D_IN], x.subarray(0, 60 * D_IN)));
    await writeNpy(b, float32Tensor([40, D_IN], x.subarray(60 * D_IN)));
    return { folder, a, b, x };
  }

  test("are refused by file and row of the file, held out or not", async () => {
    const { a, b, x } = await holed();
    await expect(openArraySource({ path: [a, b] })).rejects.toMatchObject({
      code: "numeric/not-finite",
      message: `${a}: row 7, column 2 is NaN; one of 2 such rows of 60 (counted from 0).`,
      hint: expect.stringContaining("skip_non_finite: true"),
    });
    await expect(openArraySource({ path: b, heldOutRows: 5 })).rejects.toThrow(
      `${b}: row 38, column 5 is -Infinity; the only such row of 40`,
    );
    await expect(openArraySource({ data: x, dIn: D_IN })).rejects.toThrow(/^data: row 7, column 2/);
  });

  test("are left out when asked, from every form, counted and said", async () => {
    const { folder, a, b, x } = await holed();
    const wanted = Array.from({ length: 100 }, (_, i) => i).filter((i) => ![7, 59, 98].includes(i));
    const blocks = { bufferBytes: 8 * (8 * 28 + 2 * 24 + 24), blockBytes: 8 * 24 };
    const orders = new Set<string>();
    for (const form of [
      { path: [a, b] },
      { path: join(folder, "*.npy") },
      { path: [a, b], ...blocks },
      { data: x, dIn: D_IN },
    ]) {
      const options = { ...form, skipNonFinite: true, heldOutRows: 10, seed: 5 };
      const source = await openArraySource(options);
      expect(source.provenance).toMatchObject({ rows: 97, trainRows: 87, skippedRows: 3 });
      expect(source.notices?.join()).toMatch(/are not finite and are left out; the first is row 7/);
      const out = new Float32Array(10 * D_IN);
      await source.heldOut.read(0, out);
      expect(rowNumbers(out, D_IN)).toEqual(wanted.slice(87));
      const rows = await served(source.train, D_IN, 87, 20);
      expect(rows.toSorted((p, q) => p - q)).toEqual(wanted.slice(0, 87));
      if (!("blockBytes" in form)) orders.add(String(rows));
      // A position comes back as the same rows.
      const state = source.train.state();
      const after = await served(source.train, D_IN, 30, 7);
      const again = await openArraySource(options);
      await again.train.seek(state);
      expect(await served(again.train, D_IN, 30, 7)).toEqual(after);
      await source.close();
      await again.close();
    }
    expect(orders.size).toBe(1);
  });

  test("leave something over, or it is an error", async () => {
    const data = new Float32Array(4 * D_IN).fill(Number.NaN);
    const opened = openArraySource({ data, dIn: D_IN, skipNonFinite: true });
    await expect(opened).rejects.toThrow("None of the 4 rows is finite.");
  });
});

test("the digest is that of the numbers, whatever file they are in and wherever it lies", async () => {
  const digests = new Set<unknown>();
  for (const form of await everyForm()) {
    const source = await openArraySource(form);
    digests.add(source.provenance.digest);
    await source.close();
  }
  expect(digests.size).toBe(1);
  expect([...digests][0]).toMatch(/^[0-9a-f]{64}$/);
});

test("files of any ending are read as what they are, and what is not an array is named", async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  await writeNpy(at("rows.npy"), float32Tensor([ROWS, D_IN], DATA));
  renameSync(at("rows.npy"), at("rows.bin"));
  const source = await openArraySource({ path: at("rows.bin"), seed: 5 });
  expect(source.provenance).toMatchObject({ rows: ROWS, path: at("rows.bin") });
  await source.close();
  for (const name of ["zipped.npy", "zipped.bin"]) {
    writeFileSync(at(name), gzipSync(new Uint8Array(DATA.buffer)));
    for (const raw of [{}, { dtype: "float32", dIn: D_IN } as const])
      await expect(openArraySource({ path: at(name), ...raw })).rejects.toMatchObject({
        message: `${at(name)} is a gzip file, not an array.`,
        hint: "Unpack it first.",
      });
  }
  writeFileSync(at("garbage.npy"), Buffer.alloc(64, 1));
  await expect(openArraySource({ path: at("garbage.npy") })).rejects.toThrow(/not a \.npy file/);
  writeFileSync(at("empty.npy"), "");
  await expect(openArraySource({ path: at("empty.npy") })).rejects.toThrow(/the file is empty/);
});

test("a batch may be in shared memory", async () => {
  const source = await openArraySource({ data: DATA, dIn: D_IN });
  const out = new Float32Array(new SharedArrayBuffer(D_IN * 4 * 10));
  await source.train.next(out);
  expect(rowNumbers(out, D_IN)).toHaveLength(10);
});

describe("what cannot be meant is answered with what can", () => {
  const many = new Map([
    ["a", float32Tensor([4, 2], new Float32Array(8))],
    ["b", float32Tensor([4, 3], new Float32Array(12))],
    ["c", float32Tensor([4], new Float32Array(4))],
  ]);

  test("several tensors", async () => {
    const path = join(temporaryFolder(), "x.safetensors");
    await writeSafetensors(path, many);
    await expect(openArraySource({ path })).rejects.toMatchObject({
      message: expect.stringMatching(/has 2 tensors that could be activations/),
      hint: "Set tensor to one of a [4, 2], b [4, 3], c [4].",
    });
    await expect(openArraySource({ path, tensor: "d" })).rejects.toThrow(/no tensor named d/);
    const source = await openArraySource({ path, tensor: "b" });
    expect(source.dIn).toBe(3);
    await source.close();
  });

  test("raw numbers without their shape, and with one that does not fit", async () => {
    const path = join(temporaryFolder(), "x.bin");
    writeFileSync(path, Buffer.alloc(100));
    await expect(openArraySource({ path })).rejects.toThrow(/needs dtype and d_in/);
    await expect(openArraySource({ path, dtype: "float32", dIn: 7 })).rejects.toThrow(
      /100 bytes are not a whole number of rows of 7 float32 \(28 bytes each\)/,
    );
    await expect(
      openArraySource({ path, dtype: "float32", dIn: 5, headerBytes: 200 }),
    ).rejects.toThrow(/not a whole number/);
  });

  test("dtype and dIn for a file that says them itself", async () => {
    const path = join(temporaryFolder(), "x.npy");
    await writeNpy(path, float32Tensor([4, 2], new Float32Array(8)));
    await expect(openArraySource({ path, dIn: 2 })).rejects.toThrow(/d_in is for raw numbers/);
  });

  test("no last axis, a width that does not divide, a missing file", async () => {
    const scalar = float32Tensor([], new Float32Array(1));
    await expect(openArraySource({ data: scalar })).rejects.toThrow(/shape \[\]/);
    const vector = float32Tensor([DATA.length], DATA);
    await expect(openArraySource({ data: vector })).rejects.toMatchObject({
      message: "data has shape [1200]; activations need at least two axes, [rows, d_in].",
      hint: "Save x.reshape(-1, d_in); a single row is x[None, :], rows of one number x[:, None].",
    });
    const rowless = float32Tensor([0, 4], new Float32Array(0));
    await expect(openArraySource({ data: rowless })).rejects.toThrow(/data holds 0 rows of d_in 4/);
    const empty = float32Tensor([4, 0], new Float32Array(0));
    await expect(openArraySource({ data: empty })).rejects.toThrow(/last axis of at least 1/);
    await expect(openArraySource({ data: DATA, dIn: 7 })).rejects.toThrow(/divisor of the 1200/);
    await expect(openArraySource({ path: "/nowhere/x.npy" })).rejects.toMatchObject({
      code: "file/missing",
    });
  });
});
