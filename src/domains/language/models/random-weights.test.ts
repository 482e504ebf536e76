import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesBelow } from "../../../../test/support/cli.ts";
import { writeLetters, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import { tinyContext } from "../../../../test/support/tiny-run.ts";
import { parseConfig } from "../../../config/load-config.ts";
import { openSource } from "../../../experiments/open-source.ts";
import { readSafetensors } from "../../../formats/safetensors-file.ts";
import { resolveModel } from "../catalogue/catalogue.ts";
import { randomModelOf } from "./random-weights.ts";

const folder = mkdtempSync(join(tmpdir(), "concord-random-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const model = join(folder, "letters-model");
beforeAll(() => writeTinyModel(model));

const options = (cacheDir = join(folder, "cache")) => ({ cacheDir, offline: true });

async function weights(path: string): Promise<Map<string, Float32Array>> {
  const { tensors } = await readSafetensors(join(path, "model.safetensors"));
  return new Map([...tensors].map(([name, { data }]) => [name, Float32Array.from(data, Number)]));
}

const random = async (how: string) => weights(await resolveModel(`${model}~${how}`, options()));

function moments(values: Float32Array): readonly [mean: number, deviation: number] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return [mean, Math.sqrt(variance)];
}

test.each([
  ["stories15m~redrawn-0", { model: "stories15m", how: "redrawn", seed: 0 }],
  ["org/name@main~shuffled-12", { model: "org/name@main", how: "shuffled", seed: 12 }],
  ["./a~b~redrawn-but-embeddings-3", { model: "./a~b", how: "redrawn-but-embeddings", seed: 3 }],
  ["stories15m", undefined],
  ["stories15m~redrawn", undefined],
  ["stories15m~redrawn--1", undefined],
  ["~redrawn-0", undefined],
])("%s asks for %o", (name, wanted) => {
  expect(randomModelOf(name)).toEqual(wanted);
});

test("redrawn weights have the moments of the trained ones, tensor by tensor, and nothing else", async () => {
  const [trained, redrawn] = [await weights(model), await random("redrawn-0")];
  expect([...redrawn.keys()].sort()).toEqual([...trained.keys()].sort());
  for (const [name, values] of trained) {
    const found = redrawn.get(name)!;
    const [mean, deviation] = moments(values);
    const error = (5 * deviation) / Math.sqrt(values.length) + 1e-6;
    expect(Math.abs(moments(found)[0] - mean), name).toBeLessThan(error);
    expect(Math.abs(moments(found)[1] - deviation), name).toBeLessThan(error);
    if (deviation > 0) expect(found, name).not.toEqual(values);
  }
});

test("embeddings stay where that is asked for", async () => {
  const [trained, kept] = [await weights(model), await random("redrawn-but-embeddings-0")];
  const same = [...trained].filter(([name, v]) => v.every((x, i) => x === kept.get(name)![i]));
  const names = same.filter(([, values]) => moments(values)[1] > 0).map(([name]) => name);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(name).toMatch(/wte|wpe/);
});

test("shuffled weights are the trained ones in another order", async () => {
  const [trained, shuffled] = [await weights(model), await random("shuffled-0")];
  for (const [name, values] of trained) {
    expect(shuffled.get(name)!.toSorted(), name).toEqual(values.toSorted());
    if (values.length > 100) expect(shuffled.get(name)).not.toEqual(values);
  }
});

test("the seed decides every byte, and each is made once", async () => {
  const at = async (name: string, cache: string) =>
    filesBelow(
      await resolveModel(`${model}~${name}`, options(join(folder, cache))),
      /concord.json/,
    );
  const first = await at("redrawn-0", "one");
  expect(await at("redrawn-0", "two")).toEqual(first);
  expect(await at("redrawn-1", "one")).not.toEqual(first);
  expect([...first.keys()]).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
  const made = readdirSync(join(folder, "one/models"));
  await at("redrawn-0", "one");
  expect(readdirSync(join(folder, "one/models"))).toEqual(made);
  // Other weights in the same place are another model.
  utimesSync(join(model, "model.safetensors"), 1, 1);
  await at("redrawn-0", "one");
  expect(readdirSync(join(folder, "one/models"))).toHaveLength(made.length + 1);
});

test("a config's model at random gives other rows, which say what they are of", async () => {
  writeLetters(join(folder, "letters.txt"), 40, 20);
  const rows: Float32Array[] = [];
  for (const name of ["letters-model", "letters-model~redrawn-0"]) {
    const [one] = parseConfig(
      `name: x
source: { kind: language_model, model: ${name}, hook: blocks.0.hook_resid_post, text: letters.txt, context: 12 }
population: { d_sae: 8 }
training: { steps: 1 }
`,
      "x.yaml",
    );
    const source = await openSource(one!.config, tinyContext(folder));
    expect(source.provenance["model"]).toBe(join(folder, name));
    const batch = new Float32Array(4 * source.dIn);
    await source.train.next(batch);
    rows.push(batch);
    await source.close();
  }
  expect(rows[0]!.every(Number.isFinite)).toBe(true);
  expect(rows[1]!.every(Number.isFinite)).toBe(true);
  expect(rows[1]).not.toEqual(rows[0]);
});

test("a folder that is called so is that folder", async () => {
  const named = join(folder, "other~redrawn-0");
  writeTinyModel(named);
  expect(await resolveModel(named, options())).toBe(named);
});

test("an ONNX file is refused, and nothing made", async () => {
  const onnx = join(import.meta.dirname, "../../../../test/golden/models/foreign.onnx");
  const cache = join(folder, "none");
  await expect(resolveModel(`${onnx}~shuffled-0`, options(cache))).rejects.toMatchObject({
    code: "model/unsupported",
    message: expect.stringContaining("cannot be drawn at random"),
  });
  expect(existsSync(cache)).toBe(false);
  expect(readFileSync(onnx).length).toBeGreaterThan(0);
});
