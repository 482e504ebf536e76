import { describe, expect, test } from "vitest";
import type { ConsistencyResult, EvaluationResult, MemberEvaluation } from "./results.ts";
import {
  leftOut,
  meanMcc,
  pwMccEntries,
  pwMccOf,
  settingId,
  settingKeys,
  settingNotes,
  settingOf,
  settingParts,
  settingText,
  valueText,
} from "./settings.ts";

function member(
  name: string,
  seed: number,
  setting: Readonly<Record<string, unknown>> | undefined,
  coupled = true,
  label: Readonly<Record<string, unknown>> = {},
): MemberEvaluation {
  const plain = { name, seed, coupled, label, architecture: "topk", metrics: {}, density: {} };
  return { ...plain, ...(setting && { setting }) } as unknown as MemberEvaluation;
}

const similarity = (mcc: number) => ({
  mcc,
  mcc_null: 0.2,
  mean_max: [0, 0] as [number, number],
  mean_max_null: [0, 0] as [number, number],
  shared: 0,
});

const pair = (a: string, b: string, mcc: number) => ({ a, b, ...similarity(mcc) });

const evaluation = (members: readonly MemberEvaluation[]) =>
  ({ rows: 10, members }) as EvaluationResult;

/** Two settings of k, two seeds each, and an outsider. */
const MEMBERS = [
  member("a", 0, { k: 1 }),
  member("b", 1, { k: 1 }),
  member("c", 0, { k: 4 }),
  member("d", 1, { k: 4 }),
  member("o", 2, { k: 1 }, false),
];
const CONSISTENCY = {
  pairs: [pair("a", "b", 0.9), pair("c", "d", 0.5), pair("a", "c", 0.1)],
  independent: [
    { member: "a", independent: "o", ...similarity(0.7) },
    { member: "c", independent: "o", ...similarity(0.3) },
  ],
  ground_truth: [{ member: "a", ...similarity(0.6) }],
} as unknown as ConsistencyResult;

describe("settings", () => {
  test("a setting is what results record, or what the config gave the member", () => {
    expect(settingOf(member("a", 0, { k: 1 }))).toEqual({ k: 1 });
    const old = member("a", 0, undefined, true, { k: 2, seed: 5, name: "a" });
    expect(settingOf(old)).toEqual({ k: 2 });
  });

  test("the order of keys makes no other setting, another value does", () => {
    expect(settingId({ k: 1, lr: 2 })).toBe(settingId({ lr: 2, k: 1 }));
    expect(settingId({ k: 1 })).not.toBe(settingId({ k: "1" }));
  });

  test("settings in words", () => {
    expect(settingText({ k: 16, architecture: "topk", aux_k: { coefficient: 0.03 } })).toBe(
      'k 16, architecture topk, aux_k {"coefficient":0.03}',
    );
    expect(valueText(undefined)).toBe("–");
    expect(settingKeys([{ k: 1 }, { lr: 2, k: 3 }])).toEqual(["k", "lr"]);
  });
});

describe("members by setting", () => {
  test("have the pairs, outsiders and truths of their own setting", () => {
    const [first, second, ...others] = settingParts(evaluation(MEMBERS), CONSISTENCY);
    expect(others).toEqual([]);
    expect(first!.members.map((m) => m.name)).toEqual(["a", "b"]);
    expect(first!.pairs.map((p) => p.mcc)).toEqual([0.9]);
    expect(first!.independent.map((p) => p.mcc)).toEqual([0.7]);
    expect(first!.truth.map((p) => p.mcc)).toEqual([0.6]);
    // Its outsider has another k, so it says nothing of this setting.
    expect(second!.independent).toEqual([]);
    expect(second!.pairs.map((p) => p.mcc)).toEqual([0.5]);
  });

  test("are there without any comparison", () => {
    const [first] = settingParts(evaluation(MEMBERS), undefined);
    expect([first!.pairs, first!.independent, first!.truth]).toEqual([[], [], []]);
  });

  test("PW-MCC is one number for one setting, and a list for several", () => {
    expect(pwMccEntries(evaluation(MEMBERS), CONSISTENCY.pairs)).toEqual({
      pw_mcc_by_setting: [
        { setting: { k: 1 }, mean: 0.9, null: 0.2, pairs: 1 },
        { setting: { k: 4 }, mean: 0.5, null: 0.2, pairs: 1 },
      ],
    });
    const same = evaluation(MEMBERS.slice(0, 2));
    expect(pwMccEntries(same, CONSISTENCY.pairs)).toEqual({ pw_mcc: { mean: 0.9, null: 0.2 } });
    expect(pwMccOf(same, CONSISTENCY)).toEqual({ mean: 0.9, null: 0.2 });
    expect(pwMccOf(evaluation(MEMBERS), CONSISTENCY)).toBeUndefined();
    expect(pwMccEntries(evaluation(MEMBERS.slice(0, 1)), [])).toEqual({});
  });

  test("a mean is of all comparisons, and nothing of none", () => {
    expect(meanMcc([])).toBeUndefined();
    const found = meanMcc([similarity(0.4), similarity(0.8)])!;
    expect([found.mean, found.pairs]).toEqual([expect.closeTo(0.6, 12), 2]);
  });
});

describe("what no mean counts", () => {
  test("pairs of different settings, and those that began with the same weights", () => {
    const twins = [member("a", 0, { k: 1 }), member("b", 0, { k: 1 }), member("c", 0, { k: 4 })];
    const { pairs } = CONSISTENCY;
    const found = leftOut(evaluation(twins), { pairs } as ConsistencyResult);
    expect(found.sharedSeed.map((p) => p.mcc)).toEqual([0.9]);
    expect(found.otherSetting.map((p) => p.mcc)).toEqual([0.1]);
    // The pair of a member that the evaluation does not know is in neither.
    expect(found.sharedSeed.length + found.otherSetting.length).toBe(2);
  });

  test("is said in a sentence each, and most populations need none", () => {
    expect(settingNotes(evaluation(MEMBERS.slice(0, 2)), undefined)).toEqual([]);
    const notes = settingNotes(evaluation(MEMBERS), CONSISTENCY);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("2 pairs of members with different settings");
    const alone = settingNotes(evaluation([MEMBERS[0]!, MEMBERS[2]!]), undefined);
    expect(alone).toEqual([expect.stringContaining("raise population.members")]);
  });
});
