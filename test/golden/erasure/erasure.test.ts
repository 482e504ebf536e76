import { join } from "node:path";
import { expect, test } from "vitest";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { erased, fitLeace } from "../../../src/linalg/leace.ts";

const { tensors } = await readSafetensors(join(import.meta.dirname, "arrays.safetensors"));
const data = (name: string) => tensors.get(name)!.data as Float32Array;
const labels = tensors.get("labels")!.data as Uint8Array;

test.each([
  ["leace", false],
  ["leace_shrunk", true],
] as const)("%s is that of the package concept-erasure", (name, shrinkage) => {
  const found = erased(data("rows"), fitLeace(data("rows"), labels, shrinkage));
  const expected = data(name);
  for (const [at, value] of found.entries()) expect(value).toBeCloseTo(expected[at]!, 5);
});

test("no linear trace of the class is left in the rows that LEACE was fitted to", () => {
  const found = erased(data("rows"), fitLeace(data("rows"), labels, false));
  const d = found.length / labels.length;
  const mean = (label: number, j: number) => {
    const own = Array.from(labels.keys()).filter((i) => labels[i] === label);
    return own.reduce((sum, i) => sum + found[i * d + j]! / own.length, 0);
  };
  for (let j = 0; j < d; j++) expect(mean(1, j)).toBeCloseTo(mean(0, j), 5);
});
