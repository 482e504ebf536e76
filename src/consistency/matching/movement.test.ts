import { describe, expect, test } from "vitest";
import { normals } from "../../../test/support/random.ts";
import { atomGroups } from "./atom-groups.ts";
import { Movement } from "./movement.ts";

describe("groups of atoms", () => {
  test.each([1, 31, 32, 33, 500, 1024, 1025, 3072, 24_576])(
    "%i are in at most 32, of whole panels",
    (atoms) => {
      const { size, count, groupOf } = atomGroups(atoms);
      expect(count).toBeLessThanOrEqual(32);
      expect(size % 32).toBe(0);
      expect(groupOf[0]).toBe(0);
      expect(groupOf[atoms - 1]).toBe(count - 1);
    },
  );
});

describe("movement", () => {
  const atoms = 200;
  const step = (i: number) =>
    normals(`step ${i}`, atoms).map((x, atom) => Math.abs(x) * (atom % 5 === 0 ? 1 : 0.01));

  test("is bounded for every atom by that of its group, and for every group by that of all", () => {
    const movement = new Movement(atoms);
    for (let i = 0; i < 100; i++) {
      const before = { moved: movement.moved.slice(), groups: movement.groupMoved.slice() };
      const allBefore = movement.allMoved;
      const groupOf = movement.groups.groupOf.slice();
      const moves = step(i);
      movement.record(moves);
      expect(Math.max(...moves)).toBe(0);
      const all = movement.allMoved - allBefore;
      for (let atom = 0; atom < atoms; atom++) {
        const group = groupOf[atom]!;
        const own = movement.moved[atom]! - before.moved[atom]!;
        const ofGroup = movement.groupMoved[group]! - before.groups[group]!;
        expect(own).toBeLessThanOrEqual(ofGroup + 1e-12);
        expect(ofGroup).toBeLessThanOrEqual(all + 1e-12);
      }
    }
  });

  test("puts fast atoms together", () => {
    const movement = new Movement(atoms);
    for (let i = 0; i < 32; i++) movement.record(step(i));
    const last = [...movement.groups.order.slice(-atoms / 5)];
    expect(last.every((atom) => atom % 5 === 0)).toBe(true);
  });

  test("goes on as if it had not been interrupted", () => {
    const [whole, first, second] = [atoms, atoms, atoms].map((n) => new Movement(n)) as [
      Movement,
      Movement,
      Movement,
    ];
    for (let i = 0; i < 70; i++) {
      whole.record(step(i));
      if (i < 40) first.record(step(i));
    }
    second.load(first.save());
    expect(second.groups.groupOf).toEqual(first.groups.groupOf);
    for (let i = 40; i < 70; i++) second.record(step(i));
    expect(second.save()).toEqual(whole.save());
    expect(second.grouping).toBe(whole.grouping);
  });

  test("of an atom that starts anew is as far as unit rows can be apart", () => {
    const movement = new Movement(40);
    movement.jump();
    expect([movement.moved[7], movement.groupMoved[1], movement.allMoved]).toEqual([2, 2, 2]);
  });
});
