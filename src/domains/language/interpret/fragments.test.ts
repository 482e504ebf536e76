import { expect, test } from "vitest";
import { cutIntoFragments } from "./fragments.ts";

const cut = (groups: number[], heldOutFrom: number, length: number) =>
  cutIntoFragments({ groups: Int32Array.from(groups), heldOutFrom }, length);

test("each group is cut from its beginning, and what is left belongs to no fragment", () => {
  const { starts, ofRow, heldOutFrom } = cut([0, 0, 0, 0, 0, 1, 2, 2, 2], 6, 2);
  expect([...starts]).toEqual([0, 2, 6]);
  expect([...ofRow]).toEqual([0, 0, 1, 1, -1, -1, 2, 2, -1]);
  expect(heldOutFrom).toBe(2);
});

test("a fragment that training saw a part of is left out", () => {
  const { starts, ofRow, heldOutFrom } = cut([0, 0, 0, 0, 0, 0], 3, 2);
  expect([...starts]).toEqual([0, 4]);
  expect([...ofRow]).toEqual([0, 0, -1, -1, 1, 1]);
  expect(heldOutFrom).toBe(1);
});

test("without held-out fragments they begin behind the last", () => {
  expect(cut([0, 0, 0], 3, 2)).toMatchObject({ heldOutFrom: 1 });
  expect(cut([0, 1, 2], 0, 2)).toMatchObject({ heldOutFrom: 0 });
});
