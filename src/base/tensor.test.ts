import { describe, expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { DTYPE_BYTES, DTYPES } from "./dtype.ts";
import { toBfloat16, toFloat16 } from "./float16.ts";
import { asFloat32, elementCount, float32Tensor, showShape, tensor, transposed } from "./tensor.ts";

test("a shape has the product of its extents as elements, a scalar one, an empty extent none", () => {
  expect([[], [7], [4, 3, 2], [5, 0]].map(elementCount)).toEqual([1, 7, 24, 0]);
  expect([[], [4096, 768]].map(showShape)).toEqual(["[]", "[4096, 768]"]);
});

describe("a tensor", () => {
  test("keeps the array that it is given", () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const made = float32Tensor([2, 3], data);
    expect(made).toEqual({ dtype: "float32", shape: [2, 3], data });
    expect(made.data).toBe(data);
  });

  test("refuses too few elements, and names the shape", () => {
    expect(() => float32Tensor([2, 3], new Float32Array(5))).toThrow(
      "[tensor] Expected 6 elements of float32 for shape [2, 3] but received 5 elements of 4 bytes.",
    );
  });

  test("refuses elements of another size than its type has", () => {
    expect(() => tensor("float16", [2], new Float32Array(2))).toThrow(
      "Expected 2 elements of float16 for shape [2] but received 2 elements of 4 bytes.",
    );
    expect(() => tensor("int64", [1], new Float64Array(1))).not.toThrow();
  });

  test("every type has a size in bytes", () => {
    expect(DTYPES.map((dtype) => DTYPE_BYTES[dtype])).toEqual([8, 4, 2, 2, 8, 4, 2, 1, 2, 1, 1]);
  });
});

describe("as float32", () => {
  test("an array that is float32 is not copied", () => {
    const data = Float32Array.of(1, 2);
    expect(asFloat32(float32Tensor([2], data))).toBe(data);
  });

  test.each([
    ["float64", Float64Array.of(0.1, -2)],
    ["float16", Uint16Array.of(toFloat16(0.5), toFloat16(-2))],
    ["bfloat16", Uint16Array.of(toBfloat16(0.5), toBfloat16(-2))],
    ["int64", BigInt64Array.of(7n, -2n)],
    ["int32", Int32Array.of(7, -2)],
    ["int16", Int16Array.of(7, -2)],
    ["int8", Int8Array.of(7, -2)],
  ] as const)("%s keeps its values and its sign", (dtype, data) => {
    const first = { float64: Math.fround(0.1), float16: 0.5, bfloat16: 0.5 }[dtype as string] ?? 7;
    expect([...asFloat32(tensor(dtype, [2], data))]).toEqual([first, -2]);
  });

  test("whole numbers without a sign, and truth values, are not read as half precision", () => {
    expect([...asFloat32(tensor("uint16", [2], Uint16Array.of(0x3c00, 65535)))]).toEqual([
      15360, 65535,
    ]);
    expect([...asFloat32(tensor("bool", [2], Uint8Array.of(0, 1)))]).toEqual([0, 1]);
  });
});

test.each([
  [1, 1],
  [3, 2],
  [1, 70],
  [33, 65],
  [0, 4],
])("a matrix of %d rows and %d columns is transposed, and twice is itself", (rows, columns) => {
  const matrix = normals("transpose", rows * columns);
  const turned = transposed(matrix, rows, columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      if (turned[c * rows + r] !== matrix[r * columns + c]) throw new Error(`at ${r}, ${c}`);
  expect(transposed(turned, columns, rows)).toEqual(matrix);
  expect(turned).not.toBe(matrix);
});
