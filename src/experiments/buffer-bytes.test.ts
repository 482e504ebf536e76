/**
 * A source that cannot serve its activations within buffer_bytes says so before they are collected.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { edfRecording } from "../../test/support/eeg-recording.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../test/support/tiny-model.ts";
import { parseConfig } from "../config/load-config.ts";
import { openSource } from "./open-source.ts";
import { planSource } from "./plan-source.ts";

/** What opening and planning a source say, and what lies in the cache then. */
async function refusals(folder: string, source: string) {
  const text = `name: t\nsource: ${source}\npopulation: { d_sae: 8 }\ntraining: { steps: 1 }`;
  const { config } = parseConfig(text, "t.yaml")[0]!;
  const cacheDir = join(folder, "cache");
  const options = {
    backend: reference,
    baseFolder: folder,
    cacheDir,
    catalogue: { cacheDir, offline: true },
  };
  const message = (opening: Promise<unknown>) => opening.then(String, (e: Error) => e.message);
  const opened = await message(openSource(config, options));
  const planned = await message(
    planSource(config, { ...options, clock: () => performance.now(), residentMemory: () => 0 }),
  );
  const stores = join(cacheDir, "activations");
  return { opened, planned, stores: existsSync(stores) ? readdirSync(stores) : [] };
}

test("of a language model", async () => {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 40, 400);
  const source = `{ kind: language_model, model: model, hook: ${TINY_HOOK}, text: letters.txt, buffer_bytes: 4000 }`;
  const line =
    /^buffer_bytes is 4000, too small for the activations of model at blocks\.0\.hook_resid_post: at least \d+ are needed\.$/;
  expect(await refusals(folder, source)).toEqual({
    opened: expect.stringMatching(line),
    planned: expect.stringMatching(line),
    stores: [],
  });
});

test("of EEG recordings", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "x.edf"), edfRecording({ seconds: 60 }));
  const source =
    "{ kind: eeg, paths: x.edf, overlap: 0.9, held_out_fraction: 0.2, buffer_bytes: 3000000 }";
  const line =
    /^buffer_bytes is 3000000, too small for the EEG windows: at least \d+ are needed\.$/;
  expect(await refusals(folder, source)).toEqual({
    opened: expect.stringMatching(line),
    planned: expect.stringMatching(line),
    stores: [],
  });
});
