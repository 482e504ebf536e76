/** @file `source.kind: arrays`: activations of your own, from files. */

import { z } from "zod";
import { given } from "../../base/given.ts";
import type { CamelKeys } from "../../formats/key-case.ts";
import { groupOf, orbitKeys } from "../orbit/orbit-keys.ts";
import { withOrbits } from "../orbit/orbit-symmetry.ts";
import {
  bufferBytes,
  draw,
  heldOutKeys,
  normalize,
  orderSeed,
  positiveInteger,
  residualOf,
  skipNonFinite,
  sourceSeed,
} from "../schema-parts.ts";
import { describePath, fileRowsOptions, type SourceKind } from "../source-kind.ts";
import { arrayFiles } from "./array-files.ts";
import { openArraySource } from "./array-source.ts";

const arraySource = z.strictObject({
  kind: z.literal("arrays").describe("Your own activations from files; the last axis is d_in"),
  path: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe(
      ".npy, .safetensors or raw binary files: a path, a pattern such as acts/*.npy, or a list of both; relative to the config file",
    ),
  tensor: z.string().optional().describe("Tensor of a .safetensors file with several"),
  dtype: z
    .enum(["float32", "float16", "bfloat16", "float64"])
    .optional()
    .describe("Number format; raw binary only"),
  d_in: positiveInteger.optional().describe("Numbers per row; raw binary only"),
  skip_non_finite: skipNonFinite,
  ...heldOutKeys,
  buffer_bytes: bufferBytes,
  normalize,
  residual_of: residualOf,
  seed: sourceSeed,
  order_seed: orderSeed,
  draw,
  orbit: orbitKeys,
});

/** The `source` of a config with arrays. */
export type ArrayConfig = CamelKeys<z.output<typeof arraySource>>;

export const arrays = {
  kind: "arrays",
  schema: arraySource,
  listKeys: ["path", "orbit.generators"],
  unit: "activations",
  async open(source, context) {
    const { orbit } = source;
    const opened = await openArraySource(
      given({
        path: await arrayFiles(source.path, context.baseFolder),
        tensor: source.tensor,
        dtype: source.dtype,
        dIn: source.dIn,
        skipNonFinite: source.skipNonFinite,
        orbitSize: orbit && groupOf(orbit).size,
        ...fileRowsOptions(source, context),
      }),
    );
    return orbit ? withOrbits(opened, orbit, context) : opened;
  },
  describe: describePath,
} as const satisfies SourceKind<ArrayConfig>;
