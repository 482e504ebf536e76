/**
 * @file Trains an autoencoder of pictures by the tape. It is the model that activations are then
 *   collected from.
 *
 * The published base models are a CNN, an MLP and a transformer with a latent of 256. They are
 * trained for 100 epochs on 10 000 pictures that are turned at random. That is what the commands
 * of arXiv:2511.09432 say; their layers cannot be read anywhere, and those in this folder are ours.
 */

import type { Backend } from "../../../backend/backend.ts";
import { ConcordError } from "../../../errors.ts";
import { batchesOf, type Pixels } from "./batches.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { AutoencoderName } from "./names.ts";
import { NETWORKS } from "./networks.ts";
import { type RecordedAutoencoder, recordAutoencoder } from "./recorded.ts";

/** Settings of an autoencoder and its training. */
export interface AutoencoderSettings {
  readonly kind: AutoencoderName;
  readonly latent: number;
  readonly epochs: number;
  readonly batch: number;
  /** The highest; it grows over the first twentieth of the steps, then falls linearly to zero. */
  readonly lr: number;
  readonly seed: number;
  /** Turn each picture by 0, 90, 180 or 270 degrees in each epoch. */
  readonly augment: boolean;
}

/** What training needs besides. */
export interface TrainAutoencoderOptions {
  /** Where the state is kept. A training that was interrupted goes on from there. */
  readonly checkpoint: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of the pictures that were trained on, and of those that there are to be. */
  readonly onProgress?: ((done: number, total: number, resumed: number) => void) | undefined;
}

/** A trained autoencoder. */
export interface TrainedAutoencoder {
  readonly autoencoder: RecordedAutoencoder;
  /** Mean squared error per number, by epoch. */
  readonly losses: readonly number[];
}

/** Share of the steps in which the learning rate grows to what it was set to. */
const WARMUP = 0.05;

/** The learning rate of a step, as a share of the highest: up linearly, then down to zero. */
function paceOf(step: number, total: number): number {
  return Math.min(1, (step + 1) / (WARMUP * total)) * (1 - step / total);
}

/** Checkpoints in a whole training, so that they cost little. */
const CHECKPOINTS = 10;

/**
 * Trains it. Seed, settings, pictures and instruction set decide every byte, with or without
 * interruptions.
 *
 * @throws {ConcordError} "interrupted", after the state was saved; "config/invalid" for pictures
 *   that do not fit; "numeric/not-finite" when training diverges.
 */
export async function trainAutoencoder(
  backend: Backend,
  pixels: Pixels,
  settings: AutoencoderSettings,
  { checkpoint, signal, onProgress }: TrainAutoencoderOptions,
): Promise<TrainedAutoencoder> {
  const { size, channels, count } = pixels;
  const { kind, latent, epochs, batch, lr } = settings;
  requireFitting(settings, pixels);
  const sizes = { size, channels, latent };
  const autoencoder = recordAutoencoder(backend, NETWORKS[kind], sizes, batch);
  const { tape, pictures, loss, adam } = autoencoder;
  await autoencoder.draw(settings.seed);
  let progress = await loadCheckpoint(checkpoint, autoencoder);
  const fill = batchesOf(pixels, settings);
  const batches = Math.floor(count / batch);
  const total = epochs * batches;
  const resumed = progress.epoch * batches * batch;
  const every = Math.max(1, Math.ceil(epochs / CHECKPOINTS));
  for (let { epoch } = progress; epoch < epochs; epoch++) {
    let sum = 0;
    for (let i = 0; i < batches; i++) {
      if (signal?.aborted) {
        // The epoch is repeated as a whole, so its steps so far do not count.
        throw new ConcordError("interrupted", "Training the autoencoder was interrupted.", {
          hint: "Run the same command again: it continues from the last checkpoint.",
        });
      }
      fill(epoch, i, pictures.value);
      await tape.forward();
      await tape.backward(loss);
      await adam.step({ lr: lr * paceOf(adam.steps, total) });
      sum += loss.value[0]!;
      onProgress?.((epoch * batches + i + 1) * batch, total * batch, resumed);
    }
    progress = { epoch: epoch + 1, losses: [...progress.losses, sum / batches] };
    if ((epoch + 1) % every === 0 && epoch + 1 < epochs)
      await saveCheckpoint(checkpoint, autoencoder, progress);
  }
  return { autoencoder, losses: progress.losses };
}

/** @throws {ConcordError} "config/invalid" for pictures that the network does not take. */
export function requireFitting(
  { kind, batch }: Pick<AutoencoderSettings, "kind" | "batch">,
  { size, count }: Pick<Pixels, "size" | "count">,
): void {
  const wanted = NETWORKS[kind].refuses(size);
  if (wanted !== undefined)
    throw new ConcordError(
      "config/invalid",
      `Pictures of ${size} × ${size} do not fit an autoencoder of kind ${kind}: expected ${wanted}.`,
      { hint: "Change the size of the pictures, or take the kind mlp." },
    );
  if (count < batch)
    throw new ConcordError(
      "config/invalid",
      `There are ${count} pictures to train the autoencoder on, fewer than its batch of ${batch}.`,
      { hint: `Set source.model.batch to at most ${count}, or take more pictures.` },
    );
}
