/** `source.residual_of`: rows are what saved SAEs leave of them, in training and evaluation. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { filesBelow } from "../../test/support/cli.ts";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyContext, tinyRuns } from "../../test/support/tiny-run.ts";
import { float32Tensor } from "../base/tensor.ts";
import { parseConfig } from "../config/load-config.ts";
import { writeNpy } from "../formats/npy.ts";
import { loadSae, saveSae } from "../interchange/saelens.ts";
import type { EvaluationResult } from "../runs/results.ts";
import { openSaeRunner, type Sae } from "../sae/sae.ts";
import { saeDigest } from "../sae/sae-digest.ts";
import { normalizeSource } from "../sources/rows/normalized-source.ts";
import { openSource } from "./open-source.ts";
import { planRun } from "./plan.ts";
import { residualSource } from "./residual-of.ts";

const D_IN = 8;

function sae(name: string, dSae = 16, dIn = D_IN): Sae {
  return {
    selection: { kind: "topk", k: 2, relu: true },
    architecture: "topk",
    dIn,
    dSae,
    encoder: normals(`${name} encoder`, dSae * dIn),
    decoder: normals(`${name} decoder`, dSae * dIn, 0.2),
    encoderBias: normals(`${name} b_enc`, dSae),
    decoderBias: normals(`${name} b_dec`, dIn),
  };
}

/** A folder with 3000 rows in x.npy, and the SAEs a and b. */
async function files(): Promise<string> {
  const base = temporaryFolder();
  await writeNpy(join(base, "x.npy"), float32Tensor([3000, D_IN], normals("rows", 3000 * D_IN)));
  for (const name of ["a", "b"]) await saveSae(join(base, name), sae(name));
  return base;
}

const ARRAYS = "kind: arrays, path: x.npy, held_out_rows: 1500";

function config(source: string) {
  const text = `{ name: r, source: { ${source} }, population: { d_sae: 16, k: 2 }, training: { batch: 100, steps: 3 } }`;
  return parseConfig(text, "r.yaml")[0]!.config;
}

const opened = (source: string, base: string) => openSource(config(source), tinyContext(base));

/** x − x̂ by hand, one row at a time. */
async function leftBy(one: Sae, x: Float32Array): Promise<Float32Array> {
  const runner = await openSaeRunner(reference, one, 1);
  const left = new Float32Array(x.length);
  for (let i = 0; i < x.length; i += D_IN) {
    const row = x.slice(i, i + D_IN);
    const code = await runner.encode(row, 1);
    const xHat = Float32Array.from(one.decoderBias!);
    for (let e = 0; e < code.indptr[1]!; e++)
      for (let j = 0; j < D_IN; j++)
        xHat[j]! += code.values[e]! * one.decoder[code.indices[e]! * D_IN + j]!;
    for (let j = 0; j < D_IN; j++) left[i + j] = row[j]! - xHat[j]!;
  }
  return left;
}

async function heldOutOf(source: Awaited<ReturnType<typeof opened>>, start = 0, rows = 1500) {
  const out = new Float32Array(rows * D_IN);
  await source.heldOut.read(start, out);
  return out;
}

