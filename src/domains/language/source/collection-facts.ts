/**
 * @file What decides the rows of a store of a language model's activations: for its name in a
 * cache, and to know it again.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConcordError } from "../../../errors.ts";
import { sha256Of } from "../../../fetch/checksums.ts";
import { ioError } from "../../../formats/io-error.ts";
import type { ShardDType, ShardIndex } from "../../../sources/shards/shard-index.ts";
import { isCatalogueName, type ResolvedText } from "../catalogue/catalogue.ts";
import { randomModelOf } from "../models/random-weights.ts";
import type { TextOptions } from "../text/pack-text.ts";

/** What is asked for, as far as it decides the rows. */
export interface CollectionRequest extends TextOptions {
  readonly model: string;
  readonly hook: string;
  /** All hooks of the same pass. Default: those that are asked for. */
  readonly hooks?: readonly string[] | undefined;
  readonly text: string | readonly string[];
  readonly context?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly skipSpecial: boolean;
  /** Whether attention sinks are left out. Default true. */
  readonly skipSinks?: boolean | undefined;
  readonly mode: "packed" | "documents";
  /**
   * What computes the activations: onnxruntime (default), or the forward pass of a backend, for
   * checkpoints of the built-in families.
   */
  readonly engine?: "onnxruntime" | "native" | undefined;
  readonly dtype: ShardDType;
}

/** Facts by the names that a config has for them; undefined ones are left to their defaults. */
export type CollectionFacts = Readonly<Record<string, unknown>> & { readonly kind: string };

/** Counts up whenever the same text would give other documents or tokens. */
const TEXT_READER = 2;

/** Files of a checkpoint folder that decide what the model computes. */
const MODEL_FILES = /\.(json|txt|model|safetensors|bin)$/;

/**
 * What decides the rows of stores beside their dtype, for each hook. @throws {ConcordError}
 * `file/io`.
 */
export async function collectionFacts(
  request: Omit<CollectionRequest, "hook">,
  hooks: readonly string[],
  texts: readonly ResolvedText[],
): Promise<CollectionFacts[]> {
  // Large files, read once for all hooks.
  const modelDigest = await modelSha256(request.model);
  const textDigest = await filesSha256(texts.map(({ path }) => path));
  const together = request.hooks ?? hooks;
  return hooks.map((hook) => ({
    kind: "language_model",
    model: request.model,
    model_sha256: modelDigest,
    hook,
    // Computed together, hooks can differ in their last digits from one computed alone.
    ...(together.length > 1 ? { hooks: [...together].sort() } : {}),
    text: [request.text].flat().join(", "),
    text_sha256: textDigest,
    text_format: request.textFormat,
    text_column: request.textColumn,
    text_reader: TEXT_READER,
    context: request.context,
    max_tokens: request.maxTokens,
    mode: request.mode,
    skip_special: request.skipSpecial,
    // Stores without this key may be from before sinks were left out, and contain them.
    skip_sinks: request.skipSinks !== false,
    // Stores without this key were computed by onnxruntime.
    ...(request.engine === "native" ? { engine: request.engine } : {}),
    // Stores of ONNX models without this key lack what the tokenizer puts around a text.
    ...(request.model.endsWith(".onnx") ? { special_tokens: "tokenizer" } : {}),
    // Stores without this key, of this hook, were written when the name meant the tensor after gain
    // and bias.
    ...(hook.endsWith(".hook_normalized") ? { hook_convention: "transformer_lens_3" } : {}),
  }));
}

/** Folder name for a store of these facts: readable, and different whenever the rows would be. */
export function collectionName(facts: CollectionFacts, dtype: ShardDType): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([facts, dtype]))
    .digest("hex");
  const base = (name: unknown) => basename(String(name)).replace(/[^\w.-]+/g, "-");
  const words = [facts["model"], facts["hook"], facts["text"]].map(base);
  return `${words.join("-").slice(0, 150)}-${digest.slice(0, 12)}`;
}

/**
 * Checks that the store that `index` describes was begun with these facts.
 *
 * @throws {ConcordError} `run/conflict` naming everything that differs, by the keys of a config and
 *   the options of `concord collect`.
 */
export function requireSameCollection(
  folder: string,
  index: ShardIndex,
  facts: CollectionFacts,
  dtype: ShardDType,
): void {
  const changes = changesOf({ ...index.provenance, dtype: index.dtype }, { ...facts, dtype });
  if (changes.length === 0) return;
  throw new ConcordError(
    "run/conflict",
    `${folder} was begun with something else: ${changes.join("; ")}.`,
    {
      hint: "Continue it with the settings it was started with, or choose another folder.",
    },
  );
}

type Facts = Readonly<Record<string, unknown>>;

const KEYS = [
  "model",
  "hook",
  "hooks",
  "text",
  "text_format",
  "text_column",
  "context",
  "max_tokens",
  "mode",
  "skip_special",
  "skip_sinks",
  "engine",
  "dtype",
];

function changesOf(was: Facts, now: Facts): string[] {
  if (was["kind"] !== now["kind"]) return [`it holds rows of kind ${show(was["kind"])}`];
  const differs = (key: string) => show(was[key]) !== show(now[key]);
  // The default context is known only once the model is open.
  const keys = KEYS.filter((key) => differs(key) && !(key === "context" && now[key] === undefined));
  const changes = keys.map((key) => `${named(key)} was ${show(was[key])}, now ${show(now[key])}`);
  if (!keys.includes("model") && differs("model_sha256"))
    changes.push(`the model ${show(now["model"])} has other files now`);
  if (!keys.includes("text") && differs("text_sha256"))
    changes.push(`the text ${show(now["text"])} has other content now`);
  if (differs("hook_convention"))
    changes.push("an earlier version began it, where this hook came after gain and bias");
  if (differs("special_tokens"))
    changes.push("an earlier version began it, without the tokenizer's special tokens");
  if (changes.length === 0 && differs("text_reader"))
    changes.push("an earlier version began it, which read texts in another way");
  return changes;
}

/** A key with the option that sets it on the command line. */
function named(key: string): string {
  const option = key.replace(/^skip_/, "keep-").replaceAll("_", "-");
  return key === option ? key : `${key} (--${option})`;
}

function show(value: unknown): string {
  if (value === undefined || value === null) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Of one file, the SHA-256 of its content; of several, one of their names and contents in order.
 */
async function filesSha256(paths: readonly string[]): Promise<string> {
  const [only] = paths;
  if (only !== undefined && paths.length === 1) return sha256Of(only);
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${basename(path)}\0${await sha256Of(path)}\n`);
  return hash.digest("hex");
}

/**
 * Of a model given by its path; a name of the catalogue or hub stands for files that do not change.
 */
async function modelSha256(name: string): Promise<string | undefined> {
  const model = randomModelOf(name)?.model ?? name;
  if (isCatalogueName(model) || !existsSync(model)) return undefined;
  const path = resolve(model);
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const own = basename(path);
  const decides = (name: string) =>
    isFolder
      ? MODEL_FILES.test(name)
      : name === own || name === `${own}_data` || name === `${own}.data` || /\.json$/.test(name);
  const names = (
    await readdir(folder, { withFileTypes: true }).catch((error) => {
      throw ioError(error, "read", folder);
    })
  )
    .filter((entry) => !entry.isDirectory() && decides(entry.name))
    .map(({ name }) => name)
    .sort();
  return filesSha256(names.map((name) => join(folder, name)));
}
