/** Cards that a static page holds come back as they were, but for digits. */
import { expect, test } from "vitest";
import { fakeEvidence } from "../../../test/support/evidence/fake-evidence.ts";
import { packedCardsOf, unpackCard } from "../../../web/data/unpack-cards.ts";
import { Rows } from "../../../web/data/unpack-rows.ts";
import type { LatentCard } from "../../evidence/card.ts";
import { compactJson, packCards } from "./packed-cards.ts";
import { ROWS_PER_FILE, RowTable } from "./row-table.ts";

/** What a page unpacks of `cards`. */
function through(cards: readonly LatentCard[]) {
  const table = new RowTable();
  const packed = JSON.parse(compactJson(packCards(cards, table)));
  const rows = new Rows(JSON.parse(compactJson([...table.files()])), ROWS_PER_FILE);
  const unpacked = packedCardsOf(packed).map((card) => unpackCard(card, rows));
  return { unpacked, whole: packed.whole as Record<string, LatentCard["examples"]> };
}

/** Places that differ by more than three digits, or for activations a thousandth of the largest. */
function differences(actual: unknown, wanted: unknown, atol: number, path = ""): string[] {
  if (typeof wanted === "number") {
    const error = Math.abs(Number(actual) - wanted);
    return error <= 0.005 * Math.abs(wanted) + atol ? [] : [`${path}: ${actual} for ${wanted}`];
  }
  if (typeof wanted !== "object" || wanted === null)
    return actual === wanted ? [] : [`${path}: ${String(actual)} for ${String(wanted)}`];
  const keys = new Set([...Object.keys(wanted), ...Object.keys((actual ?? {}) as object)]);
  const of = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key];
  return [...keys].flatMap((key) =>
    differences(of(actual, key), of(wanted, key), atol, `${path}.${key}`),
  );
}

test("a difference is found", () => {
  expect(differences({ a: [1.001, "x"] }, { a: [1, "x"] }, 0)).toEqual([]);
  expect(differences({ a: [1.1, "x"] }, { a: [1, "y"], b: null }, 0)).toHaveLength(3);
});

async function cardsOf(options: Parameters<typeof fakeEvidence>[0]): Promise<LatentCard[]> {
  const evidence = fakeEvidence(options);
  const cards: LatentCard[] = [];
  for (const { name, latents } of evidence.summary.members)
    for (let i = 0; i < latents; i++) cards.push(await evidence.card(name, i));
  return cards;
}

test.each([
  ["text", {}],
  ["pictures", { pictures: true }],
  ["one member alone", { members: ["only"] }],
])("cards of %s come back", async (_, options) => {
  const cards = await cardsOf({ latents: 40, documents: 20, ...options });
  const { unpacked, whole } = through(cards);
  expect(whole).toEqual({});
  expect(unpacked).toHaveLength(cards.length);
  for (const [i, card] of cards.entries())
    expect(differences(unpacked[i], card, (card.max ?? 0) / 1000)).toEqual([]);
});

test("whole numbers keep all digits", async () => {
  const [card] = await cardsOf({ latents: 1 });
  const large = { ...card!, rows: 123_456_789, active_rows: 7_654_321 };
  const [unpacked] = through([large]).unpacked;
  expect(unpacked).toMatchObject({ rows: 123_456_789, active_rows: 7_654_321 });
});

test("examples that contradict what is known of their row are kept whole", async () => {
  const [first, second] = await cardsOf({ latents: 2 });
  const examples = first!.examples;
  const moved = {
    ...second!,
    examples: {
      ...examples,
      top: examples.top.map((example) => ({ ...example, where: "elsewhere" })),
    },
  };
  const { whole } = through([first!, moved]);
  expect(Object.keys(whole)).toEqual(["1"]);
  expect(whole["1"]!.top[0]!.where).toBe("elsewhere");
});

test("a place that has the sign of numbers in it stays as it is", async () => {
  const [card] = await cardsOf({ latents: 1 });
  const where = (i: number) => `chapter #${i}, line 1.5, 007 and 3`;
  const top = card!.examples.top.map((example, i) => ({ ...example, where: where(i) }));
  const changed = { ...card!, examples: { top, quantiles: [], random: [], near_misses: [] } };
  const { unpacked, whole } = through([changed]);
  expect(whole).toEqual({});
  expect(unpacked[0]!.examples.top.map((e) => e.where)).toEqual(top.map((e) => e.where));
});
