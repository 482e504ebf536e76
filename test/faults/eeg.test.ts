/**
 * @file Recordings that are damaged, unfit or absent: one clear line, and whatever is sound is used
 *   and said to be.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EegReport } from "../../src/domains/eeg/recordings/report.ts";
import { camelKeys } from "../../src/formats/key-case.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord, startConcord } from "../support/cli.ts";
import {
  type EdfRecordingOptions,
  edfRecording,
  HEADER_FIELDS,
  patched,
  signalField,
} from "../support/eeg-recording.ts";
import { resizeMount, withMount } from "../support/mount.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `name: eeg
source: { kind: eeg, paths: data, variant: fixed, guard_seconds: 1, held_out_fraction: 0.3 }
population: { members: 2, architecture: topk_tied, d_sae: 32, k: 3, lr: 0.003 }
training: { batch: 8, steps: 4, log_every: 4, checkpoint_every: 4 }
`;

/** A folder with a config and the recordings of `files` in data/. */
function workspace(files: Readonly<Record<string, Uint8Array>>, config = CONFIG): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "run.yaml"), config);
  for (const [name, bytes] of Object.entries(files))
    writeFileSync(join(folder, "data", name), bytes);
  return folder;
}

const good = (options: EdfRecordingOptions = {}) => edfRecording(options);

async function finished(folder: string, ...args: string[]) {
  const result = await concord(["run", "run.yaml", ...args], folder);
  expect(result.code, result.stderr).toBe(0);
  const record = camelKeys(JSON.parse(readFileSync(join(folder, "runs/eeg/run.json"), "utf8"))) as {
    provenance: { report: EegReport };
  };
  const page = readFileSync(join(folder, "runs/eeg/report.html"), "utf8");
  return { ...result, report: record.provenance.report, page };
}

/** Fails as it should: one line and a hint at most, no stack, and a run that says it failed. */
async function failed(folder: string, code: number, line: RegExp, ...args: string[]) {
  const result = await concord(["run", "run.yaml", ...args], folder);
  const lines = result.stderr.split("\n").filter((l) => l !== "");
  const errors = lines.slice(lines.findIndex((l) => l.startsWith("error:")));
  expect(errors[0], result.stderr).toMatch(line);
  expect(errors.length).toBeLessThanOrEqual(2);
  expect(result.code).toBe(code);
  return result;
}

describe("of several recordings, the sound ones are used and the others named", () => {
  test("a file cut short is used as far as it goes, and marked", async () => {
    const bytes = good({ seed: 1, seconds: 30 });
    const folder = workspace({ "a.edf": good(), "cut.edf": bytes.subarray(0, bytes.length / 2) });
    const { stderr, report, page } = await finished(folder);
    expect(stderr).toMatch(/^source: 2 of 2 recordings, \d+ windows/m);
    expect(stderr).toMatch(/^source: cut short, used as far as they go: .*cut\.edf$/m);
    expect(report.used.map((r) => [r.truncated, r.seconds])).toEqual([
      [false, 24],
      [true, 14],
    ]);
    expect(report.used[1]!.warnings[0]).toMatch(/promises 30 records .* holds 14 and \d+ bytes/);
    expect(page).toMatch(/cut short: used as far as it goes/);
  });

  test("headers whose lengths lie are skipped, with file, field and byte", async () => {
    const folder = workspace({
      "a.edf": good(),
      "b.edf": good({ seed: 1 }),
      "bytes.edf": patched(good(), HEADER_FIELDS.bytes, "512     "),
      "signals.edf": patched(good(), HEADER_FIELDS.signals, "9999"),
      "record.edf": patched(good(), signalField(19, 216, 4), "99999999"),
      "tiny.edf": good().subarray(0, 100),
    });
    const { stderr, report } = await finished(folder);
    expect(report.used).toHaveLength(2);
    for (const line of [
      /^source: skipped .*bytes\.edf: .*header bytes \(byte 184\): expected 5120 /m,
      /^source: skipped .*signals\.edf: .*number of signals \(byte 252\): the header needs 2560000 bytes/m,
      /^source: skipped .*record\.edf: .*signal 5 of 19: samples in each data record \(byte 4392\)/m,
      /^source: skipped .*tiny\.edf: .*header \(byte 0\): expected at least 256 bytes but found 100/m,
    ])
      expect(stderr).toMatch(line);
  });

  test("a channel calibrated with NaN is left out by fixed, its recording skipped by faithful", async () => {
    const nan = patched(good({ seed: 1 }), signalField(19, 104, 7), "NaN     ");
    const folder = workspace({ "a.edf": good(), "nan.edf": nan, "z.edf": good({ seed: 2 }) });
    const fixed = await finished(folder);
    expect(fixed.report.used[1]!.skippedChannels).toEqual([
      {
        label: "EEG T7-REF",
        reason: "no calibration: the physical minimum is not a number",
      },
    ]);
    const result = await concord(
      ["run", "run.yaml", "--name", "f", "--set", "source.variant=faithful"],
      folder,
    );
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toMatch(
      /^source: skipped .*nan\.edf: channel "EEG T7-REF" has no calibration: the physical minimum is not a number$/m,
    );
  });
});

