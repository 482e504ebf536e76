import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { randomStream } from "../../../base/philox.ts";
import { CORRUPTIONS, snrDb } from "../signal/corruptions.ts";
import { zScore } from "../signal/z-score.ts";
import { parseRecipe } from "../windows/recipe.ts";
import { type CorruptOptions, channelsOf, drawCorruption, scaleWindow } from "./corrupt-windows.ts";
import { type EegSource, openEegSource } from "./eeg-source.ts";

const eeg = {
  simulated: { recordings: 3, seconds: 12, rate: 128, channels: ["Fp1", "Cz", "O1"], blinkUv: 40 },
  variant: "fixed",
  minChannels: 3,
  heldOutFraction: 0.3,
  seed: 5,
} as const;
const open = (corrupt: CorruptOptions = {}) => openEegSource({ ...eeg, corrupt });

/** The next rows of the training stream and their targets, zeros where it has none. */
async function next({ train, dIn }: EegSource, rows: number) {
  const [x, t] = [new Float32Array(rows * dIn), new Float32Array(rows * dIn)];
  await train.next(x, t);
  return { x, t };
}

async function heldOut(source: EegSource, start = 0, rows = source.heldOut.rows - start) {
  const [x, t] = [new Float32Array(rows * source.dIn), new Float32Array(rows * source.dIn)];
  await source.heldOut.read(start, x, t);
  return { x, t };
}

describe("pairs", () => {
  test("are windows at the stated ratio and the clean ones, on the noisy ones' scale", async () => {
    const source = await open({ snrDb: 3 });
    const { layout, dIn } = source;
    const microvolts = await openEegSource({ ...eeg, scale: "microvolts" });
    const [pairs, clean] = [await next(source, 30), await next(microvolts, 30)];
    for (let r = 0; r < 30; r++) {
      const row = (v: Float32Array) => v.slice(r * dIn, (r + 1) * dIn);
      const [noisy, target, truth] = [row(pairs.x), row(pairs.t), row(clean.x)];
      const [signal, denoised] = [channelsOf(truth, layout), channelsOf(target, layout)];
      // The scale follows from the target: truth = mean + std · target.
      const recovered = channelsOf(noisy, layout).map((x, c) => {
        expect(x.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 2);
        const [own, other] = [zScore(signal[c]!.slice()), zScore(denoised[c]!.slice())];
        const std = own.std / other.std;
        return x.map((v) => v * std + own.mean - other.mean * std);
      });
      expect(snrDb(signal, recovered)).toBeCloseTo(3, 2);
    }
  });

  test("are the same again from a position, in batches of any size, and other ones in the next pass", async () => {
    const [a, b] = [await open(), await open()];
    const whole = await next(a, 40);
    const state = a.train.state();
    const later = await next(a, 9);
    const parts = [await next(b, 7), await next(b, 33)];
    for (const key of ["x", "t"] as const)
      expect([...parts[0]![key], ...parts[1]![key]]).toEqual([...whole[key]]);
    await b.train.seek(state);
    expect(await next(b, 9)).toEqual(later);
    await expect(b.train.seek({ ...state, served: -1 })).rejects.toThrow(/state.served/);

    const once = await open({ kinds: ["white"], snrDb: 0 });
    const { rowsPerPass } = once.train;
    const [first, second] = [await next(once, rowsPerPass!), await next(once, rowsPerPass!)];
    const windows = ({ t }: { t: Float32Array }) =>
      new Set(
        Array.from({ length: rowsPerPass! }, (_, r) => {
          const target = t.slice(r * once.dIn, (r + 1) * once.dIn);
          scaleWindow(target, once.layout);
          return target
            .slice(0, 8)
            .map((v) => Math.round(v * 1e3))
            .join();
        }),
      );
    expect(windows(second)).toEqual(windows(first));
    const seen = new Set(first.x);
    expect(second.x.filter((v) => seen.has(v)).length).toBeLessThan(second.x.length / 10);
  });

  test("are held out with noise that never changes", async () => {
    const source = await open();
    const [all, again] = [await heldOut(source), await heldOut(source)];
    expect(again).toEqual(all);
    const part = await heldOut(source, 4, 3);
    expect(part.x).toEqual(all.x.slice(4 * source.dIn, 7 * source.dIn));
    expect(part.t).toEqual(all.t.slice(4 * source.dIn, 7 * source.dIn));
    const alone = new Float32Array(3 * source.dIn);
    await source.heldOut.read(4, alone);
    expect(alone).toEqual(part.x);
  });
});

