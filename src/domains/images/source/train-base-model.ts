/**
 * @file From a config with an autoencoder to one with its ONNX file. The autoencoder is trained on
 *   the pictures that are not held out, so that the model has never seen those either.
 */

import { join } from "node:path";
import { given } from "../../../base/given.ts";
import { ConfigError } from "../../../errors.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import { heldOutCount } from "../../../sources/rows/stored-rows.ts";
import { emptyIndex } from "../../../sources/shards/begin-store.ts";
import { splitRow } from "../../../sources/shards/shard-source.ts";
import type { SourceContext } from "../../../sources/source-kind.ts";
import { baseModel, modelPath, type SplitPixels } from "../autoencoders/base-model.ts";
import type { Pixels } from "../autoencoders/batches.ts";
import { AUTOENCODER_TENSORS, LATENT_TENSOR } from "../autoencoders/export-autoencoder.ts";
import type { AutoencoderConfig } from "../autoencoders/schema.ts";
import { pictureGroup } from "../groups/picture-group.ts";
import { openPictures, pictureFiles } from "../pictures/open-pictures.ts";
import { type PictureSet, showSize } from "../pictures/picture-set.ts";
import type { ImagesConfig, ImagesSourceConfig } from "../schema.ts";
import { groupOf, keptOrder } from "./open-rows.ts";
import { digestOf } from "./place-images.ts";

/** Keys that decide, with how many are trained on, which pictures an autoencoder learns. */
const DECISIVE = ["pictures", "maxPictures", "color", "resize", "imageColumn"] as const;

/** An autoencoder of a config, and where it is kept. */
export interface PlacedAutoencoder {
  readonly settings: AutoencoderConfig;
  readonly folder: string;
  /** The config with the ONNX file as its model. */
  readonly source: ImagesConfig;
}

/**
 * Where the autoencoder of a config is kept: another folder for other settings or pictures.
 *
 * @returns Undefined for a config without one, whose model is there.
 * @throws {ConfigError} for pixels that are scaled, because autoencoders take them from 0 to 1; for
 *   a tensor that it will not have.
 */
export async function placeAutoencoder(
  config: ImagesSourceConfig,
  context: SourceContext,
): Promise<PlacedAutoencoder | undefined> {
  const { model: settings } = config;
  if (settings === undefined || typeof settings === "string") return undefined;
  requireUnscaled(config);
  requireTensor(config.tensor);
  const keys = DECISIVE.map((key) => [key, config[key]] as const);
  const pictures = withoutTraining(config);
  const files = await pictureFiles(pictures, context.baseFolder);
  const { count } = await openedAndClosed(pictures, context.baseFolder);
  const trained = trainedPictures(config, settings, keptOrder(count, config.maxPictures).length);
  const decisive = [["model", settings], ["trained", trained], ...keys] as const;
  const digest = await digestOf(decisive, files, context);
  const folder = join(context.cacheDir, "autoencoders", `${settings.autoencoder}-${digest}`);
  const model = modelPath(settings, folder);
  const tensor = config.tensor ?? LATENT_TENSOR;
  return { settings, folder, source: { ...config, model, tensor, autoencoder: settings } };
}

/** What is known of a set of pictures without reading one. */
async function openedAndClosed(config: ImagesConfig, baseFolder: string): Promise<PictureSet> {
  const set = await openPictures(config, baseFolder);
  await set.close();
  return set;
}

/** The config with a model that is there, after training it where need be. */
export async function withTrainedModel(
  config: ImagesSourceConfig,
  context: SourceContext,
): Promise<ImagesConfig> {
  const placed = await placeAutoencoder(config, context);
  if (!placed) return withoutTraining(config);
  const { settings, folder, source } = placed;
  const readPixels = () => splitPixels(config, settings, context);
  await baseModel(settings, folder, readPixels, context);
  return source;
}

/** The config with its ONNX file, or with none. */
export function withoutTraining(config: ImagesSourceConfig): ImagesConfig {
  const { model, ...rest } = config;
  return typeof model === "string" ? { ...rest, model } : rest;
}

/** Reads all pictures, split as the rows of the source will be. */
export async function splitPixels(
  config: ImagesSourceConfig,
  settings: AutoencoderConfig,
  { baseFolder }: Pick<SourceContext, "baseFolder">,
): Promise<SplitPixels> {
  const set = await openPictures(withoutTraining(config), baseFolder);
  try {
    const order = keptOrder(set.count, config.maxPictures);
    const trained = trainedPictures(config, settings, order.length);
    return {
      train: await pixelsOf(set, order.subarray(0, trained)),
      heldOut: await pixelsOf(set, order.subarray(trained)),
    };
  } finally {
    await set.close();
  }
}

/** How many of the pictures have rows that train. */
function trainedPictures(
  config: ImagesSourceConfig,
  { latent }: AutoencoderConfig,
  pictures: number,
): number {
  const { heldOutRows, heldOutFraction, dtype } = config;
  const group = groupOf(withoutTraining(config));
  const groupRows = group ? pictureGroup(group).size : 1;
  const rows = pictures * groupRows;
  const heldOut = heldOutCount(rows, given({ heldOutRows, heldOutFraction }), "the pictures");
  const provenance = { kind: "images" };
  const store = emptyIndex({ folder: "", dIn: latent, dtype, groupRows, provenance });
  return Math.floor(splitRow(store, rows, heldOut) / groupRows);
}

/** Pictures in ascending order, which is how sets read fastest; training shuffles them anyway. */
async function pixelsOf(set: PictureSet, pictures: Int32Array): Promise<Pixels> {
  const [height, width, channels] = set.size;
  if (height !== width)
    throw new ConfigError(`Autoencoders take square pictures; these are ${showSize(set.size)}.`, {
      hint: `Set source.resize: [${height}, ${height}].`,
    });
  const pixels = await set.read(pictures.slice().sort());
  return { pixels, count: pictures.length, size: height, channels };
}

/** Before the training, because the model would only be asked after it. */
function requireTensor(tensor: string | undefined): void {
  if (tensor === undefined || AUTOENCODER_TENSORS.some((name) => name === tensor)) return;
  throw new ConfigError(`source.tensor: an autoencoder has no tensor "${showName(tensor)}".`, {
    hint: `Its tensors: ${showNames(AUTOENCODER_TENSORS)}.`,
  });
}

function requireUnscaled({ mean, std, channelOrder }: ImagesSourceConfig): void {
  const isScaled = [mean, std].some((value, i) => [value].flat().some((one) => one !== i));
  if (isScaled || channelOrder !== "rgb")
    throw new ConfigError(
      "source.mean, source.std and source.channel_order do not apply to an autoencoder, which takes pixels from 0 to 1.",
      { hint: "Leave them out." },
    );
}
