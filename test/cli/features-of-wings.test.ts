/** `concord features` on runs whose kind of data shows latents in its own way. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { latentCardSchema } from "../../src/evidence/card.ts";
import { concord } from "../support/cli.ts";
import { edfRecording } from "../support/eeg-recording.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

/** The standard output of a command that succeeds. */
async function printed(home: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await concord([...args, "--root", home], home);
  expect(stderr).not.toMatch(/error|warning/);
  expect(code).toBe(0);
  return stdout;
}

async function cardOf(home: string, run: string, latent: string) {
  return latentCardSchema.parse(JSON.parse(await printed(home, "feature", run, latent, "--json")));
}

test("latents of synthetic activations are true features, in the table, the search and the card", async () => {
  const home = temporaryFolder();
  const [run] = await tinyRuns(home);
  // A run makes no evidence of this kind without being asked.
  expect(existsSync(run!.file("results", "features"))).toBe(false);
  const table = await printed(home, "features", "tiny");
  expect(table).toMatch(/true feature \d \(cosine 0\.\d\d, null 0\.\d\d\)/);
  const found = JSON.parse(
    await printed(home, "features", "tiny", "--find", "feature 3", "--json"),
  );
  expect(found[0].label).toMatch(/^true feature 3 \(/);
  const [live] = (found as { latent: number; member: string; density: number }[]).filter(
    ({ density }) => density > 0.1,
  );
  const card = await cardOf(home, "tiny", `${live!.member}:${live!.latent}`);
  expect(card.rules[0]).toMatchObject({ kind: "true feature" });
  expect(card.rules[0]!.text).toMatch(/^true feature \d$/);
  expect(card.examples.top[0]!.where).toMatch(/^held-out row \d+: true features? \d \(0\.\d\d\)/);
  expect(card.figures).toEqual([]);
});

const EEG = `
name: eeg
seed: 0
runs_folder: .
source: { kind: eeg, paths: [recordings], band: { high: 30 } }
population: { members: 2, architecture: topk, d_sae: 16, k: 3, lr: 0.003 }
training: { batch: 16, steps: 20, log_every: 10 }
`;

test("latents of EEG windows are templates, and their examples windows of a recording", async () => {
  const home = temporaryFolder();
  mkdirSync(join(home, "recordings"));
  for (const seed of [1, 2, 3])
    writeFileSync(
      join(home, "recordings", `sub-${seed}.edf`),
      edfRecording({ seed, seconds: 16, rate: 64 }),
    );
  writeFileSync(join(home, "eeg.yaml"), EEG);
  const trained = await concord(["run", "eeg.yaml"], home);
  expect(trained.stderr).not.toMatch(/error/);
  expect(existsSync(join(home, "eeg", "results", "features"))).toBe(false);
  expect(await printed(home, "features", "eeg")).toMatch(/\d Hz, strongest at [A-Z][a-z]?\d?/);
  const card = await cardOf(home, "eeg", "3");
  expect(card.label).toMatch(/^\d+ Hz, strongest at /);
  expect(card.figures).toMatchObject([{ title: "Template", svg: expect.stringMatching(/^<svg /) }]);
  for (const example of card.examples.top) {
    expect(example.where).toMatch(/^sub-\d\.edf, \d+(\.5)? to \d+(\.5)? s$/);
    expect(example.svg).toMatch(/^<svg .*currentColor.*<\/svg>$/);
    expect(example.held_out).toBe(true);
  }
  // Evidence takes a fraction of what the SAE does, whose atoms are not in it.
  const evidence = join(home, "eeg", "results", "features", "member-0.safetensors");
  const weights = join(home, "eeg", "saes", "member-0", "sae_weights.safetensors");
  expect(statSync(evidence).size).toBeLessThan(statSync(weights).size / 2);
  expect(readFileSync(evidence).subarray(0, 8192).toString("latin1")).toContain('"kind.map"');
});
