import fc from "fast-check";
import { expect, test } from "vitest";
import { codeOf } from "../../../../test/support/code-of.ts";
import { KeptCodes } from "../../../consistency/lab/codes/kept-codes.ts";
import { RuleJudge } from "./judge-rules.ts";
import { Rules } from "./rules.ts";

/** Texts of a made-up vocabulary by token; two of them are equal. */
const TEXTS = [
  " car",
  "Car",
  " the",
  " running",
  " jumping",
  " sing",
  ".",
  " 1984",
  "\u0007",
  "\n\n",
  "<b>",
  "a.*b",
  "(",
  '"',
  " Über",
  "�",
  "�",
  "ﬀ",
  "𝒜𝒷𝒸𝒹",
  "\u009b31m",
];
const number = (text: string) => TEXTS.indexOf(text);

type Row = readonly [token: string, before?: string];

/** What a judge says of a latent that is active in some rows, of which `sample` are seen before. */
function judged(
  rows: readonly Row[],
  active: readonly boolean[],
  sample: readonly Row[] = rows.filter((_, i) => active[i]),
) {
  const numbers = (row: Row) => {
    return { token: number(row[0]), before: row[1] === undefined ? -1 : number(row[1]) };
  };
  const codes = new KeptCodes(2);
  const dense = active.flatMap((isActive) => [0, isActive ? 1 : 0]);
  codes.append(codeOf(dense, 2));
  const kept = {
    tokens: Int32Array.from(rows, (row) => numbers(row).token),
    before: Int32Array.from(rows, (row) => numbers(row).before),
  };
  const proposed = new Rules({ texts: TEXTS }).propose(sample.map(numbers));
  return new RuleJudge(kept, codes).judge(1, proposed);
}

/** In which rows a latent is active that these tokens decide. */
const where = (rows: readonly Row[], holds: (token: string, before?: string) => boolean) =>
  rows.map(([token, before]) => holds(token, before));

const repeated = (row: Row, times: number): Row[] => new Array<Row>(times).fill(row);

test("a token's precision, recall and share are those of the rows", () => {
  // Active on " car" in 6 of 8 rows, and on "." in 2 of 30.
  const rows: Row[] = [
    ...repeated([" car", " the"], 6),
    ...repeated([" car"], 2),
    ...repeated(["."], 30),
    ...repeated(["(", " the"], 2),
  ];
  const active = where(rows, (token, before) => token === " car" && before === " the");
  for (const dot of [8, 9]) active[dot] = true;
  const rules = judged(rows, active);
  expect(rules[0]).toEqual({
    kind: "bigram",
    text: '" the" then " car"',
    precision: 1,
    recall: 0.75,
    rows: 6 / 40,
  });
  expect(rules).toContainEqual({
    kind: "token",
    text: '" car"',
    precision: 0.75,
    recall: 0.75,
    rows: 0.2,
  });
  expect(rules).toHaveLength(3);
});

test("the token before is a rule of its own", () => {
  const rows: Row[] = TEXTS.slice(0, 8).flatMap((text): Row[] => [
    [text, " the"],
    [text, "."],
  ]);
  const [best] = judged(
    rows,
    where(rows, (_, before) => before === " the"),
  );
  expect(best).toMatchObject({ kind: "before", text: 'behind " the"', precision: 1, recall: 1 });
});

test("a word in any case is one rule, quoted", () => {
  const rows: Row[] = [...repeated([" car"], 5), ...repeated(["Car"], 5), ...repeated(["."], 9)];
  const rules = judged(
    rows,
    where(rows, (token) => /car/i.test(token)),
  );
  expect(rules[0]).toMatchObject({
    kind: "word",
    text: '"car" in any case',
    precision: 1,
    recall: 1,
  });
});

test("an ending is a pattern, and so is what tokens are like", () => {
  const ing = [" running", " jumping", " sing"].flatMap((text) => repeated([text], 3));
  const others = [" car", ".", " the"].flatMap((text) => repeated([text], 5));
  const rows = [...ing, ...others];
  const [best] = judged(
    rows,
    where(rows, (token) => token.endsWith("ing")),
  );
  expect(best).toMatchObject({ kind: "regex", text: "/ing$/i", precision: 1, recall: 1 });
  const digits: Row[] = [...repeated([" 1984"], 4), ...others];
  const ofDigits = judged(
    digits,
    where(digits, (token) => token === " 1984"),
  );
  expect(ofDigits.map(({ text }) => text)).toContain("/^\\s*\\d+$/");
});

