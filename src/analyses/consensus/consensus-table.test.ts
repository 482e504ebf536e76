import { describe, expect, test } from "vitest";
import type { ConsensusResult, JudgedRow } from "./consensus-result.ts";
import { consensusSection, consensusTable } from "./consensus-table.ts";

const row = (name: string, values: Partial<JudgedRow> = {}): JudgedRow => ({
  name,
  latents: 12,
  fvu: 0.25,
  l0: 3.5,
  gt_mcc: null,
  gt_mcc_null: null,
  found: null,
  independent_mcc: null,
  ...values,
});

const result = (values: Partial<ConsensusResult> = {}): ConsensusResult => ({
  min_members: 2,
  tau: 0.8,
  refit_steps: 100,
  train_atoms: false,
  of: ["member-0", "member-1", "member-2"],
  groups_by_members: [4, 3, 9],
  latents: 12,
  filled: 0,
  judged: [row("consensus, refitted"), row("member-0", { fvu: 0.5 })],
  ...values,
});

describe("one sentence says what the consensus is", () => {
  test.each([
    [
      "all of several members",
      {},
      "12 latents are in at least 2 of 3 members (every pair with a cosine of at least 0.8).",
    ],
    [
      "filled up",
      { latents: 20, filled: 8 },
      "12 latents are in at least 2 of 3 members (every pair with a cosine of at least 0.8), and 8 of member-0 that fill it up.",
    ],
    [
      "empty",
      { latents: 0, judged: [] },
      "No latent is in 2 of the 3 members with cosines of at least 0.8.",
    ],
  ])("%s", (_, values, sentence) => {
    expect(consensusTable(result(values)).title).toBe(sentence);
    expect(consensusSection(result(values)).markup).toContain(sentence);
  });
});

describe("the table", () => {
  test("leaves out what no SAE has", () => {
    const { header, rows } = consensusTable(result());
    expect(header).toEqual(["SAE", "latents", "FVU", "L0"]);
    expect(rows).toEqual([
      ["consensus, refitted", 12, 0.25, 3.5],
      ["member-0", 12, 0.5, 3.5],
    ]);
  });

  test("has a dash where one SAE has none of what others have", () => {
    const judged = [
      row("member-0", { independent_mcc: 0.75 }),
      row("independent-0", { independent_mcc: null }),
    ];
    const { header, rows } = consensusTable(result({ judged }));
    expect(header.at(-1)).toBe("MCC with independent");
    expect(rows.map((cells) => cells.at(-1))).toEqual([0.75, "–"]);
  });

  test("keeps a value of zero apart from none", () => {
    const judged = [row("member-0", { found: 0, gt_mcc: 0.1, gt_mcc_null: 0.1 })];
    const { header, rows } = consensusTable(result({ judged }));
    expect(header).toContain("features found");
    expect(rows[0]).toEqual(["member-0", 12, 0.25, 3.5, 0.1, 0.1, 0]);
  });
});

describe("the section of a report", () => {
  test("says that members did not train the steps of the refit", () => {
    const text = consensusSection(result()).markup;
    expect(text).toContain("the refit trains it for 100 steps while the atoms stay");
    expect(text).toContain('<th scope="row">consensus, refitted</th>');
    expect(text).toContain("0.2500");
  });

  test("speaks of a refit only where there was one", () => {
    expect(consensusSection(result({ refit_steps: 0 })).markup).not.toContain("refit trains");
  });

  test("has neither note nor table when nothing is shared", () => {
    const text = consensusSection(result({ latents: 0, judged: [] })).markup;
    expect(text).not.toContain("refit");
    expect(text).not.toContain("<table");
  });
});
