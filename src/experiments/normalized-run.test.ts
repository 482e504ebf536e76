/**
 * Runs on normalised rows: what they save takes activations as they come, and they are judged in
 * the units of these.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { filesBelow } from "../../test/support/cli.ts";
import { normals } from "../../test/support/random.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { float32Tensor, transposed } from "../base/tensor.ts";
import { evaluateSaes } from "../evaluate/evaluate-saes.ts";
import { writeNpy } from "../formats/npy.ts";
import { loadSae } from "../interchange/saelens.ts";
import { latestCheckpoint } from "../runs/checkpoints.ts";
import type { EvaluationResult } from "../runs/results.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { openSaeRunner } from "../sae/sae.ts";
import { openArraySource } from "../sources/arrays/array-source.ts";
import { normalizeSource } from "../sources/rows/normalized-source.ts";

const [ROWS, D_IN] = [600, 8];

/** A folder with activations whose lengths are about 300, in x.npy. */
async function workplace(): Promise<string> {
  const folder = temporaryFolder();
  const x = normals("x", ROWS * D_IN, 100).map((v, i) => v + 40 * (i % 3));
  await writeNpy(join(folder, "x.npy"), float32Tensor([ROWS, D_IN], x));
  return folder;
}

function settings(kind: string): string[] {
  return [
    `source={ kind: arrays, path: x.npy, held_out_rows: 64, normalize: ${kind} }`,
    "population={ members: 1, d_sae: 16, k: 2, lr: 0.01 }",
  ];
}

async function opened(folder: string) {
  const source = await openArraySource({ path: join(folder, "x.npy"), heldOutRows: 64, seed: 0 });
  onTestFinished(() => source.close());
  return source;
}

async function evaluation(run: RunFolder) {
  return (await run.readJson("results/evaluation.json")) as EvaluationResult;
}

describe.each(["expected_norm", "layer_norm"] as const)("%s", (kind) => {
  test("saves an SAE that gives activations as they come the codes of training", async () => {
    const folder = await workplace();
    const [run] = await tinyRuns(folder, settings(kind));
    const record = await run!.readRecord();
    const saved = await loadSae(reference, run!.file("saes", "member-0"));
    const { normalization } = record;
    if (kind === "layer_norm") expect(normalization).toBe("layer_norm");
    else expect(normalization).toEqual({ factor: expect.any(Number) });
    const text = readFileSync(run!.file("saes", "member-0", "cfg.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      normalize_activations: kind === "layer_norm" ? "layer_norm" : "none",
      metadata: { activation_normalization: normalization },
    });

    const source = await opened(folder);
    const { tensors } = (await latestCheckpoint(run!, () => {}))!;
    const array = (name: string) => tensors.get(`member.0.${name}`)!.data as Float32Array;
    const trained = {
      selection: saved.selection,
      architecture: "topk",
      dIn: D_IN,
      dSae: 16,
      encoder: array("encoder"),
      decoder: array("raw"),
      encoderBias: array("b_enc"),
      decoderBias: array("b_dec"),
    };
    const raw = new Float32Array(32 * D_IN);
    const start = source.train.state();
    await source.train.next(raw);
    await source.train.seek(start);
    const normalized = new Float32Array(raw.length);
    const same = await normalizeSource(source, kind, normalization);
    await same.train.next(normalized);
    const inTraining = await (await openSaeRunner(reference, trained, 32)).encode(normalized, 32);
    const values = inTraining.values.slice();
    const ofSaved = await (await openSaeRunner(reference, saved, 32)).encode(raw, 32);
    expect(ofSaved.indices).toEqual(inTraining.indices);
    for (let e = 0; e < 64; e++) expect(ofSaved.values[e]).toBeCloseTo(values[e]!, 4);
    // The matrix that SAELens multiplies with is that of training, times the factor.
    const factor = typeof normalization === "object" ? normalization.factor : 1;
    const first = transposed(saved.encoder, 16, D_IN)[0]!;
    expect(first).toBeCloseTo(trained.encoder[0]! * factor, 6);
  });

  test("is judged in the units of the activations, as the saved SAE is", async () => {
    const folder = await workplace();
    const [run] = await tinyRuns(folder, settings(kind));
    const { metrics } = (await evaluation(run!)).members[0]!;
    const saved = await loadSae(reference, run!.file("saes", "member-0"));
    const source = await opened(folder);
    const [sums] = await evaluateSaes(reference, [saved], source.heldOut, D_IN);
    const mse = sums!.squaredError / sums!.rows / D_IN;
    // Numbers of about 100, reconstructed badly.
    expect(mse).toBeGreaterThan(1000);
    expect(metrics["mse"]! / mse).toBeCloseTo(1, 4);
    expect(metrics["fvu"]).toBeCloseTo(sums!.squaredError / sums!.variance, 5);
    expect(metrics["l1"]! / (sums!.l1 / sums!.rows)).toBeCloseTo(1, 4);
  });

  test("ends with the same bytes when it was stopped, and starts another run", async () => {
    const folder = await workplace();
    const [whole] = await tinyRuns(folder, [...settings(kind), "name=whole"]);
    const stop = new AbortController();
    const part = tinyRuns(
      folder,
      settings(kind),
      (event) => void (event.kind === "step" && event.step.step === 9 && stop.abort()),
      stop.signal,
    );
    await expect(part).rejects.toMatchObject({ code: "interrupted" });
    const [resumed] = await tinyRuns(folder, settings(kind), undefined, undefined, true);
    for (const part of ["saes", "results"])
      expect(filesBelow(resumed!.file(part))).toEqual(filesBelow(whole!.file(part)));
    const barely = ["name=next", "training.steps=1", "population.lr=1e-12"];
    const from = `population.init_from=${whole!.file("saes", "member-0")}`;
    const [next] = await tinyRuns(folder, [...settings(kind), from, ...barely]);
    const fvu = async (run: RunFolder) => (await evaluation(run)).members[0]!.metrics["fvu"]!;
    expect(await fvu(next!)).toBeCloseTo(await fvu(whole!), 5);
    if (kind === "layer_norm")
      await expect(tinyRuns(folder, [...settings("none"), from, "name=other"])).rejects.toThrow(
        /normalises rows with layer_norm, but member-0 is trained with none/,
      );
  });
});
