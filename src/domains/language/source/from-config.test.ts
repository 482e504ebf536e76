import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { OpenSourceOptions, SourceProgress } from "../../../sources/source-kind.ts";
import type { LanguageModelConfig } from "../schema.ts";
import { collectOptions, collectProgress, serving } from "./from-config.ts";

const SOURCE = {
  kind: "language_model",
  model: "gpt2",
  hook: "blocks.3.hook_resid_post",
  text: "texts.txt",
  skipSpecial: true,
  skipSinks: false,
  mode: "packed",
  dtype: "float16",
  context: 64,
  maxTokens: 1000,
  seed: 0,
} as unknown as LanguageModelConfig;

function optionsIn(folder: string, more: Partial<OpenSourceOptions> = {}): OpenSourceOptions {
  return {
    backend: reference,
    baseFolder: folder,
    cacheDir: join(folder, "cache"),
    catalogue: { cacheDir: join(folder, "cache") },
    ...more,
  };
}

const collected = (
  folder: string,
  change: Partial<LanguageModelConfig> = {},
  more: Partial<OpenSourceOptions> = {},
) => collectOptions({ ...SOURCE, ...change }, optionsIn(folder, more));

describe("names of models and texts", () => {
  test("are looked for from the config's folder on, where something lies there", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "mine"));
    writeFileSync(join(folder, "texts.txt"), "a");
    const found = collected(folder, { model: "mine" });
    expect(found.model).toBe(join(folder, "mine"));
    expect(found.text).toBe(join(folder, "texts.txt"));
  });

  test("stay names where nothing does", () => {
    const found = collected(temporaryFolder(), { model: "org/name", text: "nowhere.txt" });
    expect([found.model, found.text]).toEqual(["org/name", "nowhere.txt"]);
  });

  test("of the catalogue win over a folder of that name, and a person is told", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "gpt2"));
    const notices: string[] = [];
    const catalogue = {
      cacheDir: join(folder, "cache"),
      onNotice: (text: string) => void notices.push(text),
    };
    expect(collected(folder, {}, { catalogue }).model).toBe("gpt2");
    expect(notices).toEqual([expect.stringContaining('write "./gpt2"')]);
    expect(collected(folder, { model: "./gpt2" }).model).toBe(join(folder, "gpt2"));
  });

  test("with a pattern match files of the config's folder", () => {
    const folder = temporaryFolder();
    expect(collected(folder, { text: "texts/*.jsonl" }).text).toBe(join(folder, "texts/*.jsonl"));
  });

  test("with a pattern that is a file's own name mean that file", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a[1].txt"), "a");
    expect(collected(folder, { text: "a[1].txt" }).text).toBe(join(folder, "a[1].txt"));
  });
});

test("what decides the rows is handed on as the config says it", () => {
  expect(collected(temporaryFolder())).toMatchObject({
    hook: "blocks.3.hook_resid_post",
    context: 64,
    maxTokens: 1000,
    skipSpecial: true,
    skipSinks: false,
    mode: "packed",
    dtype: "float16",
    threads: reference.threads,
  });
});

describe("progress", () => {
  test("names what is done: first tokens, then rows with those of before", () => {
    const told: SourceProgress[] = [];
    const { onTokens, onProgress } = collectProgress((progress) => void told.push(progress));
    onTokens!(12);
    onProgress!({ rows: 5, totalRows: 20, resumedRows: 3 } as never);
    expect(told).toEqual([
      { what: "tokenising", done: 12, unit: "tokens" },
      { what: "collecting activations", done: 5, total: 20, unit: "tokens", resumed: 3 },
    ]);
  });

  test("that nobody listens to is not made", () => {
    expect(collectProgress(undefined)).toEqual({});
  });
});

test("how the store is served names its rows, and leaves out what the config leaves out", () => {
  expect(serving(SOURCE)).toEqual({
    where: "the activations of gpt2 at blocks.3.hook_resid_post",
  });
  expect(serving({ ...SOURCE, bufferBytes: 1024, heldOutRows: 7 })).toMatchObject({
    bufferBytes: 1024,
    heldOutRows: 7,
  });
});