test("rows of training and held-out ones are what the SAEs leave, one after the other", async () => {
  const base = await files();
  const [plain, left] = [
    await opened(ARRAYS, base),
    await opened(`${ARRAYS}, residual_of: [a, b]`, base),
  ];
  const expected = await leftBy(sae("b"), await leftBy(sae("a"), await heldOutOf(plain)));
  const rows = await heldOutOf(left);
  for (const [i, v] of rows.entries()) expect(v).toBeCloseTo(expected[i]!, 4);
  // A row is the same bytes whatever it is read with.
  expect(await heldOutOf(left, 1019, 13)).toEqual(rows.slice(1019 * D_IN, 1032 * D_IN));
  const [x, r] = [new Float32Array(100 * D_IN), new Float32Array(100 * D_IN)];
  await plain.train.next(x);
  await left.train.next(r);
  const ofTraining = await leftBy(sae("b"), await leftBy(sae("a"), x));
  for (const [i, v] of r.entries()) expect(v).toBeCloseTo(ofTraining[i]!, 4);
  expect(left.provenance["residualOf"]).toEqual([
    { path: "a", digest: saeDigest(await loadSae(reference, join(base, "a"))) },
    { path: "b", digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  expect(left.provenance.digest).not.toBe(plain.provenance.digest);
});

test("normalize comes after it: SAEs take rows as they come, and the residuals get the length", async () => {
  const base = await files();
  const left = await opened(`${ARRAYS}, residual_of: [a]`, base);
  const scaled = await normalizeSource(left, "expected_norm");
  const at = left.train.state();
  const [raw, out] = [new Float32Array(100 * D_IN), new Float32Array(100 * D_IN)];
  await left.train.next(raw);
  await left.train.seek(at);
  await scaled.train.next(out);
  const { factor } = scaled.normalization as { factor: number };
  expect(out).toEqual(raw.map((v) => v * factor));
  expect(await heldOutOf(scaled as typeof left)).toEqual(await heldOutOf(left));
});

test("targets lose the same reconstruction as their rows", async () => {
  const fill = (x: Float32Array, targets?: Float32Array) => {
    x.set(normals("x", x.length));
    targets?.set(normals("t", x.length));
  };
  const rows = { hasTargets: true, rows: 4, dIn: D_IN, rowsPerPass: 4 };
  const source = await residualSource(
    reference,
    {
      dIn: D_IN,
      provenance: { kind: "test" },
      train: {
        ...rows,
        next: async (x, t) => fill(x, t),
        state: () => ({}),
        seek: async () => {},
      },
      heldOut: { ...rows, read: async (_, x, t) => fill(x, t) },
      close: async () => {},
    },
    [{ path: "a", sae: sae("a"), digest: "" }],
  );
  const [x, t] = [new Float32Array(4 * D_IN), new Float32Array(4 * D_IN)];
  await source.heldOut.read(0, x, t);
  const [before, target] = [normals("x", 4 * D_IN), normals("t", 4 * D_IN)];
  for (const [i, v] of x.entries()) expect(v - t[i]!).toBeCloseTo(before[i]! - target[i]!, 4);
  const left = await leftBy(sae("a"), before);
  for (const [i, v] of x.entries()) expect(v).toBeCloseTo(left[i]!, 4);
});

const STAGE = ["population.members=1", "population.independent=0"];

test("known features stay, and a run is judged on what is left", async () => {
  const base = temporaryFolder();
  const [first] = await tinyRuns(base, STAGE);
  const [second] = await tinyRuns(base, [
    ...STAGE,
    "name=second",
    "source.residual_of=[tiny/saes/member-0]",
  ]);
  const record = await second!.readRecord();
  expect(record.provenance?.["residualOf"]).toHaveLength(1);
  const evaluation = (await second!.readJson("results/evaluation.json")) as EvaluationResult;
  expect(evaluation.members[0]!.metrics["fvu"]).toBeLessThan(1);
  expect(JSON.parse(readFileSync(second!.file("results/consistency.json"), "utf8"))).toMatchObject({
    ground_truth: [expect.anything()],
  });
  const cfg = JSON.parse(readFileSync(second!.file("saes/member-0/cfg.json"), "utf8"));
  expect(cfg.metadata.residual_of[0].path).toBe("tiny/saes/member-0");
  expect(first!.exists).toBe(true);
});

test("stopped and continued ends with the same bytes; other SAEs are refused", async () => {
  const base = temporaryFolder();
  const [first] = await tinyRuns(base, STAGE);
  cpSync(first!.file("saes", "member-0"), join(base, "former"), { recursive: true });
  const settings = [...STAGE, "source.residual_of=[former]", "training.checkpoint_every=5"];
  const whole = (await tinyRuns(base, [...settings, "name=whole"]))[0]!;
  const stopAt = async (step: number, resume: boolean) => {
    const stop = new AbortController();
    const part = tinyRuns(
      base,
      [...settings, "name=part"],
      (event) => void (event.kind === "step" && event.step.step === step && stop.abort()),
      stop.signal,
      resume,
    );
    await expect(part).rejects.toMatchObject({ code: "interrupted" });
  };
  await stopAt(3, false);
  const weights = join(base, "former", "sae_weights.safetensors");
  const before = readFileSync(weights);
  const bytes = Buffer.from(before);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(weights, bytes);
  const resumed = () => tinyRuns(base, [...settings, "name=part"], undefined, undefined, true);
  await expect(resumed()).rejects.toMatchObject({
    code: "run/conflict",
    message: expect.stringContaining("other SAEs in source.residual_of: former changed since"),
  });
  writeFileSync(weights, before);
  await stopAt(11, true);
  const [continued] = await resumed();
  expect(filesBelow(continued!.file("saes"))).toEqual(filesBelow(whole.file("saes")));
  expect(filesBelow(continued!.file("results"))).toEqual(filesBelow(whole.file("results")));
});

test("is refused before anything is read: widths that differ, and a folder that is not there", async () => {
  const base = await files();
  await saveSae(join(base, "wide"), sae("wide", 16, 9));
  await expect(opened(`${ARRAYS}, residual_of: [a, wide]`, base)).rejects.toThrow(
    "source.residual_of: a has d_in 8, but wide has d_in 9.",
  );
  await expect(opened(`${ARRAYS}, residual_of: [wide]`, base)).rejects.toThrow(
    "source.residual_of: wide has d_in 9, but the source gives activations of d_in 8.",
  );
  await expect(opened(`${ARRAYS}, residual_of: [gone]`, base)).rejects.toMatchObject({
    code: "file/missing",
    message: expect.stringContaining("gone"),
  });
  expect(existsSync(join(base, "runs"))).toBe(false);
});

test("a plan counts the SAEs", async () => {
  const base = await files();
  const { memoryLimits: _, ...context } = tinyContext(base);
  const machine = { ...context, residentMemory: () => 0, availableMemory: 2 ** 40 };
  const plan = (source: string) => planRun(config(source), machine);
  const [plain, left] = [await plan(ARRAYS), await plan(`${ARRAYS}, residual_of: [a, b]`)];
  const weights = 2 * 4 * (2 * 16 * D_IN + 16 + D_IN);
  expect(left.memory.bytes - plain.memory.bytes).toBeGreaterThan(weights + 2 * 8 * 1024 * D_IN);
});
