import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { madeSae } from "../../../../test/support/made-sae.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import type { Sae } from "../../../sae/sae.ts";
import { type NamedModel, openModelByName } from "../models/open-by-name.ts";
import { tokenBatch } from "../text/token-batch.ts";
import { studyLatent } from "./case/case-study.ts";
import { casePage, literal } from "./case/page.ts";
import { eraseConcept } from "./erasure/erase-concept.ts";
import { ablationGraph } from "./graph/ablation-graph.ts";
import { logitLens } from "./logit-lens.ts";
import { type PatchTaskOptions, patchTask } from "./patching/patch-task.ts";
import type { PatchedDictionary } from "./patching/result.ts";
import { parseTask } from "./tasks/task.ts";

const D = 24;
const LAST_HOOK = "blocks.1.hook_resid_post";
const TASK = parseTask(
  {
    name: "letters",
    templates: ["the {x} ran ", "a {x} sat "],
    slots: { x: { b: ["ab", "cd", "ij", "kl"], c: ["ef", "gh", "mn", "op"] } },
    change: "x",
  },
  "letters",
);

/** Every dimension twice, so that it reconstructs everything. */
function exactSae(): Sae {
  const decoder = new Float32Array(2 * D * D);
  for (let i = 0; i < D; i++) {
    decoder[i * D + i] = 1;
    decoder[(D + i) * D + i] = -1;
  }
  return {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn: D,
    dSae: 2 * D,
    encoder: decoder.slice(),
    decoder,
    encoderBias: new Float32Array(2 * D),
    decoderBias: undefined,
  };
}

/** Latents that read nothing. */
const silentSae = (): Sae => {
  const sae = exactSae();
  return { ...sae, encoder: new Float32Array(sae.encoder.length) };
};

let model = "";
let text = "";
let named: NamedModel;
const catalogue = { cacheDir: "", offline: true };
const pause = async () => {};

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "concord-test-"));
  model = join(folder, "model");
  text = join(folder, "letters.txt");
  writeTinyModel(model);
  writeLetters(text, 2, 30);
  named = await openModelByName(model, { catalogue, threads: 1 });
  return async () => {
    await named.model.close();
    rmSync(folder, { recursive: true, force: true });
  };
});

const patched = (more: Partial<PatchTaskOptions> = {}) =>
  patchTask(reference, {
    model,
    hook: TINY_HOOK,
    task: TASK,
    saes: [
      { name: "exact", architecture: "relu", sae: exactSae() },
      { name: "made", architecture: "topk", sae: madeSae("causal", { dIn: D, dSae: 32, k: 4 }) },
    ],
    pairs: 6,
    seed: 0,
    search: "effect",
    thresholds: 3,
    minAccuracy: 0,
    catalogue,
    threads: 1,
    pause,
    onProgress: () => {},
    ...more,
  });

test("a dictionary that reconstructs everything brings predictions to the counterfactual", async () => {
  const kept: PatchedDictionary[] = [];
  const found = await patched({ onDictionary: async (one) => void kept.push(one) });
  const [exact, made] = found.dictionaries;
  const [none, all] = [exact!.points[0]!, exact!.points.at(-1)!];
  expect(none).toMatchObject({ latents: 0, edit: 0, recovered: { mean: 0 } });
  expect(none.kl.mean).toBeGreaterThan(1e-4);
  expect(all.kl.mean).toBeLessThan(1e-6);
  expect(all.recovered.mean).toBeCloseTo(1, 3);
  expect(all.edit_relative).toBeCloseTo(1, 3);
  // The error of the other one stays, so it does not get there; before a patch both are the same.
  expect(made!.points[0]!.kl).toEqual(none.kl);
  expect(made!.points.at(-1)!.kl.mean).toBeGreaterThan(all.kl.mean);
  expect(exact!.needed.map(({ latents }) => latents !== null)).toEqual([true, true, true, true]);
  expect(exact!.drawn_order.at(-1)!.kl.mean).toBeCloseTo(all.kl.mean, 6);
  const effects = exact!.strongest.map(({ effect }) => effect);
  expect(effects).toEqual(effects.toSorted((a, b) => b - a));
  expect(found.against_first.map(({ name }) => name)).toEqual(["made"]);
  expect(kept).toEqual(found.dictionaries);
  // What is known is not computed again.
  const again = await patched({
    known: async (name, key) => kept.find((one) => one.name === name && one.key === key),
    onDictionary: async () => expect.unreachable(),
  });
  expect(again).toEqual(found);
});

