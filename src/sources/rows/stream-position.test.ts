import { describe, expect, test } from "vitest";
import { advanced, positionFrom, positionState } from "./stream-position.ts";

const LAYOUT = "rows 10, seed 1";

describe("a position in a stream", () => {
  test("survives being written down", () => {
    const state = JSON.parse(JSON.stringify(positionState({ pass: 3, row: 9 }, LAYOUT)));
    expect(positionFrom(state, LAYOUT, 10)).toEqual({ pass: 3, row: 9 });
  });

  test("of other data is refused, since its numbers name other rows", () => {
    const state = positionState({ pass: 0, row: 0 }, "rows 10, seed 2");
    expect(() => positionFrom(state, LAYOUT, 10)).toThrow(
      expect.objectContaining({
        code: "run/conflict",
        message: `The position was saved in another order: rows 10, seed 2; this source has ${LAYOUT}.`,
      }),
    );
  });

  test.each([
    ["state.pass", { pass: -1, row: 0 }],
    ["state.pass", { pass: 0.5, row: 0 }],
    ["state.pass", { pass: "0", row: 0 }],
    ["state.row", { pass: 0, row: 10 }],
    ["state.row", { pass: 0, row: -1 }],
    ["state.row", { pass: 0 }],
  ])("with a wrong %s is refused: %j", (name, state) => {
    const given = { ...state, layout: LAYOUT } as Parameters<typeof positionFrom>[0];
    expect(() => positionFrom(given, LAYOUT, 10)).toThrow(name);
  });

  test("moves on, and begins a new pass after the last row", () => {
    const from = (row: number, count: number) => advanced({ pass: 2, row }, count, 10);
    expect(from(3, 4)).toEqual({ pass: 2, row: 7 });
    expect(from(3, 6)).toEqual({ pass: 2, row: 9 });
    expect(from(3, 7)).toEqual({ pass: 3, row: 0 });
    expect(from(9, 5)).toEqual({ pass: 3, row: 4 });
  });
});
