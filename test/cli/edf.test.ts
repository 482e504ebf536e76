import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { encodeEdf } from "../../src/domains/eeg/edf/write-edf.ts";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const GOLDEN = resolve(import.meta.dirname, "../golden/edf");

test("concord edf info prints what a file holds, and the same as JSON", async () => {
  const folder = temporaryFolder();
  const [words, json] = await Promise.all([
    concord(["edf", "info", join(GOLDEN, "gaps.edf")], folder),
    concord(["edf", "info", join(GOLDEN, "gaps.edf"), "--json"], folder),
  ]);
  expect([words.code, words.stderr, json.code, json.stderr]).toEqual([0, "", 0, ""]);
  const info = JSON.parse(json.stdout);
  expect(info).toMatchObject({ format: "EDF+D", truncated: null });
  expect(info.gaps.length).toBeGreaterThan(0);
  for (const { label, rate, samples } of info.channels)
    expect(words.stdout).toMatch(new RegExp(`${label} .*${rate} .*${samples}`));
  expect(words.stdout).toContain(`${info.gaps.length} gap`);
  expect(words.stdout).toContain(`${info.annotations.length} annotation`);
});

test("texts of a file cannot reach the terminal, and long lists are cut unless all is asked for", async () => {
  const folder = temporaryFolder();
  const annotations = Array.from({ length: 30 }, (_, i) => ({
    onset: i / 10,
    texts: [i === 3 ? "\u001b[31mred\nline" : `event ${i}`],
  }));
  const signal = { label: "EEG Cz", unit: "uV", physMin: -100, physMax: 100 };
  const bytes = encodeEdf({
    format: "EDF+C",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    annotations,
    signals: [
      {
        ...signal,
        digMin: -32768,
        digMax: 32767,
        samplesPerRecord: 8,
        samples: { digital: new Int32Array(32) },
      },
    ],
  });
  writeFileSync(join(folder, "a.edf"), bytes);
  const [some, all] = await Promise.all([
    concord(["edf", "info", "a.edf"], folder),
    concord(["edf", "info", "a.edf", "--all"], folder),
  ]);
  expect(some.stdout).toContain("�[31mred�line");
  expect(some.stdout).not.toContain("\u001b");
  expect(some.stdout).toContain("and 10 more (--all)");
  expect(all.stdout).toContain("event 29");
});

test("numbers are those of the file, six digits of them, whatever their size", async () => {
  const folder = temporaryFolder();
  const signal = { label: "DC", unit: "mV", physMin: -12002.9, physMax: 12002.56 };
  const samples = { digital: Int32Array.of(-32768, 32767) };
  const bytes = encodeEdf({
    format: "EDF",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    signals: [{ ...signal, digMin: -32768, digMax: 32767, samplesPerRecord: 2, samples }],
  });
  writeFileSync(join(folder, "a.edf"), bytes);
  const { stdout } = await concord(["edf", "info", "a.edf"], folder);
  expect(stdout).toMatch(/DC +mV +2 +2 +-12002\.9 … 12002\.6 +-12002\.9 +12002\.6 +-0\.17/);
});

test("the electrode that a channel is, or why it is left out, stands beside it", async () => {
  const folder = temporaryFolder();
  const samples = (sample: (i: number) => number) => ({
    digital: Int32Array.from({ length: 64 }, (_, i) => sample(i)),
  });
  const wave = samples((i) => (i * 7919) % 300);
  const signal = { unit: "uV", physMin: -100, physMax: 100, digMin: -32768, digMax: 32767 };
  const bytes = encodeEdf({
    format: "EDF",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    signals: [
      { ...signal, label: "EEG Fp1-CLE", samples: wave },
      { ...signal, label: "T3", samples: samples(() => 99) },
      { ...signal, label: "C3", unit: "mmHg", samples: wave },
      { ...signal, label: "C4", samples: wave },
      { ...signal, label: "ECG", samples: wave },
    ].map((s) => ({ ...s, samplesPerRecord: 32 })),
  });
  bytes.set(new TextEncoder().encode("-100    "), 256 + 5 * 112 + 8 * 3);
  writeFileSync(join(folder, "a.edf"), bytes);
  const { stdout } = await concord(["edf", "info", "a.edf"], folder);
  for (const line of [
    /EEG FP1-CLE .* Fp1$/im,
    /T3 .* – flat from beginning to end$/m,
    /C3 .* – unit "mmHg" is not a voltage$/m,
    /C4 .* – no calibration: the physical minimum and maximum are both -100$/m,
    /ECG .* – not a scalp electrode of the 10–10 system$/m,
  ])
    expect(stdout).toMatch(line);
  const json = await concord(["edf", "info", "a.edf", "--json"], folder);
  const told = JSON.parse(json.stdout).channels.map(
    (c: { electrode: string | null; left_out: string | null }) => [
      c.electrode,
      c.left_out !== null,
    ],
  );
  expect(told).toEqual([
    ["Fp1", false],
    ["T7", true],
    ["C3", true],
    ["C4", true],
    [null, true],
  ]);
});

test("files that are none end in one line", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "text.edf"), "hello ".repeat(100));
  for (const [file, expected, message] of [
    ["none.edf", 2, /^error: Cannot read none\.edf: there is no such file\.\n {2}hint: .*\n$/],
    ["text.edf", 1, /^error: text\.edf: .*version \(byte 0\).*\n/],
  ] as const) {
    const { code, stdout, stderr } = await concord(["edf", "info", file], folder);
    expect([code, stdout]).toEqual([expected, ""]);
    expect(stderr).toMatch(message);
  }
  const strict = await concord(["edf", "info", join(GOLDEN, "truncated.edf"), "--strict"], folder);
  expect(strict.code).toBe(1);
});
