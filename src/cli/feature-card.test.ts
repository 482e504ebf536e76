import { expect, test } from "vitest";
import { deadCard, madeCard } from "../../test/support/evidence/made-evidence.ts";
import type { Example } from "../evidence/card.ts";
import { cardText } from "./feature-card.ts";

const PIPE = { examples: 5, isTerminal: false };

function example(texts: readonly [string, number][], peak: number, value: number): Example {
  const pieces = texts.map(([text, at]) => ({ text, value: at }));
  return { row: 1, value, held_out: true, where: "document 1, position 2", group: 1, pieces, peak };
}

test("a card says what is known, each number beside its null or its chance", () => {
  const card = madeCard(7, {
    partners: [
      { member: "b", latent: 3, cosine: 0.93, counts: true, code_correlation: 0.8, jaccard: 0.5 },
      { member: "c", latent: 9, cosine: 0.4, counts: false, code_correlation: null, jaccard: null },
    ],
    rebuilt: [{ member: "c", latents: [1, 2], cosine: 0.6, null_cosine: 0.3 }],
    nearest: [{ latent: 4, value: 0.5 }],
    coactive: [{ latent: 5, value: 0.25 }],
  });
  expect(cardText(card, PIPE)).toBe(`a:7  label 7
density 10 % of 1000 rows, mean 1, max 4
found in 2 of 3 other members, cosine 0.93 ± 0.01 (null 0.21)
  b:3  cosine 0.93, activations correlate 0.80
  c:9  cosine 0.40 (does not count)
nearest subspace: c rebuilds it from 1, 2, cosine 0.60 (null 0.30)
encoder–decoder alignment 0.90
most similar here: 4 (0.50)
most often active together: 5 (0.25)

rules, on rows that training never saw
  " car"  precision 0.80 (chance 0.10), recall 0.50

raises " park"
lowers " sea"

drawn at random
       1  the« car»‹ stops›

strongest
       4  the« car»‹ stops›

from strong to weak
       3  the« car»‹ stops›
`);
});

test("a dead latent, and one that nobody was compared with, say so", () => {
  const text = cardText(
    { ...deadCard(2), recurrence: null, logits: null, logits_absent: "why" },
    PIPE,
  );
  expect(text).toBe(`a:2
dead: active in none of 1000 rows
not compared with other members
encoder–decoder alignment 0.90

no logits: why
`);
});

test("a terminal is shaded, a pipe has signs, and as many examples are shown as asked for", () => {
  const one = example(
    [
      ["a", 0],
      ["b", -2],
      ["c", 1],
    ],
    1,
    -2,
  );
  const card = madeCard(0, {
    examples: { top: [one, one, one], quantiles: [], random: [], near_misses: [one] },
  });
  const text = cardText(card, { examples: 2, isTerminal: true });
  expect(text.split("a\u001b[7mb\u001b[27m\u001b[1mc\u001b[22m").length - 1).toBe(3);
  expect(text).not.toMatch(/[«»‹›]/);
  expect(cardText(card, PIPE).split("      -2  a«b»‹c›").length - 1).toBe(4);
});

test("whatever tokens and words hold, every line is one line without control characters", () => {
  const odd = ["\n", "\t", "\r\n", "\u001b[2J", "\u009b31m", "\u0000", "<b>", "\u0007"];
  const evil = odd.join("");
  const card = madeCard(0, {
    label: evil,
    examples: {
      top: [
        example(
          odd.map((text) => [text, 1]),
          3,
          1,
        ),
      ],
      quantiles: [],
      random: [],
      near_misses: [],
    },
    rules: [{ kind: "word", text: evil, precision: 1, recall: 1, rows: 1 }],
    logits: { top: [{ text: evil, value: 1 }], bottom: [] },
  });
  const text = cardText(card, PIPE);
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(text.split("\n")).toHaveLength(
    cardText(madeCard(0, { ...card, label: "x" }), PIPE).split("\n").length,
  );
  expect(text.match(/<b>/g)).toHaveLength(4);
});

test("rows without words around them are named", () => {
  const one = { ...example([], 0, 3), where: "held-out row 12" };
  const card = madeCard(0, {
    examples: { top: [one], quantiles: [], random: [], near_misses: [] },
  });
  expect(cardText(card, PIPE)).toContain("       3  held-out row 12\n");
});
