import { describe, expect, test } from "vitest";
import { madeMember, madeRun, madeSimilarity } from "../../test/support/run-data.ts";
import type { MemberEvaluation } from "../runs/results.ts";
import { loggedMetrics } from "./logged.ts";
import { insideAndOutside, runAnswer, unfinishedWords } from "./run-answer.ts";
import type { RunData } from "./run-data.ts";

const pair = (mcc: number) => ({ a: "member-0", b: "member-1", ...madeSimilarity(mcc) });
const of = (members: readonly MemberEvaluation[], more: Partial<RunData> = {}) =>
  runAnswer(madeRun({ evaluation: { rows: 1000, members }, ...more }));
const PAIR = [madeMember("member-0"), madeMember("member-1")];
const coupled = { coupling: { weight: 0.5, matching: "hungarian" } };

describe("what was trained", () => {
  test("is counted, with the steps and the batch", () => {
    expect(runAnswer(madeRun())).toContain(
      "2 sparse autoencoders (topk, 16 latents) and 1 independent one were trained on",
    );
    expect(runAnswer(madeRun())).toContain(" for 100 steps of 64 activations, with no coupling.");
  });

  test("of one member has no coupling to speak of, and is in the singular", () => {
    const answer = of([madeMember("member-0")], { consistency: undefined });
    expect(answer).toMatch(/^1 sparse autoencoder \(topk, 16 latents\) was trained on/);
    expect(answer).not.toContain("coupling");
  });

  test("names each architecture and each size once", () => {
    const other = madeMember("member-1", {
      architecture: "relu",
      density: { edges: [-6], width: 0.1, counts: [30], dead: 2 },
    });
    expect(of([PAIR[0]!, other])).toContain("(topk, relu, 16 or 32 latents)");
  });

  test("names the coupling and its weight", () => {
    expect(of(PAIR, { config: coupled })).toContain(
      ", pulled together by Mutual Feature Regularization of weight 0.5 (hungarian matching).",
    );
    const config = { coupling: { kind: "frequency", weight: 0.5 } };
    expect(of(PAIR, { config })).toContain("by MFR weighted by frequency of weight 0.5.");
  });

  test("leaves out steps and batch where they are not known", () => {
    const { totalSteps: _, ...record } = madeRun().record;
    expect(of(PAIR, { record, config: {} })).toMatch(/trained on [^.]*, with no coupling\./);
  });
});

describe("how well it reconstructs", () => {
  test("is the mean over members, with the lowest and the highest", () => {
    const members = [0.1, 0.3].map((fvu, i) =>
      madeMember(`member-${i}`, { metrics: { fvu, l0: 4, dead_fraction: 0.5 } }),
    );
    expect(of(members)).toContain(
      "On 1000 held-out activations they leave 20\u202f% of the variance unexplained (FVU 0.2; from 0.1 to 0.3 by member), with 4 latents active at a time and 50\u202f% never active.",
    );
  });

  test("does not count independent members", () => {
    const outside = madeMember("independent-2", { metrics: { fvu: 9 } });
    expect(of([...PAIR, outside])).toContain("(FVU 0.1; from 0.1 to 0.1 by member)");
  });

  test("says when it is no better than the mean", () => {
    const members = PAIR.map((m) => ({ ...m, metrics: { fvu: 1.5, l0: 1 } }));
    expect(of(members)).toContain(
      ", no better than always predicting the mean, with 1 latent active at a time.",
    );
  });

  test("leaves out a member whose number is not one, and says when all are so", () => {
    const bad = madeMember("member-1", { metrics: { fvu: null as never } });
    expect(of([PAIR[0]!, bad])).toContain("(FVU 0.1),");
    expect(of([bad])).toContain("the variance unexplained is not a number.");
  });
});

