/**
 * @file Decodes text by its byte order mark: UTF-16 if there is one, otherwise UTF-8. Bytes that do
 *   not decode are counted, and a file with many of them is refused.
 */

import { FormatError } from "../../errors.ts";

/** What was found in a text that is not text. */
export interface TextFaults {
  /** Characters. */
  characters: number;
  /** Byte sequences that do not decode and became U+FFFD. */
  replaced: number;
  /** Control characters that no text has, NUL among them. */
  controls: number;
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/**
 * More faults than this, and more than one character in a hundred, and a file is not text in its
 * encoding.
 */
const FAULTS_ALWAYS_TAKEN = 10;

/**
 * Control characters but tab, line feed, vertical tab, form feed, carriage return, backspace and
 * escape.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\0-\x07\x0e-\x1a\x1c-\x1f]/g;

/** The encoding that a file's byte order mark names; UTF-8 without one. */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  return head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : "utf-8";
}

/** How often U+FFFD stands in text that itself is correct. */
class WrittenOut {
  readonly #bytes: Buffer;
  readonly #isWide: boolean;
  #rest = Buffer.alloc(0);

  constructor(encoding: Encoding) {
    const bytes = {
      "utf-8": [0xef, 0xbf, 0xbd],
      "utf-16le": [0xfd, 0xff],
      "utf-16be": [0xff, 0xfd],
    };
    this.#bytes = Buffer.from(bytes[encoding]);
    this.#isWide = encoding !== "utf-8";
  }

  count(chunk: Uint8Array): number {
    const bytes = Buffer.concat([this.#rest, chunk]);
    let count = 0;
    for (let at = bytes.indexOf(this.#bytes); at >= 0; at = bytes.indexOf(this.#bytes, at + 1))
      if (!this.#isWide || at % 2 === 0) count++;
    // What may be the beginning of one. Wide characters begin at even bytes.
    const kept = this.#isWide ? bytes.length % 2 : Math.min(2, bytes.length);
    this.#rest = bytes.subarray(bytes.length - kept);
    return count;
  }
}

function occurrences(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}

/**
 * Decodes a file's bytes; its byte order mark is left out.
 *
 * @param faults Added to as the text is decoded.
 * @throws {FormatError} when more than one character in a hundred, and more than ten, are not text.
 */
export async function* decodedText(
  bytes: AsyncIterable<Uint8Array>,
  encoding: Encoding,
  path: string,
  faults: TextFaults,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  const written = new WrittenOut(encoding);
  const own: TextFaults = { characters: 0, replaced: 0, controls: 0 };
  const taken = (text: string, correct: number): string => {
    const found = {
      characters: text.length,
      replaced: text.includes("\ufffd") ? occurrences(text, "\ufffd") - correct : 0,
      controls: text.match(CONTROLS)?.length ?? 0,
    };
    for (const key of ["characters", "replaced", "controls"] as const) {
      own[key] += found[key];
      faults[key] += found[key];
    }
    requireFew(own, encoding, path);
    return text;
  };
  for await (const chunk of bytes) {
    const correct = written.count(chunk);
    const text = decoder.decode(chunk, { stream: true });
    yield taken(text, correct);
  }
  yield taken(decoder.decode(), 0);
}

function requireFew(own: TextFaults, encoding: Encoding, path: string): void {
  const { characters, replaced, controls } = own;
  const bad = replaced + controls;
  if (bad <= FAULTS_ALWAYS_TAKEN || bad * 100 <= characters) return;
  const share = `${bad} of its first ${characters} characters`;
  if (controls >= replaced)
    throw new FormatError(path, `it is not text: ${share} are control characters.`, {
      hint: "It may be binary, or UTF-16 without a byte order mark: iconv -f UTF-16LE -t UTF-8 FILE.",
    });
  const name = encoding.toUpperCase();
  throw new FormatError(path, `it is not text in ${name}: ${share} do not decode.`, {
    hint: "If it is text in another encoding, convert it, for example: iconv -f LATIN1 -t UTF-8 FILE.",
  });
}
