/** What a population needs of an SAE holds for one that a function records on a tape. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, nativeIsas, openNamed, reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { mlpModel, reluModel, tapeTrainable, topkModel } from "../../../test/support/tape-saes.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { Backend } from "../../backend/backend.ts";
import { totalBytes } from "../../base/bytes.ts";
import { loadSae, saveSae } from "../../interchange/saelens.ts";
import { matmul, squaredDistance } from "../../tape/library.ts";
import { bagSae } from "../bag-sae.ts";
import { bagOf } from "../ensemble.ts";
import { openSaeRunner } from "../sae.ts";
import type { TrainableContext } from "../trainable.ts";
import type { RecordModel } from "./model.ts";

const [BATCH, D_IN, D_SAE] = [32, 8, 20];

function context(backend: Backend): TrainableContext {
  return { backend, dIn: D_IN, batch: BATCH, shared: new Map() };
}

function sae(record: RecordModel, backend: Backend = reference, shared = context(backend)) {
  return tapeTrainable(shared, { name: "own", dSae: D_SAE, record });
}

const rows = (step: number) => normals(`rows ${step}`, BATCH * D_IN);

async function train(one: ReturnType<typeof sae>, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++) {
    if (step === 0) await one.fitTo(rows(0));
    losses.push((await one.backward(await one.forward({ x: rows(step) }), { lr: 0.01 })).loss);
  }
  return losses;
}

describe.each(backendNames)("%s", (backendName) => {
  test("is restored at any step to the same bytes", async () => {
    const backend = openNamed(backendName);
    const whole = sae(mlpModel(3, 16), backend);
    await whole.initialise({ seed: 1, restart: 0 });
    const losses = await train(whole, 0, 12);
    const first = sae(mlpModel(3, 16), backend);
    await first.initialise({ seed: 1, restart: 0 });
    await train(first, 0, 5);
    const saved = structuredClone(first.save());
    const second = sae(mlpModel(3, 16), backend);
    await second.load(saved);
    expect(await train(second, 5, 12)).toEqual(losses.slice(5));
    expect(second.dictionary().unit).toEqual(whole.dictionary().unit);
    expect(second.save()).toEqual(whole.save());
  });

  test("encodes for inference as in training, whatever the batch", async () => {
    const backend = openNamed(backendName);
    for (const record of [topkModel(3), reluModel(0.1)]) {
      const one = sae(record, backend);
      await one.initialise({ seed: 2, restart: 0 });
      await train(one, 0, 5);
      const { l0, squaredError } = await one.forward({ x: rows(9) });
      const runner = await openSaeRunner(backend, one.inference(), BATCH + 3);
      const code = await runner.encode(rows(9), BATCH);
      expect(code.indptr[BATCH]! / BATCH).toBeCloseTo(l0, 6);
      const { rowLoss } = await runner.residual(rows(9), code);
      const squares = rowLoss.subarray(0, BATCH).reduce((sum, v) => sum + v, 0);
      expect(squares / BATCH).toBeCloseTo(squaredError, 4);
    }
  });
});

test.skipIf(nativeIsas.length === 0)("gives the same bytes on any number of threads", async () => {
  const found = [];
  for (const threads of [1, 3]) {
    const one = sae(mlpModel(3, 16), openNamed(nativeIsas[0]!, threads));
    await one.initialise({ seed: 1, restart: 0 });
    found.push([await train(one, 0, 6), one.save()]);
  }
  expect(found[1]).toEqual(found[0]);
});

test("an encoder of its own gives the code that the tape computes with its running statistics", async () => {
  const one = sae(mlpModel(3, 16));
  await one.initialise({ seed: 3, restart: 0 });
  await train(one, 0, 30);
  const runner = await openSaeRunner(reference, one.inference(), 5);
  const x = rows(9).subarray(0, 4 * D_IN);
  const all = structuredClone(await runner.encode(x, 4));
  expect(all.indptr[4]).toBeGreaterThan(4);
  const alone = await runner.encode(x.subarray(0, D_IN), 1);
  expect(alone.values.slice(0, alone.indptr[1])).toEqual(all.values.slice(0, all.indptr[1]));
  const { rowLoss } = await runner.residual(x, await runner.encode(x, 4));
  expect(rowLoss[0]).toBeGreaterThan(0);
  const halved = { ...one.inference(), rowNormalization: { factor: 0.5 } };
  const scaled = await openSaeRunner(reference, halved, 5);
  const doubled = x.map((v) => 2 * v);
  const again = await scaled.encode(doubled, 4);
  expect(again.indices.slice(0, again.indptr[4])).toEqual(all.indices.slice(0, all.indptr[4]));
  expectAllclose(again.values, all.values, { rtol: 1e-6 });
  const bad = x.slice();
  bad[D_IN + 1] = Number.NaN;
  await expect(runner.encode(bad, 4)).rejects.toThrow("Row 1 of the batch");
});

test("members of one kind share the memory of a step, and plans count it once", async () => {
  const shared = context(reference);
  const [a, b] = [0, 1].map(() => sae(mlpModel(3, 16), reference, shared));
  await a!.initialise({ seed: 1, restart: 0 });
  await b!.initialise({ seed: 2, restart: 0 });
  const alone = sae(mlpModel(3, 16));
  await alone.initialise({ seed: 2, restart: 0 });
  await train(a!, 0, 1);
  const turns = [];
  for (let step = 0; step < 4; step++) {
    turns.push(...(await train(b!, step, step + 1)));
    await train(a!, step + 1, step + 2);
  }
  expect(turns).toEqual(await train(alone, 0, 4));
  const use = { activations: 1000, hasTargets: false };
  const [one, two] = [a!.bytes(use), b!.bytes(use)];
  const both = totalBytes([...one.held, ...two.held]);
  expect(both).toBeLessThan(2 * totalBytes(one.held));
  expect(totalBytes(one.held)).toBeGreaterThan(3 * 4 * D_SAE * D_IN);
  expect(one.inference.bytes).toBeGreaterThan(0);
});

test("a restart draws other weights and keeps what came from data", async () => {
  const one = sae(mlpModel(3, 16));
  await one.initialise({ seed: 4, restart: 0 });
  await one.fitTo(rows(0));
  const before = structuredClone(one.save());
  await one.initialise({ seed: 4, restart: 1 });
  const after = one.save();
  expect(after.arrays["b_dec"]).toEqual(before.arrays["b_dec"]);
  expect(after.arrays["W_1"]).not.toEqual(before.arrays["W_1"]);
});

test("starts from a saved SAE with a linear encoder, and from no other", async () => {
  const trained = sae(topkModel(3));
  await trained.initialise({ seed: 5, restart: 0 });
  await train(trained, 0, 5);
  const one = sae(topkModel(3));
  await one.initialise({ seed: 6, restart: 0 });
  await one.startFrom(trained.inference());
  await one.fitTo(rows(0));
  const expected = await trained.forward({ x: rows(8) });
  expect((await one.forward({ x: rows(8) })).squaredError).toBeCloseTo(expected.squaredError, 4);
  await expect(sae(mlpModel(3, 16)).startFrom(trained.inference())).rejects.toThrow(
    "own cannot start from a saved SAE",
  );
});

test("what one matrix encodes is saved and read back; what more encode is refused", async () => {
  const folder = join(temporaryFolder(), "sae");
  const linear = sae(topkModel(3));
  await linear.initialise({ seed: 5, restart: 0 });
  await train(linear, 0, 5);
  await saveSae(folder, linear.inference());
  const read = await loadSae(reference, folder);
  expect(read.decoder).toEqual(linear.inference().decoder);
  expect(read.selection).toEqual({ kind: "topk", k: 3, relu: true });
  const mlp = sae(mlpModel(3, 16)).inference();
  await expect(saveSae(folder, mlp)).rejects.toThrow("the registry does not know own");
  expect(bagSae(reference, bagOf([{ ...mlp, selection: { kind: "relu" } }]))).toEqual({
    reason: "a member encodes with more than one matrix",
  });
});

test("mistakes of a model are named", async () => {
  const longAtoms: RecordModel = ({ x, target, dIn, dSae, parameter }) => {
    const decoder = parameter("decoder", [dSae, dIn], { start: 1 });
    const code = matmul(x, decoder, { transposeB: true });
    const reconstruction = matmul(code, decoder);
    return { code, reconstruction, decoder, loss: squaredDistance(reconstruction, target) };
  };
  const one = sae(longAtoms);
  await one.initialise({ seed: 1, restart: 0 });
  await expect(one.forward({ x: rows(0) })).rejects.toThrow("is not code · atoms + decoderBias");
  expect(() => sae((given) => ({ ...longAtoms(given), code: given.x }))).toThrow(
    "[code] Expected latents [32, 20] but received [32, 8].",
  );
  expect(() =>
    sae((given) => {
      given.parameter("decoder", [1]);
      return longAtoms(given);
    }),
  ).toThrow("There are two parameters called decoder.");
});

test("a loss that is not finite ends the step before any weight changes", async () => {
  const one = sae(topkModel(3));
  await one.initialise({ seed: 1, restart: 0 });
  const found = await one.forward({ x: rows(0).fill(1e30) });
  const before = structuredClone(one.save().arrays);
  await expect(one.backward(found, { lr: 0.1 })).rejects.toThrow("The loss is Infinity.");
  expect(one.save().arrays).toEqual(before);
});
