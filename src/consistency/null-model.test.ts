import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { MccNulls, nullMcc } from "./null-model.ts";

test("a null is that of its shape, measured once", async () => {
  const own = new MccNulls(reference);
  const first = own.of(3, 5, 4);
  expect(own.of(3, 5, 4)).toBe(first);
  expect(own.of(5, 3, 4)).not.toBe(first);
  expect(await first).toBe(await nullMcc(reference, { n: 3, m: 5, d: 4 }, 3));
});
