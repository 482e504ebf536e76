import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import type { AnalysedMember, AnalysisContext } from "../domains/analysis.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { Source } from "../sources/source.ts";
import type { Symmetry } from "../sources/symmetry.ts";
import { agreement } from "./agreement.ts";
import { writeAnalyses } from "./analyses.ts";
import { evaluation } from "./evaluation.ts";

/** The three axes; members have some of them as atoms, so every number can be worked by hand. */
const AXES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const ROWS = [
  [1, 0, 0],
  [0, 2, 0],
  [1, 2, 0],
  [0, 0, 3],
];

type Extra = Partial<Pick<AnalysedMember, "coupled" | "seed" | "setting" | "label">>;

/** A member whose atoms are these axes, of these lengths. */
async function member(name: string, axes: number[], extra: Extra = {}): Promise<AnalysedMember> {
  const atoms = Float32Array.from(axes.flatMap((axis) => AXES[axis]!));
  const [dSae, dIn] = [axes.length, 3];
  return {
    name,
    architecture: "topk",
    seed: extra.seed ?? name.charCodeAt(0),
    coupled: extra.coupled ?? true,
    label: extra.label ?? {},
    setting: extra.setting ?? {},
    lr: 0.01,
    sae: {
      architecture: "topk",
      selection: { kind: "topk", k: 2, relu: true },
      dIn,
      dSae,
      encoder: atoms,
      decoder: atoms,
      encoderBias: new Float32Array(dSae),
      decoderBias: undefined,
    },
    dictionary: await dictionaryOf(reference, atoms, dSae, dIn),
  };
}

/** What the analyses need of a source and a run. */
interface Told extends Partial<Pick<AnalysisContext, "onCompared" | "pause">> {
  readonly truth?: boolean;
  readonly symmetry?: Symmetry;
  readonly substitute?: string;
}

function contextOf(members: readonly AnalysedMember[], told: Told = {}) {
  const source: Source = {
    dIn: 3,
    provenance: {
      kind: "arrays",
      ...(told.substitute === undefined ? {} : { substitute: told.substitute }),
    },
    train: {
      rowsPerPass: 100,
      next: () => Promise.reject(new Error("training rows are not read")),
      state: () => ({}),
      seek: async () => {},
    },
    heldOut: {
      rows: ROWS.length,
      async read(start, out) {
        out.set(ROWS.flat().slice(start * 3, start * 3 + out.length));
      },
    },
    ...(told.truth ? { trueFeatures: { matrix: Float32Array.from(AXES.flat()), count: 3 } } : {}),
    ...(told.symmetry ? { symmetry: told.symmetry } : {}),
    close: async () => {},
  };
  return {
    backend: reference,
    members,
    source,
    beginning: {},
    baseFolder: ".",
    seed: 1,
    steps: 7,
    batch: 4,
    trainingFvu: new Map(),
    pause: told.pause ?? (async () => {}),
    phaseDone: () => {},
    onCompared: told.onCompared ?? (() => {}),
    onLooked: () => {},
  };
}

async function analysed(members: readonly AnalysedMember[], told?: Told) {
  const context = contextOf(members, told);
  const evaluated = await evaluation.analyse(context);
  const agreed = await agreement.analyse({ ...context, evaluation: evaluated });
  return { evaluated, agreed };
}

describe("the evaluation of a hand-worked population", () => {
  test("has the metrics of each member on the held-out rows", async () => {
    const { evaluated } = await analysed([await member("a", [0, 1]), await member("c", [0, 2])]);
    const { result } = evaluated;
    // Σ‖x − mean‖² = 19 − 4 · ‖(0.5, 1, 0.75)‖² = 11.75; a misses the last row, c the two with 2.
    const [a, c] = result.members.map(({ metrics }) => metrics);
    expect(a!["fvu"]).toBeCloseTo(9 / 11.75, 6);
    expect(c!["fvu"]).toBeCloseTo(8 / 11.75, 6);
    expect(a!["l0"]).toBe(1);
    expect(c!["l0"]).toBe(0.75);
    expect(result).toMatchObject({ rows: 4, steps: 7 });
  });

  test("counts in how many rows each latent is active", async () => {
    const { evaluated } = await analysed([await member("a", [0, 1]), await member("c", [0, 2])]);
    expect(evaluated.densities.map((d) => [...d])).toEqual([
      [0.5, 0.5],
      [0.5, 0.25],
    ]);
  });

  test("says that data is a substitute, wherever its numbers go", async () => {
    const members = [await member("a", [0, 1])];
    const { evaluated } = await analysed(members, { substitute: "for TUH EEG" });
    expect(evaluated.result.substitute).toBe("for TUH EEG");
    expect((await analysed(members)).evaluated.result).not.toHaveProperty("substitute");
  });

  test("ends when it is interrupted", async () => {
    const pause = () => Promise.reject(new Error("interrupted"));
    await expect(analysed([await member("a", [0, 1])], { pause })).rejects.toThrow("interrupted");
  });
});

