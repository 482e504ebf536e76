import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { codesOf } from "../../test/support/codes.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../base/tensor.ts";
import { openTorchFile } from "../formats/torch/torch-file.ts";
import { type TorchValue, writeTorchFile } from "../formats/torch/write-torch.ts";
import { readSae } from "./formats.ts";
import { openai } from "./openai.ts";
import { Settings } from "./settings.ts";

type State = Readonly<Record<string, TorchValue>>;

const vector = (...values: number[]) => float32Tensor([values.length], Float32Array.from(values));
const dict = (values: Readonly<Record<string, TorchValue>>) => new Map(Object.entries(values));

/** Three latents in two dimensions, the encoder its own transpose. */
const ENCODER = Float32Array.of(1, 0, 0, 1, -1, -1);
const STATE: State = {
  pre_bias: vector(0, 0),
  latent_bias: vector(0, 0.5, 0),
  "encoder.weight": float32Tensor([3, 2], ENCODER),
  "decoder.weight": float32Tensor([2, 3], Float32Array.of(1, 0, -1, 0, 1, -1)),
  stats_last_nonzero: tensor("int64", [3], new BigInt64Array(3)),
};
const topK = (k: TorchValue, more: State = {}): State => ({
  ...STATE,
  activation: "TopK",
  activation_state_dict: dict({ k, ...more }),
});

async function read(state: State, name = "autoencoder.pt") {
  const folder = temporaryFolder();
  await writeTorchFile(join(folder, name), dict(state));
  return (await readSae(reference, folder)).sae;
}

describe("the activation", () => {
  test("is ReLU where the file names none, and rows stay as they are", async () => {
    const sae = await read(STATE);
    expect(sae).toMatchObject({ architecture: "relu", selection: { kind: "relu" } });
    expect(sae.rowNormalization).toBeUndefined();
    expect(await codesOf(sae, Float32Array.of(2, -1))).toEqual([2, 0, 0]);
    expect(await read({ ...STATE, activation: "ReLU" })).toEqual(sae);
  });

  test("TopK normalises rows, and applies a ReLU unless it is the identity", async () => {
    const sae = await read(topK(2));
    expect(sae.selection).toEqual({ kind: "topk", k: 2, relu: true });
    expect(sae.rowNormalization).toBe("layer_norm");
    const signed = await read(topK(2, { postact_fn: "Identity" }));
    expect(signed.selection).toEqual({ kind: "topk", k: 2, relu: false });
    // A normalised row of two is (1, −1) / √2, as the deviation is that of a sample.
    const codes = await codesOf(signed, Float32Array.of(300, 100));
    expect(codes[0]).toBeCloseTo(Math.SQRT1_2, 4);
    expect(codes[2]).toBeCloseTo(0, 4);
    expect(codes[1]).toBe(0);
  });

  test.each<[State, string]>([
    [{ ...STATE, activation: "JumpReLU" }, 'activation "JumpReLU" is not supported'],
    [topK(0), "expected 1 to 3 for activation_state_dict.k but found 0"],
    [topK(4), "expected 1 to 3 for activation_state_dict.k but found 4"],
    [topK("2"), 'expected 1 to 3 for activation_state_dict.k but found "2"'],
    [{ ...STATE, activation: "TopK" }, "activation_state_dict.k but found nothing"],
    [topK(2, { postact_fn: "Tanh" }), 'activation_state_dict.postact_fn "Tanh" is not supported'],
    [topK(2, { temperature: 2 }), "activation_state_dict.temperature"],
  ])("is refused by name: case %#", async (state, words) => {
    await expect(read(state)).rejects.toThrow(words);
  });

  test("may be kept twice, when both agree", async () => {
    const twice = (k: number) => ({ ...topK(2), "activation.k": k });
    expect((await read(twice(2))).selection).toMatchObject({ k: 2 });
    await expect(read(twice(3))).rejects.toThrow(
      "activation_state_dict.k 2 and activation.k 3 disagree.",
    );
  });
});

