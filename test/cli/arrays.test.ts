/** Arrays of strangers, run and planned as they would: from any folder, by the command line. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { writeNpy } from "../../src/formats/npy.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord } from "../support/cli.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FIELD = resolve(import.meta.dirname, "../../../shared/data/field");

const CONFIG = `name: a
source: { kind: arrays, path: x.npy }
population: { members: 1, d_sae: 8, k: 2, lr: 0.001 }
training: { batch: 16, steps: 4 }
`;

test("a held-out row that is not finite is found before the first step, and by plan", async () => {
  const folder = temporaryFolder();
  const x = normals("x", 100 * 4);
  x[97 * 4 + 3] = Number.POSITIVE_INFINITY;
  await writeNpy(join(folder, "x.npy"), float32Tensor([100, 4], x));
  writeFileSync(join(folder, "a.yaml"), CONFIG);
  const line =
    "error: x.npy: row 97, column 3 is Infinity; the only such row of 100 (counted from 0).\n  hint: Set skip_non_finite: true to leave such rows out, or mend what wrote them.\n".replace(
      "x.npy",
      join(folder, "x.npy"),
    );
  for (const verb of ["plan", "run"]) {
    const ended = await concord([verb, "a.yaml"], folder);
    expect(ended).toEqual({ code: 1, stdout: "", stderr: line });
  }
  expect(existsSync(join(folder, "runs/a/checkpoints"))).toBe(false);
  const skipped = await concord(["run", "a.yaml", "--set", "source.skip_non_finite=true"], folder);
  expect(skipped.code).toBe(0);
  expect(skipped.stderr).toContain("1 of 100 rows are not finite and are left out");
  const { provenance } = JSON.parse(readFileSync(join(folder, "runs/a/run.json"), "utf8"));
  expect(provenance).toMatchObject({ rows: 99, train_rows: 89, skipped_rows: 1 });
});

test("a list of files is one array, and a list of lists a sweep", async () => {
  const folder = temporaryFolder();
  for (const name of ["x", "y"]) {
    const path = join(folder, `${name}.npy`);
    await writeNpy(path, float32Tensor([50, 4], normals(name, 200)));
  }
  writeFileSync(join(folder, "a.yaml"), CONFIG);
  const run = (paths: string, name: string) =>
    concord(["run", "a.yaml", "--set", `source.path=${paths}`, "--name", name], folder);
  expect((await run("[x.npy, y.npy]", "list")).code).toBe(0);
  expect((await run("'*.npy'", "pattern")).code).toBe(0);
  const weights = (name: string) =>
    readFileSync(join(folder, `runs/${name}/saes/member-0/sae_weights.safetensors`));
  expect(weights("pattern").equals(weights("list"))).toBe(true);
  expect((await run("[[x.npy], [y.npy]]", "sweep")).code).toBe(0);
  expect(existsSync(join(folder, "runs/sweep/source.path=x.npy/run.json"))).toBe(true);
});

const reason = existsSync(FIELD) ? undefined : `${FIELD} is not there`;

test.skipIf(announceSkip("arrays from the field", reason))("the arrays of the field", async () => {
  const folder = temporaryFolder();
  const run = async (file: string, ...settings: string[]) => {
    const set = [`source.path=${join(FIELD, file)}`, ...settings].flatMap((s) => ["--set", s]);
    return concord(["run", join(FIELD, "arrays.yaml"), ...set, "--name", file, "--json"], folder);
  };
  const fvu = async (file: string, ...settings: string[]) => {
    const { stdout } = await run(file, ...settings);
    return JSON.parse(stdout).evaluation.members[0].metrics.fvu;
  };
  expect(await fvu("plain.npy")).toBeCloseTo(0.598506, 3);
  rmSync(join(folder, "runs"), { recursive: true });
  const plain = await fvu("plain.npy", "seed=1");
  const acts = "source.tensor=acts";
  expect(await fvu("u32-sibling.safetensors", acts, "seed=1")).toBe(plain);
  expect(await fvu("metadata-null.safetensors", acts, "seed=1")).toBe(plain);
  const infinite = await run("inf-heldout.npy");
  expect(infinite.code).toBe(1);
  expect(infinite.stderr).toContain("inf-heldout.npy: row 590, column 3 is Infinity");
  const zip = await run("arr.npz");
  expect(zip).toMatchObject({ code: 2, stdout: "" });
  expect(zip.stderr).toContain("arr.npz is an .npz, a zip of .npy arrays, not an array.");
});
