/** One cause alone: initial weights, the order of rows, or which rows; and resumed bit by bit. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyContext } from "../../test/support/tiny-run.ts";
import { float32Tensor } from "../base/tensor.ts";
import { parseConfig } from "../config/load-config.ts";
import { writeNpy } from "../formats/npy.ts";
import { openSource } from "./open-source.ts";
import { trainRun } from "./train-run.ts";

const D_IN = 8;
const ARRAYS = "kind: arrays, path: x.npy, held_out_rows: 100";
const SYNTHETIC =
  "kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 100";

/** A folder with 1100 rows, 1000 of them for training. */
async function base(): Promise<string> {
  const folder = temporaryFolder();
  await writeNpy(join(folder, "x.npy"), float32Tensor([1100, D_IN], normals("rows", 1100 * D_IN)));
  return folder;
}

function planned(source: string, name = "r", steps = 10) {
  const text = `{ name: ${name}, source: { ${source} }, population: { d_sae: 16, k: 2, members: 2 }, training: { batch: 100, steps: ${steps}, checkpoint_every: 5 } }`;
  return parseConfig(text, "r.yaml")[0]!;
}

/** One pass of training rows, each as text, and the held-out ones. */
async function rowsOf(source: string, folder: string) {
  const opened = await openSource(planned(source).config, tinyContext(folder));
  const split = (rows: Float32Array) =>
    Array.from({ length: rows.length / D_IN }, (_, i) =>
      rows.subarray(i * D_IN, (i + 1) * D_IN).join(),
    );
  const train = new Float32Array((opened.train.rowsPerPass ?? 500) * D_IN);
  await opened.train.next(train);
  const heldOut = new Float32Array(100 * D_IN);
  await opened.heldOut.read(0, heldOut);
  await opened.close();
  return { train: split(train), heldOut: split(heldOut), provenance: opened.provenance };
}

test("order_seed changes the order of the same rows, and nothing else", async () => {
  const folder = await base();
  const [a, b] = [
    await rowsOf(`${ARRAYS}, seed: 3`, folder),
    await rowsOf(`${ARRAYS}, seed: 3, order_seed: 4`, folder),
  ];
  expect(b.train).not.toEqual(a.train);
  expect(b.train.toSorted()).toEqual(a.train.toSorted());
  expect(b.heldOut).toEqual(a.heldOut);
  expect(b.provenance).toMatchObject({ orderSeed: 4 });
  // The order is that of a source with this seed.
  expect((await rowsOf(`${ARRAYS}, seed: 4`, folder)).train).toEqual(b.train);
});

test.each([
  { kind: "arrays", source: ARRAYS },
  { kind: "synthetic", source: SYNTHETIC },
])("draws of $kind have no row in common, and the same held-out rows", async ({ source }) => {
  const folder = await base();
  const parts = await Promise.all(
    [1, 2].map((part) => rowsOf(`${source}, draw: { part: ${part}, of: 2 }`, folder)),
  );
  const [a, b] = parts as [(typeof parts)[0], (typeof parts)[0]];
  expect(a.train).toHaveLength(500);
  expect(new Set([...a.train, ...b.train]).size).toBe(1000);
  expect(b.heldOut).toEqual(a.heldOut);
  expect(b.heldOut).toEqual((await rowsOf(source, folder)).heldOut);
  expect(a.provenance).toMatchObject({ draw: { part: 1, of: 2 } });
});

test("a part that there is not is refused before anything is read", async () => {
  expect(() => planned(`${ARRAYS}, draw: { part: 3, of: 2 }`)).toThrow("part to be at most of");
  expect(() => planned(`${SYNTHETIC}, order_seed: 1`)).toThrow("order_seed");
  const folder = await base();
  await expect(
    openSource(planned(`${ARRAYS}, draw: { part: 1, of: 5000 }`).config, tinyContext(folder)),
  ).rejects.toThrow("holds none of the 1000 training rows");
});

test("a run on a draw in another order resumes to the same bytes", async () => {
  const folder = await base();
  const source = `${ARRAYS}, order_seed: 4, draw: { part: 2, of: 2 }`;
  const context = { ...tinyContext(folder), baseFolder: folder };
  const inRuns = (name: string, steps: number) => {
    const one = planned(source, name, steps);
    return { ...one, config: { ...one.config, runsFolder: join(folder, "runs") } };
  };
  await trainRun(inRuns("whole", 10), context, false);
  const controller = new AbortController();
  let steps = 0;
  const stopped = trainRun(
    inRuns("parts", 10),
    {
      ...context,
      signal: controller.signal,
      onEvent: ({ kind }) => void (kind === "step" && ++steps === 1 && controller.abort()),
    },
    false,
  );
  await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
  await trainRun(inRuns("parts", 10), context, true);
  const bytes = (name: string) =>
    readFileSync(join(folder, "runs", name, "saes/member-1/sae_weights.safetensors"));
  expect(bytes("parts").equals(bytes("whole"))).toBe(true);
  const record = JSON.parse(readFileSync(join(folder, "runs/parts/run.json"), "utf8"));
  expect(record.provenance).toMatchObject({ order_seed: 4, draw: { part: 2, of: 2 } });
});
