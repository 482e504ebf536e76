import { expect, test } from "vitest";
import { elementOf, finiteGroup, orderOf } from "./group.ts";
import { groupNamed } from "./named-groups.ts";

test("elements are in an order that people expect, each with a word", () => {
  expect(groupNamed("c4").names).toEqual(["e", "r", "r²", "r³"]);
  expect(groupNamed("flip").names).toEqual(["e", "f"]);
  const d4 = groupNamed("d4");
  expect(d4.names.slice(0, 6)).toEqual(["e", "r", "r²", "r³", "f", "r f"]);
  expect(d4.size).toBe(8);
  expect(orderOf(d4, elementOf(d4, 0))).toBe(4);
  expect(orderOf(d4, elementOf(d4, 1))).toBe(2);
  expect(groupNamed("d2").size).toBe(4);
  expect(groupNamed("translations-8").size).toBe(8);
  expect([2, 3, 4].map((n) => groupNamed(`permutations-${n}`).size)).toEqual([2, 6, 24]);
});

test.each(["c5", "d3", "d4", "permutations-4"])("%s is a group", (name) => {
  const { size, products } = groupNamed(name);
  const times = (a: number, b: number) => products[a * size + b]!;
  const all = Array.from({ length: size }, (_, i) => i);
  for (const a of all) {
    expect([times(0, a), times(a, 0)]).toEqual([a, a]);
    expect(new Set(all.map((b) => times(a, b))).size).toBe(size);
    for (const b of all)
      for (const c of [1, size - 1]) expect(times(times(a, b), c)).toBe(times(a, times(b, c)));
  }
});

test("a word is the product of its letters, the last of which acts first", () => {
  const group = groupNamed("d4");
  for (const [element, word] of group.words.entries()) {
    const product = word.reduceRight(
      (at, letter) => group.products[elementOf(group, letter) * group.size + at]!,
      0,
    );
    expect(product).toBe(element);
  }
});

test("what is not a group is refused in a line", () => {
  expect(() => groupNamed("c0")).toThrow('"c0" is not a group that is known');
  expect(() => groupNamed("so3")).toThrow("not a group");
  const half = [{ name: "g", permutation: [0, 0] }];
  expect(() => finiteGroup("own", half)).toThrow("generator g");
  const large = Array.from({ length: 1100 }, (_, i) => (i + 1) % 1100);
  expect(() => finiteGroup("own", [{ name: "g", permutation: large }])).toThrow(
    "The generators of own do not close within 1024 elements.",
  );
});
