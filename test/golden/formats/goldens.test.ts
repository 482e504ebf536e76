import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fromFloat16 } from "../../../src/base/float16.ts";
import { openNpy, parseNpy, serializeNpy } from "../../../src/formats/npy.ts";
import { parseSafetensors, serializeSafetensors } from "../../../src/formats/safetensors.ts";
import { openSafetensors, readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { ALL_DTYPES, goldenTensor, NPY } from "./elements.ts";

const golden = (name: string): string => join(import.meta.dirname, name);
const bytes = (name: string): Uint8Array => readFileSync(golden(name));

describe("safetensors of the official library", () => {
  test("every dtype parses to the values that were written", () => {
    const { tensors, metadata } = parseSafetensors(bytes("all-dtypes.safetensors"));
    expect(metadata).toEqual({ format: "pt" });
    expect(new Set(tensors.keys())).toEqual(new Set(ALL_DTYPES.keys()));
    for (const [name, t] of ALL_DTYPES) expect(tensors.get(name), name).toEqual(t);
  });

  test("reading the file, whole or tensor by tensor, gives the same as parsing its bytes", async () => {
    const { tensors } = await readSafetensors(golden("all-dtypes.safetensors"));
    for (const [name, t] of ALL_DTYPES) expect(tensors.get(name), name).toEqual(t);
    const file = await openSafetensors(golden("all-dtypes.safetensors"));
    try {
      for (const name of file.names) expect(await file.read(name)).toEqual(ALL_DTYPES.get(name));
    } finally {
      await file.close();
    }
  });

  test("ours are the same bytes", () => {
    const ours = serializeSafetensors(ALL_DTYPES, { format: "pt" });
    expect(Buffer.from(ours)).toEqual(bytes("all-dtypes.safetensors"));
    expect(Buffer.from(serializeSafetensors(new Map()))).toEqual(bytes("no-tensors.safetensors"));
  });

  test("signed zero, infinities, NaN and subnormals come through", () => {
    const { tensors } = parseSafetensors(bytes("special-values.safetensors"));
    const wanted = [0, -0, Infinity, -Infinity, Number.NaN, 65504, 2 ** -24, 1 + 2 ** -10];
    expect([...tensors.get("f32")!.data]).toEqual(wanted);
    const halves = Array.from(tensors.get("f16")!.data as Uint16Array, fromFloat16);
    expect(halves).toEqual(wanted);
  });
});

describe(".npy of NumPy", () => {
  test.each([...NPY.keys()])("%s parses to the values that were written", async (name) => {
    expect(parseNpy(bytes(`${name}.npy`))).toEqual(NPY.get(name));
    const file = await openNpy(golden(`${name}.npy`));
    expect(await file.read()).toEqual(NPY.get(name));
    await file.close();
  });

  test.each([...NPY.keys()])("%s of ours is the same bytes", (name) => {
    expect(Buffer.from(serializeNpy(NPY.get(name)!))).toEqual(bytes(`${name}.npy`));
  });

  test.each([1, 2, 3] as const)("version %d reads and writes the same", (version) => {
    const file = bytes(`version-${version}.npy`);
    const t = goldenTensor([3, 5], "float32");
    expect(parseNpy(file)).toEqual(t);
    expect(Buffer.from(serializeNpy(t, version))).toEqual(file);
  });

  test("a matrix stored by columns comes out by rows, whole or in part", async () => {
    const t = goldenTensor([3, 5], "float32");
    expect(parseNpy(bytes("fortran.npy"))).toEqual(t);
    const file = await openNpy(golden("fortran.npy"));
    expect(await file.read()).toEqual(t);
    expect([...(await file.readRows(1, 1)).data]).toEqual([...t.data].slice(5, 10));
    await file.close();
  });

  test("big-endian numbers come out as little-endian ones", async () => {
    const t = goldenTensor([3, 5], "float32");
    expect(parseNpy(bytes("big-endian.npy"))).toEqual(t);
    const file = await openNpy(golden("big-endian.npy"));
    expect(await file.read()).toEqual(t);
    expect([...(await file.readRows(2, 1)).data]).toEqual([...t.data].slice(10));
    await file.close();
  });

  test.each([
    ["refused-fortran-cube", /Fortran-ordered array of shape \[2, 3, 4\]/],
    ["refused-objects", /dtype "\|O" is not supported/],
    ["refused-fields", /structured array: its rows have named fields/],
    ["refused-uint32", /dtype "<u4" is not supported/],
  ])("%s is refused in a line that says why", (name, why) => {
    expect(() => parseNpy(bytes(`${name}.npy`), "x.npy")).toThrow(why);
  });
});
