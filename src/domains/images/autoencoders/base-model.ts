/**
 * @file The autoencoder of a config as an ONNX file in the cache: trained once for the same
 *   settings and pictures.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { given } from "../../../base/given.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { makeFolder } from "../../../formats/make-folder.ts";
import { takeWriterLock } from "../../../formats/writer-lock.ts";
import type { SourceContext } from "../../../sources/source-kind.ts";
import { type Pixels, pixelsToUnit } from "./batches.ts";
import { removeCheckpoint } from "./checkpoint.ts";
import { exportAutoencoder } from "./export-autoencoder.ts";
import { NETWORKS } from "./networks.ts";
import type { RecordedAutoencoder } from "./recorded.ts";
import type { AutoencoderConfig } from "./schema.ts";
import { requireFitting, trainAutoencoder } from "./train-autoencoder.ts";

/** Pictures that train an autoencoder, and those that it never sees. */
export interface SplitPixels {
  readonly train: Pixels;
  readonly heldOut: Pixels;
}

/** The ONNX file of an autoencoder in its folder. */
export function modelPath({ autoencoder }: AutoencoderConfig, folder: string): string {
  return join(folder, `${autoencoder}-autoencoder.onnx`);
}

/**
 * Trains the autoencoder, unless the cache has it. A training that was interrupted goes on.
 *
 * Beside the ONNX file lies `autoencoder.json`: settings, the mean squared error of each epoch, and
 * the FVU on the pictures that are held out.
 *
 * @param folder Of this autoencoder and no other.
 * @param readPixels Called when there is something to train.
 * @returns The path of the ONNX file.
 * @throws {ConcordError} as `trainAutoencoder`; `run/conflict` when another process trains it.
 */
export async function baseModel(
  config: AutoencoderConfig,
  folder: string,
  readPixels: () => Promise<SplitPixels>,
  context: Pick<SourceContext, "backend" | "signal" | "onProgress">,
): Promise<string> {
  const path = modelPath(config, folder);
  if (existsSync(path)) return path;
  const { autoencoder: kind, ...rest } = config;
  const settings = { kind, ...rest };
  const { train, heldOut } = await readPixels();
  requireFitting(settings, train);
  await makeFolder(folder);
  const lock = await takeWriterLock(folder);
  try {
    const checkpoint = join(folder, "state.safetensors");
    const { autoencoder, losses } = await trainAutoencoder(
      context.backend,
      train,
      settings,
      given({
        checkpoint,
        signal: context.signal,
        onProgress: (done: number, total: number, resumed: number) =>
          context.onProgress?.({
            what: `training the autoencoder (${kind})`,
            done,
            total,
            unit: "pictures",
            resumed,
          }),
      }),
    );
    const fvu = await reconstructionFvu(autoencoder, heldOut);
    const facts = { settings: config, training_pictures: train.count, losses, held_out_fvu: fvu };
    await writeFileAtomically(
      join(folder, "autoencoder.json"),
      `${JSON.stringify(facts, null, 2)}\n`,
    );
    const sizes = { size: train.size, channels: train.channels, latent: config.latent };
    const weights = new Map([...autoencoder.parameters].map(([name, { value }]) => [name, value]));
    await writeFileAtomically(path, exportAutoencoder(NETWORKS[kind], sizes, weights));
    await removeCheckpoint(checkpoint);
    return path;
  } finally {
    await lock.release();
  }
}

/**
 * FVU of the reconstructions, upright: Σ‖x − x̂‖² / Σ‖x − mean‖². Undefined where pictures do not
 * differ.
 */
async function reconstructionFvu(
  { tape, pictures, reconstruction }: RecordedAutoencoder,
  { pixels, count }: Pixels,
): Promise<number | undefined> {
  const batch = pictures.shape[0]!;
  const each = pictures.length / batch;
  const [sum, squares] = [new Float64Array(each), new Float64Array(each)];
  let errors = 0;
  for (let first = 0; first < count; first += batch) {
    const used = each * Math.min(batch, count - first);
    pixelsToUnit(pixels.subarray(first * each, first * each + used), pictures.value);
    await tape.forward(reconstruction);
    for (let i = 0; i < used; i++) {
      const x = pictures.value[i]!;
      errors += (x - reconstruction.value[i]!) ** 2;
      sum[i % each]! += x;
      squares[i % each]! += x * x;
    }
  }
  const spread = squares.reduce((all, square, i) => all + square - sum[i]! ** 2 / count, 0);
  return spread > 0 ? errors / spread : undefined;
}
