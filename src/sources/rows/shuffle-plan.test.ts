import { expect, test } from "vitest";
import { servedOrder, shufflePlan } from "./shuffle-plan.ts";

test("a pass serves every row once, in another order every pass and for every seed", () => {
  const plan = shufflePlan(103, 5, 4, 1);
  const orders = [
    servedOrder(plan, 0),
    servedOrder(plan, 1),
    servedOrder(shufflePlan(103, 5, 4, 2), 0),
  ];
  for (const order of orders)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, i) => i));
  expect(new Set(orders.map(String)).size).toBe(3);
});

test("generations follow each other without a gap, and are equal to within a block", () => {
  const plan = shufflePlan(103, 5, 4, 1); // 21 blocks, the last of 3 rows
  expect(plan.generations).toBe(6);
  for (const pass of [0, 1, 5]) {
    let start = 0;
    for (let index = 0; index < plan.generations; index++) {
      const generation = plan.generation(pass, index);
      expect(generation.start).toBe(start);
      expect([3, 4]).toContain(generation.blocks.length);
      expect(generation.rows).toBe([...generation.blocks].reduce((n, b) => n + plan.rowsIn(b), 0));
      expect(generation.rows).toBeLessThanOrEqual(plan.capacity);
      for (const row of [start, start + generation.rows - 1])
        expect(plan.at(pass, row)).toEqual(generation);
      start += generation.rows;
    }
    expect(start).toBe(103);
  }
});

test("a store that fits is one generation", () => {
  const plan = shufflePlan(12, 5, 100, 0);
  expect(plan).toMatchObject({ blocks: 3, generations: 1, capacity: 15 });
  expect(plan.generation(0, 0)).toMatchObject({ start: 0, rows: 12 });
});

test("rows of a generation come only from its blocks", () => {
  const plan = shufflePlan(60, 5, 3, 4);
  const order = servedOrder(plan, 2);
  for (let index = 0; index < plan.generations; index++) {
    const { start, rows, blocks } = plan.generation(2, index);
    const from = new Set(
      [...order.subarray(start, start + rows)].map((row) => Math.floor(row / 5)),
    );
    expect(from).toEqual(new Set(blocks));
  }
});
