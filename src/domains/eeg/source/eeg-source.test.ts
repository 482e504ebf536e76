import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openShardSource } from "../../../sources/shards/shard-source.ts";
import type { Source } from "../../../sources/source.ts";
import { encodeEdf } from "../edf/write-edf.ts";
import { findRecordings } from "../recordings/recording.ts";
import { TEN_TWENTY } from "../signal/electrodes.ts";
import { simulateEeg } from "../signal/simulated-eeg.ts";
import { planEeg, prepareEeg } from "../windows/prepare.ts";
import { collectEeg } from "./collect-eeg.ts";
import { openEegSource } from "./eeg-source.ts";

const simulated = (recordings: number, seconds = 12) => ({
  simulated: { recordings, seconds, rate: 128, channels: ["Fp1", "Cz", "O1"], blinkUv: 40 },
});
const fixed = { variant: "fixed", minChannels: 3 } as const;
const faithful = { variant: "faithful" } as const;

/** Simulated EEG as an EDF+D file with a gap of 100 s in the middle. */
function writeRecording(path: string, seed: number, seconds: number, format: "EDF" | "EDF+D") {
  const { labels, channels } = simulateEeg({ seed, seconds, rate: 128 });
  writeFileSync(
    path,
    encodeEdf({
      format,
      startTime: "2020-01-01T00:00:00",
      recordDuration: 1,
      ...(format === "EDF+D" && {
        recordOnsets: Array.from({ length: seconds }, (_, r) => (2 * r < seconds ? r : r + 100)),
      }),
      signals: channels.map((physical, c) => ({
        label: `EEG ${labels[c]}-REF`,
        unit: "uV",
        physMin: -3276.8,
        physMax: 3276.7,
        digMin: -32768,
        digMax: 32767,
        samplesPerRecord: 128,
        samples: { physical },
      })),
    }),
  );
}

async function rowsOf(source: Source): Promise<{ train: string[]; heldOut: string[] }> {
  const read = async (rows: number, fill: (out: Float32Array) => Promise<void>) => {
    const out = new Float32Array(rows * source.dIn);
    await fill(out);
    return Array.from({ length: rows }, (_, r) =>
      Buffer.from(out.slice(r * source.dIn, (r + 1) * source.dIn).buffer).toString("base64"),
    ).sort();
  };
  return {
    train: await read(source.train.rowsPerPass!, (out) => source.train.next(out)),
    heldOut: await read(source.heldOut.rows, (out) => source.heldOut.read(0, out)),
  };
}

describe("files", () => {
  test("of a folder are found at any depth, sorted, by extension", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "s1"));
    for (const name of ["b.EDF", "s1/a.bdf", "a.edf", "notes.txt"]) {
      writeFileSync(join(folder, name), "");
    }
    const names = (await findRecordings(folder)).map((p) => p.slice(folder.length + 1));
    expect(names).toEqual(["a.edf", "b.EDF", "s1/a.bdf"]);
    await expect(findRecordings(join(folder, "none"))).rejects.toMatchObject({
      code: "file/missing",
    });
    await expect(findRecordings([])).rejects.toThrow(/No .edf or .bdf/);
  });

  test("reached twice count once, or they could be trained on and held out", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.edf"), "");
    symlinkSync(join(folder, "a.edf"), join(folder, "b.edf"));
    const paths = [folder, join(folder, "a.edf"), join(folder, "..", basename(folder), "b.edf")];
    expect(await findRecordings(paths)).toEqual([join(folder, "a.edf")]);
  });

  test("are read, gaps respected, and damaged ones reported with what is wrong", async () => {
    const folder = temporaryFolder();
    writeRecording(join(folder, "a.edf"), 1, 10, "EDF");
    writeRecording(join(folder, "b.edf"), 2, 10, "EDF+D");
    writeFileSync(join(folder, "c.edf"), "not an EDF file".repeat(50));
    const { recordings, layout, report } = await prepareEeg({
      paths: folder,
      variant: "fixed",
      overlap: 0,
      maxAmplitudeUv: 1000,
    });
    expect([...layout.channels].sort()).toEqual([...TEN_TWENTY].sort());
    expect(recordings.map((r) => r.starts.length)).toEqual([10, 10]);
    expect(report.skipped).toEqual([
      { name: join(folder, "c.edf"), reason: expect.stringMatching(/version \(byte 0\)/) },
    ]);
    // The stretches before and after the gap are filtered apart: near it the faithful pipeline
    // differs.
    const joined = await prepareEeg({ paths: folder, variant: "faithful" });
    expect(joined.report.notes.some((n) => /1 recording\(s\) have gaps/.test(n))).toBe(true);
  });
});