test("clean training sees the windows of a plain source; evaluation stays noisy", async () => {
  const [clean, plain] = [await open({ training: "clean" }), await open()];
  const bare = await openEegSource(eeg);
  const { x, t } = await next(clean, 50);
  const expected = await next(bare, 50);
  expectAllclose(x, expected.x, { rtol: 1e-6, atol: 1e-6 });
  expect(t.every((v) => v === 0)).toBe(true);
  expect([clean.train.hasTargets, clean.heldOut.hasTargets]).toEqual([false, true]);
  expect(await heldOut(clean)).toEqual(await heldOut(plain));
  expect([bare.train.hasTargets, bare.heldOut.hasTargets]).toEqual([undefined, undefined]);
});

test("draws cover the kinds and the range of ratios, and impossible options are refused", async () => {
  const stream = randomStream(1, "t");
  const draws = Array.from({ length: 400 }, (_, i) => drawCorruption({}, stream, i));
  expect(new Set(draws.map((d) => d.kind))).toEqual(new Set(CORRUPTIONS));
  expect(new Set(draws.map((d) => d.seed)).size).toBe(400);
  const ratios = draws.map((d) => d.snrDb);
  expect(Math.min(...ratios)).toBeGreaterThan(-5);
  expect(Math.min(...ratios)).toBeLessThan(-4.8);
  expect(Math.max(...ratios)).toBeGreaterThan(4.8);
  await expect(open({ kinds: [] })).rejects.toThrow(/at least one kind/);
  await expect(open({ snrDb: [2, 1] })).rejects.toThrow(/lower ratio first/);
  await expect(open({ lineFrequency: 64 })).rejects.toThrow(/below half the windows' rate \(64\)/);
  await expect(open({ lineFrequency: 64, kinds: ["white"] })).resolves.toBeTruthy();
});

test("the faithful variant is not disturbed", async () => {
  const faithful = { simulated: eeg.simulated, variant: "faithful" } as const;
  await expect(openEegSource({ ...faithful, corrupt: {} })).rejects.toThrow(
    /corrupt has no effect with variant: faithful/,
  );
});

describe("the recipe in an SAE's folder", () => {
  test("says how windows are made, and reads back", async () => {
    const source = await open();
    const json = JSON.parse(JSON.stringify(source.saeMetadata)) as { eeg: Record<string, unknown> };
    expect(parseRecipe(json.eeg, "cfg.json")).toEqual({
      variant: "fixed",
      channels: ["Fp1", "O1", "Cz"],
      rate: 128,
      samples: 128,
      band: { low: 0.5, high: 45, order: 5 },
      averageReference: true,
    });
    const plain = await openEegSource({ ...eeg, averageReference: false, low: 1 });
    expect(plain.saeMetadata).toMatchObject({
      eeg: { average_reference: false, band: { low: 1 } },
    });
  });

  test("is refused when something is missing, by name", () => {
    const good = {
      variant: "fixed",
      channels: ["Cz"],
      rate: 128,
      samples: 128,
      scale: "z_score",
      average_reference: true,
      band: { low: 1, high: 40, order: 4 },
    };
    expect(parseRecipe(good, "x").rate).toBe(128);
    for (const [key, value] of Object.entries({
      variant: "other",
      channels: [],
      rate: 0,
      samples: 1.5,
      scale: "µV",
      average_reference: 1,
      band: { low: 1, high: "x", order: 4 },
    }))
      expect(() => parseRecipe({ ...good, [key]: value }, "cfg.json")).toThrow(`eeg.${key}`);
    expect(() => parseRecipe(undefined, "cfg.json")).toThrow(
      /cfg.json: expected fixed or faithful/,
    );
  });
});
