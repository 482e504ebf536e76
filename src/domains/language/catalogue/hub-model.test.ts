import { readFileSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "../../../../test/support/fake-hub.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { openLanguageModel } from "../models/language-model.ts";
import { openTokenizer } from "../text/tokenizer.ts";
import { resolveModel } from "./catalogue.ts";
import { findInHubCache } from "./hub-model.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../../test/golden/models");
const TOKENIZER = JSON.stringify({
  added_tokens: [{ id: 0, content: "<|endoftext|>", special: true }],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: "BPE", vocab: { a: 1, b: 2 }, merges: [] },
});

function golden(model: string, id: string, files: readonly string[]): [string, Uint8Array][] {
  return files.map((file) => [`${id}/${file}`, readFileSync(join(GOLDEN, model, file))]);
}

const SHARDS = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`);
const FILES = new Map<string, Uint8Array>([
  ...golden("gpt2", "tiny/gpt2", ["config.json", "model.safetensors"]),
  ["tiny/gpt2/tokenizer.json", Buffer.from(TOKENIZER)],
  ...golden("llama-grouped", "tiny/llama", [
    "config.json",
    "model.safetensors.index.json",
    ...SHARDS,
  ]),
  ["tiny/llama/tokenizer.json", Buffer.from(TOKENIZER)],
  ...golden("gpt2", "tiny/weightless", ["config.json"]),
  ["tiny/weightless/tokenizer.json", Buffer.from(TOKENIZER)],
  ...golden("gpt2", "tiny/older", ["config.json"]),
  ["tiny/older/pytorch_model.bin", readFileSync(join(GOLDEN, "../torch/gpt2.bin"))],
  ["tiny/older/vocab.json", Buffer.from('{"<|endoftext|>":0,"a":1,"b":2}')],
  ["tiny/older/merges.txt", Buffer.from("#version: 0.2\n")],
]);
const WEIGHT_BYTES = FILES.get("tiny/gpt2/model.safetensors")!.byteLength;

let hub: FakeHub;
let cacheDir: string;
let options: CatalogueOptions;

beforeEach(async () => {
  hub = await startFakeHub(FILES);
  cacheDir = await mkdtemp(join(tmpdir(), "concord-hub-"));
  options = { cacheDir, hubUrl: hub.url, retryDelayMs: 1, attempts: 2 };
});
afterEach(async () => {
  await hub.close();
  await rm(cacheDir, { recursive: true, force: true });
});

const weightRequests = () => hub.requests.filter(({ path }) => path.endsWith("model.safetensors"));

describe("a model of the hub", () => {
  test("is downloaded once, opens, and then needs no network", async () => {
    const folder = await resolveModel("tiny/gpt2", options);
    const model = await openLanguageModel(folder, { threads: 1 });
    expect(model.facts).toMatchObject({ family: "gpt2", layers: 2, dModel: 24 });
    await model.close();
    expect((await openTokenizer(folder)).separatorId).toBe(0);
    const sent = hub.sentBytes();
    await hub.close();
    expect(await resolveModel("tiny/gpt2", options)).toBe(folder);
    expect(await resolveModel("tiny/gpt2", { ...options, offline: true })).toBe(folder);
    expect(hub.sentBytes()).toBe(sent);
  });

  test("goes where its cache is moved to", async () => {
    const folder = await resolveModel("tiny/gpt2", options);
    await hub.close();
    const moved = join(await mkdtemp(join(tmpdir(), "concord-moved-")), "cache");
    await rename(cacheDir, moved);
    const there = await resolveModel("tiny/gpt2", { cacheDir: moved, offline: true });
    expect(there).toBe(folder.replace(cacheDir, moved));
    await (await openLanguageModel(there, { threads: 1 })).close();
    await rm(join(moved, ".."), { recursive: true });
  });

  test("in shards comes with every shard its index lists", async () => {
    const folder = await resolveModel("tiny/llama", options);
    expect((await readdir(folder)).filter((name) => name.endsWith(".safetensors")).sort()).toEqual(
      SHARDS,
    );
    await (await openLanguageModel(folder, { threads: 1 })).close();
  });

  test("whose connection drops in the middle goes on where it stopped, within one call", async () => {
    const progress: number[] = [];
    // config.json and tokenizer.json come whole, then the weights break twice.
    for (const bytes of [1e9, 1e9, 30_000, 20_000]) hub.breakAfter(bytes);
    const folder = await resolveModel("tiny/gpt2", {
      ...options,
      onProgress: ({ what, doneBytes }) =>
        what.endsWith("model.safetensors") && progress.push(doneBytes),
    });
    expect(await readFile(join(folder, "model.safetensors"))).toEqual(
      Buffer.from(FILES.get("tiny/gpt2/model.safetensors")!),
    );
    const starts = weightRequests().map(({ range }) => Number(/(\d+)-/.exec(range ?? "0-")![1]));
    expect(starts[0]).toBe(0);
    expect(starts.length).toBeGreaterThanOrEqual(2);
    expect(starts.slice(1).every((start, i) => start > starts[i]!)).toBe(true);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(WEIGHT_BYTES);
  });

  test("whose download was given up goes on in the next call, without fetching a byte twice", async () => {
    for (const bytes of [1e9, 1e9, 40_000, 0, 0]) hub.breakAfter(bytes);
    await expect(resolveModel("tiny/gpt2", options)).rejects.toMatchObject({
      code: "network/failed",
      hint: expect.stringContaining("received data is kept"),
    });
    const before = weightRequests().length;
    await resolveModel("tiny/gpt2", options);
    const [resumed] = weightRequests().slice(before);
    const start = Number(/bytes=(\d+)-/.exec(resumed!.range ?? "")![1]);
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(40_000);
    expect(hub.requests.filter(({ path }) => path.endsWith("config.json"))).toHaveLength(1);
  });

  test("survives a server that ignores ranges by starting over", async () => {
    for (const bytes of [1e9, 1e9, 40_000]) hub.breakAfter(bytes);
    hub.ignoreRanges();
    const folder = await resolveModel("tiny/gpt2", options);
    expect(await readFile(join(folder, "model.safetensors"))).toEqual(
      Buffer.from(FILES.get("tiny/gpt2/model.safetensors")!),
    );
  });

  test("that arrives damaged is thrown away, and fetched anew by the next call", async () => {
    hub.corruptOnce();
    await expect(resolveModel("tiny/gpt2", options)).rejects.toThrow(
      "tiny/gpt2/config.json arrived with a wrong checksum",
    );
    await resolveModel("tiny/gpt2", options);
  });

  test("that does not exist, or has no weights, is explained", async () => {
    await expect(resolveModel("tiny/nothing", options)).rejects.toThrow(
      /has no model "tiny\/nothing"/,
    );
    await expect(resolveModel("tiny/weightless", options)).rejects.toMatchObject({
      code: "model/unsupported",
      hint: expect.stringContaining("safetensors and pytorch_model.bin"),
    });
  });

  test("with the older files, pytorch_model.bin, vocab.json and merges.txt, is downloaded and opens", async () => {
    const folder = await resolveModel("tiny/older", options);
    await (await openLanguageModel(folder, { threads: 1 })).close();
    expect([...(await openTokenizer(folder)).encode("ab")]).toEqual([1, 2]);
    expect(await resolveModel("tiny/older", { ...options, offline: true })).toBe(folder);
  });

  test("offline is an error that names what is missing, and sends no request", async () => {
    await expect(resolveModel("tiny/gpt2", { ...options, offline: true })).rejects.toMatchObject({
      code: "file/missing",
      message: expect.stringContaining("config.json, tokenizer.json, model.safetensors"),
    });
    expect(hub.requests).toEqual([]);
  });

  test("without a network is a network error that names the hub", async () => {
    await hub.close();
    await expect(resolveModel("tiny/gpt2", options)).rejects.toMatchObject({
      code: "network/failed",
      message: expect.stringContaining(hub.url),
    });
  });

  test("can be interrupted", async () => {
    const signal = AbortSignal.abort();
    await expect(resolveModel("tiny/gpt2", { ...options, signal })).rejects.toMatchObject({
      code: "interrupted",
    });
  });

  test("cut short in the cache is fetched again", async () => {
    const folder = await resolveModel("tiny/gpt2", options);
    await truncate(join(folder, "model.safetensors"), 100);
    await resolveModel("tiny/gpt2", options);
    expect((await readFile(join(folder, "model.safetensors"))).byteLength).toBe(WEIGHT_BYTES);
  });

  test("being downloaded by another process is not touched", async () => {
    const partial = join(cacheDir, "models/.partial-tiny--gpt2");
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, ".lock"), String(process.ppid));
    await expect(resolveModel("tiny/gpt2", options)).rejects.toMatchObject({
      code: "run/conflict",
    });
    await writeFile(join(partial, ".lock"), "999999999");
    await resolveModel("tiny/gpt2", options);
  });

  test("put into the cache by hand is taken as it is", async () => {
    const folder = join(cacheDir, "models/tiny--gpt2");
    await cp(join(GOLDEN, "gpt2"), folder, { recursive: true });
    await writeFile(join(folder, "tokenizer.json"), TOKENIZER);
    expect(await resolveModel("tiny/gpt2", { ...options, offline: true })).toBe(folder);
  });
});

describe("the cache of Hugging Face's own libraries", () => {
  async function fill(): Promise<string> {
    const repository = join(cacheDir, "hf/models--tiny--gpt2");
    const snapshot = join(repository, "snapshots/0123abc");
    await mkdir(join(repository, "refs"), { recursive: true });
    await mkdir(join(repository, "blobs"));
    await mkdir(snapshot, { recursive: true });
    await writeFile(join(repository, "refs/main"), "0123abc");
    for (const file of ["config.json", "tokenizer.json", "model.safetensors"]) {
      await writeFile(join(repository, "blobs", `blob-${file}`), FILES.get(`tiny/gpt2/${file}`)!);
      await symlink(`../../blobs/blob-${file}`, join(snapshot, file));
    }
    return snapshot;
  }

  test("is used where it is, links and all", async () => {
    const snapshot = await fill();
    const hubCacheDir = join(cacheDir, "hf");
    expect(await resolveModel("tiny/gpt2", { ...options, hubCacheDir, offline: true })).toBe(
      snapshot,
    );
    await (await openLanguageModel(snapshot, { threads: 1 })).close();
  });

  test("does not count when a file is missing in it", async () => {
    const snapshot = await fill();
    await rm(join(snapshot, "tokenizer.json"));
    const repository = { id: "tiny/gpt2", revision: "main" };
    expect(await findInHubCache(join(cacheDir, "hf"), repository)).toBeUndefined();
  });
});
