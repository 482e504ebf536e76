import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { type FakeHub, startFakeHub } from "../../test/support/fake-hub.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { findSaes } from "../experiments/compare/find-saes.ts";
import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import { partialBytes } from "../fetch/partial-file.ts";
import { readSae } from "./formats.ts";
import { saePath } from "./hub-sae.ts";

const GOLDEN = resolve(import.meta.dirname, "../../test/golden");

function golden(folder: string, id: string): [string, Uint8Array][] {
  const path = join(GOLDEN, folder);
  return readdirSync(path).map((file) => [`${id}/${file}`, readFileSync(join(path, file))]);
}

const FILES = new Map<string, Uint8Array>([
  ...golden("saelens/theirs/topk", "org/saes/layer 0/topk"),
  ["org/saes/layer 0/topk/probe.safetensors", Buffer.from("not asked")],
  ["org/saes/layer 0/topk/optimizer.pt", Buffer.from("not asked")],
  ["org/saes/layer 0/README.md", Buffer.from("not asked")],
  ["org/saes/README.md", Buffer.from("not asked")],
  ...golden("interchange/gemma_scope/first", "org/whole"),
  ["org/second/params.safetensors", Buffer.from("weights")],
  ["org/second/config.json", Buffer.from("{}")],
  ["org/openai/autoencoders/0.pt", readFileSync(join(GOLDEN, "interchange/openai/TopK/4.pt"))],
  ["org/openai/autoencoders/1.pt", readFileSync(join(GOLDEN, "interchange/openai/ReLU/4.pt"))],
]);
const TOPK = "hf:org/saes/layer 0/topk";

let hub: FakeHub;
let options: CatalogueOptions;

beforeEach(async () => {
  hub = await startFakeHub(FILES);
  onTestFinished(() => hub.close());
  options = { cacheDir: temporaryFolder(), hubUrl: hub.url, retryDelayMs: 1, attempts: 2 };
});

const asked = () => hub.requests.map(({ path }) => basename(path)).sort();

test("an SAE is downloaded once, with the files of its format alone, and then needs no network", async () => {
  const path = await saePath(TOPK, options);
  expect((await readSae(reference, path)).sae.selection).toMatchObject({ kind: "topk", k: 3 });
  const files = ["cfg.json", "probe.safetensors", "sae_weights.safetensors"];
  expect(asked()).toEqual(files);
  expect(readdirSync(path).sort()).toEqual([...files, "concord.json"].sort());
  await hub.close();
  expect(await saePath(`${TOPK}/`, { ...options, offline: true })).toBe(path);
});

test("a folder of many pages, the whole of a repository, and one file of several are found", async () => {
  const root = await saePath("hf:org/whole", options);
  expect((await readSae(reference, root)).format).toBe("gemma_scope");
  expect((await readSae(reference, await saePath("hf:org/whole/params.npz", options))).format).toBe(
    "gemma_scope",
  );
  const saes = await Promise.all(
    ["0.pt", "1.pt"].map(async (file) =>
      readSae(reference, await saePath(`hf:org/openai/autoencoders/${file}`, options)),
    ),
  );
  expect(saes.map((sae) => sae.foreignArchitecture)).toEqual(["TopK", "ReLU"]);
});

test("a revision has a folder of its own, whichever way it is written", async () => {
  const paths = await Promise.all(
    ["hf:org/whole", "hf:org/whole@v1", "hf:org/whole@v1/"].map((name) => saePath(name, options)),
  );
  expect(new Set(paths).size).toBe(2);
  expect(paths[1]).toBe(paths[2]);
  const named = await saePath("hf:org/saes/layer 0/topk@refs/pr/1", options);
  expect(readFileSync(join(named, "concord.json"), "utf8")).toContain("topk@refs/pr/1");
});

