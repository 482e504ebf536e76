/** @file From the name of a model to everything that is needed to feed it text. */

import { given } from "../../../base/given.ts";
import { ConcordError, expected } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { resolveModel } from "../catalogue/catalogue.ts";
import { openTokenizer, type TextTokenizer } from "../text/tokenizer.ts";
import type { ForwardBackend } from "./forward/forward-pass.ts";
import type { LanguageModel } from "./hooked-model.ts";
import { openLanguageModel } from "./language-model.ts";
import { findModelFiles } from "./model-files.ts";
import { openOnnxModel } from "./onnx-model.ts";

/** Longest window unless one is asked for: attention costs grow with its square. */
const MAX_DEFAULT_CONTEXT = 1024;

/** A model, the tokenizer that belongs to it, and where both came from. */
export interface NamedModel {
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
  /** The checkpoint's folder, or the .onnx file. */
  readonly path: string;
}

/**
 * Tokens in a window: those asked for, otherwise as many as the model was made for, at most 1024.
 *
 * @throws {ConcordError} `argument/invalid` when more are asked for than the model was made for.
 */
export function contextOf(model: LanguageModel, asked: number | undefined): number {
  const longest = model.facts.contextLength;
  if (asked === undefined) return Math.min(MAX_DEFAULT_CONTEXT, longest ?? MAX_DEFAULT_CONTEXT);
  if (longest !== undefined && asked > longest)
    throw expected("context", `at most ${longest} tokens, which the model was made for,`, asked);
  return asked;
}

/**
 * Opens a model with its tokenizer.
 *
 * @param name Catalogue name, hub id, checkpoint folder, folder with an ONNX file, or ONNX file;
 *   the tokenizer lies in the same folder.
 * @throws {ConcordError} the errors of downloading and of opening; `model/unsupported` for an ONNX
 *   file with a backend.
 */
export async function openModelByName(
  name: string,
  options: {
    readonly catalogue: CatalogueOptions;
    readonly threads?: number | undefined;
    /** The backend that computes activations, instead of onnxruntime. */
    readonly forward?: ForwardBackend | undefined;
  },
): Promise<NamedModel> {
  const { kind, path, tokenizerFolder } = await findModelFiles(
    await resolveModel(name, options.catalogue),
  );
  const { threads, forward } = options;
  if (kind === "onnx" && forward)
    throw new ConcordError(
      "model/unsupported",
      `${path} is an ONNX file, but the native engine computes checkpoints of the built-in families only.`,
      { hint: "Set engine to onnxruntime." },
    );
  const session = given({ threads, forward });
  // The tokenizer is small, and without it the model is of no use.
  const tokenizer = await openTokenizer(tokenizerFolder);
  const open = kind === "onnx" ? openOnnxModel : openLanguageModel;
  return { model: await open(path, session), tokenizer, path };
}
