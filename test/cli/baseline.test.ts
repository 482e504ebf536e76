/** `concord baseline`: dictionaries of other kinds next to the members of a run, as SAEs. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { concord } from "../support/cli.ts";
import { normals } from "../support/random.ts";

const folder = mkdtempSync(join(tmpdir(), "concord-baseline-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  writeFileSync(
    join(folder, "run.yaml"),
    `name: run
source: { kind: synthetic, d_in: 16, features: 24, groups: 4, active: 2, support: per_sample, held_out_rows: 256 }
population: { members: 2, d_sae: 24, k: 3, lr: 0.005 }
training: { batch: 128, steps: 50 }
`,
  );
});

let training: Promise<void> | undefined;

/** Trains the run once, in the test that first needs it. */
function trained(): Promise<void> {
  training ??= concord(["run", "run.yaml"], folder).then(({ code, stderr }) =>
    expect(code, stderr).toBe(0),
  );
  return training;
}

const run = (...args: string[]) => concord(["baseline", ...args], folder);

test("next to the members of a run, then compared with them", async () => {
  await trained();
  const args = ["pca", "random", "--run", "run", "--k", "3", "--rows", "2000", "--out", "all"];
  const made = await run(...args, "--json");
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const { baselines, judged } = JSON.parse(made.stdout);
  expect(baselines).toMatchObject([
    { name: "pca", folder: "all/pca", sign: "plus-minus", components: 16, latents: 32, rows: 2000 },
    { name: "random", folder: "all/random", sign: "positive", latents: 16, warning: null },
  ]);
  expect(judged.map(({ name }: { name: string }) => name)).toEqual([
    "member-0",
    "member-1",
    "pca",
    "random",
  ]);
  for (const { l0 } of judged) expect(l0).toBeLessThanOrEqual(3);
  const compared = await concord(["compare", "run", "all", "--json"], folder);
  expect(compared, compared.stderr).toMatchObject({ code: 0 });
});

test("of a config's rows, as a table that ends with what was written", async () => {
  const made = await run("identity", "--config", "run.yaml", "--out", "identity");
  expect(made, made.stderr).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toMatch(/identity +16 /);
  expect(made.stdout).toContain(
    "identity: identity, 16 components, positive, fitted to 100000 rows\n",
  );
  expect(existsSync(join(folder, "identity/sae_weights.safetensors"))).toBe(true);
});

test("NMF of arrays without negative numbers; a search that ended early says so", async () => {
  await writeNpy(join(folder, "x.npy"), float32Tensor([300, 4], normals("x", 1200).map(Math.abs)));
  writeFileSync(
    join(folder, "arrays.yaml"),
    "name: arrays\nsource: { kind: arrays, path: x.npy }\npopulation: { d_sae: 8 }\ntraining: { steps: 1 }\n",
  );
  const args = ["nmf", "--config", "arrays.yaml", "--max-iterations", "2", "--out", "nmf"];
  const made = await run(...args);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  expect(made.stderr).toContain(
    "warning: nmf had not converged after 2 iterations; --max-iterations allows more.\n",
  );
});

test.each([
  [["pca", "--out", "x"], "Expected one of --run, --config and --store but got 0."],
  [["pca", "--run", "run", "--store", "s", "--out", "x"], "but got 2."],
  [["tsne", "--run", "run", "--out", "x"], "received tsne"],
  [["nmf", "--run", "run", "--out", "x"], "NMF needs rows without negative numbers"],
  [["pca", "--run", "run", "--k", "33", "--out", "x"], "an integer from 1 to the 32 latents"],
  [["pca", "--run", "run", "--sign", "up", "--out", "x"], "Allowed choices are plus-minus"],
  [["pca", "--run", "run", "--shift", "x", "--out", "x"], "Expected a number."],
  [["pca", "--run", "run", "--out", "runs/run/saes/member-0"], "is one of the SAEs"],
] as const)("%j is refused in one line", async (args, message) => {
  await trained();
  const { code, stderr, stdout } = await run(...args);
  expect([code === 1 || code === 2, stdout]).toEqual([true, ""]);
  expect(stderr).toContain(message);
  expect(existsSync(join(folder, "x"))).toBe(false);
});
