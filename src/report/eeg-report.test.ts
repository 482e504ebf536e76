import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { type EegFindings, readEeg } from "../domains/eeg/analyses/window-results.ts";
import { windows } from "../domains/eeg/analyses/windows.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { readRunData } from "./run-data.ts";
import { runReport, runReportPage, writeRunReport } from "./run-report.ts";

const CHANNELS = "[Fp1, Fp2, F3, F4, C3, C4, Cz, O1, O2]";
const SIMULATED = `source={kind: eeg, simulated: {recordings: 3, seconds: 20, rate: 100, channels: ${CHANNELS}, blink_uv: 40}, min_channels: 3}`;

function captions(page: string): Map<string, string> {
  const figures = allElements(parseMarkup(page)).filter((e) => e.name === "figure");
  const part = (figure: (typeof figures)[number], name: string) =>
    allElements(figure)
      .filter((e) => e.name === name)
      .map(textOf)
      .join("");
  return new Map(figures.map((f) => [part(f, "h3"), part(f, "figcaption")]));
}

const FIGURES = [
  /^A window that is easy/,
  /^A usual window/,
  /^A window that is hard/,
  /^Error by frequency band/,
  /^Spectrum of the error/,
  /^Error by place/,
  /^Latent \d+, active in/,
];

describe("the report of a run on EEG windows", () => {
  let folder: RunFolder;
  let eeg: EegFindings;
  let page: string;

  const home = mkdtempSync(join(tmpdir(), "concord-test-"));
  afterAll(() => rmSync(home, { recursive: true }));

  beforeAll(async () => {
    [folder] = (await tinyRuns(home, [SIMULATED])) as [RunFolder];
    eeg = (await readEeg(folder))!;
    page = readFileSync(await writeRunReport(folder), "utf8");
  });

  test("shows windows, errors by band and templates, each labelled as simulated", () => {
    const found = captions(page);
    for (const title of FIGURES) {
      const all = [...found].filter(([heading]) => title.test(heading));
      expect(all.length, String(title)).toBeGreaterThan(0);
      for (const [, caption] of all) expect(caption).toContain("Substitute data: simulated EEG");
    }
    for (const svg of page.match(/<svg .*?<\/svg>/gs)!) checkFigure(svg);
    const text = textOf(parseMarkup(page));
    expect(text).toContain("EEG windows of 9 channels from 3 simulated recordings");
    expect(text).toContain("Fraction of a frequency band's power");
  });

  test("shows what results/ holds: the middle member, its most active latents and their matches", async () => {
    const { evaluation, latents } = await readRunData(folder);
    const inside = evaluation!.members.filter((m) => m.coupled);
    const middle = inside.map((m) => m.metrics["fvu"]!).sort((a, b) => a - b)[1];
    const member = inside.find((m) => m.name === eeg.result.member)!;
    expect(member.metrics["fvu"]).toBe(middle);
    const density = latents.get(member.name)!.density!;
    const shown = eeg.result.atoms;
    expect(shown.length).toBeGreaterThan(0);
    for (const atom of shown) expect(atom.density).toBe(density[atom.latent]);
    const least = Math.min(...shown.map((atom) => atom.density));
    const more = density.filter((d) => d > least).length;
    expect(more).toBeLessThan(6);
    // Two other members and an independent one, each beside its null; no better than the best there
    // is.
    const best = latents.get(member.name)!.bestInOthers!;
    for (const { latent, matches } of shown) {
      expect(matches.map((m) => m.coupled)).toEqual([true, true, false]);
      for (const m of matches.filter((m) => m.coupled))
        expect(m.cosine).toBeLessThanOrEqual(best[latent]! + 1e-6);
      for (const m of matches) expect(m.null).toBeGreaterThan(0);
    }
    for (const window of eeg.result.windows) {
      const [w, dIn] = [eeg.result.windows.indexOf(window), 900];
      const part = (of: Float32Array) => of.subarray(w * dIn, (w + 1) * dIn);
      const error = part(eeg.reconstructions).map((v, i) => v - part(eeg.targets)[i]!);
      const power = (of: Float32Array) => of.reduce((sum, v) => sum + v * v, 0);
      expect(power(error) / power(part(eeg.targets))).toBeCloseTo(window.error, 4);
    }
  });

  test("is drawn again from the run's files alone, without electrodes too", async () => {
    rmSync(folder.file("report.html"));
    rmSync(folder.file("checkpoints"), { recursive: true });
    expect(await runReport(folder)).toBe(page);
    const data = await readRunData(folder);
    const { layout } = eeg.result;
    const nowhere = { ...layout, channels: layout.channels.map((_, c) => `E${c + 1}`) };
    const other = { ...eeg, result: { ...eeg.result, layout: nowhere } };
    const found = [{ analysis: windows, found: other }];
    const titles = [...captions(runReportPage({ ...data, found })).keys()];
    expect(titles).toContain("Error by frequency band");
    expect(titles).not.toContain("Error by place");
  });

  test("shows what was added too, where windows were disturbed", async () => {
    const disturbed = SIMULATED.replace("min_channels", "corrupt: {kinds: [white]}, min_channels");
    const [other] = await tinyRuns(temporaryFolder(), [disturbed]);
    const { inputs, noise, targets, signal } = (await readEeg(other!))!;
    expect(inputs).toHaveLength(targets.length);
    const sum = (values: Float32Array) => values.reduce((total, v) => total + v, 0);
    expect(sum(noise!.bands)).toBeGreaterThan(0.1 * sum(signal.bands));
    const noisy = await runReport(other!);
    for (const svg of noisy.match(/<svg .*?<\/svg>/gs)!) checkFigure(svg);
    for (const words of [
      "noisy input",
      "clean window",
      "the noisy input as it is",
      "added noise",
    ]) {
      expect(noisy).toContain(words);
      expect(page).not.toContain(words);
    }
  });
});

test("a run that was interrupted ends with the same windows, atoms and spectra, byte for byte", async () => {
  const results = (folder: RunFolder) =>
    ["eeg.json", "eeg.safetensors"].map((name) =>
      readFileSync(folder.file("results", name), "latin1"),
    );
  const [whole] = await tinyRuns(temporaryFolder(), [SIMULATED]);
  const home = temporaryFolder();
  const stop = new AbortController();
  let logged = 0;
  const stopAtStepTen = (event: { kind: string }) => {
    if (event.kind === "logged" && ++logged === 3) stop.abort();
  };
  await expect(tinyRuns(home, [SIMULATED], stopAtStepTen, stop.signal)).rejects.toThrow(
    "Interrupted after step 10",
  );
  const [resumed] = await tinyRuns(home, [SIMULATED], undefined, undefined, true);
  expect(results(resumed!)).toEqual(results(whole!));
});

test("the report of any other run has no such figures", async () => {
  const [folder] = await tinyRuns(temporaryFolder(), ["training.steps=2"]);
  expect(await readEeg(folder!)).toBeUndefined();
  const titles = [...captions(await runReport(folder!)).keys()];
  for (const title of FIGURES) expect(titles.filter((t) => title.test(t))).toEqual([]);
});
