import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../tensor/tensor.ts";
import { serializeSafetensors } from "./safetensors.ts";
import { openSafetensors, readSafetensors, writeSafetensors } from "./safetensors-file.ts";

const WEIGHTS = new Map([
  ["W_dec", float32Tensor([2, 3], new Float32Array([1, 2, 3, 4, 5, 6]))],
  ["b_dec", tensor("bfloat16", [2], new Uint16Array([0x3f80, 0xbf80]))],
]);

async function written(): Promise<string> {
  const path = join(temporaryFolder(), "w.safetensors");
  await writeSafetensors(path, WEIGHTS, { step: "500" });
  return path;
}

test("a written file holds the serialised bytes and reads back equal", async () => {
  const path = await written();
  expect(readFileSync(path)).toEqual(Buffer.from(serializeSafetensors(WEIGHTS, { step: "500" })));
  const { tensors, metadata } = await readSafetensors(path);
  expect(tensors).toEqual(WEIGHTS);
  expect(metadata).toEqual({ step: "500" });
});

test("opening tells names, dtypes, shapes, byte ranges and metadata without reading data", async () => {
  const file = await openSafetensors(await written());
  expect(file.names).toEqual(["W_dec", "b_dec"]);
  expect(file.metadata).toEqual({ step: "500" });
  const { start, end, ...entry } = file.entry("b_dec");
  expect(entry).toEqual({ name: "b_dec", dtype: "bfloat16", shape: [2] });
  expect(end - start).toBe(4);
  await file.close();
});

test("a tensor is read whole", async () => {
  const file = await openSafetensors(await written());
  const t = await file.read("W_dec");
  expect([...t.data]).toEqual([1, 2, 3, 4, 5, 6]);
  await file.close();
});

test("a part of a tensor can be read, and nothing beyond its end", async () => {
  const file = await openSafetensors(await written());
  const row = new Float32Array(3);
  await file.readBytes("W_dec", 12, new Uint8Array(row.buffer));
  expect([...row]).toEqual([4, 5, 6]);
  await expect(file.readBytes("W_dec", 16, new Uint8Array(12))).rejects.toThrow(
    /inside its 24 bytes/,
  );
  await expect(file.readBytes("W_dec", -4, new Uint8Array(4))).rejects.toThrow(
    /inside its 24 bytes/,
  );
  await file.close();
});

test("a name that is not there is answered with those that are", async () => {
  const file = await openSafetensors(await written());
  await expect(file.read("W_enc")).rejects.toMatchObject({
    message: expect.stringMatching(/has no tensor named W_enc/),
    hint: "It has W_dec, b_dec.",
  });
  await file.close();
});

test("a file cut while it is open is a format error that names the byte", async () => {
  const path = await written();
  const file = await openSafetensors(path);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length - 8));
  await expect(file.read("b_dec")).rejects.toThrow(/at byte \d+: the file ends here/);
  await file.close();
});

test("missing files, folders and empty files each get their line", async () => {
  const folder = temporaryFolder();
  await expect(openSafetensors(join(folder, "no"))).rejects.toMatchObject({ code: "file/missing" });
  await expect(openSafetensors(folder)).rejects.toMatchObject({ code: "file/io" });
  writeFileSync(join(folder, "empty"), "");
  await expect(openSafetensors(join(folder, "empty"))).rejects.toMatchObject({
    code: "format/invalid",
  });
});

test("tensors that cannot be written leave the old file", async () => {
  const path = await written();
  const bad = new Map([
    ["t", { dtype: "float32", shape: [9], data: new Float32Array(1) } as const],
  ]);
  await expect(writeSafetensors(path, bad)).rejects.toMatchObject({ code: "shape/mismatch" });
  expect((await readSafetensors(path)).tensors).toEqual(WEIGHTS);
  expect(readdirSync(join(path, ".."))).toEqual(["w.safetensors"]);
});
