import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";
import { plannedMembers } from "./members.ts";

const FOLDER = resolve(import.meta.dirname, "../../configs/sparse-coding");

/** Members of each run by file: the grids of the sweeps. */
const MEMBERS: Readonly<Record<string, readonly number[]>> = {
  "basic.yaml": [4],
  "centred.yaml": [9, 9, 9, 9],
  "gpt2.yaml": [9, 9, 9],
  "l1-range.yaml": [16],
  "layers.yaml": [9, 9, 9, 9, 9],
  "masked-widths.yaml": [96],
  "mlp-long.yaml": new Array(7).fill(14),
  "mlp-untied.yaml": new Array(8).fill(16),
  "positive-mlp.yaml": [9],
  "pythia-1.4b.yaml": [5],
  "replication-ufpe.yaml": new Array(13).fill(20),
  "replication-ufpe-edited.yaml": [4],
  "sites.yaml": new Array(16).fill(16),
  "smollm2.yaml": [8],
  "synthetic.yaml": new Array(6).fill(128),
  "tied-or-not.yaml": [24, 24, 24],
  "topk.yaml": [60],
  "widths.yaml": [16],
  "zero-l1.yaml": [14, 14],
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