describe("the agreement of a hand-worked population", () => {
  test("modulo the rows' group counts atoms that it moves into each other as one", async () => {
    // The first two axes are exchanged.
    const matrices = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1);
    const symmetry = { group: "c2", size: 2, matrices, isExact: true };
    const members = [
      await member("a", [0, 2]),
      await member("b", [1, 2]),
      await member("z", [1, 2], { coupled: false }),
    ];
    const { result } = (await analysed(members, { symmetry, truth: true })).agreed;
    const [pair] = result.pairs;
    expect(pair!.mcc).toBe(0.5);
    expect(pair!.mcc_modulo).toBeCloseTo(1, 6);
    expect(pair!.mcc_modulo_null).toBeGreaterThan(pair!.mcc_null);
    expect(result.group).toBe("c2");
    expect(result.ground_truth![0]!.mcc_modulo).toBeCloseTo(1, 6);
    expect(result.independent!.map((one) => one.mcc_modulo)).toEqual([
      expect.closeTo(1, 6),
      expect.closeTo(1, 6),
    ]);
    const { result: plain } = (await analysed(members)).agreed;
    expect(plain.pairs[0]).not.toHaveProperty("mcc_modulo");
    expect(plain).not.toHaveProperty("group");
  });

  test("is the mean cosine of matched atoms, whatever their order", async () => {
    const { agreed } = await analysed([
      await member("a", [0, 1]),
      await member("b", [1, 0]),
      await member("c", [0, 2]),
    ]);
    const mccs = agreed.result.pairs.map(({ a, b, mcc, shared }) => [a + b, mcc, shared]);
    expect(mccs).toEqual([
      ["ab", 1, 1],
      ["ac", 0.5, 0.5],
      ["bc", 0.5, 0.5],
    ]);
    expect(agreed.result.pw_mcc!.mean).toBeCloseTo(2 / 3, 6);
    for (const { mcc_null } of agreed.result.pairs) expect(mcc_null).toBeLessThan(1);
  });

  test("keeps for every latent its best cosine in the other members", async () => {
    const { agreed } = await analysed([await member("a", [0, 1]), await member("c", [0, 2])]);
    expect([...agreed.latents.keys()]).toEqual(["a.best_in_others", "c.best_in_others"]);
    expect([...agreed.latents.get("c.best_in_others")!]).toEqual([1, 0]);
  });

  test("compares members with independent ones apart from the pairs", async () => {
    const { agreed } = await analysed([
      await member("a", [0, 1]),
      await member("b", [1, 0]),
      await member("i", [0, 2], { coupled: false }),
    ]);
    expect(agreed.result.pairs.map(({ a, b }) => a + b)).toEqual(["ab"]);
    expect(agreed.result.pw_mcc!.mean).toBe(1);
    expect(agreed.result.independent).toMatchObject([
      { member: "a", independent: "i", mcc: 0.5 },
      { member: "b", independent: "i", mcc: 0.5 },
    ]);
    // What an independent member shares with others is not part of the agreement.
    expect(agreed.latents.has("i.best_in_others")).toBe(false);
    expect(agreed.pairs.map(({ i, j }) => [i, j])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
  });

  test("compares every member with known features, independent ones too", async () => {
    const members = [await member("a", [0, 1]), await member("i", [0, 0], { coupled: false })];
    const { agreed } = await analysed(members, { truth: true });
    const [a, i] = agreed.result.ground_truth!;
    expect(a).toMatchObject({ member: "a", mcc: 1, mean_max: [1, expect.closeTo(2 / 3, 6)] });
    // Two atoms on one feature: one of them has to take another, at a right angle.
    expect(i).toMatchObject({ member: "i", mcc: 0.5, mean_max: [1, expect.closeTo(1 / 3, 6)] });
    expect([...agreed.latents.get("i.best_in_truth")!]).toEqual([1, 1]);
    expect((await analysed(members)).agreed.result).not.toHaveProperty("ground_truth");
  });

  test("has no mean over members that differ in their settings", async () => {
    const { agreed } = await analysed([
      await member("a", [0, 1], { setting: { k: 1 } }),
      await member("b", [1, 0], { setting: { k: 1 } }),
      await member("c", [0, 2], { setting: { k: 2 } }),
      await member("d", [0, 2], { setting: { k: 2 } }),
    ]);
    expect(agreed.result).not.toHaveProperty("pw_mcc");
    expect(agreed.result.pw_mcc_by_setting).toMatchObject([
      { setting: { k: 1 }, mean: 1 },
      { setting: { k: 2 }, mean: 1 },
    ]);
  });

  test("has no mean for one member alone", async () => {
    const { agreed } = await analysed([await member("a", [0, 1])]);
    expect(agreed.result).toEqual({ pairs: [] });
    expect(agreed.latents.size).toBe(0);
  });

  test("tells of every comparison, with the number that there are to do", async () => {
    const told: string[] = [];
    const members = [
      await member("a", [0, 1]),
      await member("b", [1, 0]),
      await member("i", [0, 2], { coupled: false }),
    ];
    const onCompared = (done: number, total: number) => told.push(`${done}/${total}`);
    await analysed(members, { truth: true, onCompared });
    // One pair, two with the independent member, three with the features.
    expect(told).toEqual(["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  });
});

test("what was found can be read from the folder of the run again", async () => {
  const { evaluated, agreed } = await analysed(
    [await member("a", [0, 1]), await member("c", [0, 2])],
    { truth: true },
  );
  const folder = new RunFolder(temporaryFolder());
  expect(await evaluation.read(folder)).toBeUndefined();
  expect(await agreement.read(folder)).toBeUndefined();
  await writeAnalyses(folder, [
    { analysis: evaluation, found: evaluated },
    { analysis: agreement, found: agreed },
  ] as Parameters<typeof writeAnalyses>[1]);
  const read = (await evaluation.read(folder))!;
  expect(read.result).toEqual(evaluated.result);
  expect(read.densities).toEqual(evaluated.densities);
  const again = (await agreement.read(folder))!;
  expect(again.result).toEqual(agreed.result);
  // Densities lie in the same file, and belong to the evaluation.
  expect([...again.latents.keys()].sort()).toEqual([...agreed.latents.keys()].sort());
});
