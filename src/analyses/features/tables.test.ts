import { expect, test } from "vitest";
import type { FeaturesSummary, ListedLatent } from "../../evidence/card.ts";
import { featuresSections } from "./sections.ts";
import { featuresTables, latentTable } from "./tables.ts";

const named: ListedLatent = {
  member: "a",
  latent: 3,
  label: '" car"',
  density: 0.0123,
  found_in: 2,
  mean_cosine: 0.912,
  best_rule: { kind: "token", text: '" car"', precision: 0.875, recall: 0.5, rows: 0.01 },
};
/** Named by its tokens, because no rule is good enough. */
const unnamed: ListedLatent = {
  ...named,
  latent: 4,
  label: '"<b>", "x"',
  found_in: 0,
  mean_cosine: null,
  best_rule: { kind: "token", text: '"x"', precision: 0.111, recall: 0.222, rows: 0.01 },
};

const summary: FeaturesSummary = {
  version: 1,
  kind: "language_model",
  unit: "tokens",
  rows: 4000,
  held_out_rows: 400,
  around: 10,
  threshold: 0.7,
  members: [
    {
      name: "a",
      latents: 8,
      dead: 1,
      compared_with: ["b", "c"],
      null_cosine: 0.21,
      null_found_in: 0,
      recurring: [7, 0, 1],
    },
  ],
  most_recurrent: [named],
  most_idiosyncratic: [unnamed],
  left_out: ["A sentence & more."],
};

test("precision and recall stand beside the rule that they are of, and nowhere else", () => {
  const { header, rows } = latentTable([named, unnamed], summary);
  expect(header.join()).toBe("latent,fires on,precision,recall,density,found in,cosine (null)");
  expect(rows).toEqual([
    ["a:3", '" car"', "0.88", "0.50", "1.2 %", "2 of 2", "0.91 (0.21)"],
    ["a:4", '"<b>", "x"', "–", "–", "1.2 %", "0 of 2", "– (0.21)"],
  ]);
  const page = featuresSections({ summary }).markup;
  expect(page).toContain("0.88");
  expect(page).not.toContain("0.11");
  expect(page).not.toContain("0.22");
});

test("where nothing is said of any latent, the columns of words are left out", () => {
  const silent = { ...named, label: "", best_rule: null };
  const { header, rows } = latentTable([silent], summary);
  expect(header).toEqual(["latent", "density", "found in", "cosine (null)"]);
  expect(rows).toEqual([["a:3", "1.2 %", "2 of 2", "0.91 (0.21)"]]);
});

test("tables that would be empty are left out, titles say over what", () => {
  const titles = featuresTables(summary).map(({ title }) => title);
  expect(titles).toEqual([
    expect.stringMatching(
      /^The latents that most other members have \(cosine ≥ 0\.7\), over 4000 tokens:$/,
    ),
    expect.stringMatching(/^Live latents that no other member has, .* over 4000 tokens:$/),
  ]);
  expect(featuresTables({ ...summary, most_recurrent: [], most_idiosyncratic: [] })).toEqual([]);
});

test("the report escapes labels and says what was left out", () => {
  const page = featuresSections({ summary }).markup;
  expect(page).toContain("&lt;b&gt;");
  expect(page).not.toContain("<b>");
  expect(page).toContain("A sentence &amp; more.");
});