test("thresholds leave fewer latents, the larger they are", async () => {
  const { dictionaries } = await patched({ search: "threshold", pairs: 3 });
  const sizes = dictionaries[0]!.points.map(({ latents }) => latents);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes[0]).toBe(0);
  expect(sizes.at(-1)).toBeGreaterThan(sizes.at(-2)!);
  expect(dictionaries[0]!.points.at(-1)!.kl.mean).toBeLessThan(1e-6);
});

test("a model that fails the task is refused with its accuracy, and other misfits are named", async () => {
  await expect(patched({ minAccuracy: 1 })).rejects.toThrow(
    /^model does not do the task letters: accuracy 0\.\d+ \[0\.\d+, 0\.\d+\] of 24 prompts/,
  );
  const narrow = { name: "narrow", architecture: "topk", sae: madeSae("n", { dIn: 6 }) };
  await expect(patched({ saes: [narrow] })).rejects.toThrow(
    `narrow reads activations of d_in 6, but ${TINY_HOOK} has 24.`,
  );
  await expect(patched({ hook: "blocks.7.hook_resid_post" })).rejects.toMatchObject({
    code: "hook/missing",
  });
});

test("every way of erasing is scored, next to none and to what is drawn", async () => {
  const erase = (task = TASK) =>
    eraseConcept(reference, {
      model,
      hook: TINY_HOOK,
      task,
      saes: [{ name: "exact", architecture: "relu", sae: exactSae() }],
      pairs: 8,
      tokens: "all",
      latents: [2, 1000],
      text,
      maxTokens: 64,
      seed: 0,
      minAccuracy: 0,
      catalogue,
      threads: 1,
      pause,
      onProgress: () => {},
    });
  const { methods, rows } = await erase();
  expect(methods.map(({ name }) => name)).toEqual([
    "nothing erased",
    "LEACE",
    "mean difference",
    "drawn direction",
    "exact, best 2",
    "exact, drawn 2",
  ]);
  expect(rows).toBeGreaterThan(16);
  const [nothing, leace, , , best] = methods;
  expect(nothing).toMatchObject({ kl: { mean: 0 }, edit: 0, text_kl: 0 });
  expect(leace!.edit).toBeGreaterThan(0);
  expect(leace!.kl.mean).toBeGreaterThan(0);
  expect(best!.latents).toHaveLength(2);
  expect(best!.kl.mean).toBeGreaterThan(0);
  expect(best!.text_kl).toBeGreaterThan(0);
  const names = parseTask({ ...TASK, slots: { x: ["a", "b", "c"] } }, "letters");
  await expect(erase(names)).rejects.toThrow(
    "Erasure needs a task of two answers, but letters has an answer for each filling.",
  );
});

