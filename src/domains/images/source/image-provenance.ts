/** @file What runs and stores say of where rows of pictures come from. */

import { basename, resolve } from "node:path";
import { given } from "../../../base/given.ts";
import type { Provenance } from "../../../sources/source.ts";
import { makerOf } from "../pictures/made-pictures.ts";
import type { ImagesConfig } from "../schema.ts";
import type { OpenedRows } from "./open-rows.ts";

/** The facts, as they are kept with the rows: plain JSON. */
export function imageProvenance(
  source: ImagesConfig,
  { set, maker, poses, order }: Pick<OpenedRows, "set" | "maker" | "poses" | "order">,
  baseFolder: string,
): Provenance {
  const { pictures, mean, std, channelOrder, resize, model, tensor, autoencoder } = source;
  const drawn = typeof pictures === "string" ? undefined : makerOf(pictures);
  return given({
    kind: "images",
    ...(typeof pictures === "string"
      ? { path: resolve(baseFolder, pictures) }
      : { made: pictures, drawn: drawn!.description }),
    substitute: drawn?.isSubstitute ? drawn.description : undefined,
    pictures: order.length,
    size: [...set.size],
    classes: set.classes?.names.length,
    // The order of channels only matters where there are several.
    preprocessing: {
      scale: "(byte / 255 - mean) / std",
      mean,
      std,
      ...(set.size[2] > 1 && { channelOrder }),
      ...(resize && { resize }),
    },
    group: source.group,
    poses: poses?.length,
    model: model === undefined ? undefined : basename(model),
    tensor,
    autoencoder,
    rowsAre: model === undefined ? "pixels" : source.rows,
    positions: maker.grid ? [...maker.grid] : undefined,
  }) as Provenance;
}
