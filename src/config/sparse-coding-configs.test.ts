import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";
import { plannedMembers } from "./members.ts";

const FOLDER = resolve(import.meta.dirname, "../../configs/sparse-coding");

/** Members of each run by file: the grids of the sweeps. */
const MEMBERS: Readonly<Record<string, readonly number[]>> = {
  "l1-range.yaml": [16],
  "layers.yaml": [9, 9, 9, 9, 9],
  "positive-mlp.yaml": [9],
  "replication-ufpe.yaml": new Array(13).fill(20),
  "replication-ufpe-edited.yaml": [4],
  "smollm2.yaml": [8],
  "topk.yaml": [12],
  "widths.yaml": [16],
};

test("every config of the folder describes the members of its sweep", async () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(MEMBERS).sort());
  for (const [file, members] of Object.entries(MEMBERS)) {
    const runs = await loadConfig(join(FOLDER, file));
    const found = runs.map(
      ({ config }) =>
        plannedMembers(config.population, { dIn: 288, seed: 0, totalSteps: 10 }).length,
    );
    expect(found, file).toEqual(members);
  }
});
