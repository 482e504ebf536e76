/**
 * @file A language model that is steered: a direction is added to its activations at a hook, and it
 *   goes on by the likeliest token. The unsteered text is made the same way, with nothing added.
 */

import {
  normalizeEachRow,
  type RowNormalization,
  rowScales,
} from "../../../base/row-normalization.ts";
import { ConcordError, expected, ShapeError } from "../../../errors.ts";
import type {
  Continuation,
  Steered,
  Steering,
  SteeringContext,
  SteeringRequest,
} from "../../steering.ts";
import { shortName } from "../analyses/model-behind.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { openModelByName } from "../models/open-by-name.ts";
import { tokenBatch } from "../text/token-batch.ts";
import type { TextTokenizer } from "../text/tokenizer.ts";

/** Most bytes of the logits of one step: of both texts, at every position. */
const LOGIT_BYTES = 2 ** 28;

/** Positions that are allowed however large the vocabulary is. */
const FEWEST_POSITIONS = 64;

/** Both texts: the unsteered one, then the steered one. */
const TEXTS = 2;

/**
 * Opens a model for steering at a hook.
 *
 * @param name As `openModelByName` takes it.
 * @throws {ConcordError} of opening the model; `hook/missing`; `model/unsupported` for one that
 *   does not continue texts.
 */
export async function openSteering(
  name: string,
  hook: string,
  { catalogue, threads }: SteeringContext,
): Promise<Steering> {
  const { model, tokenizer } = await openModelByName(name, { catalogue, threads });
  try {
    if (tokenizer.around.after.length > 0)
      throw new ConcordError(
        "model/unsupported",
        `${shortName(name)} reads whole texts and does not continue them, so it cannot be steered.`,
      );
    const width = await model.width(hook);
    return {
      model: shortName(name),
      hook,
      continue: (request) => continueBoth(model, tokenizer, hook, width, request),
      close: () => model.close(),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

/** Positions that fit into the model's context and into memory. */
function mostPositions({ facts }: LanguageModel, { vocabularySize }: TextTokenizer): number {
  const perPosition = TEXTS * 4 * (facts.vocabularySize ?? vocabularySize);
  const inMemory = Math.max(FEWEST_POSITIONS, Math.floor(LOGIT_BYTES / perPosition));
  return Math.min(inMemory, facts.contextLength ?? inMemory);
}

async function continueBoth(
  model: LanguageModel,
  tokenizer: TextTokenizer,
  hook: string,
  width: number,
  request: SteeringRequest,
): Promise<Steered> {
  const { prompt, tokens, direction, strength, rowNormalization, signal } = request;
  if (direction.length !== width)
    throw new ShapeError("steering", `a direction of ${width} elements`, `${direction.length}`);
  const { before } = tokenizer.around;
  const { separatorId, specialIds } = tokenizer;
  const start = before.length === 0 && separatorId !== undefined ? [separatorId] : [...before];
  const asked = [...tokenizer.encode(prompt)];
  const most = mostPositions(model, tokenizer);
  const room = most - start.length - asked.length;
  if (asked.length === 0) throw expected("prompt", "at least one token", prompt);
  if (room < 1)
    throw new ConcordError(
      "argument/invalid",
      `Expected a prompt of fewer than ${most - start.length} tokens but received ${asked.length}.`,
      { hint: "Shorten the prompt." },
    );
  const steps = Math.min(tokens, room);
  const texts = Array.from({ length: TEXTS }, () => [...start, ...asked]);
  const spliced = model.spliced(hook);
  for (let step = 0; step < steps; step++) {
    if (signal?.aborted)
      throw new ConcordError("interrupted", "Nobody waits for the text any more.");
    const positions = texts[0]!.length;
    const batch = tokenBatch(Int32Array.from(texts.flat()), TEXTS, positions);
    const rows = await model.activations(hook, batch);
    addDirection(rows.subarray(positions * width), texts[1]!, specialIds, {
      direction,
      strength,
      rowNormalization,
    });
    const logits = await spliced.logits(batch, rows);
    const vocabulary = logits.length / (TEXTS * positions);
    for (const [t, text] of texts.entries()) {
      const start = ((t + 1) * positions - 1) * vocabulary;
      // Some models have room for more tokens than there are.
      const known = Math.min(vocabulary, tokenizer.vocabularySize);
      text.push(likeliest(logits.subarray(start, start + known)));
    }
    // What follows the end of a text is cut off below.
    if (texts.every((text) => text.slice(-step - 1).some((id) => specialIds.has(id)))) break;
  }
  const [unsteered, steered] = texts.map((text) => {
    const written = text.slice(start.length + asked.length);
    const end = written.findIndex((id) => specialIds.has(id));
    return continuation(tokenizer, asked, end === -1 ? written : written.slice(0, end));
  });
  return {
    promptPieces: asked.map((id) => tokenizer.tokenText(id)),
    unsteered: unsteered!,
    steered: steered!,
    notes:
      steps < tokens
        ? [
            `The text ends after ${steps} of ${tokens} tokens: prompt and text have room for ${most}.`,
          ]
        : [],
  };
}

/**
 * Adds a direction to the rows of one text. Special tokens stay as they are: SAEs are not trained
 * on their activations, which hold attention in place.
 *
 * @param rows [positions, width], changed in place.
 */
function addDirection(
  rows: Float32Array,
  ids: readonly number[],
  specialIds: ReadonlySet<number>,
  added: Pick<SteeringRequest, "direction" | "strength" | "rowNormalization">,
): void {
  const { direction, strength, rowNormalization } = added;
  const width = direction.length;
  const scales = scalesOf(rows, width, rowNormalization);
  for (const [position, id] of ids.entries()) {
    if (specialIds.has(id)) continue;
    const by = strength * (scales?.[position] ?? 1);
    for (let i = 0; i < width; i++) rows[position * width + i]! += by * direction[i]!;
  }
}

/** What one step of a normalised row is in the row as it comes; undefined: the same. */
function scalesOf(
  rows: Float32Array,
  width: number,
  kind: RowNormalization | undefined,
): Float64Array | undefined {
  if (kind === undefined) return undefined;
  const scales = rowScales(rows.length / width);
  normalizeEachRow(kind, rows, width, new Float32Array(rows.length), scales);
  return scales.scale;
}

/** The token of the largest logit, the first of equal ones. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

function continuation(
  tokenizer: TextTokenizer,
  prompt: readonly number[],
  written: readonly number[],
): Continuation {
  const head = tokenizer.decode(prompt);
  const whole = tokenizer.decode([...prompt, ...written]);
  return {
    // Some tokenizers drop a space in front of a text that is decoded by itself.
    text: whole.startsWith(head) ? whole.slice(head.length) : tokenizer.decode(written),
    pieces: written.map((id) => tokenizer.tokenText(id)),
  };
}
