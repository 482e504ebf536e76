/** A run goes on with the data that it began with, by content, or says that it does not. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import type { RunEvent } from "../../src/experiments/run-context.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { edfRecording } from "../support/eeg-recording.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const [ROWS, D_IN] = [100, 8];

async function writeArray(path: string, name: string): Promise<void> {
  await writeNpy(path, float32Tensor([ROWS, D_IN], normals(name, ROWS * D_IN)));
}

async function writeStore(folder: string, name: string): Promise<void> {
  const make = { folder, dIn: D_IN, dtype: "float32", provenance: { kind: "test" } } as const;
  const writer = await openShardWriter(make);
  await writer.append(normals(name, ROWS * D_IN));
  await writer.finish();
}

/**
 * Starts a run, interrupts it after step 3, and returns what goes on with it; it answers with the
 * warnings.
 */
async function interrupted(folder: string, source: string) {
  const settings = [`source=${source}`, "training.steps=6", "training.checkpoint_every=3"];
  const controller = new AbortController();
  const stop = (event: RunEvent) => {
    if (event.kind === "checkpoint") controller.abort();
  };
  await expect(tinyRuns(folder, settings, stop, controller.signal)).rejects.toMatchObject({
    code: "interrupted",
  });
  return async (other = settings): Promise<string[]> => {
    const warnings: string[] = [];
    const watch = (event: RunEvent) => {
      if (event.kind === "warning") warnings.push(event.message);
    };
    await tinyRuns(folder, other, watch, undefined, true);
    return warnings;
  };
}

test("arrays of another content are refused, and the run is as it was; the old ones are taken again", async () => {
  const folder = temporaryFolder();
  const [path, kept] = [join(folder, "x.npy"), join(folder, "kept.npy")];
  await writeArray(path, "one");
  cpSync(path, kept);
  const goOn = await interrupted(folder, "{ kind: arrays, path: x.npy }");
  await writeArray(path, "other");
  await expect(goOn()).rejects.toMatchObject({
    code: "run/conflict",
    message: `The run ${folder}/tiny began with other data: ${path} has changed since.`,
    hint: "Restore the original data to continue it, or start a new run with another --name.",
  });
  // The first refusal must not make the other data that of the run.
  await expect(goOn()).rejects.toMatchObject({ code: "run/conflict" });
  cpSync(kept, path);
  expect(await goOn()).toEqual([]);
});

test("of several files the one that changed is named", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "acts"));
  for (const name of ["a", "b", "c"]) await writeArray(join(folder, `acts/${name}.npy`), name);
  const goOn = await interrupted(folder, "{ kind: arrays, path: acts/*.npy }");
  await writeArray(join(folder, "acts/b.npy"), "other");
  await expect(goOn()).rejects.toThrow(`other data: ${folder}/acts/b.npy has changed since.`);
  await writeArray(join(folder, "acts/b.npy"), "b");
  await writeArray(join(folder, "acts/d.npy"), "d");
  await expect(goOn()).rejects.toThrow(`${folder}/acts/d.npy has changed since.`);
});

test("a store of another content is refused", async () => {
  const folder = temporaryFolder();
  await writeStore(join(folder, "store"), "one");
  const goOn = await interrupted(folder, "{ kind: shards, path: store }");
  rmSync(join(folder, "store"), { recursive: true });
  await writeStore(join(folder, "store"), "other");
  await expect(goOn()).rejects.toMatchObject({
    code: "run/conflict",
    message: expect.stringContaining("began with other data"),
  });
});

test("a text of another content is refused", async () => {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 4, 400);
  const source = `{ kind: language_model, model: model, hook: ${TINY_HOOK}, text: letters.txt }`;
  const goOn = await interrupted(folder, source);
  writeFileSync(join(folder, "letters.txt"), `b${readFileSync(join(folder, "letters.txt"))}`);
  await expect(goOn()).rejects.toThrow(
    `began with other data: ${join(folder, "letters.txt")} has changed since.`,
  );
});

test("a recording of another content is refused", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "x.edf");
  writeFileSync(path, edfRecording({ seed: 1, seconds: 40 }));
  const source =
    "{ kind: eeg, paths: x.edf, held_out_fraction: 0.2, guard_seconds: 1, channels: [Fp1, Cz, O1], min_channels: 3 }";
  const goOn = await interrupted(folder, source);
  writeFileSync(path, edfRecording({ seed: 2, seconds: 40 }));
  await expect(goOn()).rejects.toThrow("began with other data: the eeg source has changed since.");
});

test("a run of before digests were recorded goes on with a warning", async () => {
  const folder = temporaryFolder();
  await writeArray(join(folder, "x.npy"), "one");
  const goOn = await interrupted(folder, "{ kind: arrays, path: x.npy }");
  const path = join(folder, "tiny/run.json");
  const record = JSON.parse(readFileSync(path, "utf8"));
  expect(record.provenance.digest).toMatch(/^[0-9a-f]{64}$/);
  delete record.provenance.digest;
  delete record.provenance.files;
  writeFileSync(path, JSON.stringify(record));
  expect(await goOn()).toEqual([
    "The run began with a version that did not record what its data holds: whether it is still the same was not checked.",
  ]);
});
