import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { storedZip } from "../../test/support/stored-zip.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../base/tensor.ts";
import { serializeNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";

const weights = float32Tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
const ids = tensor("int32", [2], Int32Array.of(7, -1));

function archive(entries: Parameters<typeof storedZip>[0]): string {
  const path = join(temporaryFolder(), "x.npz");
  writeFileSync(path, storedZip(entries));
  return path;
}

test("arrays are read by name, without the ending, in the order of the archive", async () => {
  const arrays = await readNpz(
    archive([
      ["W_dec.npy", serializeNpy(weights)],
      ["folder/ids.npy", serializeNpy(ids)],
    ]),
  );
  expect([...arrays.keys()]).toEqual(["W_dec", "folder/ids"]);
  expect(arrays.get("W_dec")).toEqual(weights);
  expect(arrays.get("folder/ids")).toEqual(ids);
});

test("an archive of nothing has no arrays", async () => {
  expect(await readNpz(archive([]))).toEqual(new Map());
});

test("what is not an array is named, and control characters in its name are not shown", async () => {
  const path = archive([["read\u001b[31mme.txt", Buffer.from("hello")]]);
  await expect(readNpz(path)).rejects.toThrow("in the archive is not an .npy file");
  await expect(readNpz(path)).rejects.toThrow(expect.not.stringContaining("\u001b"));
});

test("an array that is damaged is named with its archive", async () => {
  const path = archive([["a.npy", serializeNpy(weights).subarray(0, -4)]]);
  await expect(readNpz(path)).rejects.toThrow(`${path}: a.npy`);
  await expect(readNpz(path)).rejects.toMatchObject({ code: "format/invalid" });
});

test("a file that is not a zip archive, or is cut short, is refused in one line", async () => {
  const path = archive([["a.npy", serializeNpy(weights)]]);
  for (const bytes of [Buffer.from("no zip at all"), readFileSync(path).subarray(0, 100)]) {
    writeFileSync(path, bytes);
    const error = await readNpz(path).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "format/invalid" });
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).not.toContain("\n");
  }
});

test("a missing archive is missing, not damaged", async () => {
  await expect(readNpz(join(temporaryFolder(), "no.npz"))).rejects.toMatchObject({
    code: "file/missing",
  });
});