test("the ablation graph is what an ablation by hand changes", async () => {
  const sae = exactSae();
  const from = { name: "early", hook: TINY_HOOK, sae };
  const to = { name: "late", hook: LAST_HOOK, sae };
  const graph = (more: object = {}) =>
    ablationGraph(reference, {
      model,
      from,
      to,
      latents: [3],
      most: 2,
      edges: 48,
      text,
      maxTokens: 12,
      seed: 0,
      catalogue,
      threads: 1,
      pause,
      onProgress: () => {},
      ...more,
    });
  const found = await graph();
  const [one] = found.latents;
  const { separatorId, encode } = named.tokenizer;
  const ids = Int32Array.of(separatorId!, ...encode(readFileSync(text, "utf8")).subarray(0, 11));
  const tokens = tokenBatch(ids, 1, 12);
  const rows = await named.model.activations(TINY_HOOK, tokens);
  const changed = rows.slice();
  let active = 0;
  for (let at = 1; at < 12; at++) if (rows[at * D + 3]! > 0) active++;
  for (let at = 1; at < 12; at++) changed[at * D + 3] = Math.min(0, rows[at * D + 3]!);
  const spliced = named.model.spliced(TINY_HOOK);
  const [before] = await spliced.activationsAt([LAST_HOOK], tokens, rows);
  const [after] = await spliced.activationsAt([LAST_HOOK], tokens, changed);
  const expected = new Float64Array(D);
  for (let at = 1; at < 12; at++)
    for (let j = 0; j < D; j++)
      if (rows[at * D + 3]! > 0)
        expected[j]! +=
          (Math.max(0, after![at * D + j]!) - Math.max(0, before![at * D + j]!)) / active;
  expect(one!.active).toBe(active);
  for (const { latent, change } of one!.edges.filter(({ latent }) => latent < D))
    expect(change).toBeCloseTo(expected[latent]!, 4);
  expect(one!.length).toBeGreaterThan(0);
  expect(one!.drawn_length).toBeGreaterThan(0);
  expect((await graph({ latents: undefined })).latents).toHaveLength(2);
  await expect(graph({ from: to, to: from })).rejects.toThrow(
    `${TINY_HOOK} is not behind ${LAST_HOOK}, so nothing there depends on it.`,
  );
  await expect(graph({ from: { ...from, sae: silentSae() } })).rejects.toThrow(
    "Latent 3 of early is never active in this text",
  );
  await expect(graph({ latents: [99] })).rejects.toThrow("integers from 0 to 47 for latents");
});

test("a case study counts, scores patterns, and is a page of plain text", async () => {
  const study = (more: object = {}) =>
    studyLatent(reference, {
      model,
      hook: TINY_HOOK,
      name: "exact",
      sae: exactSae(),
      latent: 1,
      text,
      maxTokens: 60,
      regex: ["[aeiou]"],
      catalogue,
      threads: 1,
      pause,
      ...more,
    });
  const found = await study();
  const [any] = found.regex[0]!.scores;
  expect(any!.both + any!.latentOnly).toBe(found.active);
  expect(found.changes[0]).toMatchObject({ intervention: { kind: "scale", value: 0 } });
  expect(found.changes[0]!.divergence).toBeGreaterThan(0);
  expect(found.logits!.top).toHaveLength(10);
  expect(found.firedOn.reduce((sum, { times }) => sum + times, 0)).toBeLessThanOrEqual(
    found.active,
  );
  expect(casePage(found)).toContain("## What changing it costs");
  expect(literal("<b>*x*|\n")).toBe("\\<b\\>\\*x\\*\\|↵");
  await expect(study({ sae: silentSae() })).rejects.toThrow(
    /^Latent 1 of exact is active in none of \d+ tokens, so there is nothing to study\.$/,
  );
  await expect(study({ regex: ["("] })).rejects.toThrow('"(" is not a regular expression');
  await expect(study({ regex: ["[0-9]"] })).rejects.toThrow("/[0-9]/ matches nothing in this text");
  await expect(study({ latent: 48 })).rejects.toThrow("an integer from 0 to 47 for latent");
  writeFileSync(`${text}.empty.txt`, "");
  await expect(study({ text: `${text}.empty.txt` })).rejects.toMatchObject({
    message: expect.stringMatching(/empty|no text|no token|none of 0/),
  });
});

test("the lens at the last layer is the model itself", async () => {
  const layers = await logitLens(named, "hello there");
  expect(layers.map(({ hook }) => hook)).toEqual([TINY_HOOK, LAST_HOOK]);
  const [first, last] = layers;
  expect(last!.divergence).toBe(0);
  expect(first!.divergence).toBeGreaterThan(1e-4);
  const ids = Int32Array.of(named.tokenizer.separatorId!, ...named.tokenizer.encode("hello there"));
  const loss = await named.model.crossEntropy(tokenBatch(ids, 1, ids.length));
  expect(last!.crossEntropy).toBeCloseTo(loss.sum / loss.count, 4);
  await expect(logitLens(named, "")).rejects.toThrow("a prompt of at least one token");
});
