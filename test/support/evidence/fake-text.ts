/**
 * @file Stories for made-up evidence: documents of tokens, drawn from a few sentences with gaps.
 *   Some tokens are HTML, control characters or line breaks, which pages have to show unharmed.
 */

import { integerAt, type RandomStream, randomStream } from "../../../src/base/philox.ts";

const GAPS: Readonly<Record<string, readonly string[]>> = {
  name: [" Lily", " Tom", " Max", " Mia", " Ben", " Sara", " Tim", " Lucy", " Sam", " Anna"],
  animal: [
    " dog",
    " cat",
    " bird",
    " rabbit",
    " bear",
    " frog",
    " duck",
    " fish",
    " mouse",
    " fox",
  ],
  thing: [
    " car",
    " ball",
    " doll",
    " box",
    " book",
    " kite",
    " cake",
    " hat",
    " boat",
    " flower",
    " tree",
    " truck",
  ],
  colour: [" red", " blue", " green", " yellow", " pink", " white"],
  place: [" park", " garden", " house", " forest", " kitchen", " beach", " school", " yard"],
  feeling: [" happy", " sad", " scared", " angry", " proud", " excited", " tired", " brave"],
  size: [" little", " big", " small", " tiny", " huge"],
  verb: [" play", " run", " jump", " sing", " dance", " swim", " read", " draw", " eat", " climb"],
  past: [" played", " jumped", " looked", " laughed", " walked", " climbed", " smiled", " cried"],
  person: [" mom", " dad", " friend", " sister", " brother", " grandma"],
  odd: [
    "<b>",
    "<script>alert(1)</script>",
    "\u0000",
    "\u202e",
    "&amp;",
    "<|endoftext|>",
    "\n",
    "\t",
  ],
};

const SENTENCES = [
  "Once| upon| a| time|,| there| was| a|{size}|{animal}| named|{name}|.",
  "{name}| loved| to|{verb}| in| the|{place}| with| her|{colour}|{thing}|.",
  " One| day|,|{name}| saw| a|{size}|{colour}|{thing}| near| the|{place}|.",
  " The|{animal}|{past}| and|{past}|,| and|{name}| was| very|{feeling}|.",
  ' "|Can| I|{verb}| with| you|?"|{name}| asked| the|{animal}|.',
  "{name}|'s|{person}|{past}| and| said|,| \"|Don|'t| be|{feeling}|!\"",
  " They|{past}| to| the|{place}| and| found| a|{thing}| under| the|{thing}|.",
  " It| was| a|{size}|{animal}| who| wanted| to|{verb}|.",
  " From| that| day|,|{name}| and| the|{animal}| were| best| friends|.|\n",
  " The|{colour}|{thing}| was| lost|,| so|{name}| felt|{feeling}|.|{odd}",
];

/** Tokens that are HTML, control characters or line breaks. */
export const ODD_WORDS: readonly string[] = GAPS["odd"]!;

/** All other words that fill a gap, without repetition. */
export const GAP_WORDS: readonly string[] = Object.entries(GAPS)
  .filter(([gap]) => gap !== "odd")
  .flatMap(([, words]) => words);

/** A corpus: tokens one after the other, and where each document begins. */
export interface FakeText {
  readonly tokens: readonly string[];
  /** First token of each document. */
  readonly starts: readonly number[];
  /** Document of each token. */
  readonly documentOf: Int32Array;
  /** Positions of each token, ascending. */
  readonly positions: ReadonlyMap<string, readonly number[]>;
}

function sentence(stream: RandomStream, at: number): string[] {
  const template = SENTENCES[integerAt(stream, at, SENTENCES.length)]!;
  return template.split("|").flatMap((part, i) => {
    // A word may follow a gap without a bar.
    return part.split(/(?<=\})(?=.)|(?=\{)/).map((piece) => {
      const words = GAPS[/^\{(\w+)\}$/.exec(piece)?.[1] ?? ""];
      return words ? words[integerAt(stream, at + 1 + i, words.length)]! : piece;
    });
  });
}

/** Draws `documents` stories of ten sentences each. */
export function fakeText(seed: number, documents: number): FakeText {
  const stream = randomStream(seed, "fake text");
  const [tokens, starts, of]: [string[], number[], number[]] = [[], [], []];
  for (let d = 0; d < documents; d++) {
    starts.push(tokens.length);
    for (let s = 0; s < 10; s++)
      for (const token of sentence(stream, (d * 10 + s) * 32)) {
        tokens.push(token);
        of.push(d);
      }
  }
  const positions = new Map<string, number[]>();
  tokens.forEach((token, i) => {
    const known = positions.get(token);
    if (known) known.push(i);
    else positions.set(token, [i]);
  });
  return { tokens, starts, documentOf: Int32Array.from(of), positions };
}