describe("when nothing can be used, one line says why", () => {
  test("an empty folder", async () => {
    await failed(workspace({}), 2, /^error: No \.edf or \.bdf file in .*data\.$/);
  });

  test("a folder that is not there", async () => {
    const folder = workspace({});
    const line = /^error: Cannot read .*none: there is no such file\.$/;
    await failed(folder, 2, line, "--set", "source.paths=none");
  });

  test("nothing but damaged files", async () => {
    const lying = patched(good(), HEADER_FIELDS.bytes, "many    ");
    const folder = workspace({ "a.edf": lying });
    await failed(
      folder,
      2,
      /^error: None of the 1 EEG recordings can be used\. .*a\.edf: .*header bytes \(byte 184\): expected a number but found "many"\.$/,
    );
    const record = camelKeys(
      JSON.parse(readFileSync(join(folder, "runs/eeg/run.json"), "utf8")),
    ) as { provenance: { report: EegReport } };
    expect(record).toMatchObject({ status: "failed" });
  });

  test("no EEG channels", async () => {
    const labels = Array.from({ length: 19 }, (_, c) => `Resp ${c}`);
    const folder = workspace({ "a.edf": good({ labels }) });
    await failed(
      folder,
      2,
      /^error: None of the 1 EEG recordings can be used\. .*a\.edf: 0 scalp electrodes, fewer than 8 \(left out: Resp 0, Resp 1, Resp 2 and 16 more: not a scalp electrode of the 10–10 system\)$/,
    );
  });

  test("every channel calibrated with NaN", async () => {
    let bytes = good();
    for (let c = 0; c < 19; c++) bytes = patched(bytes, signalField(19, 104, c), "NaN     ");
    const folder = workspace({ "a.edf": bytes });
    await failed(folder, 2, /^error: None of the 1 .*a\.edf: 0 scalp electrodes, fewer than 8/);
    const faithful = ["--name", "f", "--set", "source.variant=faithful"];
    await failed(folder, 2, /a\.edf: channel "EEG Fp1-REF" has no calibration/, ...faithful);
  });

  test("rates that never agree: most channels have a rate that no recording has most of", async () => {
    const others = Array.from({ length: 18 }, (_, i) => ({ label: `DC ${i}`, rate: 96 }));
    const folder = workspace({
      "a.edf": good({ rate: 128, others }),
      "b.edf": good({ seed: 1, rate: 200, others }),
    });
    const faithful = ["--name", "f", "--set", "source.variant=faithful"];
    await failed(
      folder,
      2,
      /^error: None of the 2 .*a\.edf: its modal rate is 128 Hz, not 96 Hz; .*b\.edf: its modal rate is 200 Hz, not 96 Hz$/,
      ...faithful,
    );
    // The mended pipeline looks at the electrodes and resamples.
    const { report } = await finished(folder);
    expect(report.used.map((r) => r.rate)).toEqual([128, 200]);
  });

  test("rates without a simple ratio to the one that is asked for", async () => {
    const folder = workspace({ "a.edf": good() });
    await failed(
      folder,
      2,
      /^error: None of the 1 .*a\.edf: its 128 Hz cannot be resampled to 100\.01371 Hz/,
      "--set",
      "source.rate=100.01371",
    );
  });

  test("nothing but artefacts", async () => {
    const folder = workspace({ "a.edf": good(), "b.edf": good({ seed: 1 }) });
    await failed(
      folder,
      2,
      /^error: The split leaves 0 windows to train on and 0 held out, of 2 of 2 recordings; (\d+) windows were rejected as artefacts \(\1 beyond the amplitude\), most often at \w+ \(\d+\)\.$/,
      "--set",
      "source.max_amplitude_uv=0.001",
    );
  });
});

test("a full disk ends the writing of windows with one line; with room again it goes on from there", async ({
  skip,
}) => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const files = Object.fromEntries(
    names.map((name, seed) => [`${name}.edf`, good({ seed, seconds: 60 })]),
  );
  // 19 channels × 128 samples × 4 bytes a window: about 7 MB of windows, in blocks of 1 MiB.
  const config = CONFIG.replace("variant: fixed", "variant: fixed, buffer_bytes: 6500000");
  const folder = workspace(files, config);
  const cache = join(folder, "cache");
  mkdirSync(cache);
  const mounted = await withMount(cache, "size=3m", async () => {
    await failed(folder, 1, /^error: .*(full|space)/i);
    const [store] = readdirSync(join(cache, "activations"));
    const index = join(cache, "activations", store!, "index.json");
    expect(JSON.parse(readFileSync(index, "utf8"))).toMatchObject({ complete: false });
    resizeMount(cache, "40m");
    await finished(folder, "--resume");
    expect(JSON.parse(readFileSync(index, "utf8"))).toMatchObject({ complete: true });
  });
  if (mounted) return;
  announceSkip("full disk", "a small file system cannot be mounted here");
  skip();
});

test("Ctrl-C while recordings are read ends between two of them with exit code 130", async () => {
  const recording = good({ seconds: 60 });
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, number) => [`${number}.edf`, recording]),
  );
  const folder = workspace(files);
  const { child, ended } = startConcord(["run", "run.yaml"], folder, {
    CONCORD_BACKEND: "reference",
  });
  child.stderr!.on("data", (text: string) => /EEG recordings/.test(text) && child.kill("SIGINT"));
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([
    130,
    expect.stringMatching(/Interrupted after \d+ of 40 recordings\./),
  ]);
});