describe.each([fixed, faithful])("the $variant source", (variant) => {
  test("holds out whole recordings: every window of theirs and none of others", async () => {
    const options = { ...simulated(5), ...variant, heldOutFraction: 0.4, seed: 3 };
    const source = await openEegSource(options);
    const { recordings } = await prepareEeg(options);
    const held = source.provenance["heldOutRecordings"] as string[];
    expect(held).toHaveLength(2);
    const windows = recordings.filter((r) => held.includes(r.name)).map((r) => r.starts.length);
    expect(source.heldOut.rows).toBe(windows.reduce((a, b) => a + b, 0));
    expect(source.train.rowsPerPass! + source.heldOut.rows).toBe(source.report.windows);
    const { train, heldOut } = await rowsOf(source);
    expect(new Set([...train, ...heldOut]).size).toBe(source.report.windows);
    expect(source.dIn).toBe(3 * 128);
    await source.close();
  });

  test("splits a single recording by time, with a guard gap, and says so", async () => {
    const options = { ...simulated(1, 60), ...variant, heldOutFraction: 0.2, guardSeconds: 4 };
    const source = await openEegSource(options);
    expect(source.provenance["split"]).toMatch(/by time.*from 48 s, after a guard gap from 44 s/);
    const { recordings } = await prepareEeg(options);
    const { starts } = recordings[0]!;
    const lost = starts.filter((s) => s + 1 > 44 && s < 48).length;
    expect(source.train.rowsPerPass! + source.heldOut.rows).toBe(starts.length - lost);
    expect(lost).toBeGreaterThan(2);
    await source.close();
  });

  test.each([1, 4])(
    "says where each held-out window is from, of %i recordings",
    async (recordings) => {
      const options = { ...simulated(recordings, 40), ...variant, heldOutFraction: 0.4, seed: 3 };
      const source = await openEegSource(options);
      const made = await prepareEeg(options);
      const row = new Float32Array(source.dIn);
      let at = 0;
      for (const { name, starts } of source.heldOutWindows) {
        const recording = made.recordings.find((r) => r.name === name)!;
        for (const start of starts) {
          await source.heldOut.read(at++, row);
          const w = recording.starts.indexOf(start);
          expect(row).toEqual(recording.windows.subarray(w * source.dIn, (w + 1) * source.dIn));
        }
      }
      expect(at).toBe(source.heldOut.rows);
      await source.close();
    },
  );

  test("is labelled a substitute when simulated, and gives the same batches again from a position", async () => {
    const source = await openEegSource({ ...simulated(3), ...variant });
    expect(source.provenance.substitute).toMatch(/simulated EEG/);
    const out = () => new Float32Array(7 * source.dIn);
    await source.train.next(out());
    const state = source.train.state();
    const [once, again] = [out(), out()];
    await source.train.next(once);
    await source.train.seek(state);
    await source.train.next(again);
    expect(Buffer.from(again.buffer).equals(Buffer.from(once.buffer))).toBe(true);
    await source.close();
  });

  test("collected to a store is the same windows on the same sides", async () => {
    const options = { ...simulated(4, 30), ...variant, heldOutFraction: 0.3, seed: 1 };
    const folder = join(temporaryFolder(), "store");
    const collected = await collectEeg({ ...options, folder });
    const memory = await openEegSource(options);
    const store = await openShardSource({ folder, heldOutRows: collected.heldOutRows });
    expect(store.heldOut.rows).toBe(memory.heldOut.rows);
    const [a, b] = [await rowsOf(store), await rowsOf(memory)];
    expect(a.heldOut).toEqual(b.heldOut);
    expect(collected.heldOutWindows).toEqual(memory.heldOutWindows);
    expect(a.train.length + collected.trimmedRows).toBe(b.train.length);
    const known = new Set(b.train);
    expect(a.train.every((row) => known.has(row))).toBe(true);
    expect(store.provenance.substitute).toMatch(/simulated EEG/);
    await expect(collectEeg({ ...options, folder })).rejects.toMatchObject({
      code: "run/conflict",
    });
    await Promise.all([store.close(), memory.close()]);
  });
});

test("a store of many blocks divides exactly between training and held-out recordings", async () => {
  // 3 channels × 128 samples × 4 bytes: 682 windows to a block of 1 MiB.
  const options = { ...simulated(6, 120), ...fixed, heldOutFraction: 0.3, maxAmplitudeUv: 1e4 };
  const folder = join(temporaryFolder(), "store");
  const { rows, heldOutRows, trimmedRows, report } = await collectEeg({ ...options, folder });
  expect(rows + trimmedRows).toBe(report.windows);
  expect((rows - heldOutRows) % 682).toBe(0);
  const store = await openShardSource({ folder, heldOutRows });
  expect(store.heldOut.rows).toBe(heldOutRows);
  await store.close();
});

test("a store that was interrupted is continued to the same bytes", async () => {
  const options = { ...simulated(6, 200), ...fixed, heldOutFraction: 0.3, maxAmplitudeUv: 1e4 };
  const parent = temporaryFolder();
  const [whole, broken] = [join(parent, "whole"), join(parent, "broken")];
  const names: string[] = [];
  const plan = await planEeg(options);
  await collectEeg({ ...options, plan, folder: whole, onProgress: ({ name }) => names.push(name) });
  expect(names).toHaveLength(6);
  let left = 4;
  const onProgress = () => {
    if (--left === 0) throw new Error("power cut");
  };
  await expect(collectEeg({ ...options, plan, folder: broken, onProgress })).rejects.toThrow(
    /power cut/,
  );
  await expect(openShardSource({ folder: broken })).rejects.toMatchObject({ code: "run/conflict" });
  await collectEeg({ ...options, folder: broken });
  const files = (folder: string) =>
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString("base64")]);
  expect(files(broken)).toEqual(files(whole));
});

test("more windows than memory allows are refused, with a way out", async () => {
  await expect(openEegSource({ ...simulated(3), ...fixed, maxBytes: 1000 })).rejects.toMatchObject({
    code: "config/invalid",
    hint: expect.stringMatching(/collectEeg/),
  });
});

test("a side without windows is refused, with the count of artefacts", async () => {
  const options = { ...simulated(2), ...fixed, maxAmplitudeUv: 1e-6 };
  await expect(openEegSource(options)).rejects.toThrow(/0 windows to train on .* rejected/);
});
