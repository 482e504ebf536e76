/** @file Rows that a comparison collects itself: those of a text through each SAE's model. */

import type { z } from "zod";
import type { Backend } from "../../../backend/backend.ts";
import type { Domain } from "../../../domains/domain.ts";
import { DOMAINS } from "../../../domains/domains.ts";
import { ConcordError, ConfigError } from "../../../errors.ts";
import { camelKeys } from "../../../formats/key-case.ts";
import type { OpenSourceOptions, SourceConfigBase } from "../../../sources/source-kind.ts";
import type { OpenedSae } from "../open-saes.ts";

/** Which text to collect activations of, and from which models. */
export interface CollectForSaes {
  /** A name of the catalogue, a file, a folder or a pattern. */
  readonly text: string;
  /** Of all SAEs. Default: what each SAE's files say. */
  readonly model?: string | undefined;
  readonly hook?: string | undefined;
  /** Tokens per window. */
  readonly context?: number | undefined;
  /** Stop after this many tokens. */
  readonly maxTokens?: number | undefined;
  /** What the machine contributes. */
  readonly options: Omit<OpenSourceOptions, "backend">;
}

/** What was collected. */
export interface CollectedForSaes {
  /** By SAE: the folder of its store, or why it has none. */
  readonly stores: readonly ({ readonly folder: string } | { readonly why: string })[];
  readonly notices: readonly string[];
}

/** The same error, saying that the files of an SAE gave the model or hook that it is about. */
function saidBy(name: string, given: readonly (string | undefined)[], error: unknown): unknown {
  if (!(error instanceof ConcordError)) return error;
  if (!given.some((value) => value !== undefined && error.message.includes(`"${value}"`)))
    return error;
  const hint = `The files of ${name} say so; --model and --hook win over them. ${error.hint ?? ""}`;
  return new ConcordError(error.code, error.message, { cause: error, hint: hint.trimEnd() });
}

/**
 * Collects the activations of a text at the place of every SAE into the cache, each place once.
 *
 * @throws {ConcordError} of models, hooks and texts.
 */
export async function collectForSaes(
  backend: Backend,
  saes: readonly OpenedSae[],
  request: CollectForSaes,
): Promise<CollectedForSaes> {
  const { text, context, maxTokens, options } = request;
  const known = new Map<string, string>();
  const notices = new Set<string>();
  const stores: ({ folder: string } | { why: string })[] = [];
  for (const { name, modelName, hookName } of saes) {
    const model = request.model ?? modelName;
    const hook = request.hook ?? hookName;
    if (model === undefined || hook === undefined) {
      const missing = model === undefined ? "model" : "hook";
      stores.push({
        why: `${name} does not say which ${missing} it is of; name it with --${missing}`,
      });
      continue;
    }
    const key = JSON.stringify([model, hook]);
    let folder = known.get(key);
    if (folder === undefined) {
      const keys = { model, hook, text, context, max_tokens: maxTokens };
      const collected = await collect(keys).catch((error: unknown) => {
        const ofFiles = [request.model ? undefined : model, request.hook ? undefined : hook];
        throw saidBy(name, ofFiles, error);
      });
      folder = collected.folder;
      for (const notice of collected.notices) notices.add(notice);
      known.set(key, folder);
    }
    stores.push({ folder });
  }
  return { stores, notices: [...notices] };

  async function collect(keys: Readonly<Record<string, unknown>>) {
    const domain = DOMAINS.find((one: Domain) => one.collect !== undefined) as Domain;
    const parsed = domain.schema.safeParse({ kind: domain.kind, ...keys });
    if (!parsed.success) {
      const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
      throw new ConfigError(`${path.join(".")}: ${message}.`);
    }
    const source = camelKeys(parsed.data) as unknown as SourceConfigBase;
    return domain.collect!(source, { ...options, backend, seed: 0 });
  }
}
