import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { codesOf } from "../../test/support/codes.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, type Tensor, tensor } from "../base/tensor.ts";
import { type TorchValue, writeTorchFile } from "../formats/torch/write-torch.ts";
import type { Sae } from "../sae/sae.ts";
import { dictionaryLearning } from "./dictionary-learning.ts";
import { dictionaryLearningDifference } from "./dictionary-learning-files.ts";
import { readSae } from "./formats.ts";

type State = Readonly<Record<string, TorchValue>>;

const vector = (...values: number[]) => float32Tensor([values.length], Float32Array.from(values));
const scalar = (value: number) => float32Tensor([], Float32Array.of(value));

/** Linear layers of three latents in two dimensions: the row, and the two against it. */
const LINEAR: State = {
  "encoder.weight": float32Tensor([3, 2], Float32Array.of(1, 0, 0, 1, -1, -1)),
  "decoder.weight": float32Tensor([2, 3], Float32Array.of(1, 0, -1, 0, 1, -1)),
};
const NAMED: State = {
  W_enc: float32Tensor([2, 3], Float32Array.of(1, 0, -1, 0, 1, -1)),
  W_dec: float32Tensor([3, 2], Float32Array.of(1, 0, 0, 1, -1, -1)),
  b_dec: vector(1, 0),
};
const TOP_K: State = { ...LINEAR, "encoder.bias": vector(0, 0, 0), b_dec: vector(1, 0) };
const k = (value: number) => tensor("int64", [], BigInt64Array.of(BigInt(value)));

async function folderOf(dictClass: unknown, state: State, more: object = {}): Promise<string> {
  const folder = temporaryFolder();
  const config = { trainer: { dict_class: dictClass, ...more }, buffer: {} };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  await writeTorchFile(join(folder, "ae.pt"), new Map(Object.entries(state)));
  return folder;
}

const read = async (dictClass: unknown, state: State, more?: object) =>
  readSae(reference, await folderOf(dictClass, state, more));

/** Codes of the row (2, 0.25). */
const codes = async (dictClass: string, state: State) => {
  const found = await codesOf((await read(dictClass, state)).sae, Float32Array.of(2, 0.25));
  return found.map((v) => Number(v.toFixed(5)));
};

test("each class takes its bias off the row, or not, as its program does", async () => {
  const bias = vector(0, 0.5, 2.5);
  // Less (1, 0) the row is (1, 0.25): scores (1, 0.75, 1.25). As it is: (2, 0.75, 0.25).
  expect(
    await codes("AutoEncoder", { ...LINEAR, "encoder.bias": bias, bias: vector(1, 0) }),
  ).toEqual([1, 0.75, 1.25]);
  const plain = { ...LINEAR, "encoder.bias": bias, "decoder.bias": vector(1, 0) };
  expect(await codes("AutoEncoderNew", plain)).toEqual([2, 0.75, 0.25]);
  const jump = { ...NAMED, b_enc: bias, threshold: vector(2, 0.5, 0.25) };
  expect(await codes("JumpReluAutoEncoder", jump)).toEqual([0, 0.75, 0]);
});

test("thresholds below zero count as zero, because a ReLU follows", async () => {
  const state = { ...NAMED, b_enc: vector(-3, 0, 0), threshold: vector(-9, -9, -9) };
  const { sae } = await read("JumpReluAutoEncoder", state);
  expect(sae.selection).toEqual({ kind: "jumprelu", thresholds: new Float32Array(3) });
  expect(await codes("JumpReluAutoEncoder", state)).toEqual([0, 0.25, 0]);
});

test("a gated autoencoder is on where its gate is, with its magnitude", async () => {
  // r_mag = ln 2 doubles the first magnitude; the gate of the second is shut.
  const state = {
    ...LINEAR,
    mag_bias: vector(1, 0, 0),
    gate_bias: vector(0, -1, 0),
    r_mag: vector(Math.log(2), 0, 0),
    decoder_bias: vector(1, 0),
  };
  // Less the bias the row is (1, 0.25): 2 · 1 + 1 = 3.
  expect(await codes("GatedAutoEncoder", state)).toEqual([3, 0, 0]);
});

describe("a threshold of all latents", () => {
  const batch = (threshold: number) => ({ ...TOP_K, threshold: scalar(threshold), k: k(2) });
  test.each([
    [-1, [1, 0.25, 0]],
    [0, [1, 0.25, 0]],
    [0.25, [1, 0, 0]],
    [0.5, [1, 0, 0]],
    [1, [0, 0, 0]],
  ])("of %d leaves %j", async (threshold, wanted) => {
    expect(await codes("BatchTopKSAE", batch(threshold))).toEqual(wanted);
    const nested = {
      ...NAMED,
      b_enc: vector(0, 0, 0),
      threshold: scalar(threshold),
      k: k(2),
      group_sizes: tensor("int64", [2], BigInt64Array.of(1n, 2n)),
    };
    expect(await codes("MatryoshkaBatchTopKSAE", nested)).toEqual(wanted);
  });

  test("that is unset makes a ReLU", async () => {
    expect((await read("BatchTopKSAE", batch(-1))).sae).toMatchObject({
      architecture: "relu",
      selection: { kind: "relu" },
    });
  });
});

test("the k largest scores are kept, whatever the running threshold", async () => {
  const state = { ...TOP_K, k: k(1), threshold: scalar(5) };
  expect(await codes("AutoEncoderTopK", state)).toEqual([1, 0, 0]);
  const without = { ...TOP_K, k: k(2) };
  expect(await codes("AutoEncoderTopK", without)).toEqual([1, 0.25, 0]);
});

