/** @file The wing of pictures: their pixels, or what a model computes of them. */

import { count } from "../../figures/number-text.ts";
import { describePath, type SourceProvenance } from "../../sources/source-kind.ts";
import type { Domain } from "../domain.ts";
import { type ImagesSourceConfig, imagesSource } from "./schema.ts";

/** `pixels of 60000 pictures from train-images-idx3-ubyte.gz` */
function describe(provenance: SourceProvenance): string {
  const { pictures, model, tensor, drawn } = provenance;
  if (typeof pictures !== "number") return describePath(provenance);
  const number = `${count(pictures)} pictures`;
  const what =
    typeof model === "string" ? `activations of ${model} at ${String(tensor)} for` : "pixels of";
  if (typeof drawn === "string") return `${what} ${number}: ${drawn}`;
  const from = String(provenance["path"] ?? "")
    .split(/[\\/]/)
    .filter(Boolean)
    .at(-1);
  return `${what} ${number}${from ? ` from ${from}` : ""}`;
}

export const images = {
  kind: "images",
  schema: imagesSource,
  listKeys: ["class_names", "resize", "mean", "std"],
  unit: "rows",
  // Decoders and models are loaded when a source is opened, not with a config.
  open: async (source, context) =>
    (await import("./source/open-images.ts")).openImages(source, context),
  facts: async (source, context, open) =>
    (await import("./source/plan-images.ts")).planImages(source, context, open),
  describe,
  evidence: {
    unasked: true,
    make: async (source, options) =>
      (await import("./evidence/evidence.ts")).makePictureEvidence(source, options),
    read: async (tensors) =>
      (await import("./evidence/picture-rows.ts")).pictureRowDescriber(tensors),
  },
} as const satisfies Domain<ImagesSourceConfig>;
