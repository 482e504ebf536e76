import { expect, test } from "vitest";
import { COMPARED_METRICS } from "./compared-metrics.ts";
import type { SettingPart } from "./settings.ts";

const similarity = (mcc: number) => ({
  mcc,
  mcc_null: 0.2,
  mean_max: [0, 0] as [number, number],
  mean_max_null: [0, 0] as [number, number],
  shared: 0,
});

const member = (fvu: number | null) => ({ metrics: { fvu, l0: 4, dead_fraction: 0.5 } });

const part = (change: Partial<Record<keyof SettingPart, unknown>> = {}) =>
  ({
    setting: {},
    members: [member(0.2), member(0.4)],
    pairs: [similarity(0.6), similarity(0.8)],
    independent: [{ member: "m", ...similarity(0.5) }],
    truth: [],
    ...change,
  }) as unknown as SettingPart;

const of = (name: string, one = part()) =>
  COMPARED_METRICS.find(({ metric }) => metric.name === name)!.of(one);

test("runs are compared by these numbers, in this order", () => {
  expect(COMPARED_METRICS.map(({ metric, ofMembers }) => [metric.name, ofMembers])).toEqual([
    ["fvu", true],
    ["l0", true],
    ["dead_fraction", true],
    ["pw_mcc", false],
    ["gt_mcc", true],
    ["independent_mcc", false],
    ["pw_mcc_modulo", false],
    ["gt_mcc_modulo", true],
  ]);
});

test("a metric is the mean over members, a similarity that over pairs, next to its null", () => {
  expect(of("fvu")!.value).toBeCloseTo(0.3, 12);
  expect(of("l0")).toEqual({ value: 4 });
  expect(of("pw_mcc")!.value).toBeCloseTo(0.7, 12);
  expect(of("pw_mcc")!.null).toBeCloseTo(0.2, 12);
  expect(of("independent_mcc")!.value).toBe(0.5);
});

test("what a run does not have is nothing, and what was not a number stays so", () => {
  expect(of("gt_mcc")).toBeUndefined();
  expect(of("fvu", part({ members: [] }))).toBeUndefined();
  expect(of("fvu", part({ members: [member(0.2), member(null)] }))!.value).toBeNaN();
});
