import { expect, test } from "vitest";
import { addedUp, totalBytes } from "./bytes.ts";

test("amounts are summed by purpose, in the order in which purposes first occur", () => {
  const items = [
    { what: "weights", bytes: 4 },
    { what: "rows", bytes: 1 },
    { what: "weights", bytes: 6 },
  ];
  expect(addedUp(items)).toEqual([
    { what: "weights", bytes: 10 },
    { what: "rows", bytes: 1 },
  ]);
  expect(totalBytes(items)).toBe(11);
});

test("memory that two items share is counted once for each purpose", () => {
  const [shared, other] = [{}, {}];
  const items = [
    { what: "kernels", bytes: 8, owner: shared },
    { what: "kernels", bytes: 8, owner: shared },
    { what: "kernels", bytes: 8, owner: other },
    { what: "codes", bytes: 2, owner: shared },
    { what: "kernels", bytes: 1 },
  ];
  expect(addedUp(items)).toEqual([
    { what: "kernels", bytes: 17 },
    { what: "codes", bytes: 2 },
  ]);
  expect(totalBytes(items)).toBe(19);
});

test("nothing takes no memory", () => {
  expect(addedUp([])).toEqual([]);
  expect(totalBytes([])).toBe(0);
});