describe("arguments of the class", () => {
  test("normalize is honoured against the activation", async () => {
    expect((await read({ ...STATE, normalize: true })).rowNormalization).toBe("layer_norm");
    expect((await read({ ...topK(2), normalize: false })).rowNormalization).toBeUndefined();
    await expect(read({ ...STATE, normalize: 1 })).rejects.toThrow("normalize 1 is not supported");
  });

  test("a tied decoder is the encoder, kept or left out", async () => {
    const { "decoder.weight": _, ...untold } = STATE;
    const sae = await read({ ...untold, tied: true });
    expect(sae.decoder).toEqual(ENCODER);
    expect((await read({ ...STATE, tied: true })).decoder).toEqual(ENCODER);
    const twin = float32Tensor([3, 2], ENCODER.slice());
    expect((await read({ ...untold, "decoder.linear.weight": twin })).decoder).toEqual(ENCODER);
  });

  test("a decoder that should be tied and is not is refused, and so is a missing one", async () => {
    const other = float32Tensor(
      [3, 2],
      ENCODER.map((v) => v + 1),
    );
    await expect(read({ ...STATE, "decoder.linear.weight": other })).rejects.toThrow(
      "its decoder is not its encoder, which it is tied to.",
    );
    const { "decoder.weight": _, ...untold } = STATE;
    await expect(read(untold)).rejects.toThrow("has no tensor decoder.weight");
  });

  test("shapes and counters are read over, and what is not known is refused", async () => {
    const sae = await read({ ...STATE, n_latents: 3, n_inputs: 2, dtype: "float32", step: 9 });
    expect(sae).toEqual(await read(STATE));
    await expect(read({ ...STATE, gain: 3, mode: "x" })).rejects.toThrow(/gain, mode\.$/);
    await expect(read({ ...STATE, extra: vector(1) })).rejects.toThrow(/not used by .*: extra\./);
  });
});

test("a state dict under state_dict is the same, with the arguments beside it", async () => {
  const inner = dict(STATE);
  const sae = await read({ state_dict: inner, normalize: true, tied: false }, "any-name.pt");
  expect(sae).toEqual({ ...(await read(STATE)), rowNormalization: "layer_norm" });
});

test("what is written is a state dict of openai, and comes back", async () => {
  const folder = temporaryFolder();
  const made = { ...madeSae("openai"), rowNormalization: "layer_norm" as const };
  const origin = { format: "openai", foreignArchitecture: "TopK" } as const;
  await openai.write(folder, made, origin);
  const file = await openTorchFile(join(folder, "autoencoder.pt"));
  expect([...file.names].sort()).toEqual([
    "decoder.weight",
    "encoder.weight",
    "latent_bias",
    "latents_activation_frequency",
    "latents_mean_square",
    "pre_bias",
    "stats_last_nonzero",
  ]);
  expect(Object.fromEntries(file.plain)).toEqual({
    activation: "TopK",
    "activation_state_dict.k": 2,
    "activation_state_dict.postact_fn": "ReLU",
  });
  await file.close();
  expect((await readSae(reference, folder)).sae).toEqual(made);
});

describe("settings", () => {
  const of = (values: Readonly<Record<string, string | number | boolean | null>>) =>
    new Settings("f.pt", new Map(Object.entries(values)));

  test("are taken once, and what is left over is named", () => {
    const settings = of({ a: 1, b: 2 });
    expect([settings.take("a"), settings.take("a"), settings.take("c")]).toEqual([1, undefined, undefined]); // biome-ignore format: one line
    expect(() => settings.requireAllTaken()).toThrow(/^f\.pt: has values .*: b\.$/);
    settings.take("b");
    expect(() => settings.requireAllTaken()).not.toThrow();
  });

  test("a flag of nothing is the default; of another type it is refused", () => {
    expect(of({}).flag("x", true)).toBe(true);
    expect(of({ x: null }).flag("x", true)).toBe(true);
    expect(of({ x: false }).flag("x", true)).toBe(false);
    expect(() => of({ x: "False" }).flag("x", true)).toThrow('x "False" is not supported');
  });

  test("of the activation agree also where one of the two is false or zero", () => {
    const both = (a: number | null, b: number | null) =>
      of({ "activation_state_dict.k": a, "activation.k": b }).ofActivation("k");
    expect(both(0, 0)).toBe(0);
    expect(() => both(0, 1)).toThrow("disagree");
    expect(of({ "activation.k": 3 }).ofActivation("k")).toBe(3);
    expect(of({}).ofActivation("k")).toBeUndefined();
  });
});
