import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { normals } from "../../../../test/support/random.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { openLanguageModel } from "../models/language-model.ts";
import type { PackedTokens } from "../text/packing.ts";
import { tokenBatch } from "../text/token-batch.ts";
import { largestDimensions, rowFacts } from "./splice-rows.ts";
import { type SpliceOptions, spliceSaes } from "./splice-saes.ts";

const [D, WINDOWS, CONTEXT] = [24, 3, 10];

async function tiny(): Promise<LanguageModel> {
  const folder = join(temporaryFolder(), "tiny");
  writeTinyModel(folder);
  const model = await openLanguageModel(folder, { threads: 1 });
  onTestFinished(() => model.close());
  return model;
}

const ids = Int32Array.from({ length: WINDOWS * CONTEXT }, (_, i) => (7 * i + 3) % 29);
const packed: PackedTokens = {
  contextLength: CONTEXT,
  windows: WINDOWS,
  ids,
  lengths: Int32Array.of(CONTEXT, CONTEXT, 6),
  documentOf: new Int32Array(ids.length),
  specialIds: new Set(),
};

/** An SAE whose 2 d latents are every dimension and its negative: it changes nothing. */
function identity(scale = 1): Sae {
  const encoder = new Float32Array(2 * D * D);
  for (let i = 0; i < D; i++) {
    encoder[i * D + i] = 1;
    encoder[(D + i) * D + i] = -1;
  }
  return {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn: D,
    dSae: 2 * D,
    encoder,
    decoder: encoder.map((v) => scale * v),
    encoderBias: new Float32Array(2 * D),
    decoderBias: undefined,
  };
}

async function evaluated(sae: Sae, more: Partial<SpliceOptions> = {}) {
  const model = await tiny();
  const saes = [{ name: "sae", sae }];
  return spliceSaes(reference, { model, hook: TINY_HOOK, packed, saes, batch: 2, ...more });
}

test("an SAE that changes nothing costs nothing", async () => {
  const { saes, crossEntropy, tokens, zeroAblation, meanAblation } = await evaluated(identity());
  const [sae] = saes;
  expect(tokens).toBe(9 + 9 + 5);
  expect(sae!.fvu).toBeLessThan(1e-10);
  expect(sae!.predictions.crossEntropy).toBeCloseTo(crossEntropy, 5);
  expect(sae!.predictions.divergence).toBeCloseTo(0, 5);
  expect(sae!.recovered).toBeCloseTo(1, 3);
  expect(sae!.normRatio).toBeCloseTo(1, 6);
  expect(sae!.bias).toBeCloseTo(1, 6);
  expect(sae!.cosine).toBeCloseTo(1, 6);
  // Padding is not counted.
  expect(sae!.rows).toBe(26);
  expect(zeroAblation.divergence).toBeGreaterThan(0);
  expect(meanAblation.divergence).toBeGreaterThan(0);
});

test("an SAE that gives zeros is the zero ablation, and half as long ones shrink", async () => {
  const { saes, zeroAblation } = await evaluated(identity(0), { withOutliers: true });
  expect(saes[0]!.predictions.crossEntropy).toBeCloseTo(zeroAblation.crossEntropy, 5);
  expect(saes[0]!.recovered).toBeCloseTo(0, 4);
  const half = (await evaluated(identity(0.5))).saes[0]!;
  expect(half.normRatio).toBeCloseTo(0.5, 6);
  expect(half.bias).toBeCloseTo(0.5, 6);
});

test("the divergence is that of the two distributions", async () => {
  const model = await tiny();
  const tokens = tokenBatch(ids.slice(0, CONTEXT), 1, CONTEXT);
  const replacement = normals("replacement", CONTEXT * D);
  const logits = await model.logits(tokens);
  const spliced = model.spliced(TINY_HOOK);
  const changed = await spliced.logits(tokens, replacement);
  const same = await model.activations(TINY_HOOK, tokens);
  const baseline = await spliced.logProbabilities(tokens, same);
  const { divergence, perToken } = await spliced.compare(tokens, replacement, baseline);
  const width = logits.length / CONTEXT;
  const logs = (all: Float32Array, at: number) => {
    const row = all.subarray(at * width, (at + 1) * width);
    const most = Math.max(...row);
    const norm = most + Math.log(row.reduce((sum, v) => sum + Math.exp(v - most), 0));
    return Array.from(row, (v) => v - norm);
  };
  for (let at = 0; at < CONTEXT - 1; at++) {
    const [p, q] = [logs(logits, at), logs(changed, at)];
    const kl = p.reduce((sum, log, i) => sum + Math.exp(log) * (log - q[i]!), 0);
    expect(divergence[at]).toBeCloseTo(kl, 4);
    expect(perToken[at]).toBeCloseTo(-q[ids[at + 1]!]!, 4);
  }
  expect(divergence.at(-1)).toBeNaN();
});