test.each([
  ["hf:org/saes", /It holds layer 0\/, README\.md\. Name the folder of an SAE\.$/],
  ["hf:org/saes/layer 0", /It holds topk\/, README\.md\. Name the folder of an SAE\.$/],
  ["hf:org/openai/autoencoders", /It holds 0\.pt, 1\.pt\. Known are .*openai \(one \.pt file/],
  ["hf:org/saes/layer 9", /^Nothing has that path there/],
  ["hf:org/openai/autoencoders/2.pt", /^Nothing has that path there/],
])("%s is not an SAE, and is refused with what is there", async (name, hint) => {
  await expect(saePath(name, options)).rejects.toMatchObject({
    code: "format/invalid",
    message: `${name} is not the folder of an SAE.`,
    hint: expect.stringMatching(hint),
  });
  expect(readdirSync(options.cacheDir)).toEqual([]);
});

test.each(["hf:org", "hf:", "hf:org/saes/../x", "hf:org/saes/a//b", "hf:org/saes@a/b@c"])(
  "%s is refused before the hub is asked",
  async (name) => {
    await expect(saePath(name, options)).rejects.toThrow(
      /Expected hf:org\/repo\/path or hf:org\/repo@revision\/path/,
    );
    expect(hub.listings).toEqual([]);
  },
);

test("a repository that is not there, and no network, say so", async () => {
  await expect(saePath("hf:org/nothing/x", options)).rejects.toMatchObject({
    code: "network/failed",
    message: expect.stringContaining('has no model "org/nothing" at main that it would show'),
    hint: expect.stringContaining("access token"),
  });
  await expect(saePath(TOPK, { ...options, offline: true })).rejects.toMatchObject({
    code: "file/missing",
    message: `${TOPK} is not in ${options.cacheDir}.`,
    hint: expect.stringContaining("offline"),
  });
  expect(hub.listings).toHaveLength(0);
});

test("a broken download goes on where it stopped, and a wrong byte is noticed", async () => {
  const once = { ...options, attempts: 1 };
  hub.breakAfter(300);
  await expect(saePath("hf:org/whole", once)).rejects.toMatchObject({ code: "network/failed" });
  const [partial] = readdirSync(join(options.cacheDir, "saes/org--whole"));
  const file = join(options.cacheDir, "saes/org--whole", partial!, "params.npz");
  const had = await partialBytes(file);
  await saePath("hf:org/whole", once);
  expect(hub.requests.at(-1)!.range).toBe(had === 0 ? undefined : `bytes=${had}-`);
  hub.corruptOnce();
  await expect(saePath(TOPK, once)).rejects.toThrow(/arrived with a wrong checksum/);
});

describe("what Hugging Face's own libraries have", () => {
  /** Their cache with some of the hub's files in it. */
  function cached(...files: readonly string[]) {
    const hubCacheDir = temporaryFolder();
    const pathOf = (file: string) => {
      const [org, name, ...path] = file.split("/");
      return join(hubCacheDir, `models--${org}--${name}/snapshots/main`, ...path);
    };
    for (const file of files) {
      mkdirSync(dirname(pathOf(file)), { recursive: true });
      writeFileSync(pathOf(file), FILES.get(file)!);
    }
    return { with: { ...options, hubCacheDir }, pathOf };
  }
  const ALL = ["cfg.json", "sae_weights.safetensors", "probe.safetensors"].map(
    (file) => `org/saes/layer 0/topk/${file}`,
  );
  const [CONFIG, WEIGHTS] = ALL as [string, string];
  const SECOND = ["org/second/params.safetensors", "org/second/config.json"] as const;
  const ONE = "org/openai/autoencoders/0.pt";

  test.each([
    [TOPK, ALL],
    ["hf:org/second", SECOND],
    [`hf:${SECOND[0]}`, SECOND],
    [`hf:${ONE}`, [ONE]],
    ["hf:org/whole", ["org/whole/params.npz"]],
  ])("of %s is used in place when it is all, offline too", async (name, files) => {
    const { with: given, pathOf } = cached(...files);
    const place = pathOf(name.slice("hf:".length));
    expect(await saePath(name, given)).toBe(place);
    expect(await saePath(name, { ...given, offline: true })).toBe(place);
    await hub.close();
    expect(await saePath(name, given)).toBe(place);
    expect(hub.requests).toEqual([]);
  });

  test.each([
    [TOPK, [CONFIG]],
    [TOPK, [WEIGHTS]],
    ["hf:org/second", [SECOND[0]]],
    [`hf:${SECOND[0]}`, [SECOND[0]]],
  ])("of %s is left alone when it is %j only", async (name, files) => {
    const { with: given, pathOf } = cached(...files);
    await expect(saePath(name, { ...given, offline: true })).rejects.toMatchObject({
      code: "file/missing",
    });
    const path = await saePath(name, given);
    expect(path).not.toBe(pathOf(name.slice("hf:".length)));
    expect(readdirSync(path)).toEqual(expect.arrayContaining(files.map((file) => basename(file))));
    expect(readdirSync(path).length).toBeGreaterThan(files.length + 1);
  });

  test("of one .pt file of several is not the folder's SAE", async () => {
    const { with: given } = cached(ONE);
    const name = "hf:org/openai/autoencoders";
    await expect(saePath(name, given)).rejects.toThrow("is not the folder of an SAE.");
    await expect(saePath(name, { ...given, offline: true })).rejects.toMatchObject({
      code: "file/missing",
    });
  });
});

test("the hub is one of the places that compare finds SAEs in, and other names stay as they are", async () => {
  const [found] = await findSaes("runs", [TOPK], { hub: options });
  expect(found).toMatchObject({ name: "topk", hubName: TOPK, run: undefined });
  expect(await saePath("some/folder", undefined)).toBe("some/folder");
  await expect(saePath(TOPK, undefined)).rejects.toThrow(/Expected a cache .* for hub/);
});
