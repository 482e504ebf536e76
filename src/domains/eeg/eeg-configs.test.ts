import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../config/load-config.ts";
import type { Config } from "../../config/schema.ts";
import { eegFacts, eegOptions } from "./source/open-eeg.ts";

const FOLDER = resolve(import.meta.dirname, "../../../configs/mfr");
const names = readdirSync(FOLDER).filter((name) => /^eeg.*\.yaml$/.test(name));

type EegSource = Extract<Config["source"], { kind: "eeg" }>;

async function configs(name: string): Promise<Config[]> {
  return (await loadConfig(join(FOLDER, name))).map(({ config }) => config);
}

test("there is one for the paper's data, one for open data, one for any, and one that needs none", () => {
  expect(names).toEqual(["eeg-open.yaml", "eeg-recordings.yaml", "eeg-simulated.yaml", "eeg.yaml"]);
});

describe.each(names)("configs/mfr/%s", (name) => {
  test("has the published population, uncoupled and coupled, and keys that go together", async () => {
    const all = await configs(name);
    expect(all.map(({ coupling }) => coupling!.weight)).toEqual([0, 0.005, 3]);
    for (const { population, source, seed } of all) {
      expect(population).toMatchObject({
        members: 5,
        architecture: "topk_tied",
        d_sae: 512,
        k: 6,
        lr: 0.001,
      });
      expect(eegOptions(source as EegSource, { baseFolder: FOLDER, seed })).toMatchObject({
        variant: name === "eeg.yaml" ? "faithful" : "fixed",
        low: 0.5,
        high: 45,
        order: 5,
      });
    }
  });
});

test("the paper's config and the one for open data train as published", async () => {
  for (const name of ["eeg.yaml", "eeg-open.yaml"])
    for (const { training, reinitialise } of await configs(name)) {
      expect(training).toMatchObject({ batch: 1024, epochs: 10 });
      expect(reinitialise).toMatchObject({
        target: "faithful",
        threshold: 2.5,
        coolDownSteps: 0,
      });
    }
});

test("the simulated one has windows on both sides without any file", async () => {
  const [config] = await configs("eeg-simulated.yaml");
  const facts = await eegFacts(config!.source as EegSource, { baseFolder: FOLDER, seed: 0 });
  expect(facts).toMatchObject({ dIn: 19 * 128, inMemory: true });
  expect(facts.trainRows).toBeGreaterThan(2 * facts.heldOutRows);
  expect(facts.heldOutRows).toBeGreaterThan(500);
});
