import { expect, test } from "vitest";
import { camelKeys, snakeKeys } from "../formats/key-case.ts";
import { configKeys } from "./config-keys.ts";
import { parseConfig } from "./load-config.ts";
import { configSchema, fileOfConfig } from "./schema.ts";

test("every key of a config is the same again after it was camelCase", () => {
  for (const path of configKeys()) {
    const key = path.split(".").at(-1)!;
    expect(snakeKeys(camelKeys({ [key]: 1 }))).toEqual({ [key]: 1 });
  }
});

test("recipes see camelCase, and the file is what it was, keys in order", () => {
  const text = `name: x
runs_folder: there
source: { kind: eeg, paths: [a], band: { low: 1 }, corrupt: { snr_db: [0, 5] }, held_out: [S1_b] }
population: { members: 2, d_sae: 32, overrides: [{ name: a_b, clip_norm: false }] }
coupling: { weight: 1, refresh_every: 3 }
reinitialise: { cool_down_steps: 7 }
training: { steps: 1, log_every: 2 }`;
  const { config } = parseConfig(text, "x.yaml")[0]!;
  expect(config).toMatchObject({
    runsFolder: "there",
    source: { corrupt: { snrDb: [0, 5] }, heldOut: ["S1_b"] },
    population: { d_sae: 32, overrides: [{ name: "a_b", clip_norm: false }] },
    coupling: { refreshEvery: 3 },
    reinitialise: { coolDownSteps: 7 },
    training: { logEvery: 2, keepCheckpoints: 2 },
  });
  const file = fileOfConfig(config);
  expect(JSON.stringify(configSchema.parse(file))).toBe(JSON.stringify(file));
  expect(Object.keys(file)).toEqual(Object.keys(configSchema.shape).filter((key) => key in file));
});