test("tokens whose texts are equal are one rule, whose precision is theirs together", () => {
  const second = TEXTS.lastIndexOf("�");
  const first = number("�");
  expect(second).not.toBe(first);
  const codes = new KeptCodes(2);
  // Latent 0 is active on the first of the two tokens, latent 1 on the second.
  const tokens = Int32Array.from([first, second, second, second, first, 6]);
  const active = [...tokens].flatMap((token) => [
    token === first ? 1 : 0,
    token === second ? 1 : 0,
  ]);
  codes.append(codeOf(active, 2));
  const before = new Int32Array(6).fill(-1);
  const judge = new RuleJudge({ tokens, before }, codes);
  const rules = new Rules({ texts: TEXTS });
  const of = (latent: number, token: number) =>
    judge
      .judge(latent, rules.propose([{ token, before: -1 }]))
      .filter(({ kind }) => kind === "token");
  expect(of(0, first)).toEqual([
    { kind: "token", text: '"�"', precision: 0.4, recall: 1, rows: 0.8333 },
  ]);
  expect(of(1, second)).toEqual([
    { kind: "token", text: '"�"', precision: 0.6, recall: 1, rows: 0.8333 },
  ]);
});

test("whatever tokens hold, rules are true, readable on one line, and shares", () => {
  const row = fc.record({
    token: fc.nat(TEXTS.length - 1),
    before: fc.integer({ min: -1, max: 19 }),
  });
  const rows = fc.array(fc.tuple(row, fc.boolean()), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rows, (all) => {
      const codes = new KeptCodes(1);
      codes.append(
        codeOf(
          all.map(([, active]) => (active ? 1 : 0)),
          1,
        ),
      );
      const of = {
        tokens: Int32Array.from(all, ([one]) => one.token),
        before: Int32Array.from(all, ([one]) => one.before),
      };
      const sample = all.filter(([, active]) => active).map(([one]) => one);
      if (sample.length === 0) return;
      const proposed = new Rules({ texts: TEXTS }).propose(sample);
      const texts = proposed.map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      const f1s: number[] = [];
      for (const rule of new RuleJudge(of, codes).judge(0, proposed)) {
        const { holds } = proposed.find(({ text }) => text === rule.text)!;
        const held = all.filter(([one]) => holds(one.token, one.before));
        const hits = held.filter(([, active]) => active).length;
        expect(rule.precision).toBeCloseTo(hits / held.length, 3);
        expect(rule.recall).toBeCloseTo(hits / sample.length, 3);
        expect(rule.rows).toBeCloseTo(held.length / all.length, 3);
        expect(rule.text).not.toMatch(/\p{Cc}/u);
        f1s.push((2 * rule.precision * rule.recall) / (rule.precision + rule.recall));
      }
      for (let i = 1; i < f1s.length; i++) expect(f1s[i]!).toBeLessThanOrEqual(f1s[i - 1]! + 1e-3);
    }),
  );
});

test("tokens of brackets, stars and letters of two code units make no broken patterns", () => {
  const rows = ["a.*b", "(", "<b>", "𝒜𝒷𝒸𝒹"].flatMap((text) => repeated([text], 3));
  for (const [text] of rows) {
    const rules = judged(
      rows,
      where(rows, (token) => token === text),
    );
    expect(rules[0]).toMatchObject({ precision: 1, recall: 1 });
    for (const rule of rules) expect(rule.text.isWellFormed(), rule.text).toBe(true);
  }
});

test("a latent that is active in no row has no rules, nor has one that no rule holds for", () => {
  const rows: Row[] = repeated(["."], 5);
  expect(judged(rows, new Array(5).fill(false), [[" car"]])).toEqual([]);
  expect(judged(rows, new Array(5).fill(true), [[" 1984"]])).toEqual([]);
});
