/** @file Opens the text that latents are judged on: rows with their tokens, cut into fragments. */

import type { Backend } from "../../../backend/backend.ts";
import { ConcordError } from "../../../errors.ts";
import type { ModelBehind } from "../analyses/model-behind.ts";
import { type NumberedTokens, numbered, tokensBefore } from "../evidence/numbered-tokens.ts";
import { openTokenRows, type TokenRows } from "../evidence/token-rows.ts";
import { type NamedModel, openModelByName } from "../models/open-by-name.ts";
import type { ExplainedRows } from "./explanation.ts";
import { cutIntoFragments, type Fragments } from "./fragments.ts";

/** Rows of a text with their tokens, and the model that they come from. */
export interface OpenText {
  readonly behind: ModelBehind;
  readonly named: NamedModel;
  readonly of: TokenRows;
  readonly tokens: NumberedTokens;
  readonly rows: ExplainedRows;
  readonly fragments: Fragments;
  close(): Promise<void>;
}

/**
 * Opens up to `most` rows around the place where the held-out ones begin.
 *
 * @param length Rows of a fragment.
 * @throws {ConcordError} `argument/invalid` when no whole fragment is held out; as `openTokenRows`
 *   and `openModelByName`.
 */
export async function openText(
  behind: ModelBehind,
  backend: Backend,
  { most, length }: { readonly most: number; readonly length: number },
): Promise<OpenText> {
  const of = await openTokenRows(behind, backend, most);
  try {
    const fragments = cutIntoFragments(of.rows, length);
    if (fragments.starts.length === fragments.heldOutFrom)
      throw new ConcordError(
        "argument/invalid",
        `No fragment of ${length} tokens is held out: windows are shorter, or too few tokens are.`,
        { hint: "Ask for shorter fragments, or more rows." },
      );
    const { catalogue, threads } = behind;
    const named = await openModelByName(behind.model, { catalogue, threads });
    const tokens = numbered(of.tokens, (id) => named.tokenizer.tokenText(id));
    return {
      behind,
      named,
      of,
      tokens,
      rows: { tokens: tokens.numbers, before: tokensBefore(tokens.numbers, of) },
      fragments,
      async close() {
        await named.model.close();
        await of.rows.close();
      },
    };
  } catch (error) {
    await of.rows.close();
    throw error;
  }
}
