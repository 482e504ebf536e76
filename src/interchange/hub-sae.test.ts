import { cpSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
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

test("what Hugging Face's own libraries have is used in place", async () => {
  const hubCacheDir = temporaryFolder();
  const snapshot = join(hubCacheDir, "models--org--saes/snapshots/main/layer 0/topk");
  cpSync(join(GOLDEN, "saelens/theirs/topk"), snapshot, { recursive: true });
  expect(await saePath(TOPK, { ...options, hubCacheDir })).toBe(snapshot);
  expect(hub.listings).toEqual([]);
});

test("the hub is one of the places that compare finds SAEs in, and other names stay as they are", async () => {
  const [found] = await findSaes("runs", [TOPK], { hub: options });
  expect(found).toMatchObject({ name: "topk", hubName: TOPK, run: undefined });
  expect(await saePath("some/folder", undefined)).toBe("some/folder");
  await expect(saePath(TOPK, undefined)).rejects.toThrow(/Expected a cache .* for hub/);
});
