import { resolve } from "node:path";
import { expect, test } from "vitest";
import { asFloat32 } from "../../../src/base/tensor.ts";
import { openLanguageModel } from "../../../src/domains/language/models/language-model.ts";
import { tokenBatch } from "../../../src/domains/language/text/token-batch.ts";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { backendNames, openNamed } from "../../support/backends.ts";

/**
 * Both sides compute in float32 and differ in the order of sums only; share of |expected| +
 * rms(expected) allowed.
 */
const TOLERANCE = 1e-5;

async function golden(name: string) {
  const folder = resolve(import.meta.dirname, name);
  const { tensors } = await readSafetensors(resolve(folder, "expected.safetensors"));
  const { shape, data } = tensors.get("tokens")!;
  const tokens = tokenBatch(Int32Array.from(data as Int32Array), shape[0]!, shape[1]!);
  const read = (key: string) => asFloat32(tensors.get(key)!);
  const others = new Set(["tokens", "loss", "ablated.logits", "ablated.loss"]);
  const hooks = [...tensors.keys()].filter((key) => !others.has(key));
  return {
    folder,
    tokens,
    loss: read("loss")[0]!,
    ablated: { logits: read("ablated.logits"), loss: read("ablated.loss")[0]! },
    expected: new Map(hooks.map((key) => [key, read(key)])),
  };
}

/** Largest difference as a share of what the tolerance allows. */
function shareOfTolerance(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const rms = Math.sqrt(expected.reduce((sum, v) => sum + v * v, 0) / expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const allowed = TOLERANCE * (Math.abs(expected[i]!) + rms);
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!) / allowed);
  }
  return worst;
}

/** Checkpoints whose golden file holds every hook, and those that hold a few. */
const COMPLETE = [
  "gpt2",
  "neox-parallel",
  "neox-sequential",
  "llama-grouped",
  "llama-tied",
  "mistral",
  "qwen2",
  "qwen3",
  "gemma2",
  "gemma3",
  "phi",
];
const PARTIAL = [
  "gpt2-variant",
  "neox-fp16",
  "llama-bf16",
  "qwen3-variant",
  "gemma2-variant",
  "gemma3-variant",
  "gemma3-images",
  "phi-variant",
];

test.each([...COMPLETE, ...PARTIAL])(
  "every hook of %s holds the tensor that PyTorch has there",
  async (name) => {
    const { folder, tokens, expected } = await golden(name);
    const model = await openLanguageModel(folder, { threads: 1 });
    const shares: Record<string, number> = {};
    for (const [hook, tensor] of expected)
      shares[hook] = shareOfTolerance(await model.activations(hook, tokens), tensor);
    expect(Object.entries(shares).filter(([, share]) => !(share <= 1))).toEqual([]);
    if (COMPLETE.includes(name)) expect(new Set(model.hooks())).toEqual(new Set(expected.keys()));
    await model.close();
  },
);

test.each(
  [...COMPLETE, ...PARTIAL].flatMap((name) => backendNames.slice(0, 2).map((b) => [name, b])),
)("every hook of %s is the same in the forward pass of the %s backend", async (name, backend) => {
  const { folder, tokens, expected } = await golden(name);
  const model = await openLanguageModel(folder, { forward: openNamed(backend) });
  // The forward pass does not cap logits.
  const isCapped = model.facts.logitCap !== undefined;
  const hooks = [...expected.keys()].filter((hook) => hook !== "logits" || !isCapped);
  // Together they take other buffers than alone.
  const together = await model.activationsAt(hooks, tokens);
  const shares: Record<string, number> = {};
  for (const [i, hook] of hooks.entries()) {
    shares[hook] = shareOfTolerance(together[i]!, expected.get(hook)!);
    const alone = await model.activations(hook, tokens);
    expect(alone).toEqual(together[i]);
  }
  expect(Object.entries(shares).filter(([, share]) => !(share <= 1))).toEqual([]);
  if (isCapped) await expect(model.activations("logits", tokens)).rejects.toThrow(/"logits"/);
  await model.close();
});

test.each(COMPLETE)("the mean cross-entropy of %s is PyTorch's loss", async (name) => {
  const { folder, tokens, loss } = await golden(name);
  const model = await openLanguageModel(folder, { threads: 1 });
  const { sum, count, perToken } = await model.crossEntropy(tokens);
  expect(count).toBe(tokens.batch * (tokens.positions - 1));
  expect(sum / count).toBeCloseTo(loss, 5);
  expect(perToken.filter(Number.isNaN).length).toBe(tokens.batch);
  await model.close();
});

test.each(COMPLETE)(
  "splicing a hook's own activations back into %s changes nothing",
  async (name) => {
    const { folder, tokens, expected } = await golden(name);
    const model = await openLanguageModel(folder, { threads: 1 });
    const logits = expected.get("logits")!;
    const hooks = model.hooks().filter((h) => h !== "logits");
    // From one pass, because every other hook that is asked for takes a session of its own.
    const own = await model.activationsAt(hooks, tokens);
    for (const [i, hook] of hooks.entries()) {
      const again = await model.spliced(hook).logits(tokens, own[i]!);
      expect(`${hook} ${shareOfTolerance(again, logits) <= 1}`).toBe(`${hook} true`);
    }
    await model.close();
  },
);

test.each(COMPLETE)(
  "zeros spliced in for attention's output act in %s as in PyTorch",
  async (name) => {
    const { folder, tokens, ablated, expected } = await golden(name);
    const model = await openLanguageModel(folder, { threads: 1 });
    const hook = "blocks.0.hook_attn_out";
    const zeros = new Float32Array(tokens.ids.length * (await model.width(hook)));
    const spliced = model.spliced(hook);
    expect(shareOfTolerance(await spliced.logits(tokens, zeros), ablated.logits)).toBeLessThan(1);
    const { sum, count } = await spliced.crossEntropy(tokens, zeros);
    expect(sum / count).toBeCloseTo(ablated.loss, 5);
    expect(shareOfTolerance(expected.get("logits")!, ablated.logits)).toBeGreaterThan(1000);
    await model.close();
  },
);
