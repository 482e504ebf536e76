import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { madeMember, madeSimilarity } from "../../test/support/run-data.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor } from "../base/tensor.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import { readLatents } from "./latents.ts";
import { readConsistency, readEvaluation } from "./results.ts";
import { RunFolder } from "./run-folder.ts";

/** A run's folder whose results have this in one file. */
async function folderWith(name?: string, value?: unknown): Promise<RunFolder> {
  const folder = new RunFolder(temporaryFolder());
  await folder.makeFolder("results");
  if (name !== undefined) await folder.writeJson(`results/${name}.json`, value);
  return folder;
}

const evaluation = (over: object = {}) =>
  folderWith("evaluation", { rows: 3, members: [madeMember("member-0", over)] });

test("results that are not there yet are undefined", async () => {
  const folder = await folderWith();
  expect(await readEvaluation(folder)).toBeUndefined();
  expect(await readConsistency(folder)).toBeUndefined();
  expect(await readLatents(folder)).toEqual(new Map());
});

test("a number that was not one is null in the file, and is taken back as that", async () => {
  const read = await readEvaluation(await evaluation({ metrics: { fvu: Number.NaN, l0: 4 } }));
  expect(read!.members[0]!.metrics).toEqual({ fvu: null, l0: 4 });
});

test("results from before settings and warnings were recorded are read", async () => {
  const read = (await readEvaluation(await evaluation()))!;
  expect(read).not.toHaveProperty("warnings");
  expect(read.members[0]).not.toHaveProperty("setting");
});

test("keys that analyses of wings add are kept", async () => {
  const folder = await folderWith("evaluation", { rows: 3, members: [], bands: { alpha: 0.5 } });
  expect(await readEvaluation(folder)).toMatchObject({ bands: { alpha: 0.5 } });
});

describe("results that are something else are refused by their key", () => {
  test.each([
    [{ rows: "3", members: [] }, 'rows: expected a number, but received "3".'],
    [{ rows: 3 }, "members: expected a list, but it is missing."],
    [{ rows: 3, members: [{}] }, "members.0.name: expected text, but it is missing."],
    [
      { rows: 3, members: [{ ...madeMember("a"), metrics: { fvu: "low" } }] },
      "members.0.metrics.fvu: expected a number or null",
    ],
    [[], "the file: expected a mapping of keys to values, but received []."],
  ])("%#", async (value, message) => {
    const folder = await folderWith("evaluation", value);
    await expect(readEvaluation(folder)).rejects.toThrow(message);
    await expect(readEvaluation(folder)).rejects.toThrow(folder.file("results/evaluation.json"));
  });

  test("of comparisons as well", async () => {
    const pair = { a: "x", b: "y", ...madeSimilarity(0.5), mean_max: [1] };
    const folder = await folderWith("consistency", { pairs: [pair] });
    await expect(readConsistency(folder)).rejects.toThrow("pairs.0.mean_max");
  });

  test("and when they are not JSON", async () => {
    const folder = await folderWith();
    writeFileSync(folder.file("results/evaluation.json"), "{");
    await expect(readEvaluation(folder)).rejects.toMatchObject({ code: "format/invalid" });
  });
});

test("latents are read by name, as float32", async () => {
  const folder = await folderWith();
  const density = float32Tensor([2], Float32Array.of(0.5, 1));
  const path = folder.file("results/latents.safetensors");
  await writeSafetensors(path, new Map([["member-0.density", density]]));
  expect(await readLatents(folder)).toEqual(
    new Map([["member-0.density", Float32Array.of(0.5, 1)]]),
  );
  writeFileSync(path, "damaged");
  await expect(readLatents(folder)).rejects.toMatchObject({ code: "format/invalid" });
});
