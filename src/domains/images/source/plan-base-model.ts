/** @file What a plan needs to know of an autoencoder that is not trained yet. */

import { countingBackend } from "../../../backend/counting-backend.ts";
import type { CollectPlan, PlanSourceContext } from "../../../sources/source-kind.ts";
import type { Pixels } from "../autoencoders/batches.ts";
import { pixelsToUnit } from "../autoencoders/batches.ts";
import { NETWORKS } from "../autoencoders/networks.ts";
import { recordAutoencoder } from "../autoencoders/recorded.ts";
import type { AutoencoderConfig } from "../autoencoders/schema.ts";
import { requireFitting } from "../autoencoders/train-autoencoder.ts";
import type { ImagesSourceConfig } from "../schema.ts";
import type { RowMaker } from "./row-maker.ts";
import { splitPixels } from "./train-base-model.ts";

/** Steps that are timed, after one that warms it up. */
const SAMPLE_STEPS = 2;

/** An autoencoder that is still to be trained. */
export interface PlannedTraining {
  /** Makes rows as the trained one will, of weights that were only drawn. */
  readonly maker: RowMaker;
  /** The plan of collecting rows, with the training before it. */
  before(collect: CollectPlan): CollectPlan;
}

/**
 * Times a few steps of training.
 *
 * @throws {ConcordError} "config/invalid" for pictures that do not fit.
 */
export async function planTraining(
  config: ImagesSourceConfig,
  settings: AutoencoderConfig,
  context: PlanSourceContext,
): Promise<PlannedTraining> {
  const { autoencoder: kind, latent, batch, epochs, lr, seed } = settings;
  const { train, heldOut } = await splitPixels(config, settings, context);
  requireFitting({ kind, batch }, train);
  const sizes = { size: train.size, channels: train.channels, latent };
  const counter = countingBackend(context.backend);
  recordAutoencoder(counter.backend, NETWORKS[kind], sizes, batch);
  const recorded = recordAutoencoder(context.backend, NETWORKS[kind], sizes, batch);
  const { tape, pictures, loss, adam } = recorded;
  await recorded.draw(seed);
  pixelsToUnit(train.pixels.subarray(0, pictures.length), pictures.value);
  let start = context.clock();
  for (let step = 0; step <= SAMPLE_STEPS; step++) {
    if (step === 1) start = context.clock();
    await tape.forward();
    await tape.backward(loss);
    await adam.step({ lr });
  }
  const perStep = (context.clock() - start) / 1000 / SAMPLE_STEPS;
  const seconds = perStep * epochs * Math.floor(train.count / batch);
  const memoryBytes = counter.bytes + bytesOf(train) + bytesOf(heldOut);
  return {
    maker: recordedRows(recorded, latent),
    before: (collect) => ({
      ...collect,
      seconds: collect.seconds + seconds,
      memoryBytes: Math.max(collect.memoryBytes, memoryBytes),
    }),
  };
}

const bytesOf = ({ pixels }: Pixels): number => pixels.byteLength;

/** Rows by the tape, a batch at a time. */
function recordedRows(
  { tape, pictures, latent }: ReturnType<typeof recordAutoencoder>,
  dIn: number,
): RowMaker {
  return {
    dIn,
    positions: 1,
    memoryBytes: 0,
    async rows(pixels) {
      const batch = pictures.shape[0]!;
      const each = pictures.length / batch;
      const out = new Float32Array((pixels.length / each) * dIn);
      for (let at = 0; at < pixels.length; at += pictures.length) {
        pixelsToUnit(pixels.subarray(at, at + pictures.length), pictures.value);
        await tape.forward(latent);
        const first = (at / each) * dIn;
        out.set(latent.value.subarray(0, Math.min(latent.length, out.length - first)), first);
      }
      return out;
    },
    close: async () => undefined,
  };
}
