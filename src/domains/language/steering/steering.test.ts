import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeTinyModel } from "../../../../test/support/tiny-model.ts";
import type { RowNormalization } from "../../../base/row-normalization.ts";
import { asFloat32 } from "../../../base/tensor.ts";
import { readSafetensors } from "../../../formats/safetensors-file.ts";
import { addingAmounts } from "../../../sae/interventions.ts";
import type { Steering } from "../../steering.ts";
import { openModelByName } from "../models/open-by-name.ts";
import { tokenBatch } from "../text/token-batch.ts";
import { openSteering } from "./open-steering.ts";
import { steering } from "./steering.ts";

/** Of the tiny model. */
const [WIDTH, CONTEXT, END] = [24, 12, 29];
const LAST_HOOK = "blocks.1.hook_resid_post";

async function opened(hook = TINY_HOOK): Promise<{ steered: Steering; model: string }> {
  const folder = temporaryFolder();
  const model = join(folder, "model");
  writeTinyModel(model);
  const catalogue = { cacheDir: folder, offline: true };
  return { model, steered: await openSteering(model, hook, { catalogue, threads: 1 }) };
}

const nothing = new Float32Array(WIDTH);

/** A direction that is added to every row. */
function added(direction: Float32Array, strength: number, kind?: RowNormalization) {
  return { changes: [{ direction, amounts: addingAmounts(strength, kind) }] };
}

test("the unsteered text is what the model says by itself", async () => {
  const { steered, model: path } = await opened();
  const request = { prompt: "ab", tokens: 5, ...added(nothing, 0) };
  const {
    unsteered,
    steered: [same],
    promptPieces,
  } = await steered.continue(request);
  await steered.close();
  expect(promptPieces).toEqual(["a", "b"]);
  expect(same).toEqual(unsteered);
  const catalogue = { cacheDir: path, offline: true };
  const { model, tokenizer } = await openModelByName(path, { catalogue, threads: 1 });
  const ids = [tokenizer.separatorId!, ...tokenizer.encode("ab")];
  const written: string[] = [];
  while (written.length < 5) {
    const logits = await model.logits(tokenBatch(Int32Array.from(ids), 1, ids.length));
    const vocabulary = logits.length / ids.length;
    // The model has room for more tokens than its tokenizer has.
    const last = logits.slice(-vocabulary).subarray(0, tokenizer.vocabularySize);
    const id = last.indexOf(Math.max(...last));
    if (id === END) break;
    ids.push(id);
    written.push(tokenizer.tokenText(id));
  }
  await model.close();
  expect(unsteered.pieces).toEqual(written);
  // This tokenizer puts spaces between tokens.
  expect(unsteered.text.trim()).toBe(written.join(" "));
  expect(written.length).toBeGreaterThan(0);
});

test("a token's own direction, turned far up at the end of the model, makes that token", async () => {
  const { steered, model } = await opened(LAST_HOOK);
  const { tensors } = await readSafetensors(join(model, "model.safetensors"));
  const [, embedding] = [...tensors].find(([name]) => name.endsWith("wte.weight"))!;
  const rows = asFloat32(embedding);
  for (const letter of [2, 25]) {
    const direction = rows.slice(letter * WIDTH, (letter + 1) * WIDTH);
    const {
      steered: [text],
      unsteered,
    } = await steered.continue({
      prompt: "hello",
      tokens: 3,
      ...added(direction, 10_000),
    });
    const wanted = String.fromCharCode(97 + letter);
    expect(text!.pieces).toEqual([wanted, wanted, wanted]);
    expect(unsteered.pieces).not.toEqual(text!.pieces);
  }
  await steered.close();
});

test("the direction is added at every position but those of special tokens, once per unit", async () => {
  const { steered, model: path } = await opened();
  const direction = Float32Array.from({ length: WIDTH }, (_, i) => Math.cos(i));
  const strength = 3;
  const half = direction.map((v) => v / 2);
  const {
    steered: [text, same],
  } = await steered.continue({
    prompt: "abc",
    tokens: 1,
    changes: [...added(direction, strength).changes, ...added(half, 2 * strength).changes],
  });
  await steered.close();
  expect(same).toEqual(text);
  const catalogue = { cacheDir: path, offline: true };
  const { model, tokenizer } = await openModelByName(path, { catalogue, threads: 1 });
  const ids = Int32Array.of(END, ...tokenizer.encode("abc"));
  const tokens = tokenBatch(ids, 1, ids.length);
  const rows = await model.activations(TINY_HOOK, tokens);
  for (let i = WIDTH; i < rows.length; i++) rows[i]! += strength * direction[i % WIDTH]!;
  const logits = await model.spliced(TINY_HOOK).logits(tokens, rows);
  await model.close();
  const last = logits.slice(-logits.length / ids.length).subarray(0, tokenizer.vocabularySize);
  expect(text!.pieces).toEqual([tokenizer.tokenText(last.indexOf(Math.max(...last)))]);
});

test("an SAE of normalised rows has its direction scaled back, row by row", async () => {
  const { steered } = await opened(LAST_HOOK);
  const direction = Float32Array.from({ length: WIDTH }, (_, i) => Math.sin(i));
  const at = (rowNormalization: "layer_norm" | "constant_norm_rescale" | undefined) =>
    steered.continue({ prompt: "abc", tokens: 4, ...added(direction, 1e6, rowNormalization) });
  // So far up that the size of a row no longer matters.
  expect(await at("layer_norm")).toEqual(await at(undefined));
  expect(await at("constant_norm_rescale")).toEqual(await at(undefined));
  await steered.close();
});

test("what does not fit is said", async () => {
  const { steered, model } = await opened();
  const request = { prompt: "abcdefgh", tokens: 50, ...added(nothing, 0) };
  const { unsteered, notes } = await steered.continue(request);
  const room = CONTEXT - 1 - 8;
  expect(unsteered.pieces.length).toBeLessThanOrEqual(room);
  expect(notes).toEqual([
    `The text ends after ${room} of 50 tokens: prompt and text have room for ${CONTEXT}.`,
  ]);
  const refused = (change: object) => steered.continue({ ...request, ...change });
  await expect(refused({ prompt: "abcdefghijklm" })).rejects.toThrow(
    "Expected a prompt of fewer than 11 tokens but received 13.",
  );
  await expect(refused({ prompt: "" })).rejects.toThrow("at least one token for prompt");
  await expect(refused(added(new Float32Array(5), 1))).rejects.toMatchObject({
    code: "shape/mismatch",
  });
  await expect(refused({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "interrupted",
  });
  await steered.close();
  const catalogue = { cacheDir: model, offline: true };
  await expect(openSteering(model, "blocks.9.hook_x", { catalogue })).rejects.toMatchObject({
    code: "hook/missing",
  });
  rmSync(join(model, "tokenizer.json"));
  await expect(openSteering(model, TINY_HOOK, { catalogue })).rejects.toMatchObject({
    code: "file/missing",
  });
});

test("runs of rows that name a model and a hook can be steered", () => {
  const rows = { kind: "language_model", model: "gpt2", hook: "h" };
  expect(steering.applies(rows)).toBe(true);
  expect(steering.applies({ kind: "language_model", model: "gpt2" })).toBe(false);
  expect(steering.key(rows)).not.toBe(steering.key({ ...rows, hook: "g" }));
});