describe("how consistent it is", () => {
  test("is said beside the null, and that it is hardly more where it is", () => {
    const said = (mcc: number) => of(PAIR, { consistency: { pairs: [pair(mcc)] } });
    expect(said(0.75)).toContain(
      "Matched one to one, the atoms of two members have a mean cosine of 0.750, where unrelated dictionaries of the same shape have 0.250.",
    );
    expect(said(0.26)).toContain("have 0.250: hardly more than chance.");
    expect(said(0.28)).not.toContain("hardly");
  });

  test("of a sample of pairs says so", () => {
    const consistency = { pairs: [pair(0.75)], sampled_pairs: { compared: 500, of: 12_000 } };
    expect(of(PAIR, { consistency })).toContain(
      "500 of the 12\u202f000 pairs, drawn at random, were compared.",
    );
  });

  test("with the truth and with independent members is said of coupled ones alone", () => {
    const truth = (member: string, mcc: number) => ({ member, ...madeSimilarity(mcc) });
    const consistency = {
      ...madeRun().consistency!,
      ground_truth: [truth("member-0", 0.9), truth("independent-2", 0.1)],
    };
    const answer = runAnswer(madeRun({ consistency }));
    expect(answer).toContain("With the true features the mean is 0.900 (null 0.250).");
    expect(answer).toContain("With independent members the mean is 0.550 (null 0.250).");
  });

  test("of coupled members is no evidence by itself, and it is said what would be", () => {
    const inside = of(PAIR, { config: coupled, consistency: { pairs: [pair(0.75)] } });
    expect(inside).toContain("population.independent adds members to judge by");
    const outside = runAnswer(madeRun({ config: coupled }));
    expect(outside).toContain("only what lies outside it counts as evidence");
    // Without a coupling there is nothing to warn of.
    expect(runAnswer(madeRun())).not.toContain("evidence");
  });

  test("of several settings is a range over them", () => {
    const members = [0, 1, 2, 3].map((i) =>
      madeMember(`member-${i}`, { seed: i % 2, setting: { k: i < 2 ? 4 : 8 } }),
    );
    const pairs = [
      { a: "member-0", b: "member-1", ...madeSimilarity(0.5) },
      { a: "member-2", b: "member-3", ...madeSimilarity(0.75) },
    ];
    const ground_truth = members.map(({ name }, i) => ({
      member: name,
      ...madeSimilarity(i / 10),
    }));
    const answer = of(members, { consistency: { pairs, ground_truth } });
    expect(answer).toContain("4 sparse autoencoders of 2 settings of k (topk, 16 latents)");
    expect(answer).toContain(
      "that differ in their seeds alone have a mean cosine of 0.500 to 0.750 by setting (null 0.250).",
    );
    expect(answer).toContain(
      "With the true features the mean cosine is 0.050 to 0.250 by setting (null 0.250).",
    );
    expect(answer).toContain("the lowest mean FVU, 0.1, is that of");
  });
});

test("a substitute is said last, with one full stop", () => {
  const evaluation = { ...madeRun().evaluation!, substitute: "letters instead of text." };
  expect(runAnswer(madeRun({ evaluation }))).toMatch(
    /The data is a substitute: letters instead of text\.$/,
  );
});

describe("a run without results", () => {
  const record = madeRun().record;
  const attempt = { startedAt: "t", host: "h", pid: 1, fromStep: 0 };
  const unfinished = (over: Partial<RunData["record"]>) =>
    unfinishedWords(madeRun({ evaluation: undefined, record: { ...record, ...over } }));

  test("says how far its curves go", async () => {
    const metrics = await loggedMetrics([{ step: 40, members: { a: { fvu: 1 } } }]);
    expect(runAnswer(madeRun({ evaluation: undefined, metrics }))).toBe(
      "So far there are training curves up to step 40 of 100; nothing has been evaluated on held-out activations.",
    );
    expect(runAnswer(madeRun({ evaluation: undefined }))).toBe("Nothing has been measured yet.");
  });

  test("says what became of it", () => {
    expect(
      unfinished({ status: "failed", attempts: [{ ...attempt, toStep: 7, error: "Disk full." }] }),
    ).toBe("This run failed at step 7 of 100: Disk full.");
    expect(unfinished({ status: "failed" })).toBe("This run failed");
    expect(unfinished({ status: "interrupted", attempts: [{ ...attempt, toStep: 7 }] })).toBe(
      "This run was interrupted at step 7 of 100. It can go on from its last checkpoint with --resume.",
    );
    expect(unfinished({ status: "running", attempts: [attempt] })).toContain(
      "it was still going on, or was killed",
    );
    expect(unfinished({ status: "finished" })).toContain("its results are missing");
  });

  test("is finished when evaluation and consistency are there", () => {
    expect(unfinishedWords(madeRun())).toBeUndefined();
    expect(unfinishedWords(madeRun({ consistency: undefined }))).toContain("results are missing");
  });
});

test("members inside a coupling stand apart from those outside", () => {
  const { inside, outside } = insideAndOutside(madeRun().evaluation!);
  expect(inside.map((m) => m.name)).toEqual(["member-0", "member-1"]);
  expect(outside.map((m) => m.name)).toEqual(["independent-2"]);
});
