/**
 * @file Questions about latents for any judge, a person or another program. Detection asks in which
 *   texts a latent is active, and the intruder game which text is of another latent.
 */

import { integerAt, type RandomStream, randomStream } from "../../../../base/philox.ts";
import { type Activations, activationsOf } from "../activations.ts";
import type { ChosenLatent } from "../choose-latents.ts";
import type { Context } from "../draw-contexts.ts";
import type { Fragments } from "../fragments.ts";
import { OWN } from "../scores/embedding-scores.ts";
import { inFragment } from "../scores/in-fragment.ts";
import type { JudgeSet } from "./sets-file.ts";

/** Sets of the intruder game per latent. */
const INTRUDERS = 5;

/** Shows contexts of a text. */
export interface ShownText {
  readonly fragments: Fragments;
  /** Text of a row's token. */
  textOf(row: number): string;
}

/** Tokens of a context; those on which the latent is active are marked with 1. */
function shown({ fragments, textOf }: ShownText, { fragment }: Context, values: Float32Array) {
  const start = fragments.starts[fragment]!;
  return {
    tokens: Array.from({ length: fragments.length }, (_, i) => textOf(start + i)),
    marks: Array.from(values, (value) => (value > 0 ? 1 : 0)),
  };
}

/** `count` of the values, drawn without replacement, from number `at` of the stream on. */
function draw<T>(values: readonly T[], count: number, stream: RandomStream, at: number): T[] {
  const left = [...values];
  return Array.from(
    { length: Math.min(count, left.length) },
    (_, i) => left.splice(integerAt(stream, at + i, left.length), 1)[0]!,
  );
}

/** As many marks as `marks` has, on places that are drawn. */
function randomMarks(marks: readonly number[], stream: RandomStream, at: number) {
  const count = marks.filter((mark) => mark === 1).length;
  const places = new Set(draw([...marks.keys()], count, stream, at));
  return marks.map((_, i): 0 | 1 => (places.has(i) ? 1 : 0));
}

/**
 * The questions of one SAE: for each latent one detection set of twenty texts, and five intruder
 * sets of five. The intruder is a context of another latent, with as many marks as it has of its
 * own, on places that are drawn, as in arXiv:2507.08473.
 */
export function makeSets(
  member: string,
  chosen: readonly ChosenLatent[],
  activations: Activations,
  text: ShownText,
  seed: number,
): JudgeSet[] {
  const { fragments } = text;
  const sets: JudgeSet[] = [];
  for (const { latent, contexts } of chosen) {
    const own = activationsOf(activations, latent);
    const stream = randomStream(seed, `judge-sets/${member}/${latent}`);
    const valuesOf = (of: typeof own, { fragment }: Context) =>
      inFragment(of, fragments.starts[fragment]!, fragments.length);
    const all = [...contexts.active, ...contexts.inactive];
    const mixed = draw(all, all.length, stream, 0);
    sets.push({
      id: `${member}:${latent}/detection`,
      kind: "detection",
      member,
      latent,
      texts: mixed.map((one) => {
        return { ...shown(text, one, valuesOf(own, one)), marks: null };
      }),
      answer: mixed.map((one) => (one.value > 0 ? 1 : 0)),
    });
    const others = chosen.filter((one) => one.latent !== latent);
    const foreign = others.flatMap((one) =>
      one.contexts.active
        .filter((context) => !valuesOf(own, context).some((value) => value > 0))
        .map((context) => ({ latent: one.latent, context })),
    );
    for (let set = 0; set < INTRUDERS && foreign.length > 0; set++) {
      const at = 1000 * (set + 1);
      const intruder = foreign[integerAt(stream, at, foreign.length)]!;
      const place = integerAt(stream, at + 1, OWN + 1);
      const texts = draw(contexts.active, OWN, stream, at + 2).map((one) =>
        shown(text, one, valuesOf(own, one)),
      );
      const of = activationsOf(activations, intruder.latent);
      const odd = shown(text, intruder.context, valuesOf(of, intruder.context));
      texts.splice(place, 0, { ...odd, marks: randomMarks(odd.marks, stream, at + 10) });
      const id = `${member}:${latent}/intruder-${set}`;
      sets.push({ id, kind: "intruder", member, latent, texts, answer: place });
    }
  }
  return sets;
}