test("a token that the model gives no probability adds nothing to the divergence", async () => {
  const model = await tiny();
  const tokens = tokenBatch(ids.slice(0, CONTEXT), 1, CONTEXT);
  const same = await model.activations(TINY_HOOK, tokens);
  const spliced = model.spliced(TINY_HOOK);
  const baseline = await spliced.logProbabilities(tokens, same);
  const width = baseline.length / CONTEXT;
  const compared = () => spliced.compare(tokens, same, baseline);
  const p = Math.exp(baseline[5]!);
  for (let i = 0; i < width; i++) baseline[i]! -= Math.log(1 - p);
  baseline[5] = Number.NEGATIVE_INFINITY;
  const { divergence, divergenceSum } = await compared();
  // p without the token is q / (1 − q(token)).
  expect(divergence[0]).toBeCloseTo(-Math.log(1 - p), 4);
  expect(divergenceSum).toBeCloseTo(divergence[0]!, 4);
  // What is not a number stays none.
  baseline[width] = Number.NaN;
  expect((await compared()).divergenceSum).toBeNaN();
});

test("an SAE whose reconstructions are not finite has no divergence, not a perfect one", async () => {
  const { saes } = await evaluated(identity(Number.NaN));
  expect(saes[0]!.predictions.crossEntropy).toBeNaN();
  expect(saes[0]!.predictions.divergence).toBeNaN();
});

test("ablations keep the rows and dimensions that SAEs keep", async () => {
  const model = await tiny();
  const far: LanguageModel = new Proxy(model, {
    get(target, key) {
      if (key !== "activations") return (target[key as never] as () => unknown).bind(target);
      return async (...of: Parameters<LanguageModel["activations"]>) =>
        (await target.activations(...of)).map((v, i) => (i % (CONTEXT * D) < D ? 500 * v : v));
    },
  });
  const options = { model: far, passDimensions: 2 };
  const { saes, zeroAblation, rows } = await evaluated(identity(0), options);
  expect(rows.outliers).toBe(WINDOWS);
  const [zeros] = saes;
  expect(zeros!.predictions).toEqual(zeroAblation);
  expect(zeros!.recovered).toBeCloseTo(0, 12);
  const mean = { ...identity(0), decoderBias: rows.mean };
  const { saes: means, meanAblation } = await evaluated(mean, options);
  expect(means[0]!.predictions.crossEntropy).toBeCloseTo(meanAblation.crossEntropy, 5);
  expect(means[0]!.predictions.divergence).toBeCloseTo(meanAblation.divergence, 5);
});

test("rows that collecting leaves out stay as they are", async () => {
  const skippedPositions = new Set(Array.from({ length: CONTEXT - 1 }, (_, i) => i));
  const special = new Set(ids);
  for (const kept of [
    { packed: { ...packed, skippedPositions } },
    { packed: { ...packed, specialIds: special }, skipSpecial: true },
  ]) {
    const { saes, crossEntropy } = await evaluated(identity(0), { withOutliers: true, ...kept });
    // What the last position holds changes no prediction of a token that follows it.
    expect(saes[0]!.predictions.crossEntropy).toBeCloseTo(crossEntropy, 5);
  }
  const changed = await evaluated(identity(0), {
    packed: { ...packed, specialIds: special },
    withOutliers: true,
  });
  expect(changed.saes[0]!.predictions.divergence).toBeGreaterThan(0.01);
});

test("dimensions that are passed stay as they are", async () => {
  const { passed, rows } = await evaluated(identity(0), { passDimensions: 3 });
  expect(passed).toEqual(largestDimensions(rows.variance, 3));
  const [some, none] = [
    await evaluated(identity(0), { passDimensions: D - 1 }),
    await evaluated(identity(0)),
  ];
  expect(some.saes[0]!.predictions.divergence).toBeLessThan(none.saes[0]!.predictions.divergence);
});

test("rows far longer than the median are outliers, and count for nothing", () => {
  const rows = Float32Array.from([1, 0, 0, 1, 1, 1, 300, 0, 9, 9]);
  const facts = rowFacts(rows, 2, Uint8Array.of(1, 1, 1, 1, 0));
  expect([...facts.isOutlier]).toEqual([0, 0, 0, 1, 0]);
  expect(facts.outliers).toBe(1);
  expect([...facts.mean]).toEqual([Math.fround(2 / 3), Math.fround(2 / 3)]);
  expect(facts.variance[0]).toBeCloseTo(2 / 9, 6);
});

test("an SAE of another width is named before the model runs", async () => {
  await expect(evaluated({ ...identity(), dIn: 7 })).rejects.toThrow(
    "sae encodes activations of d_in 7, but blocks.0.hook_resid_post has 24.",
  );
});
