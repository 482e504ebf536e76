import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "../../../../test/support/fake-hub.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { resolveText } from "./catalogue.ts";
import { hubText } from "./hub-dataset.ts";

const lines = (name: string) => Buffer.from(`{"text": "of ${name}"}\n`);
const FILES = new Map<string, Uint8Array>(
  [
    "splits/data/train-00001-of-00002.jsonl",
    "splits/data/train-00000-of-00002.jsonl",
    "splits/data/test-00000-of-00001.jsonl",
    "splits/README.md",
    "splits/restrained.jsonl",
    "plain/b.jsonl",
    "plain/a.jsonl",
    "plain/dataset_infos.json",
    "nested/deep/er/a.jsonl",
    "subsets/one/train.jsonl",
    "subsets/two/train.jsonl",
    "forms/train.jsonl",
    "forms/train.txt",
    "plain/.gitattributes",
    "textless/README.md",
  ].map((path) => [`datasets/some/${path}`, lines(path)]),
);
FILES.set("datasets/some/packed/all.jsonl.gz", gzipSync(lines("all")));

let hub: FakeHub;
let options: CatalogueOptions;
beforeEach(async () => {
  hub = await startFakeHub(FILES);
  options = { cacheDir: temporaryFolder(), hubUrl: hub.url, attempts: 1 };
});
afterEach(() => hub.close());

/** What the files of a name say, in order. */
async function texts(name: string, more: Partial<CatalogueOptions> = {}): Promise<string[]> {
  const files = await resolveText(name, { ...options, ...more });
  return files.map(({ path }) => String(JSON.parse(readFileSync(path, "utf8")).text));
}

test("the training split of a dataset is its text, in the order of its files", async () => {
  expect(await texts("some/splits")).toEqual([
    "of splits/data/train-00000-of-00002.jsonl",
    "of splits/data/train-00001-of-00002.jsonl",
  ]);
  const requests = hub.requests.length;
  expect(await texts("some/splits", { offline: true })).toHaveLength(2);
  expect(hub.requests.length).toBe(requests);
});

test("a dataset without splits is all of its texts, in folders too", async () => {
  expect(await texts("some/plain@main")).toEqual(["of plain/a.jsonl", "of plain/b.jsonl"]);
  expect(await texts("some/nested")).toEqual(["of nested/deep/er/a.jsonl"]);
  expect(await resolveText("some/packed", options)).toHaveLength(1);
});

test("a part of a dataset is named by its path", async () => {
  expect(await texts("hf:some/splits/data/test-00000-of-00001.jsonl")).toEqual([
    "of splits/data/test-00000-of-00001.jsonl",
  ]);
  expect(await texts("hf:some/nested/deep")).toEqual(["of nested/deep/er/a.jsonl"]);
  expect(await texts("hf:some/subsets/two@refs/convert")).toEqual(["of subsets/two/train.jsonl"]);
});

test("a folder of that name comes first", async () => {
  const folder = relative(".", temporaryFolder());
  mkdirSync(join(folder, "some"));
  writeFileSync(join(folder, "some", "x.jsonl"), lines("here"));
  expect(await texts(join(folder, "some"))).toEqual(["of here"]);
  expect(hub.listings).toEqual([]);
});

test("what is not there is said in one line, and nothing stays", async () => {
  const bad: [name: string, code: string, message: RegExp][] = [
    ["some/nothing", "network/failed", /has no dataset "some\/nothing" at main/],
    ["some/textless", "file/missing", /The dataset some\/textless has no text files\.$/],
    [
      "some/subsets",
      "argument/invalid",
      /^"some\/subsets" is not a file or folder here, .* has several subsets/,
    ],
    ["some/forms", "argument/invalid", /or its texts in several forms/],
    ["hf:some/plain/c.jsonl", "file/missing", /some\/plain has no file or folder c\.jsonl/],
    ["some/plain.jsonl", "argument/invalid", /neither a file nor a text/],
    ["gutenberg/austin-emma", "argument/invalid", /neither a file nor a text/],
    ["../some", "argument/invalid", /neither a file nor a text/],
  ];
  for (const [name, code, message] of bad)
    await expect(resolveText(name, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  await expect(resolveText("some/plain", { ...options, offline: true })).rejects.toMatchObject({
    code: "file/missing",
  });
});

test("a download that broke off goes on, and one that is too large names a part", async () => {
  hub.breakAfter(1000);
  hub.breakAfter(4);
  await expect(texts("some/plain")).rejects.toMatchObject({ code: "network/failed" });
  expect(await texts("some/plain")).toHaveLength(2);
  // The first file is not fetched again.
  expect(hub.requests.map(({ path }) => path.split("/").at(-1))).toEqual([
    "a.jsonl",
    "b.jsonl",
    "b.jsonl",
  ]);
  await hub.close();
  const large = new Map(FILES);
  const huge = Object.create(Buffer.alloc(0), { byteLength: { value: 3 * 1024 ** 3 } });
  large.set("datasets/some/huge/data/train-0.parquet", huge as Uint8Array);
  hub = await startFakeHub(large);
  await expect(resolveText("some/huge@v1", { ...options, hubUrl: hub.url })).rejects.toMatchObject({
    message: expect.stringMatching(/: The dataset some\/huge@v1 has 3\.0 GiB of text\.$/),
    hint: "Name a file or folder of it: hf:some/huge@v1/data/train-0.parquet.",
  });
});

test("names of the hub", () => {
  expect(hubText("org/name")).toMatchObject({ repository: { id: "org/name", revision: "main" } });
  expect(hubText("hf:org/name@v1/a/b/")).toMatchObject({
    repository: { revision: "v1" },
    path: "a/b",
  });
  for (const name of ["prose", "a/b/c", "./a/b", "hf:a/b/../c", "a/*"])
    expect(hubText(name), name).toBeUndefined();
});
