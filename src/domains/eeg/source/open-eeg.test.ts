import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { edfRecording } from "../../../../test/support/eeg-recording.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { parseConfig } from "../../../config/load-config.ts";
import { MANIFEST_NAME } from "../../../fetch/listing/entry-name.ts";
import type { Source } from "../../../sources/source.ts";
import { manifestHead } from "../archives/manifest.ts";
import { datasetNamed } from "../archives/registry.ts";
import type { EegConfig } from "../schema.ts";
import { eegFacts, openEeg } from "./open-eeg.ts";

const RECORDINGS = resolve(import.meta.dirname, "../../../../../shared/data/eeg");

function configured(source: string): EegConfig[] {
  const text = `name: t\nsource: { kind: eeg, ${source} }\npopulation: { d_sae: 8 }\ntraining: { steps: 1 }`;
  return parseConfig(text, "t.yaml").map(({ config }) => config.source as EegConfig);
}

const SIMULATED =
  "simulated: { recordings: 4, seconds: 12, rate: 128, channels: [Fp1, Cz, O1], blink_uv: 40 }, min_channels: 3";
const options = (folder = temporaryFolder()) => ({
  baseFolder: folder,
  cacheDir: join(folder, "cache"),
  seed: 3,
  kernels: reference,
});

async function rowsOf(source: Source): Promise<{ train: string[]; heldOut: string[] }> {
  const read = async (rows: number, fill: (out: Float32Array) => Promise<void>) => {
    const out = new Float32Array(rows * source.dIn);
    await fill(out);
    const row = (r: number) => Buffer.from(out.slice(r * source.dIn, (r + 1) * source.dIn).buffer);
    return Array.from({ length: rows }, (_, r) => row(r).toString("base64")).sort();
  };
  return {
    train: await read(source.train.rowsPerPass!, (out) => source.train.next(out)),
    heldOut: await read(source.heldOut.rows, (out) => source.heldOut.read(0, out)),
  };
}

describe("an EEG source of a config", () => {
  test("is what it says: windows of the recordings, labelled when simulated", async () => {
    const [source] = configured(`${SIMULATED}, held_out: [simulated-4]`);
    const opened = await openEeg(source!, options());
    expect(opened.dIn).toBe(3 * 128);
    expect(opened.provenance.substitute).toMatch(/simulated EEG/);
    // The first recording has the seed of the run.
    expect(opened.provenance["heldOutRecordings"]).toEqual(["simulated-4"]);
    const expected = await eegFacts(source!, options());
    expect(expected).toMatchObject({ dIn: 384, trainRows: 69, heldOutRows: 23, inMemory: true });
    const { rejected } = opened.provenance["report"] as { rejected: { amplitude: number } };
    expect(opened.train.rowsPerPass! + opened.heldOut.rows + rejected.amplitude).toBe(4 * 23);
    await opened.close();
  });

  test("takes lists of files, channels and names without making a sweep of them", () => {
    const keys = "paths: [a.edf, b], channels: [Cz, Pz], held_out: [b]";
    expect(configured(keys)).toHaveLength(1);
    expect(configured(`${keys}, overlap: [0, 0.5]`).map((s) => s.overlap)).toEqual([0, 0.5]);
    const swept = configured("paths: [[a.edf], [b.edf]]");
    expect(swept.map((s) => s.paths)).toEqual([["a.edf"], ["b.edf"]]);
  });

  test("is refused with a reason when its keys do not go together", async () => {
    const failure = async (keys: string) =>
      openEeg(configured(keys)[0]!, options()).then(String, (error: Error) => error.message);
    expect(await failure("variant: fixed")).toMatch(/exactly one of paths and simulated.*neither/);
    expect(await failure("paths: a, simulated: {}")).toMatch(/both are given/);
    expect(await failure("simulated: {}, variant: faithful, overlap: 0.5")).toMatch(
      /source.overlap has no effect with variant: faithful/,
    );
    expect(await failure("paths: none.edf")).toMatch(/none\.edf: there is no such file/);
  });
});

describe("windows that do not fit the memory allowed", () => {
  test("come from a store in the cache: the same ones on the same sides, written once", async () => {
    const longer = SIMULATED.replace("seconds: 12", "seconds: 60");
    const [small, large] = [", buffer_bytes: 6000000", ""].map(
      (bytes) => configured(`${longer}, overlap: 0.95, held_out_fraction: 0.3${bytes}`)[0]!,
    );
    const where = options();
    expect((await eegFacts(small!, where)).inMemory).toBe(false);
    const store = await openEeg(small!, where);
    const stored = join(where.cacheDir, "activations");
    const [name] = readdirSync(stored);
    expect(name).toMatch(/^eeg-fixed-[0-9a-f]{12}$/);
    const memory = await openEeg(large!, where);
    const [a, b] = [await rowsOf(store), await rowsOf(memory)];
    expect(a.heldOut).toEqual(b.heldOut);
    // A store divides between blocks, here of 682 windows.
    expect(b.train.length - a.train.length).toBeLessThan(682);
    const known = new Set(b.train);
    expect(a.train.every((row) => known.has(row))).toBe(true);
    expect(store.provenance.substitute).toMatch(/simulated EEG/);
    const facts = ["kind", "variant", "layout", "split", "heldOutRecordings", "report"];
    const of = (source: Source) => facts.map((key) => source.provenance[key]);
    expect(of(store)).toEqual(of(memory));
    await store.close();
    const again = await openEeg(small!, where);
    expect((await rowsOf(again)).train).toEqual(a.train);
    expect(readdirSync(stored)).toEqual([name]);
    await Promise.all([again.close(), memory.close()]);
  });
});

