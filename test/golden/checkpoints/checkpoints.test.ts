/**
 * Checkpoints of earlier formats go on as the program that wrote them did.
 *
 * `arrays/` was written by commit 068c6c3, which kept single counters as arrays of one element:
 *
 *     concord run config.yaml --set training.steps=6       # its checkpoint
 *     concord run config.yaml                              # metrics.jsonl, of twelve steps
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load-config.ts";
import { buildPopulation } from "../../../src/experiments/build-population.ts";
import { openSource } from "../../../src/experiments/open-source.ts";
import { stepMetrics } from "../../../src/experiments/step-metrics.ts";
import { type PopulationState, restorePopulation } from "../../../src/population/state.ts";
import { trainPopulation } from "../../../src/population/train-population.ts";
import { latestCheckpoint } from "../../../src/runs/checkpoints.ts";
import { RunFolder } from "../../../src/runs/run-folder.ts";
import { reference } from "../../support/backends.ts";

test.each(["arrays"])("%s", async (format) => {
  const folder = new RunFolder(join(import.meta.dirname, format));
  const [{ config }] = (await loadConfig(folder.file("config.yaml"))) as [
    Awaited<ReturnType<typeof loadConfig>>[0],
  ];
  const context = { backend: reference, baseFolder: folder.path, cacheFolder: folder.path };
  const source = await openSource(config, context as unknown as Parameters<typeof openSource>[1]);
  const { population, coupling, totalSteps } = buildPopulation(reference, config, {
    dIn: source.dIn,
    rowsPerPass: source.train.rowsPerPass,
  });
  const checkpoint = await latestCheckpoint(folder, (message) => expect.fail(message));
  const { step: firstStep, tensors, json, stream } = checkpoint!;
  const state = { tensors, json: json as PopulationState["json"] };
  await restorePopulation(population, coupling, state, "checkpoint");
  await source.train.seek(stream);
  const run = { population, coupling, stream: source.train, firstStep, totalSteps };
  const found: unknown[] = [];
  for await (const step of trainPopulation({ ...run, clock: () => 0 }))
    found.push({ step: step.step + 1, ...(await stepMetrics(population, step)) });
  const lines = readFileSync(folder.file("metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(found).toHaveLength(6);
  expect(found).toEqual(lines.slice(firstStep).map((line) => JSON.parse(line)));
  await source.close();
});
