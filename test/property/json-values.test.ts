import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonValues } from "../../src/formats/text/json-values.ts";

async function split(text: string, cuts: readonly number[]): Promise<unknown[]> {
  async function* pieces() {
    const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length];
    places.sort((a, b) => a - b);
    for (const [i, place] of places.entries()) yield text.slice(place, places[i + 1]);
  }
  const values: unknown[] = [];
  for await (const { value } of jsonValues(pieces(), "test")) values.push(value);
  return values;
}

/** As JSON gives it back: −0 becomes 0. */
const values = fc
  .array(fc.jsonValue({ maxDepth: 3 }))
  .map((all) => JSON.parse(JSON.stringify(all)));
const cuts = fc.array(fc.nat(), { maxLength: 8 });

test("a list's elements come back, wherever the pieces end and however it is laid out", async () => {
  await fc.assert(
    fc.asyncProperty(values, cuts, fc.nat({ max: 3 }), async (all, at, indent) => {
      expect(await split(` ${JSON.stringify(all, null, indent)}\n`, at)).toEqual(all);
    }),
  );
});

test("objects one after the other come back, with or without line breaks between them", async () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(objects, cuts, fc.constantFrom("", "\n", " \r\n\t"), async (all, at, gap) => {
      const plain = JSON.parse(JSON.stringify(all)) as unknown[];
      expect(await split(plain.map((v) => JSON.stringify(v)).join(gap), at)).toEqual(plain);
    }),
  );
});

test("what is not JSON is refused or read, and never hangs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), cuts, async (text, at) => {
      await split(text, at).catch((error) => expect(error.message).toMatch(/^test:\d+: /));
    }),
  );
});
