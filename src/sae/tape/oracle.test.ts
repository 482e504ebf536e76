/**
 * The tape and the fused step compute the same training, and share no code that decides it. The
 * tape differentiates the loss as it is written; the fused step has its gradients by hand.
 */
import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../test/support/allclose.ts";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import { reluModel, tapeTrainable, topkModel } from "../../../test/support/tape-saes.ts";
import { given } from "../../base/given.ts";
import { LinearTrainable } from "../linear/linear-trainable.ts";
import type { Trainable, TrainableContext } from "../trainable.ts";
import type { TapeAuxK } from "./aux-k.ts";
import type { RecordModel } from "./model.ts";

const [BATCH, D_IN, D_SAE, STEPS] = [48, 12, 30, 50];

interface Case {
  readonly architecture: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly record: RecordModel;
  readonly clipNorm?: number;
  readonly auxK?: TapeAuxK;
  readonly lr: number;
}

/** So early that latents die and revive within the test. */
const AUX_K = { coefficient: 1, kAux: 3, deadAfterTokens: 4 * BATCH };

const CASES: Readonly<Record<string, Case>> = {
  "plain TopK": {
    architecture: "topk",
    options: { k: 4, auxK: false, clipNorm: false },
    record: topkModel(4),
    lr: 3e-3,
  },
  "TopK with clipped gradients": {
    architecture: "topk",
    options: { k: 4, auxK: false, clipNorm: 1 },
    record: topkModel(4),
    clipNorm: 1,
    lr: 3e-3,
  },
  "TopK with AuxK": {
    architecture: "topk",
    options: { k: 2, auxK: AUX_K, clipNorm: false },
    record: topkModel(2),
    auxK: AUX_K,
    lr: 3e-3,
  },
  "ReLU with an L1 penalty": {
    architecture: "relu",
    options: { l1: 0.02 },
    record: reluModel(0.02),
    lr: 3e-3,
  },
};

/** Rows of a few features each, with a mean. */
function batches(): Float32Array[] {
  const features = normals("features", 20 * D_IN);
  return Array.from({ length: 10 }, (_, i) => {
    const strengths = normals(`strengths ${i}`, BATCH * 20);
    const x = normals(`noise ${i}`, BATCH * D_IN, 0.05);
    for (let b = 0; b < BATCH; b++)
      for (let f = 0; f < 20; f++) {
        const strength = strengths[b * 20 + f]! - 1;
        if (strength <= 0) continue;
        for (let j = 0; j < D_IN; j++) x[b * D_IN + j]! += strength * features[f * D_IN + j]!;
      }
    return x.map((v) => v + 0.3);
  });
}

async function trained(sae: Trainable, lr: number) {
  const rows = batches();
  await sae.initialise({ seed: 7, restart: 0 });
  await sae.fitTo(rows[0]!);
  const losses: number[] = [];
  const aux: number[] = [];
  const moved = new Float32Array(D_SAE);
  for (let step = 0; step < STEPS; step++) {
    const found = await sae.forward({ x: rows[step % 10]! });
    const result = await sae.backward(found, { lr, moved });
    losses.push(result.loss, result.l0, result.l1, result.squaredError);
    aux.push(result.auxLoss ?? 0);
  }
  return { losses, aux, moved, unit: sae.dictionary().unit.slice(), sae: sae.inference() };
}

describe.each(backendNames)("%s", (backendName) => {
  test.each(Object.keys(CASES))("%s", async (name) => {
    const { architecture, options, record, clipNorm, auxK, lr } = CASES[name]!;
    const context = (): TrainableContext => {
      return { backend: openNamed(backendName), dIn: D_IN, batch: BATCH, shared: new Map() };
    };
    const spec = linearSpec(architecture, { dIn: D_IN, dSae: D_SAE, ...options });
    const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    const fused = await trained(new LinearTrainable(context(), { dSae: D_SAE, spec, adam }), lr);
    const own = given({ name: "tape", dSae: D_SAE, record, clipNorm, auxK });
    const tape = await trained(tapeTrainable(context(), own), lr);
    expectAllclose(tape.losses, fused.losses, { rtol: 1e-5, atol: 1e-6 }, "losses");
    expectAllclose(tape.aux, fused.aux, { rtol: 1e-4, atol: 1e-6 }, "AuxK");
    expect(fused.aux.some((loss) => loss > 0)).toBe(auxK !== undefined);
    expectAllclose(tape.unit, fused.unit, { atol: 2e-6 }, "atoms");
    expectAllclose(tape.sae.encoder, fused.sae.encoder, { atol: 2e-6 }, "encoder");
    expectAllclose(tape.sae.encoderBias, fused.sae.encoderBias, { atol: 2e-6 }, "b_enc");
    expectAllclose(tape.moved, fused.moved, { rtol: 2e-5 }, "movement");
    expect(tape.losses.at(-1)).toBeLessThan(0.85 * tape.losses[3]!);
  });
});
