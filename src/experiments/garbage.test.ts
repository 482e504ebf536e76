import { expect, test } from "vitest";
import { garbageCollector } from "./garbage.ts";

const MIB = 2 ** 20;

function counted() {
  let times = 0;
  const told = garbageCollector(() => times++);
  return { told, times: () => times };
}

test("garbage is collected once there are eight mebibytes of it", () => {
  const { told, times } = counted();
  told(5 * MIB);
  expect(times()).toBe(0);
  told(3 * MIB);
  expect(times()).toBe(1);
});

test("what was collected does not count again", () => {
  const { told, times } = counted();
  told(100 * MIB);
  told(7 * MIB);
  expect(times()).toBe(1);
  told(MIB);
  expect(times()).toBe(2);
});

test("without a number it is collected at once", () => {
  const { told, times } = counted();
  told(1);
  told();
  told();
  expect(times()).toBe(2);
});
