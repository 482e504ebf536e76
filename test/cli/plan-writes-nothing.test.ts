/**
 * A plan leaves cache, runs and folders as they are, whatever the kind of source, and says the same
 * of disk with the cache filled.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { writeNpy } from "../../src/formats/npy.ts";
import { concord } from "../support/cli.ts";
import { edfRecording } from "../support/eeg-recording.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

vi.setConfig({ testTimeout: 240_000 });

const config = (source: string) => `name: p
source: ${source}
population: { members: 2, architecture: topk, d_sae: 16, k: 2 }
training: { batch: 8, steps: 2, checkpoint_every: 2 }
`;

/** Everything below a folder, folders included, with its bytes. */
function everything(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, "latin1") : "folder"] as const;
    }),
  );
}

/** Plans twice, with the run between; returns what the plans say of disk. */
async function planRunPlan(folder: string, source: string) {
  writeFileSync(join(folder, "p.yaml"), config(source));
  const plan = async () => {
    const before = everything(folder);
    const { code, stdout, stderr } = await concord(["plan", "p.yaml", "--json"], folder);
    expect(code, stderr).toBe(0);
    expect([...everything(folder)]).toEqual([...before]);
    return JSON.parse(stdout);
  };
  const first = await plan();
  const run = await concord(["run", "p.yaml"], folder);
  expect(run.code, run.stderr).toBe(0);
  return { first, second: await plan(), run };
}

const LONG = "recordings: 3, seconds: 60, rate: 128, channels: [Fp1, Cz, O1], blink_uv: 20";
const MANY = "min_channels: 3, overlap: 0.95, held_out_fraction: 0.3, max_amplitude_uv: 10000";
const STORE = "activation store, in the cache";

type Items = readonly { readonly what: string; readonly bytes: number }[];
const bytesOf = (items: Items, what: string) => items.find((item) => item.what === what)?.bytes;
const storeBytes = (plan: { disk: { items: Items } }) => bytesOf(plan.disk.items, STORE) ?? 0;

test.each([
  [
    "synthetic",
    "{ kind: synthetic, generator: mfr, d_in: 16, features: 24, groups: 2, active: 1 }",
  ],
  ["arrays", "{ kind: arrays, path: rows.npy }"],
  ["EEG in memory", "{ kind: eeg, paths: data, guard_seconds: 1, held_out_fraction: 0.3 }"],
])("a source of kind %s", async (_, source) => {
  const folder = temporaryFolder();
  const data = Float32Array.from({ length: 64 * 16 }, (_, i) => Math.sin(i * i));
  await writeNpy(join(folder, "rows.npy"), { dtype: "float32", shape: [64, 16], data });
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "a.edf"), edfRecording());
  const { first, second } = await planRunPlan(folder, source);
  expect(second.disk).toEqual(first.disk);
  expect([storeBytes(first), first.disk.present_bytes]).toEqual([0, 0]);
});

test.each([
  ["simulated", `simulated: { ${LONG} }, ${MANY}`],
  ["recorded", `paths: data, ${MANY.replace("min_channels: 3", "channels: [Fp1, Cz, O1]")}`],
])("EEG in a store, %s", async (_, keys) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  for (const seed of [0, 1, 2])
    writeFileSync(join(folder, "data", `${seed}.edf`), edfRecording({ seed, seconds: 60 }));
  const source = `{ kind: eeg, ${keys}, buffer_bytes: 5500000 }`;
  const { first, second } = await planRunPlan(folder, source);
  // 3 recordings of 1259 windows, 1 of them held out, in blocks of 682.
  const bytes = (1259 + 2 * 1259 - ((2 * 1259) % 682)) * 3 * 128 * 4;
  expect(first.collect).toEqual({ rows: bytes / (3 * 128 * 4), bytes });
  expect(first.time.collecting_seconds).toBeGreaterThan(0);
  expect(storeBytes(first)).toBe(bytes);
  expect(first.disk.present_bytes).toBe(0);
  // No window is an artefact here, so that the plan is exact.
  expect(second.disk).toEqual({ ...first.disk, present_bytes: bytes });
  expect(bytesOf(second.memory.held, "source")).toBe(bytesOf(first.memory.held, "source"));
  expect(second.collect).toBeUndefined();

  // What would not fit is said without collecting anything.
  const before = everything(folder);
  const small = ["plan", "p.yaml", "--set", "source.buffer_bytes=2000000"];
  const { code, stderr } = await concord(small, folder);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/too small .*: at least \d+ are needed/),
  ]);
  expect([...everything(folder)]).toEqual([...before]);
});

test("a language model, and the store that it made as one of kind shards", async () => {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "letters-model"));
  writeLetters(join(folder, "letters.txt"), 4, 400);
  const source = `{ kind: language_model, model: letters-model, hook: ${TINY_HOOK}, text: letters.txt }`;
  const { first, second } = await planRunPlan(folder, source);
  expect(storeBytes(first)).toBeGreaterThan(0);
  expect(storeBytes(second)).toBe(second.disk.present_bytes);
  // Of the text a part is tokenised, so the number of rows is an estimate.
  expect(second.disk.bytes / first.disk.bytes).toBeCloseTo(1, 1);
  const [store] = readdirSync(join(folder, "cache", "activations"));
  writeFileSync(
    join(folder, "p.yaml"),
    config(`{ kind: shards, path: cache/activations/${store} }`).replace("name: p", "name: q"),
  );
  const before = everything(folder);
  const { code, stderr } = await concord(["plan", "p.yaml"], folder);
  expect(code, stderr).toBe(0);
  expect([...everything(folder)]).toEqual([...before]);
});

test("models and texts that are not there are named, not fetched", async () => {
  const folder = temporaryFolder();
  const source = `{ kind: language_model, model: stories15m, hook: ${TINY_HOOK}, text: stories15m-samples }`;
  writeFileSync(join(folder, "p.yaml"), config(source));
  const before = everything(folder);
  const { code, stderr } = await concord(["plan", "p.yaml"], folder, { CONCORD_OFFLINE: "" });
  expect(code, stderr).not.toBe(0);
  expect([...everything(folder)]).toEqual([...before]);
});
