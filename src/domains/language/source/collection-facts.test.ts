import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { ShardIndex } from "../../../sources/shards/shard-index.ts";
import {
  type CollectionRequest,
  collectionFacts,
  collectionName,
  requireSameCollection,
} from "./collection-facts.ts";

const REQUEST: CollectionRequest = {
  model: "gpt2",
  hook: "blocks.8.hook_resid_pre",
  text: "book.txt",
  textFormat: undefined,
  textColumn: undefined,
  skipSpecial: true,
  mode: "packed",
  dtype: "float16",
};

function file(name: string, content: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

async function facts(over: Partial<CollectionRequest> = {}, paths = [file("book.txt", "hello")]) {
  const { hook, ...request } = { ...REQUEST, ...over };
  const texts = paths.map((path) => ({ path }) as never);
  return (await collectionFacts(request, [hook], texts))[0]!;
}

describe("what decides the rows of a store", () => {
  test("is the content of the text, not where it lies", async () => {
    const text = async (content: string) =>
      (await facts({}, [file("book.txt", content)]))["text_sha256"];
    expect(await text("hello")).toBe(await text("hello"));
    expect(await text("hello")).not.toBe(await text("hello!"));
  });

  test("is the order and the names of several texts", async () => {
    const [a, b] = [file("a.txt", "1"), file("b.txt", "2")];
    const of = async (...paths: string[]) => (await facts({}, paths))["text_sha256"];
    expect(await of(a, b)).not.toBe(await of(b, a));
    expect(await of(a, b)).toBe(await of(file("a.txt", "1"), file("b.txt", "2")));
  });

  test("are the files of a model that is given by its folder", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "onnx"));
    writeFileSync(join(folder, "config.json"), "{}");
    const sum = async () => (await facts({ model: folder }))["model_sha256"];
    const before = await sum();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    // What decides nothing may change.
    writeFileSync(join(folder, "README.md"), "x");
    expect(await sum()).toBe(before);
    writeFileSync(join(folder, "model.safetensors"), "weights");
    expect(await sum()).not.toBe(before);
    expect((await facts())["model_sha256"]).toBeUndefined();
  });

  test("says since when a hook or a kind of model means what it means", async () => {
    const hook = "blocks.0.ln1.hook_normalized";
    expect(await facts({ hook })).toMatchObject({ hook_convention: "transformer_lens_3" });
    expect(await facts()).not.toHaveProperty("hook_convention");
    expect(await facts()).toMatchObject({ skip_sinks: true });
    expect(await facts({ skipSinks: false })).toMatchObject({ skip_sinks: false });
    const model = file("model.onnx", "x");
    expect(await facts({ model })).toMatchObject({ special_tokens: "tokenizer" });
  });
});

test("a store is named after model, hook and text, and otherwise by what decides its rows", async () => {
  const known = await facts({ model: "org/gpt 2" });
  const name = collectionName(known, "float16");
  expect(name).toMatch(/^gpt-2-blocks\.8\.hook_resid_pre-book\.txt-[0-9a-f]{12}$/);
  expect(collectionName(known, "float16")).toBe(name);
  expect(collectionName(known, "float32")).not.toBe(name);
  expect(collectionName({ ...known, context: 64 }, "float16")).not.toBe(name);
  const long = collectionName({ ...known, text: "x".repeat(500) }, "float16");
  expect(long.length).toBeLessThanOrEqual(163);
});

describe("a store that was begun", () => {
  const index = (provenance: object, dtype = "float16") =>
    ({ provenance, dtype }) as unknown as ShardIndex;
  const check =
    (was: object, now: object, dtype: "float16" | "float32" = "float16") =>
    () =>
      requireSameCollection("store", index(was), { kind: "language_model", ...now }, dtype);
  const same = { kind: "language_model", model: "gpt2", text: "a.txt", text_sha256: "1" };

  test("goes on with the same facts", () => {
    expect(check(same, same)).not.toThrow();
    // The default context is known only once the model is open.
    expect(check({ ...same, context: 1024 }, same)).not.toThrow();
  });

  test.each<[object, object, string]>([
    [{ model: "a" }, { model: "b" }, "model was a, now b"],
    [{ context: 64 }, { context: 128 }, "context was 64, now 128"],
    [{ text_format: "jsonl" }, {}, "text_format (--text-format) was jsonl, now not set"],
    [
      { skip_special: true },
      { skip_special: false },
      "skip_special (--keep-special) was true, now false",
    ],
    [{}, { skip_sinks: true }, "skip_sinks (--keep-sinks) was not set, now true"],
    [{ model_sha256: "1" }, { model_sha256: "2" }, "the model gpt2 has other files now"],
    [{ text_sha256: "1" }, { text_sha256: "2" }, "the text a.txt has other content now"],
    [{}, { hook_convention: "x" }, "where this hook came after gain and bias"],
    [{}, { special_tokens: "tokenizer" }, "without the tokenizer's special tokens"],
    [{ text_reader: 1 }, { text_reader: 2 }, "which read texts in another way"],
    [{ kind: "eeg" }, {}, "it holds rows of kind eeg"],
  ])("with %j does not go on with %j", (was, now, message) => {
    expect(check({ ...same, ...was }, { ...same, ...now, kind: "language_model" })).toThrow(
      message,
    );
  });

  test("names everything that differs in one line, and the type of its numbers", () => {
    expect(check({ ...same, context: 1 }, { ...same, context: 2 }, "float32")).toThrow(
      "store was begun with something else: context was 1, now 2; dtype was float16, now float32.",
    );
  });
});
