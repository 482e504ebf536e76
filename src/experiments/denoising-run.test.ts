/**
 * Runs on noisy EEG windows with clean targets: what they leave, and that an interruption changes
 * no byte of it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow } from "../../test/support/cli.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { denoising } from "../domains/eeg/analyses/denoising.ts";
import { parseRecipe } from "../domains/eeg/windows/recipe.ts";
import { runReport } from "../report/run-report.ts";
import { readEvaluation } from "../runs/results.ts";

const SETTINGS = [
  `source={kind: eeg, min_channels: 3, held_out_fraction: 0.3, corrupt: {snr_db: 0},
    simulated: {recordings: 3, seconds: 20, rate: 128, channels: [Fp1, Cz, O1], blink_uv: 20}}`,
  "population={members: 2, independent: 1, architecture: topk, d_sae: 24, k: 4, lr: 0.01}",
  "training={batch: 24, steps: 24, log_every: 6, checkpoint_every: 100}",
  "coupling={weight: 0.1}",
];

test("a run leaves the windows' recipe, reports and denoising metrics", async () => {
  const [folder] = await tinyRuns(temporaryFolder(), SETTINGS);
  const cfg = JSON.parse(readFileSync(folder!.file("saes", "member-0", "cfg.json"), "utf8"));
  const recipe = parseRecipe(cfg.metadata.eeg, "cfg.json");
  expect(recipe).toMatchObject({ channels: ["Fp1", "O1", "Cz"], rate: 128, samples: 128 });
  expect(cfg.d_in).toBe(3 * 128);
  const { members, substitute } = (await readEvaluation(folder!))!;
  const found = await denoising.read(folder!);
  expect(substitute).toMatch(/simulated EEG/);
  expect(found!.noisy["snr_gain"]).toBe(0);
  expect(found!.members.map((m) => m.name)).toEqual(members.map((m) => m.name));
  for (const { metrics } of found!.members) {
    expect(metrics["target_correlation"]).toBeGreaterThan(0.1);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  }
  // The same errors make FVU and SNR gain: error = FVU · variance = noise · 10^(−gain / 10).
  const noise = members.map(({ metrics }, i) => {
    const gain = found!.members[i]!.metrics["snr_gain"]!;
    return metrics["mse"]! * 10 ** (gain / 10);
  });
  for (const value of noise) expect(value).toBeCloseTo(noise[0]!, 4);
  expect(await runReport(folder!)).toMatch(/Denoised by/);
});

test("interrupted and continued it ends with the same bytes", async () => {
  const [whole, broken] = [temporaryFolder(), temporaryFolder()];
  const [once] = await tinyRuns(whole, SETTINGS);
  const controller = new AbortController();
  const stopAt = (step: number) => (event: { kind: string; step?: unknown }) => {
    const taken = event.kind === "step" ? (event.step as { step: number }).step + 1 : 0;
    if (taken === step) controller.abort();
  };
  await expect(tinyRuns(broken, SETTINGS, stopAt(7), controller.signal)).rejects.toMatchObject({
    code: "interrupted",
  });
  const [again] = await tinyRuns(broken, SETTINGS, undefined, undefined, true);
  const moments = /^(run\.json|timings\.jsonl|config\.yaml|checkpoints|report)/;
  const files = filesBelow(once!.path, moments);
  expect([...files.keys()]).toContain(join("saes", "member-0", "sae_weights.safetensors"));
  expect(filesBelow(again!.path, moments)).toEqual(files);
});
