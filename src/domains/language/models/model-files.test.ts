import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { findModelFiles } from "./model-files.ts";

/** A folder with files of these names and contents. */
function folderOf(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const GPT2 = '{"model_type": "gpt2"}';
const BERT = '{"model_type": "bert"}';

describe("the model of a folder", () => {
  test("is read as a checkpoint if it does not hold an ONNX file", async () => {
    const folder = folderOf({ "config.json": GPT2, "model.safetensors": "" });
    expect(await findModelFiles(folder)).toEqual({
      kind: "checkpoint",
      path: folder,
      tokenizerFolder: folder,
    });
  });

  test.each([
    ["of a family that is built in", "model.safetensors", GPT2, "checkpoint"],
    ["of such a family, in PyTorch's format", "pytorch_model.bin", GPT2, "checkpoint"],
    ["of such a family, in shards", "model.safetensors.index.json", GPT2, "checkpoint"],
    ["of another family", "model.safetensors", BERT, "onnx"],
    ["that are not there", "README.md", GPT2, "onnx"],
  ])("weights %s: next to an ONNX file", async (_, weights, config, kind) => {
    const folder = folderOf({ "config.json": config, [weights]: "", "model.onnx": "" });
    expect((await findModelFiles(folder)).kind).toBe(kind);
  });

  test.each([
    ["model.onnx", ["model.onnx", "decoder.onnx"]],
    ["encoder.onnx", ["encoder.onnx"]],
    ["onnx/model.onnx", ["onnx/model.onnx", "onnx/model_quantized.onnx"]],
    ["onnx/small.onnx", ["onnx/small.onnx"]],
  ])("is %s of %j", async (expected, names) => {
    const folder = folderOf(Object.fromEntries(names.map((name) => [name, ""])));
    expect(await findModelFiles(folder)).toEqual({
      kind: "onnx",
      path: join(folder, expected),
      // As exports lay it out, the tokenizer is beside the folder `onnx`, not in it.
      tokenizerFolder: folder,
    });
  });

  test("is not chosen among several ONNX files; all are named", async () => {
    const folder = folderOf({ "a.onnx": "", "onnx/b.onnx": "" });
    await expect(findModelFiles(folder)).rejects.toMatchObject({
      code: "argument/invalid",
      message: `${folder} holds 2 ONNX files and none is called model.onnx.`,
      hint: `Give the path of one: ${join(folder, "a.onnx")}, ${join(folder, "onnx/b.onnx")}`,
    });
  });
});

describe("a path of a file", () => {
  test("may be an ONNX file's; the tokenizer is beside it, or above a folder `onnx`", async () => {
    const folder = folderOf({
      "x.onnx": "",
      "above/tokenizer.json": "{}",
      "above/onnx/x.onnx": "",
      "beside/onnx/x.onnx": "",
      "beside/onnx/tokenizer.json": "{}",
    });
    const tokenizers = async (path: string) =>
      (await findModelFiles(join(folder, path))).tokenizerFolder;
    expect(await tokenizers("x.onnx")).toBe(folder);
    expect(await tokenizers("above/onnx/x.onnx")).toBe(join(folder, "above"));
    expect(await tokenizers("beside/onnx/x.onnx")).toBe(join(folder, "beside/onnx"));
  });

  test("of another kind is refused with what is expected", async () => {
    const path = join(folderOf({ "model.safetensors": "" }), "model.safetensors");
    await expect(findModelFiles(path)).rejects.toMatchObject({
      code: "argument/invalid",
      message: `${path} is neither a model folder nor an ONNX or GGUF file.`,
      hint: "Give the folder that holds config.json, or a file that ends in .onnx or .gguf.",
    });
  });

  test("that leads nowhere is named", async () => {
    const path = join(temporaryFolder(), "gone");
    await expect(findModelFiles(path)).rejects.toMatchObject({
      code: "file/missing",
      message: expect.stringContaining(path),
    });
  });
});
