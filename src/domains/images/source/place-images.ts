/**
 * @file Where the rows of a config's pictures are kept: a folder of the cache, by their content.
 */

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { ConfigError } from "../../../errors.ts";
import { sha256Of } from "../../../fetch/checksums.ts";
import type { SourceContext } from "../../../sources/source-kind.ts";
import { pictureFiles } from "../pictures/open-pictures.ts";
import type { ImagesConfig } from "../schema.ts";

/** Keys that decide how rows are served, not what they are. */
const SERVING = [
  "heldOutRows",
  "heldOutFraction",
  "bufferBytes",
  "normalize",
  "residualOf",
  "seed",
  "orderSeed",
  "draw",
  "tasksOf",
  "fit",
] as const;

/** Keys that only a model uses. */
const MODEL_ONLY = ["tensor", "input"] as const;

/**
 * Refuses keys that would have no effect.
 *
 * @throws {ConfigError} naming the key.
 */
export function requireKeys(source: ImagesConfig): void {
  const idle = MODEL_ONLY.find((key) => source[key] !== undefined);
  if (source.model === undefined && (idle !== undefined || source.rows === "positions"))
    throw new ConfigError(`source.${idle ?? "rows"} has no effect without source.model.`, {
      hint: "Name an .onnx file, or leave it out: rows are pixels.",
    });
  if (source.model !== undefined && source.tensor === undefined)
    throw new ConfigError("source.model needs source.tensor, the tensor whose values are taken.", {
      hint: "Any name will do to see which there are: the message lists them.",
    });
  if (source.steps !== undefined && source.group !== "translations")
    throw new ConfigError("source.steps is for source.group: translations.");
  if (source.group !== undefined && source.rows === "positions")
    throw new ConfigError("source.group does not act on single positions.", {
      hint: "Set source.rows: mean, or leave out source.group.",
    });
}

/** Folder name: another for other keys that decide rows, and for files of other content. */
export async function imagesFolder(source: ImagesConfig, context: SourceContext): Promise<string> {
  const { baseFolder, cacheDir } = context;
  const decisive = Object.entries(source).filter(
    ([key]) => !(SERVING as readonly string[]).includes(key),
  );
  const files = await pictureFiles(source, baseFolder);
  if (source.model !== undefined) files.push(["model", resolve(baseFolder, source.model)]);
  const digest = await digestOf(decisive, files, context);
  return join(cacheDir, "activations", `images-${digest}`);
}

/** Twelve digits that stand for keys of a config and what is in files. */
export async function digestOf(
  keys: readonly (readonly [string, unknown])[],
  files: readonly (readonly [name: string, path: string])[],
  { onProgress }: Pick<SourceContext, "onProgress">,
): Promise<string> {
  const sums: [string, string][] = [];
  for (const [i, [name, path]] of files.entries()) {
    sums.push([name, await sha256Of(path)]);
    onProgress?.({ what: "checksums of pictures", done: i + 1, total: files.length });
  }
  // Where files lie does not decide what the rows are.
  const named = keys.map(([key, value]) =>
    typeof value === "string" && ["pictures", "labels", "model"].includes(key)
      ? [key]
      : [key, value],
  );
  const all = JSON.stringify([1, named, sums]);
  return createHash("sha256").update(all).digest("hex").slice(0, 12);
}
