import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../../base/tensor.ts";
import { openTorchFile } from "./torch-file.ts";
import { type TorchValue, writeTorchFile } from "./write-torch.ts";

const CONTENT = new Map<string, TorchValue>([
  ["W", float32Tensor([2, 3], Float32Array.of(1, -0, 3, 4, 5, 1e-42))],
  ["k", tensor("int32", [], Int32Array.of(7))],
  ["wide", tensor("float64", [2], Float64Array.of(Math.PI, -1e300))],
  ["seen", tensor("int64", [2], BigInt64Array.of(1n, -(2n ** 60n)))],
  ["empty", float32Tensor([0, 4], new Float32Array(0))],
  ["activation", "TopK, 5 µm"],
  [
    "state",
    new Map<string, TorchValue>([
      ["k", 3],
      ["tied", false],
      ["far", 2 ** 40],
      ["near", -1],
    ]),
  ],
]);

test("a file comes back as it was written, and starts its storages at multiples of 64", async () => {
  const path = join(temporaryFolder(), "x.pt");
  await writeTorchFile(path, CONTENT);
  const file = await openTorchFile(path);
  for (const name of ["W", "k", "wide", "seen", "empty"]) {
    expect(await file.read(name)).toEqual(CONTENT.get(name));
    expect(file.entry(name).start % 64).toBe(0);
  }
  expect(Object.fromEntries(file.plain)).toEqual({
    activation: "TopK, 5 µm",
    "state.k": 3,
    "state.tied": false,
    "state.far": 2 ** 40,
    "state.near": -1,
  });
  await file.close();
});

test("the same content gives the same bytes", async () => {
  const folder = temporaryFolder();
  const [a, b] = [join(folder, "a.pt"), join(folder, "b.pt")];
  await writeTorchFile(a, CONTENT);
  await writeTorchFile(b, CONTENT);
  expect(readFileSync(a)).toEqual(readFileSync(b));
});

test("a kind of number that these files do not have is refused by name", async () => {
  const path = join(temporaryFolder(), "x.pt");
  const content = new Map([["x", tensor("uint16", [1], Uint16Array.of(1))]]);
  await expect(writeTorchFile(path, content)).rejects.toThrow(/for dtype but received uint16/);
});
