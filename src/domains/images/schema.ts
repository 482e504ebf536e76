/** @file The `source` of a config that trains on pictures, or on what a model computes of them. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import { orbitKeys } from "../../sources/orbit/orbit-keys.ts";
import {
  bufferBytes,
  draw,
  heldOutKeys,
  normalize,
  orderSeed,
  positiveInteger,
  residualOf,
  seed,
  sourceSeed,
} from "../../sources/schema-parts.ts";
import { type AutoencoderConfig, autoencoder } from "./autoencoders/schema.ts";
import { GROUPS } from "./groups/group-names.ts";
import { MAKER_NAMES } from "./maker-names.ts";

const made = z.strictObject({
  made: z.enum(MAKER_NAMES).describe("What is drawn (docs/images.md)"),
  count: positiveInteger.default(10_000).describe("Number of pictures"),
  size: z.int().min(8).max(1024).default(64).describe("Height and width, pixels"),
  seed: seed.default(0).describe("Seed of the pictures; it does not follow the run's seed"),
});

/** How matrices are fitted: as for orbits in arrays. */
const fit = orbitKeys.unwrap().pick({
  method: true,
  of: true,
  train_on_all_k: true,
  epochs: true,
  learning_rate: true,
  orbits: true,
});

const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)]);

export const imagesSource = z.strictObject({
  kind: z.literal("images").describe("Pictures: their pixels, or a model's activations"),
  pictures: z
    .union([z.string(), made])
    .describe(
      "A folder of .png and .jpg files, an IDX file (plain or .gz), a .npy array [n, h, w] or [n, h, w, 3] of uint8, a .parquet file, or an HDF5 file; relative to the config file. Or pictures that are drawn: { made: galaxies }",
    ),
  labels: z
    .string()
    .optional()
    .describe(
      "Classes: a .csv with the columns file and class, a .npy of integers, or an IDX file; relative to the config file. Default: sub-folders, labels.csv in the folder, the IDX file of labels beside the pictures, or the column label",
    ),
  class_names: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("Names of the classes, in the order of their labels"),
  image_column: z
    .string()
    .optional()
    .describe(
      "Parquet: column of pictures; default image. HDF5: array of pictures; default images",
    ),
  label_column: z
    .string()
    .optional()
    .describe("Parquet: column of classes; default label. HDF5: array of classes; default labels"),
  max_pictures: z
    .int()
    .min(2)
    .optional()
    .describe("Use this many, the first of the fixed random order in which they are kept"),
  color: z
    .enum(["gray", "rgb"])
    .optional()
    .describe("Channels; default: as the pictures are, rgb where some are coloured"),
  resize: z
    .tuple([positiveInteger, positiveInteger])
    .optional()
    .describe("[height, width] that all pictures are given; default: all must be of one size"),
  channel_order: z
    .enum(["rgb", "bgr"])
    .default("rgb")
    .describe("Order of the channels in rows and for the model"),
  mean: perChannel
    .default(0)
    .describe("Taken from each channel after its bytes are divided by 255; in the order rgb"),
  std: perChannel.default(1).describe("Each channel is then divided by this; in the order rgb"),
  model: z
    .union([z.string(), autoencoder])
    .optional()
    .describe(
      "An .onnx file whose activations become the rows, relative to the config file; or an autoencoder that is trained on the pictures first: { autoencoder: cnn }. Default: rows are pixels",
    ),
  tensor: z
    .string()
    .optional()
    .describe(
      "Tensor of the model to take, by its name in the file; default for an autoencoder: latent",
    ),
  input: z
    .enum(["channels_first", "channels_last"])
    .optional()
    .describe("How the model takes pictures; default: as its input's declared shape says"),
  tensor_layout: z
    .enum(["channels_first", "channels_last"])
    .default("channels_first")
    .describe("Where channels are in a tensor of four axes"),
  rows: z
    .enum(["mean", "positions"])
    .default("mean")
    .describe(
      "Of a tensor with positions: their mean, one row per picture, or one row per position",
    ),
  group: z
    .enum(GROUPS)
    .optional()
    .describe(
      "A group that acts on the pictures. Rows then come as whole orbits, the picture as it is first: c2 and c4 turn, flip mirrors left and right, d4 does both, translations shift cyclically",
    ),
  steps: z
    .int()
    .min(2)
    .max(8)
    .optional()
    .describe("translations only: shifts down and across, steps² poses; default 2"),
  tasks_of: z
    .enum(["pose", "canonical"])
    .default("pose")
    .describe(
      "What probes are asked of a moved picture: what is seen in it, or what its canonical pose shows. It matters for drawn pictures whose answers move with them (docs/shapes.md)",
    ),
  fit: fit
    .prefault({})
    .describe("How the matrices that move activations are fitted, with group and model"),
  dtype: z
    .enum(["float16", "bfloat16", "float32"])
    .default("float16")
    .describe("Number format of the stored rows"),
  ...heldOutKeys,
  buffer_bytes: bufferBytes,
  normalize,
  residual_of: residualOf,
  seed: sourceSeed,
  order_seed: orderSeed,
  draw,
});

/** As a config has it. */
export type ImagesSourceConfig = CamelKeys<z.output<typeof imagesSource>>;

/** The same with a model that is there: an autoencoder is trained first. */
export type ImagesConfig = Omit<ImagesSourceConfig, "model"> & {
  readonly model?: string | undefined;
  /** How `model` was trained, where it is an autoencoder. */
  readonly autoencoder?: AutoencoderConfig;
};
