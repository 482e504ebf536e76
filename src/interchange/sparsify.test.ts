import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { codesOf } from "../../test/support/codes.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, type Tensor } from "../base/tensor.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import { readSae } from "./formats.ts";
import { sparsify } from "./sparsify.ts";

const CONFIG = { activation: "topk", expansion_factor: 32, normalize_decoder: true, k: 1, d_in: 2 };

/** Three latents in two dimensions. */
const tensors = (): Record<string, Tensor> => ({
  "encoder.weight": float32Tensor([3, 2], Float32Array.of(1, 0, 0, 1, -1, -1)),
  "encoder.bias": float32Tensor([3], Float32Array.of(0, 0.5, 0)),
  W_dec: float32Tensor([3, 2], Float32Array.of(1, 0, 0, 1, -1, -1)),
  b_dec: float32Tensor([2], Float32Array.of(1, -1)),
});

async function folderOf(
  config: Readonly<Record<string, unknown>> = CONFIG,
  weights: Readonly<Record<string, Tensor>> = tensors(),
): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "cfg.json"), JSON.stringify(config));
  await writeSafetensors(join(folder, "sae.safetensors"), new Map(Object.entries(weights)));
  return folder;
}

const read = async (folder: string) => (await readSae(reference, folder)).sae;

test("b_dec is taken from the row first, and the largest score above zero is kept", async () => {
  const sae = await read(await folderOf());
  expect(sae).toMatchObject({ architecture: "topk", dIn: 2, dSae: 3 });
  // Less b_dec the rows are (2, 2) and (−1, −3): scores (2, 2.5, −4) and (−1, −2.5, 4).
  expect(await codesOf(sae, Float32Array.of(3, 1, 0, -4))).toEqual([0, 2.5, 0, 0, 0, 4]);
});

test("a row without a score above zero has no latent", async () => {
  const sae = await read(await folderOf({ ...CONFIG, k: 3 }));
  // Less b_dec the row is (−0.2, −0.6): scores (−0.2, −0.1, 0.8).
  const codes = await codesOf(sae, Float32Array.of(0.8, -1.6));
  expect(codes.map((v) => v > 0)).toEqual([false, false, true]);
});

describe("keys that say nothing of the arithmetic are read over", () => {
  test.each([
    { num_latents: 0 },
    { num_latents: 3, expansion_factor: null },
    { normalize_decoder: false },
    { multi_topk: true },
    { signed: false, skip_connection: false, transcode: false },
    { signed: null, activation: null },
    { d_in: null },
  ])("%j", async (more) => {
    const plain = await read(await folderOf());
    expect(await read(await folderOf({ ...CONFIG, ...more }))).toEqual(plain);
  });
});

describe("keys that would change the arithmetic are refused by name", () => {
  test.each<[object, string]>([
    [{ signed: true }, "signed true is not supported"],
    [{ transcode: "no" }, 'expected true or false for transcode but found "no"'],
    [{ activation: "jumprelu" }, 'activation "jumprelu" is not supported (topk)'],
    [{ skip_connection: 1 }, "expected true or false for skip_connection but found 1"],
    [{ temperature: 0.5 }, "temperature 0.5 is not supported"],
    [{ k: 0 }, "expected 1 to 3 for k but found 0"],
    [{ k: 4 }, "expected 1 to 3 for k but found 4"],
    [{ k: null }, "expected 1 to 3 for k but found null"],
    [{ k: 1.5 }, "expected 1 to 3 for k but found 1.5"],
    [{ d_in: 3 }, "d_in 3 is not supported"],
    [{ d_in: "2" }, 'expected a positive integer for d_in but found "2"'],
  ])("%j", async (more, words) => {
    await expect(read(await folderOf({ ...CONFIG, ...more }))).rejects.toThrow(words);
  });
});

describe("weights that do not fit are refused by name", () => {
  test.each<[string, Readonly<Record<string, Tensor>>, string]>([
    ["a skip connection", { W_skip: float32Tensor([2, 2], new Float32Array(4)) }, "W_skip"],
    [
      "a decoder that is turned",
      { W_dec: float32Tensor([2, 3], new Float32Array(6)) },
      "Expected [3, 2] but received [2, 3]",
    ],
    [
      "a bias too short",
      { "encoder.bias": float32Tensor([2], new Float32Array(2)) },
      "encoder.bias",
    ],
    [
      "an encoder without columns",
      { "encoder.weight": float32Tensor([3], new Float32Array(3)) },
      "encoder.weight",
    ],
  ])("%s", async (_, more, words) => {
    const folder = await folderOf({ ...CONFIG, d_in: undefined }, { ...tensors(), ...more });
    await expect(read(folder)).rejects.toThrow(words);
  });
});

test("what is written has the keys and tensors of sparsify, and comes back", async () => {
  const folder = temporaryFolder();
  const sae = madeSae("written");
  await sparsify.write(folder, sae, { format: "sparsify", foreignArchitecture: "topk" });
  expect(JSON.parse(readFileSync(join(folder, "cfg.json"), "utf8"))).toEqual({
    activation: "topk",
    num_latents: 8,
    k: 2,
    normalize_decoder: false,
    skip_connection: false,
    transcode: false,
    d_in: 6,
  });
  expect(await read(folder)).toEqual(sae);
});

test("an SAE without b_dec is written with zeros, which change nothing", async () => {
  const folder = temporaryFolder();
  const sae = { ...madeSae("unbiased"), decoderBias: undefined };
  await sparsify.write(folder, sae, { format: "sparsify", foreignArchitecture: "topk" });
  expect(await read(folder)).toEqual({ ...sae, decoderBias: new Float32Array(6) });
});
