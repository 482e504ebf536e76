import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../base/tensor.ts";
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
  await expect(openSafetensors(folder)).rejects.toMatchObject({ code: "argument/invalid" });
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

/**
 * A file of float32 `acts` [2, 2] beside one tensor of every dtype that the format has and we do
 * not read.
 */
function withForeignTensors(): { path: string; foreign: string[] } {
  const sizes = { F4: 2, F6_E2M3: 3, F6_E3M2: 3, F8_E5M2: 4, F8_E4M3: 4, F8_E8M0: 4 };
  const more = { F8_E4M3FNUZ: 4, F8_E5M2FNUZ: 4, U32: 16, U64: 32, C64: 32, FROM_THE_FUTURE: 5 };
  const acts = { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] };
  const entries: Record<string, unknown> = { __metadata__: null, acts };
  let end = 16;
  const foreign = Object.entries({ ...sizes, ...more });
  for (const [dtype, bytes] of foreign) {
    entries[`a_${dtype}`] = { dtype, shape: [4], data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  const data = Buffer.alloc(end);
  data.writeFloatLE(1.5, 4);
  const path = join(temporaryFolder(), "x.safetensors");
  writeFileSync(path, Buffer.concat([length, json, data]));
  return { path, foreign: foreign.map(([dtype]) => dtype) };
}

test("tensors of dtypes that are not read are refused by name, and only when they are asked for", async () => {
  const { path, foreign } = withForeignTensors();
  const file = await openSafetensors(path);
  expect(file.names).toEqual(["acts"]);
  expect(file.metadata).toEqual({});
  expect([...(await file.read("acts")).data]).toEqual([0, 1.5, 0, 0]);
  for (const dtype of foreign)
    expect(() => file.entry(`a_${dtype}`)).toThrow(
      `${path}, tensor a_${dtype}: dtype ${dtype} is not supported.`,
    );
  await file.close();
  await expect(readSafetensors(path)).rejects.toThrow(/dtype F4 is not supported/);
});
