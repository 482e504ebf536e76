import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { codesOf } from "../../test/support/codes.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, type Tensor } from "../base/tensor.ts";
import { readNpz, writeNpz } from "../formats/npz.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import type { Sae } from "../sae/sae.ts";
import { readSae } from "./formats.ts";
import { gemmaScope, gemmaScope2 } from "./gemma-scope.ts";

/** Three latents in two dimensions; W_enc is [d_in, d_sae] here. */
const tensors = (): Record<string, Tensor> => ({
  W_enc: float32Tensor([2, 3], Float32Array.of(1, 0, -1, 0, 1, -1)),
  W_dec: float32Tensor([3, 2], Float32Array.of(1, 0, 0, 1, -1, -1)),
  b_enc: float32Tensor([3], Float32Array.of(0, 0.5, 0)),
  b_dec: float32Tensor([2], Float32Array.of(10, 20)),
  threshold: float32Tensor([3], Float32Array.of(1, -1, 0)),
});

const lower = (all: Readonly<Record<string, Tensor>>): Record<string, Tensor> => {
  const { W_enc: w_enc, W_dec: w_dec, ...others } = all;
  return { w_enc: w_enc!, w_dec: w_dec!, ...others };
};

async function first(all: Readonly<Record<string, Tensor>> = tensors()): Promise<string> {
  const folder = temporaryFolder();
  await writeNpz(join(folder, "params.npz"), new Map(Object.entries(all)));
  return folder;
}

async function second(config?: unknown, all = lower(tensors())): Promise<string> {
  const folder = temporaryFolder();
  await writeSafetensors(join(folder, "params.safetensors"), new Map(Object.entries(all)));
  if (config !== undefined) writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return folder;
}

const read = (folder: string) => readSae(reference, folder);

test("rows are encoded without b_dec taken off, and a score at its threshold is inactive", async () => {
  const { sae } = await read(await first());
  // Scores (x, y + 0.5, −x − y): (1, −0.25, −0.25), (1.5, 0.75, −1.75), (−1, −1.5, 3).
  const codes = await codesOf(sae, Float32Array.of(1, -0.75, 1.5, 0.25, -1, -2));
  const wanted = [0, 0, 0, 1.5, 0.75, 0, 0, 0, 3];
  for (const [i, v] of wanted.entries()) expect(codes[i]).toBeCloseTo(v, 4);
});

test("both releases hold the same SAE", async () => {
  const [a, b] = [await read(await first()), await read(await second())];
  expect(a.format).toBe("gemma_scope");
  expect(b.format).toBe("gemma_scope_2");
  expect(b.sae).toEqual(a.sae);
  expect([b.modelName, b.hookName]).toEqual([undefined, undefined]);
});

describe("config.json of the second release", () => {
  const place = { hf_hook_point_in: "model.layers.3.output" };
  test.each<[object, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{ architecture: "jump_relu", width: 3, l0: 50 }, undefined, undefined],
    [{ model_name: "gemma", ...place }, "gemma", "model.layers.3.output"],
    [{ ...place, hf_hook_point_out: place.hf_hook_point_in }, undefined, "model.layers.3.output"],
    [{ model_name: 3, hf_hook_point_in: null }, undefined, undefined],
  ])("%j is read", async (config, model, hook) => {
    const { modelName, hookName } = await read(await second(config));
    expect([modelName, hookName]).toEqual([model, hook]);
  });

  test.each<[unknown, string]>([
    [{ architecture: "topk" }, 'architecture "topk" is not supported'],
    [{ architecture: null }, "architecture null is not supported"],
    [{ hf_hook_point_out: "x" }, 'hf_hook_point_out "x" is not supported'],
    [{ ...place, hf_hook_point_out: null }, "hf_hook_point_out null is not supported"],
    [[], "expected a JSON object"],
  ])("%j is refused", async (config, words) => {
    await expect(read(await second(config))).rejects.toThrow(words);
  });
});

describe("weights that do not fit are refused by name", () => {
  test.each<[string, Readonly<Record<string, Tensor | undefined>>, string]>([
    ["no threshold", { threshold: undefined }, "has no tensor threshold"],
    ["a skip connection", { affine_skip: float32Tensor([2], new Float32Array(2)) }, "affine_skip"],
    ["another width", { b_dec: float32Tensor([3], new Float32Array(3)) }, "b_dec"],
    [
      "a threshold for all",
      { threshold: float32Tensor([1], new Float32Array(1)) },
      "Expected [3] but received [1]",
    ],
    [
      "a threshold that is not a number",
      { threshold: float32Tensor([3], Float32Array.of(0, Number.NaN, 0)) },
      "threshold holds a number that is not finite",
    ],
  ])("%s", async (_, change, words) => {
    const all = Object.entries({ ...tensors(), ...change }).filter(([, t]) => t !== undefined);
    const folder = await first(Object.fromEntries(all) as Record<string, Tensor>);
    await expect(read(folder)).rejects.toThrow(words);
  });
});

const jumprelu = (name: string): Sae => {
  const made = madeSae(name);
  const thresholds = Float32Array.from({ length: made.dSae }, (_, i) => i / 8);
  return { ...made, architecture: "jumprelu", selection: { kind: "jumprelu", thresholds } };
};
const ORIGIN = {
  format: "saelens",
  foreignArchitecture: "jumprelu",
  modelName: "gemma",
  hookName: "blocks.3",
} as const;

test("the first release is written in one file, and comes back bit by bit", async () => {
  const folder = temporaryFolder();
  const sae = jumprelu("first");
  await gemmaScope.write(folder, sae, ORIGIN);
  const file = await readNpz(join(folder, "params.npz"));
  expect([...file.keys()].sort()).toEqual(["W_dec", "W_enc", "b_dec", "b_enc", "threshold"]);
  expect(file.get("W_enc")!.shape).toEqual([6, 8]);
  expect(existsSync(join(folder, "config.json"))).toBe(false);
  expect((await read(folder)).sae).toEqual(sae);
});

test("the second release keeps the origin, under lower-case names", async () => {
  const folder = temporaryFolder();
  const sae = jumprelu("second");
  await gemmaScope2.write(folder, sae, ORIGIN);
  const { tensors: file } = await readSafetensors(join(folder, "params.safetensors"));
  expect([...file.keys()].sort()).toEqual(["b_dec", "b_enc", "threshold", "w_dec", "w_enc"]);
  expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toEqual({
    architecture: "jump_relu",
    model_name: "gemma",
    hf_hook_point_in: "blocks.3",
    hf_hook_point_out: "blocks.3",
  });
  const back = await read(folder);
  expect(back.sae).toEqual(sae);
  expect([back.modelName, back.hookName]).toEqual(["gemma", "blocks.3"]);
});

test("an unknown origin leaves its keys out", async () => {
  const folder = temporaryFolder();
  await gemmaScope2.write(folder, jumprelu("plain"), {
    format: "saelens",
    foreignArchitecture: "",
  });
  expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toEqual({
    architecture: "jump_relu",
  });
});