test.each([0, 4, -1])("a k of %d is refused for three latents", async (value) => {
  await expect(read("AutoEncoderTopK", { ...TOP_K, k: k(value) })).rejects.toThrow(
    `expected 1 to 3 for k but found ${value}`,
  );
});

test("a trainer's backup holds the same under ae, beside tensors of its own", async () => {
  const backup: Record<string, TorchValue> = { step: 7 };
  const inner = new Map<string, TorchValue>(Object.entries({ ...TOP_K, k: k(2) }));
  backup["ae"] = inner;
  backup["optimizer"] = new Map<string, TorchValue>([["momentum", vector(1, 2)]]);
  const [plain, found] = [
    await read("AutoEncoderTopK", { ...TOP_K, k: k(2) }),
    await read("AutoEncoderTopK", backup),
  ];
  expect(found.sae).toEqual(plain.sae);
});

describe("a trainer's backup of normalised activations", () => {
  const ae = new Map<string, TorchValue>(Object.entries({ ...TOP_K, k: k(2) }));
  const backup = (factor: TorchValue) => ({ step: 7, ae, norm_factor: factor });

  test.each<[string, TorchValue, string]>([
    ["a number", 3, "3"],
    ["a tensor", scalar(3.5), "3.5"],
    ["not finite", scalar(Number.NaN), "NaN"],
    ["several numbers", vector(1, 1), "2 numbers"],
  ])("is refused where its factor is %s", async (_, factor, shown) => {
    await expect(read("AutoEncoderTopK", backup(factor))).rejects.toMatchObject({
      code: "format/invalid",
      message: expect.stringContaining(`norm_factor is ${shown}`),
      hint: expect.stringContaining("Copy a file of checkpoints/ here as ae.pt"),
    });
  });

  test.each<[string, TorchValue]>([
    ["a number", 1],
    ["a tensor", scalar(1)],
  ])("is read where its factor is 1 as %s", async (_, factor) => {
    const { sae } = await read("AutoEncoderTopK", backup(factor));
    expect(sae).toEqual((await read("AutoEncoderTopK", { ...TOP_K, k: k(2) })).sae);
  });
});

describe("what config.json says", () => {
  const state = { ...TOP_K, k: k(2) };
  test("of the origin is kept where it has the right type", async () => {
    const origin = { lm_name: "pythia", submodule_name: "resid_3", seed: 0 };
    expect(await read("AutoEncoderTopK", state, origin)).toMatchObject({
      foreignArchitecture: "AutoEncoderTopK",
      modelName: "pythia",
      hookName: "resid_3",
      seed: 0,
    });
    const strange = await read("AutoEncoderTopK", state, { lm_name: 3, seed: "0" });
    expect([strange.modelName, strange.seed]).toEqual([undefined, undefined]);
  });

  test.each(["CrossCoder", "IdentityDict", "constructor", "toString", 3, null, undefined])(
    "of the class is refused when it is %j",
    async (dictClass) => {
      await expect(read(dictClass, state)).rejects.toMatchObject({
        code: "format/invalid",
        message: expect.stringContaining("trainer.dict_class"),
      });
    },
  );

  test("is refused without a trainer", async () => {
    const folder = await folderOf("AutoEncoder", state);
    for (const trainer of [undefined, null, [], "x"]) {
      writeFileSync(join(folder, "config.json"), JSON.stringify({ trainer }));
      await expect(readSae(reference, folder)).rejects.toThrow("has no object under trainer.");
    }
  });
});

test("tensors that the class does not use are refused by name", async () => {
  const extra: Tensor = vector(1);
  await expect(read("AutoEncoderTopK", { ...TOP_K, k: k(2), gain: extra })).rejects.toThrow(
    "has tensors that are not used by AutoEncoderTopK: gain.",
  );
});

describe("writing", () => {
  const made = madeSae("written");
  const thresholds = Float32Array.from({ length: 8 }, (_, i) => i / 4);
  const SAES: readonly (readonly [string, Sae])[] = [
    ["AutoEncoderTopK", made],
    ["AutoEncoder", { ...made, architecture: "relu", selection: { kind: "relu" } }],
    [
      "JumpReluAutoEncoder",
      { ...made, architecture: "jumprelu", selection: { kind: "jumprelu", thresholds } },
    ],
  ];

  test.each(SAES)("%s comes back with what is known of it", async (dictClass, sae) => {
    const folder = temporaryFolder();
    const origin = { modelName: "gpt2", hookName: "h.3", seed: 7 };
    await dictionaryLearning.write(folder, sae, {
      format: "saelens",
      foreignArchitecture: "x",
      ...origin,
    });
    const { trainer } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    expect(trainer).toMatchObject({ dict_class: dictClass, activation_dim: 6, dict_size: 8 });
    expect(trainer.k).toBe(dictClass === "AutoEncoderTopK" ? 2 : undefined);
    const back = await readSae(reference, folder);
    expect(back.sae).toEqual(sae);
    expect(back).toMatchObject({ foreignArchitecture: dictClass, ...origin });
  });

  test("atoms of another length are pointed out for AutoEncoder alone", () => {
    const [, [, relu]] = SAES as [unknown, readonly [string, Sae]];
    expect(dictionaryLearningDifference(relu)).toBeUndefined();
    const decoder = relu.decoder.slice();
    decoder[3]! *= 1.01;
    expect(dictionaryLearningDifference({ ...relu, decoder })).toContain("normalize_decoder=False");
    expect(dictionaryLearningDifference({ ...made, decoder })).toBeUndefined();
    // A row of zeros has no length to divide by.
    expect(dictionaryLearningDifference({ ...relu, decoder: decoder.fill(0) })).toBeDefined();
  });
});
