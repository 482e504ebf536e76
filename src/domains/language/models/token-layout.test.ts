import { expect, test } from "vitest";
import {
  findLayout,
  resizedRows,
  rowsOfTensor,
  shapeOf,
  showLayout,
  type TokenLayout,
  tensorOfRows,
} from "./token-layout.ts";

const first = { batch: 2, positions: 5 };
const second = { batch: 3, positions: 7 };

function layoutOf(shape: (b: number, p: number) => number[]): TokenLayout | string {
  return findLayout({ ...first, dims: shape(2, 5) }, { ...second, dims: shape(3, 7) });
}

test.each([
  [(b: number, p: number) => [b, p, 6], "[batch, position, 6]", 6],
  [(b: number, p: number) => [b * p, 6], "[batch · position, 6]", 6],
  [(b: number, p: number) => [b, 4, p, 3], "[batch, 4, position, 3]", 12],
  [(b: number, p: number) => [b, p, 4, 3], "[batch, position, 4, 3]", 12],
  [(b: number, p: number) => [b, 4, 3, p], "[batch, 4, 3, position]", 12],
  [(b: number, p: number) => [p, b, 6], "[position, batch, 6]", 6],
  [(_: number, p: number) => [1, p, 6], "[1, position, 6]", 6],
  [(b: number, p: number) => [b, p], "[batch, position]", 1],
  // As many heads as the first probe has positions, and as wide as it has windows.
  [(b: number, p: number) => [b, 5, p, 2], "[batch, 5, position, 2]", 10],
])("the layout of %s is %s", (shape, shown, width) => {
  const layout = layoutOf(shape) as TokenLayout;
  expect(showLayout(layout)).toBe(shown);
  expect(layout.width).toBe(width);
});

test.each([
  [(b: number, p: number) => [b, 4, p, p], /its width changes with the window/],
  [(b: number, p: number) => [b, p + 1, 6], /its width changes with the window/],
  [(b: number) => [b, 6], /no row per token/],
  [() => [], /no row per token/],
  [(b: number, p: number) => [b, p, 0], /empty/],
])("%s has no row per token", (shape, why) => {
  expect(layoutOf(shape)).toMatch(why);
});

test("heads lie side by side in a row, whatever the order of the axes", () => {
  const size = { batch: 2, positions: 3 };
  const [heads, dHead] = [4, 5];
  const value = (b: number, p: number, h: number, d: number) => b * 1000 + p * 100 + h * 10 + d;
  const rows = Float32Array.from({ length: 2 * 3 * heads * dHead }, (_, i) => {
    const [row, at] = [Math.floor(i / (heads * dHead)), i % (heads * dHead)];
    return value(Math.floor(row / 3), row % 3, Math.floor(at / dHead), at % dHead);
  });
  for (const order of ["bhpd", "bphd", "bhdp", "pbhd"]) {
    const length: Record<string, (b: number, p: number) => number> = {
      b: (b) => b,
      p: (_, p) => p,
      h: () => heads,
      d: () => dHead,
    };
    const layout = layoutOf((b, p) => [...order].map((axis) => length[axis]!(b, p))) as TokenLayout;
    const dims = shapeOf(layout, size);
    const tensor = Float32Array.from({ length: rows.length }, (_, i) => {
      const at: Record<string, number> = {};
      for (let axis = 3, rest = i; axis >= 0; axis--) {
        at[order[axis]!] = rest % dims[axis]!;
        rest = Math.floor(rest / dims[axis]!);
      }
      return value(at["b"]!, at["p"]!, at["h"]!, at["d"]!);
    });
    expect(rowsOfTensor(layout, tensor, size)).toEqual(rows);
    expect(tensorOfRows(layout, rows, size)).toEqual(tensor);
  }
});

test("what is the same for all windows is repeated", () => {
  const layout = layoutOf((_, p) => [1, p, 2]) as TokenLayout;
  const rows = rowsOfTensor(layout, Float32Array.of(1, 2, 3, 4), { batch: 2, positions: 2 });
  expect([...rows]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
});

test("windows are cut or filled up to another length", () => {
  const rows = Float32Array.of(1, 2, 3, 4);
  const wide = resizedRows(rows, { batch: 2, positions: 2 }, { batch: 3, positions: 3 });
  expect([...wide]).toEqual([1, 2, 0, 3, 4, 0, 0, 0, 0]);
  expect(resizedRows(wide, { batch: 3, positions: 3 }, { batch: 2, positions: 2 })).toEqual(rows);
});
