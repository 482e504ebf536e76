/** @file Damaged copies of good files, for the fuzzers. */

import type { Seed } from "./corpus.ts";
import { mutated } from "./mutate.ts";

/** The seeds and `count` damaged copies of each. */
export function* damaged(seeds: readonly Seed[], count: number): Generator<Seed> {
  for (const [name, bytes] of seeds) {
    yield [name, bytes];
    for (let number = 0; number < count; number++)
      yield [`${name}, damage ${number}`, mutated(bytes, name, number)];
  }
}

/** Texts as seeds. */
export function texts(list: Readonly<Record<string, string>>): Seed[] {
  return Object.entries(list).map(([name, text]) => [name, Buffer.from(text)]);
}
