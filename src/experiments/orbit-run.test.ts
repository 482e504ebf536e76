/** A run on orbits: equivariant members beside plain ones, coupled, resumed and evaluated. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { orbitRows, quarterTurns } from "../../test/support/orbits.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyContext } from "../../test/support/tiny-run.ts";
import { symmetry } from "../analyses/symmetry.ts";
import { float32Tensor } from "../base/tensor.ts";
import { parseConfig } from "../config/load-config.ts";
import { writeNpy } from "../formats/npy.ts";
import { loadSae } from "../interchange/saelens.ts";
import { readEvaluation } from "../runs/results.ts";
import { planRun } from "./plan.ts";
import { trainRun } from "./train-run.ts";

const D = 6;
const CONFIG = `
name: orbits
seed: 0
source: { kind: arrays, path: rows.npy, orbit: { group: c4 }, held_out_rows: 40 }
population:
  members: 2
  architecture: equivariant
  d_sae: 8
  k: 2
  hidden_dim: 12
  lr: 0.01
  canonical: random
  aux_k: { dead_after_tokens: 64, k_aux: 2 }
  overrides: [{}, {}]
coupling: { kind: mfr, weight: 0.1 }
training: { batch: 16, steps: 12, log_every: 4, checkpoint_every: 6 }
analyses: [evaluation, agreement, symmetry]
`;

async function base(): Promise<string> {
  const folder = temporaryFolder();
  const rows = orbitRows(quarterTurns(D), D, 60);
  await writeNpy(join(folder, "rows.npy"), float32Tensor([60, 4, D], rows));
  return folder;
}

const planned = (settings: readonly string[] = []) =>
  parseConfig(CONFIG, "orbits.yaml", settings)[0]!;

test("equivariant members train coupled, are interrupted, and end with the same bytes", async () => {
  const [whole, parted] = [await base(), await base()];
  const first = await trainRun(planned([`runs_folder=${whole}/runs`]), tinyContext(whole), false);
  const stop = new AbortController();
  const context = {
    ...tinyContext(parted),
    signal: stop.signal,
    onEvent: (event: { kind: string; step?: unknown }) => {
      if (event.kind === "checkpoint" && event.step === 6) stop.abort();
    },
  };
  const settings = [`runs_folder=${parted}/runs`];
  await expect(trainRun(planned(settings), context, false)).rejects.toThrow("Interrupted");
  const second = await trainRun(planned(settings), tinyContext(parted), true);
  for (const name of ["member-0", "member-1"]) {
    const [a, b] = await Promise.all(
      [first, second].map(({ folder }) =>
        loadSae(tinyContext(whole).backend, folder.file("saes", name)),
      ),
    );
    expect(b!.ownEncoder!.tensors).toEqual(a!.ownEncoder!.tensors);
    expect(a!.architecture).toBe("equivariant");
  }
  expect((await readEvaluation(second.folder))!.members).toEqual(
    (await readEvaluation(first.folder))!.members,
  );
  const { warnings } = (await readEvaluation(first.folder))!;
  expect(warnings?.find(({ code }) => code === "other_target")?.message).toMatch(
    /^all 2 members reconstruct the canonical pose of a row: FVU and errors/,
  );
  const found = (await symmetry.read(first.folder))!;
  expect(found).toMatchObject({ group: "c4", size: 4, orbits: 10, is_exact: false });
  for (const one of found.members) {
    expect(one.reconstructs).toBe("the canonical pose of a row");
    expect(one.fvu_best_pose!).toBeLessThanOrEqual(one.fvu_posed! + 1e-9);
  }
  expect(symmetry.sections(found).markup).toContain("FVU, pose given");
  expect(symmetry.table(found).rows).toHaveLength(2);
  const again = await trainRun(
    planned([
      ...settings,
      "name=again",
      `population.init_from=${first.folder.file("saes", "member-0")}`,
    ]),
    tinyContext(parted),
    false,
  );
  expect(Object.values((await again.folder.readRecord()).initFrom ?? {})).toHaveLength(1);
});

test("a run on orbits is planned; what does not fit is refused before it trains", async () => {
  const folder = await base();
  const { backend, baseFolder, cacheDir, catalogue, clock } = tinyContext(folder);
  const machine = { residentMemory: () => 0, availableMemory: 2 ** 30 };
  const options = { backend, baseFolder, cacheDir, catalogue, clock, ...machine };
  const { memory, steps } = await planRun(planned().config, options);
  expect([steps, memory.bytes > 0]).toEqual([12, true]);
  const refused = (settings: readonly string[]) =>
    expect(
      trainRun(planned([`runs_folder=${folder}/runs`, ...settings]), tinyContext(folder), false),
    ).rejects;
  await refused(["training.batch=30"]).toThrow(
    "training.batch: expected a multiple of 4, the rows of an orbit of c4, but found 30.",
  );
  await refused(["source.normalize=layer_norm", "name=b"]).toThrow("layer_norm moves rows");
  const { config } = planned();
  const single = { ...config, source: { ...config.source, orbit: undefined } };
  await expect(planRun(single as never, options)).rejects.toThrow("equivariant needs whole orbits");
});
