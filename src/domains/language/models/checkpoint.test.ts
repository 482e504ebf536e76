import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { float32Tensor } from "../../../base/tensor.ts";
import { serializeSafetensors } from "../../../formats/safetensors.ts";
import { openCheckpoint, parseJsonObject, readIfThere, shardsOf } from "./checkpoint.ts";

/** A file of weights, each a vector of these numbers. */
const weights = (vectors: Record<string, number[]>) =>
  serializeSafetensors(
    new Map(
      Object.entries(vectors).map(([name, v]) => [
        name,
        float32Tensor([v.length], Float32Array.from(v)),
      ]),
    ),
  );

/** A folder with a config and these files. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.json"), '{"model_type": "gpt2"}');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const INDEX = "model.safetensors.index.json";
const listing = (map: Record<string, unknown>) => JSON.stringify({ weight_map: map });

describe("a JSON object of a model folder", () => {
  test("may begin with a byte order mark", () => {
    expect(parseJsonObject('\ufeff{"a": 1}', "x")).toEqual({ a: 1 });
  });

  test.each([
    ["damaged", '{"a": ', "x: not valid JSON"],
    ["a list", "[1]", "x: expected a JSON object"],
    ["nothing", "null", "x: expected a JSON object"],
    ["too deep", "[".repeat(100_000), "x: nested deeper than 256 levels"],
    ["too deep by one", `${'{"a":'.repeat(257)}1${"}".repeat(257)}`, "x: nested deeper than 256"],
  ])("that is %s is refused", (_, text, message) => {
    expect(() => parseJsonObject(text, "x")).toThrow(message);
  });

  test("is as deep as allowed; brackets in strings do not count", () => {
    const deep = `${'{"a":'.repeat(256)}1${"}".repeat(256)}`;
    expect(parseJsonObject(deep, "x")).toHaveProperty("a.a.a");
    const text = '[{\\"'.repeat(1000);
    expect(parseJsonObject(`{"a": "${text}"}`, "x")).toEqual({ a: '[{"'.repeat(1000) });
  });

  test("need not be there, but must be whole when it is", async () => {
    const folder = folderOf({ "damaged.json": "{" });
    expect(await readIfThere(join(folder, "gone.json"))).toEqual({});
    await expect(readIfThere(join(folder, "damaged.json"))).rejects.toThrow("not valid JSON");
  });
});

describe("the list of shards", () => {
  const shardsIn = (text: string) => shardsOf(join(folderOf({ [INDEX]: text }), INDEX));

  test("names each file once, in order", async () => {
    const text = listing({ a: "2.safetensors", b: "1.safetensors", c: "2.safetensors" });
    expect(await shardsIn(text)).toEqual(["1.safetensors", "2.safetensors"]);
  });

  test.each([
    ["without a map", "{}", 'expected an object under "weight_map"'],
    ["of nothing", listing({}), "lists no shards"],
    ["with a path to another folder", listing({ a: "../secret" }), 'but found "../secret"'],
    ["with an absolute path", listing({ a: "/etc/passwd" }), 'but found "/etc/passwd"'],
    ["with a number", listing({ a: 3 }), "but found 3"],
  ])("%s is refused", async (_, text, message) => {
    await expect(shardsIn(text)).rejects.toThrow(message);
  });
});

describe("a checkpoint", () => {
  test("says where each weight lies, over several shards", async () => {
    const folder = folderOf({
      [INDEX]: listing({ a: "1.safetensors", b: "2.safetensors" }),
      "1.safetensors": weights({ a: [1, 2] }),
      "2.safetensors": weights({ b: [3, 4, 5] }),
    });
    const opened = await openCheckpoint(folder);
    expect(opened.weights.get("a")).toMatchObject({
      dtype: "float32",
      shape: [2],
      file: "1.safetensors",
      byteLength: 8,
    });
    expect(opened.weights.get("b")).toMatchObject({ file: "2.safetensors", byteLength: 12 });
  });

  test("is read from one file where that is there, whatever a list says", async () => {
    const folder = folderOf({
      "model.safetensors": weights({ a: [1] }),
      [INDEX]: listing({ a: "gone.safetensors" }),
    });
    expect([...(await openCheckpoint(folder)).weights.keys()]).toEqual(["a"]);
  });

  test("may be links to files of other names, as in the hub's cache", async () => {
    const folder = folderOf({});
    mkdirSync(join(folder, "blobs"));
    writeFileSync(join(folder, "blobs", "0a1b"), weights({ a: [1] }));
    symlinkSync(join("blobs", "0a1b"), join(folder, "model.safetensors"));
    const opened = await openCheckpoint(folder);
    expect(opened.weights.get("a")!.file).toBe("0a1b");
    expect(opened.fileFolders.get("0a1b")).toMatch(/blobs$/);
  });

  test.each([
    ["no weights", {}, "has no model.safetensors (and no "],
    ["a shard that is not there", { [INDEX]: listing({ a: "x.safetensors" }) }, "no x.safetensors"],
  ])("with %s is refused by name", async (_, files, message) => {
    await expect(openCheckpoint(folderOf(files))).rejects.toMatchObject({
      code: "file/missing",
      message: expect.stringContaining(message),
    });
  });

  test("without a folder, or without a config, says which of the two", async () => {
    const folder = temporaryFolder();
    const gone = join(folder, "gone");
    await expect(openCheckpoint(gone)).rejects.toThrow(`The model folder ${gone} does not exist.`);
    await expect(openCheckpoint(folder)).rejects.toThrow(
      `The model folder ${folder} has no config.json.`,
    );
  });
});
