/** @file What is said of latents in words, from the file of their SAE. */

import type { LatentWords } from "../../domains/evidence-maker.ts";
import { FormatError, messageOf } from "../../errors.ts";
import type { MemberReader } from "../../evidence/member-reader.ts";

function parsed(text: string, latent: number, path: string): LatentWords {
  try {
    return JSON.parse(text) as LatentWords;
  } catch (error) {
    throw new FormatError(path, `the text of latent ${latent} is not JSON: ${messageOf(error)}`);
  }
}

/** The words of one latent. @throws {FormatError} when they are damaged. */
export async function wordsOf(reader: MemberReader, latent: number): Promise<LatentWords> {
  return parsed(await reader.text(latent), latent, reader.path);
}

/** The words of all latents, in order. @throws {FormatError} when they are damaged. */
export async function allWords(reader: MemberReader): Promise<LatentWords[]> {
  return (await reader.texts()).map((text, latent) => parsed(text, latent, reader.path));
}