test("a store is of the recordings' content: another recording of the same size and time is another store", async () => {
  const where = options();
  const path = join(where.baseFolder, "a.edf");
  const keys = "paths: a.edf, overlap: 0.97, buffer_bytes: 6400000, guard_seconds: 1";
  const [source] = configured(keys);
  const stores = () => readdirSync(join(where.cacheDir, "activations"));
  const rowsNow = async () => {
    const opened = await openEeg(source!, where);
    const rows = await rowsOf(opened);
    await opened.close();
    return rows.heldOut;
  };
  writeFileSync(path, edfRecording({ seed: 1, seconds: 30 }));
  const { atime, mtime } = statSync(path);
  const first = await rowsNow();
  writeFileSync(path, edfRecording({ seed: 2, seconds: 30 }));
  utimesSync(path, atime, mtime);
  const second = await rowsNow();
  expect(second).not.toEqual(first);
  expect(stores()).toHaveLength(2);
  // The first again, under another time stamp, is the first store.
  writeFileSync(path, edfRecording({ seed: 1, seconds: 30 }));
  const told: string[] = [];
  const again = await openEeg(source!, { ...where, onRecording: ({ what }) => told.push(what) });
  expect((await rowsOf(again)).heldOut).toEqual(first);
  expect(stores()).toHaveLength(2);
  expect(told).toEqual(["headers", "checksums"]);
  await again.close();
});

describe("recordings that came from an archive", () => {
  const SHORT = "paths: data, held_out_fraction: 0.5, guard_seconds: 1, min_channels: 3";

  async function fetched(dataset: string) {
    const where = options();
    const subject = join(where.baseFolder, "data", "files", "S001");
    mkdirSync(subject, { recursive: true });
    for (const seed of [0, 1])
      writeFileSync(join(subject, `${seed}.edf`), edfRecording({ seed, seconds: 12 }));
    const manifest = join(where.baseFolder, "data", "files", MANIFEST_NAME);
    const head = manifestHead(datasetNamed(dataset), new URL("http://localhost/"));
    writeFileSync(manifest, `${JSON.stringify(head)}\n`);
    return { where, subject };
  }

  test("that stands in for another are labelled, whichever part of its folder is named, from memory and from a store", async () => {
    const { where, subject } = await fetched("eegmmidb");
    const linked = join(where.baseFolder, "linked.edf");
    symlinkSync(join(subject, "0.edf"), linked);
    for (const keys of [
      SHORT,
      SHORT.replace("data", join(subject, "1.edf")),
      SHORT.replace("data", linked),
      `${SHORT}, buffer_bytes: 6000000, overlap: 0.97`,
    ]) {
      const [source] = configured(keys);
      const opened = await openEeg(source!, where);
      expect(opened.provenance.substitute, keys).toMatch(/eegmmidb.* substitute for TUH EEG/);
      await opened.close();
    }
    expect(readdirSync(join(where.cacheDir, "activations"))).toHaveLength(1);
  });

  test("that is the one itself, or from nowhere known, are not", async () => {
    const { where } = await fetched("tuh-eeg");
    const published = await openEeg(configured(SHORT)[0]!, where);
    expect(published.provenance).not.toHaveProperty("substitute");
    unlinkSync(join(where.baseFolder, "data", "files", MANIFEST_NAME));
    const unknown = await openEeg(configured(SHORT)[0]!, where);
    expect(unknown.provenance).not.toHaveProperty("substitute");
    await Promise.all([published.close(), unknown.close()]);
  });
});

test("disturbed windows are the same from memory and from a store, which keeps clean ones for all disturbances", async () => {
  const longer = SIMULATED.replace("seconds: 12", "seconds: 60");
  const keys = `${longer}, overlap: 0.95, held_out_fraction: 0.3`;
  const where = options();
  const opened = await Promise.all(
    [
      `${keys}, corrupt: { snr_db: 0, kinds: [white, pops] }, buffer_bytes: 6000000`,
      `${keys}, corrupt: { snr_db: 0, kinds: [white, pops] }`,
    ].map((source) => openEeg(configured(source)[0]!, where)),
  );
  const [store, memory] = await Promise.all(opened.map(rowsOf));
  expect(store!.heldOut).toEqual(memory!.heldOut);
  expect(opened.map((s) => [s.train.hasTargets, s.layout?.rate])).toEqual([
    [true, 128],
    [true, 128],
  ]);
  expect(opened[0]!.saeMetadata).toEqual(opened[1]!.saeMetadata);
  expect(opened[0]!.provenance["corrupt"]).toMatchObject({ snr_db: 0, kinds: ["white", "pops"] });
  await Promise.all(opened.map((s) => s.close()));
  const other = `${keys}, corrupt: { snr_db: [0, 9], training: clean }, buffer_bytes: 6000000`;
  await (await openEeg(configured(other)[0]!, where)).close();
  expect(readdirSync(join(where.cacheDir, "activations"))).toHaveLength(1);
});

test("every recording of the development set is used or left out with a reason", async (context) => {
  if (!existsSync(RECORDINGS)) {
    process.stderr.write(`skipped: open recordings: there is no ${RECORDINGS}\n`);
    return context.skip();
  }
  const [source] = configured("paths: eeg, held_out: [nihonkohden]");
  const opened = await openEeg(source!, { ...options(), baseFolder: resolve(RECORDINGS, "..") });
  const report = opened.provenance["report"] as { used: unknown[]; skipped: unknown[] };
  expect([report.used.length, report.skipped.length]).toEqual([3, 3]);
  expect(opened.dIn).toBe(19 * 128);
  await opened.close();
});
