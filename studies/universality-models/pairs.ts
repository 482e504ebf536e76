/** @file Which places are compared. */

import { PLACE_NAMES, PLACES, type PlaceName } from "./places.ts";

/** Two places, or one and the same. */
export interface Pair {
  /** Of the arm. */
  readonly name: string;
  readonly title: string;
  readonly places: readonly [PlaceName, PlaceName];
  /** How many times larger the larger model is. */
  readonly ratio: number;
}

function pair(a: PlaceName, b: PlaceName): Pair {
  const [x, y] = [PLACES[a].millions, PLACES[b].millions];
  const title =
    a === b ? `${PLACES[a].title}, two seeds` : `${PLACES[a].title} – ${PLACES[b].title}`;
  return { name: `${a}.${b}`, title, places: [a, b], ratio: Math.max(x, y) / Math.min(x, y) };
}

const pairsOf = (names: readonly PlaceName[]) =>
  names.flatMap((a, i) => names.slice(i + 1).map((b) => pair(a, b)));

/** Of each place: two SAEs that differ in their seeds. The most that can be had. */
export const SELF: readonly Pair[] = PLACE_NAMES.map((name) => pair(name, name));

/** The models, from the closest in size to the most different. */
export const MODELS: readonly Pair[] = pairsOf(["stories", "smollm2", "minilm", "gte"]).sort(
  (a, b) => a.ratio - b.ratio,
);

/** The models with one that has learnt nothing: what tokens alone make alike. */
export const CONTROLS: readonly Pair[] = (["stories", "smollm2", "minilm", "gte"] as const).map(
  (name) => pair(name, "redrawn"),
);

/** Layers of one model. */
export const LAYERS: readonly Pair[] = [pair("stories", "early"), pair("stories", "late")];

/**
 * Places of which the second SAE is compared with others, so that no two SAEs of one width began
 * with the same weights. SAEs that did agree in part for that reason.
 */
export const SECOND: ReadonlySet<PlaceName> = new Set(["gte", "redrawn", "early", "late"]);

/** All pairs of two places. */
export const ACROSS: readonly Pair[] = [...MODELS, ...CONTROLS, ...LAYERS];

/** What the pairs of models say together. */
export const SIZES = "sizes";
