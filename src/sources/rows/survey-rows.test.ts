import { describe, expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { DTYPE_BYTES, DTYPES } from "../../base/dtype.ts";
import { toBfloat16, toFloat16 } from "../../base/float16.ts";
import { rowsInMemory } from "./stored-rows.ts";
import { refuseNotFinite, surveyRows } from "./survey-rows.ts";

const [ROWS, D_IN] = [50, 7];

/** Numbers with three rows that are not finite: the first, one in the middle, the last. */
function holed(): Float32Array {
  const x = normals("survey", ROWS * D_IN);
  x[3] = Number.NaN;
  x[5] = Number.POSITIVE_INFINITY;
  x[20 * D_IN] = Number.NEGATIVE_INFINITY;
  x[ROWS * D_IN - 1] = Number.NaN;
  return x;
}

describe.each(backendNames)("%s", (name) => {
  const kernels = openNamed(name);

  test("finds every row that is not finite, wherever pieces end", async () => {
    const x = holed();
    const forms = [
      rowsInMemory("float32", D_IN, x),
      rowsInMemory("float64", D_IN, Float64Array.from(x)),
      rowsInMemory("float16", D_IN, Uint16Array.from(x, toFloat16)),
      rowsInMemory("bfloat16", D_IN, Uint16Array.from(x, toBfloat16)),
    ];
    for (const stored of forms)
      for (const rowsPerPiece of [undefined, 1, 3, 21]) {
        const survey = await surveyRows(stored, { kernels, rowsPerPiece });
        expect(survey.badRows).toEqual([0, 20, 49]);
        expect(survey.first).toEqual({ row: 0, column: 3, value: Number.NaN });
      }
  });

  test("the digest is that of the numbers, and of every one of them", async () => {
    const x = normals("survey", ROWS * D_IN);
    const digest = async (data: Float32Array, dIn = D_IN) =>
      (await surveyRows(rowsInMemory("float32", dIn, data), { kernels })).digest;
    // The same on every backend.
    expect(
      await digest(
        Float32Array.from({ length: 12 }, (_, i) => i),
        3,
      ),
    ).toBe("ff2e760b84011f9b92b82efbf4fb50a6d0506fbfbd65ea7e3667c2ac5d26d0dc");
    const before = await digest(x);
    expect(await digest(x.slice())).toBe(before);
    expect(await digest(x, 1)).not.toBe(before);
    for (const at of [0, 100, x.length - 1]) {
      const other = x.slice();
      other[at] = Math.fround(other[at]! * 1.0000002);
      expect(await digest(other)).not.toBe(before);
    }
  });
});

test("integers and booleans are finite, whatever their bits", async () => {
  for (const dtype of DTYPES.filter((d) => /int|bool/.test(d))) {
    const bytes = new Uint8Array(8 * 2 * DTYPE_BYTES[dtype]).fill(255);
    const survey = await surveyRows(rowsInMemory(dtype, 2, bytes));
    expect(survey.badRows).toEqual([]);
  }
});

test("a float64 beyond the range of float32 is named as it is stored", async () => {
  const x = new Float64Array(6);
  x[5] = 1e300;
  const survey = await surveyRows(rowsInMemory("float64", 2, x));
  expect(() => refuseNotFinite(survey, 3, "x.npy", "mend it")).toThrow(
    "x.npy: row 2, column 1 is 1e+300, beyond ±3.4028234663852886e+38, the range of float32; the only such row of 3 (counted from 0).",
  );
});

test("it can be interrupted, and a failing read is told", async () => {
  const stored = rowsInMemory("float32", D_IN, normals("survey", ROWS * D_IN));
  const signal = AbortSignal.abort();
  await expect(surveyRows(stored, { signal, rowsPerPiece: 1 })).rejects.toMatchObject({
    code: "interrupted",
  });
  const read = async (start: number) => {
    if (start > 10) throw new Error("the disk failed");
  };
  await expect(surveyRows({ ...stored, read }, { rowsPerPiece: 1 })).rejects.toThrow("the disk");
});
