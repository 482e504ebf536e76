/** @file Pictures for tests: files of them, and a small model that takes them. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { integerAt, randomStream, uniformAt } from "../../src/base/philox.ts";
import { tensor } from "../../src/base/tensor.ts";
import type { ImagesConfig } from "../../src/domains/images/schema.ts";
import { imagesSource } from "../../src/domains/images/schema.ts";
import { withoutTraining } from "../../src/domains/images/source/train-base-model.ts";
import { camelKeys } from "../../src/formats/key-case.ts";
import { serializeNpy } from "../../src/formats/npy.ts";
import { GraphBuilder } from "../../src/formats/onnx/graph-builder.ts";
import { encodeModel } from "../../src/formats/onnx/messages.ts";
import { inlineTensor, tensorValue } from "../../src/formats/onnx/tensors.ts";
import { encodePng } from "../../src/formats/png.ts";
import type { SourceContext } from "../../src/sources/source-kind.ts";
import { reference } from "./backends.ts";

/** Bytes that look drawn, [count]. */
export function drawnBytes(count: number, name = "pixels"): Uint8Array {
  const random = randomStream(7, name);
  return Uint8Array.from({ length: count }, (_, i) => integerAt(random, i, 256));
}

/** Writes a PNG of drawn pixels, with its folder. */
export function writePng(path: string, height: number, width: number, channels = 1): void {
  mkdirSync(dirname(path), { recursive: true });
  const pixels = drawnBytes(height * width * channels, path);
  writeFileSync(path, encodePng(pixels, height, width, channels));
}

/** Writes pictures [n, h, w] or [n, h, w, 3] as .npy, and gives their pixels back. */
export function writePictures(path: string, shape: readonly number[]): Uint8Array {
  const pixels = drawnBytes(shape.reduce((a, b) => a * b, 1));
  writeFileSync(path, serializeNpy(tensor("uint8", shape, pixels)));
  return pixels;
}

/** An array of an HDF5 file, as h5wasm makes it. */
type Hdf5Array = Omit<Parameters<import("h5wasm/node").File["create_dataset"]>[0], "name">;

/** Writes arrays as HDF5, by their names. */
export async function writeHdf5(
  path: string,
  arrays: Readonly<Record<string, Hdf5Array>>,
): Promise<void> {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const file = new File(path, "w");
  for (const [name, array] of Object.entries(arrays)) file.create_dataset({ name, ...array });
  file.close();
}

/** An `images` source as a config gives it. */
export function imagesConfig(keys: Readonly<Record<string, unknown>>): ImagesConfig {
  return withoutTraining(
    camelKeys(imagesSource.parse({ kind: "images", dtype: "float32", ...keys })),
  );
}

/** The machine, with a cache in the folder that configs start from. */
export function imagesContext(folder: string): SourceContext {
  return {
    backend: reference,
    baseFolder: folder,
    cacheDir: join(folder, "cache"),
    catalogue: { cacheDir: join(folder, "cache"), offline: true },
    seed: 0,
  };
}

/** Channels of the small model's `features`. */
export const FEATURES = 3;

/**
 * Writes a model [batch, 1, h, w] → `features` [batch, 3, h / 2, w / 2] (a convolution of stride 2
 * and a ReLU) → `pooled` [batch, 3].
 *
 * @param batch A number for one that insists on it.
 */
export function writeModel(path: string, side: number, batch: number | string = "batch"): void {
  const b = new GraphBuilder();
  const random = randomStream(5, "model");
  const weights = Float32Array.from({ length: FEATURES * 4 }, (_, i) => uniformAt(random, i) - 0.3);
  b.input(tensorValue("pictures", "float32", [batch, 1, side, side]));
  b.initializer(inlineTensor("w", [FEATURES, 1, 2, 2], weights));
  const conv = b.node("Conv", ["pictures", "w"], {
    attributes: { strides: [2, 2], kernel_shape: [2, 2] },
  });
  b.node("Relu", [conv], { output: "features" });
  const pooled = b.node("GlobalAveragePool", ["features"]);
  b.node("Flatten", [pooled], { output: "pooled" });
  b.output(tensorValue("pooled", "float32", [batch, FEATURES]));
  writeFileSync(path, encodeModel(b.finish("small", 20)));
}
