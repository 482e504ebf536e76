/**
 * @file A language model of two layers and width 24 with a tokenizer of letters, for tests that
 *   need a whole model folder.
 */

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomStream, uniformAt } from "../../src/base/philox.ts";

const GOLDEN = resolve(import.meta.dirname, "../golden/models/gpt2");

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz .,"];

/** Its hook in the middle. */
export const TINY_HOOK = "blocks.0.hook_resid_post";

/** Writes the model folder `path`: the golden GPT-2, 12 positions, whose tokens are letters. */
export function writeTinyModel(path: string): void {
  mkdirSync(path, { recursive: true });
  for (const file of ["config.json", "model.safetensors"])
    copyFileSync(join(GOLDEN, file), join(path, file));
  const end = LETTERS.length;
  const tokenizer = {
    added_tokens: [{ id: end, content: "<|endoftext|>", special: true }],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      vocab: Object.fromEntries(LETTERS.map((letter, id) => [letter, id])),
      merges: [],
    },
  };
  writeFileSync(join(path, "tokenizer.json"), JSON.stringify(tokenizer));
}

/** Writes a text of `documents` documents of about `letters` letters each, lengths differing. */
export function writeLetters(path: string, documents: number, letters: number): void {
  const stream = randomStream(1, "letters");
  let at = 0;
  const texts = Array.from({ length: documents }, (_, d) =>
    Array.from({ length: letters + (d % 7) }, () => {
      const letter = Math.floor(uniformAt(stream, at++) * 26);
      return LETTERS[letter];
    }).join(""),
  );
  writeFileSync(path, texts.join("\n<|endoftext|>\n"));
}
