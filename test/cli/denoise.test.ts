import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEdf } from "../../src/domains/eeg/edf/open-edf.ts";
import { encodeEdf } from "../../src/domains/eeg/edf/write-edf.ts";
import { simulateEeg } from "../../src/domains/eeg/signal/simulated-eeg.ts";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: eeg
source: { kind: eeg, min_channels: 3, corrupt: { snr_db: 0 },
  simulated: { recordings: 3, seconds: 20, rate: 128, channels: [Fp1, Cz, O1], blink_uv: 20 } }
population: { members: 2, d_sae: 24, k: 4, lr: 0.01 }
training: { batch: 24, steps: 12 }
`;

/** A run of two small SAEs, and a recording at another rate with one channel more. */
async function workplace(): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "eeg.yaml"), CONFIG);
  const run = await concord(["run", "eeg.yaml"], folder);
  expect(run.code, run.stderr).toBe(0);
  const { labels, channels } = simulateEeg({
    seed: 9,
    seconds: 8,
    rate: 200,
    channels: ["O1", "Pz", "Fp1", "Cz"],
  });
  const signals = channels.map((physical, c) => ({
    label: `EEG ${labels[c]!.toUpperCase()}-LE`,
    unit: "uV",
    physMin: -500,
    physMax: 500,
    digMin: -32768,
    digMax: 32767,
    samplesPerRecord: 200,
    samples: { physical },
  }));
  const when = { startTime: "2020-01-01T00:00:00", recordDuration: 1 };
  const annotations = [{ onset: 3, texts: ["eyes open"] }];
  writeFileSync(
    join(folder, "in.edf"),
    encodeEdf({ format: "EDF+C", ...when, signals, annotations }),
  );
  return folder;
}

test("concord denoise writes a denoised copy, and says what it did in words and as JSON", async () => {
  const folder = await workplace();
  const saes = ["member-0", "member-1"].map((name) => `runs/eeg/saes/${name}`);
  const [words, json] = await Promise.all([
    concord(["denoise", "in.edf", "-o", "a.edf", "--sae", ...saes], folder),
    concord(["denoise", "in.edf", "-o", "b.edf", "--sae", ...saes, "--json"], folder),
  ]);
  expect([words.code, json.code], json.stderr).toEqual([0, 0]);
  expect(words.stdout).toMatch(
    /^a\.edf: .* 8s denoised, \d+ windows\n0\.5 to 45 Hz, by way of 128 Hz, against the average/,
  );
  expect(words.stdout).toMatch(/\nEEG FP1-LE +Fp1 +uV/);
  expect(words.stdout).toMatch(/copied unchanged: EEG PZ-LE\n/);
  const told = JSON.parse(json.stdout);
  expect(told).toMatchObject({
    input: "in.edf",
    output: "b.edf",
    sae: saes,
    rate: 200,
    sae_rate: 128,
    seconds: 8,
    stretches: 1,
    kept_stretches: 0,
    reference: "average",
    passed_through: ["EEG PZ-LE"],
  });
  expect(told.channels.map((c: { name: string }) => c.name)).toEqual(["Fp1", "O1", "Cz"]);
  for (const c of told.channels) expect(c.rms_removed).toBeGreaterThan(0);
  expect(readFileSync(join(folder, "a.edf")).equals(readFileSync(join(folder, "b.edf")))).toBe(
    true,
  );
  const [before, after] = await Promise.all(
    ["in.edf", "a.edf"].map((f) => openEdf(join(folder, f), { strict: true })),
  );
  expect(after!.bytes).toBe(before!.bytes);
  expect(await after!.annotations()).toEqual(await before!.annotations());
  await Promise.all([before!.close(), after!.close()]);
});

test("misuse ends in a line and exit code 2, and writes nothing", async () => {
  const folder = await workplace();
  const sae = "runs/eeg/saes/member-0";
  const ends = async (args: string[], code: number, message: RegExp) => {
    const ended = await concord(["denoise", ...args], folder);
    expect([ended.code, ended.stdout]).toEqual([code, ""]);
    expect(ended.stderr).toMatch(message);
    expect(existsSync(join(folder, "out.edf"))).toBe(false);
  };
  await Promise.all([
    ends(["in.edf", "--sae", sae], 2, /required option '-o, --out <file>'/),
    ends(["in.edf", "-o", "out.edf", "--sae", sae, "--overlap", "1"], 2, /share from 0 to below 1/),
    ends(["in.edf", "-o", "in.edf", "--sae", sae], 2, /another file than the input/),
    ends(["in.edf", "-o", "out.edf", "--sae", "none"], 2, /there is no such file/),
    ends(["eeg.yaml", "-o", "out.edf", "--sae", sae], 1, /eeg\.yaml/),
  ]);
});
