import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { writeAnalyses } from "../../../analyses/analyses.ts";
import { RunFolder } from "../../../runs/run-folder.ts";
import { type EegFindings, readEeg } from "./window-results.ts";
import { windows } from "./windows.ts";

const writeEeg = (folder: RunFolder, found: EegFindings) =>
  writeAnalyses(folder, [{ analysis: windows, found }]);

const numbers = (n: number, scale = 1) => Float32Array.from({ length: n }, (_, i) => scale * i);
const powers = (scale: number) => ({ density: numbers(3, scale), bands: numbers(10, scale) });

const findings: EegFindings = {
  result: {
    layout: { channels: ["Cz", "Pz"], rate: 4, samples: 4 },
    member: "member-1",
    members: ["member-0", "member-1"],
    windows_measured: 7,
    windows: [{ row: 3, rank: 0.5, error: 0.25 }],
    atoms: [
      {
        latent: 5,
        density: 0.1,
        matches: [{ member: "member-0", latent: 2, cosine: 0.9, null: 0.1, coupled: true }],
      },
    ],
  },
  targets: numbers(8),
  reconstructions: numbers(8, 0.5),
  atoms: numbers(8, 0.1),
  frequencies: numbers(3),
  signal: powers(1),
  errors: [powers(0.2), powers(0.3)],
};

test("what was written is read back, with and without what was disturbed", async () => {
  const folder = new RunFolder(temporaryFolder());
  expect(await readEeg(folder)).toBeUndefined();
  await folder.makeFolder("results");
  await writeEeg(folder, findings);
  expect(await readEeg(folder)).toEqual(findings);
  const noisy = { ...findings, inputs: numbers(8, 3), noise: powers(2) };
  await writeEeg(folder, noisy);
  expect(await readEeg(folder)).toEqual(noisy);
});

test("files that do not belong together are refused, and named", async () => {
  const folder = new RunFolder(temporaryFolder());
  await folder.makeFolder("results");
  await writeEeg(folder, findings);
  const words = folder.file("results", "eeg.json");
  const text = readFileSync(words, "utf8");
  writeFileSync(words, text.replace('"samples": 4', '"samples": 5'));
  await expect(readEeg(folder)).rejects.toThrow(/eeg\.safetensors: expected 10 elements of/);
  writeFileSync(words, text.replace('"member-1"\n', '"member-1", "member-2"\n'));
  await expect(readEeg(folder)).rejects.toThrow('there is no tensor "error.2.density"');
  for (const [damaged, message] of [
    ["[]", "the file: expected a mapping of keys to values"],
    ["null", "the file: expected a mapping of keys to values"],
    [text.replace('"Pz"', "7"), "layout.channels.1: expected text, but received 7"],
    [text.replace('"matches"', '"m"'), "atoms.0.matches: expected a list, but it is missing"],
  ] as const) {
    writeFileSync(words, damaged);
    await expect(readEeg(folder)).rejects.toThrow(`eeg.json: ${message}`);
  }
  writeFileSync(words, text);
  rmSync(folder.file("results", "eeg.safetensors"));
  await expect(readEeg(folder)).rejects.toMatchObject({ code: "file/missing" });
});
