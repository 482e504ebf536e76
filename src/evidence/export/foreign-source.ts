/**
 * @file What other programs call the place that a member's rows come from. They file features under
 *   a model, a layer and a source set; the evidence of a run knows none of these names.
 */

import { expected } from "../../errors.ts";

/** The place of a member's features in another program's library. */
export interface ForeignSource {
  /** What the program calls the model, `gpt2-small` for example: letters, digits, `-` and `_`. */
  readonly modelId: string;
  /** Layer of the model, from 0 on. */
  readonly layer: number;
  /** The source set, `res-jb` for example: letters, digits, `-` and `_`, no two `_` in a row. */
  readonly set: string;
  /** Where the rows come from, by its name on the hub. */
  readonly dataset?: string;
}

/** @throws {ConcordError} `argument/invalid` for a name that Neuronpedia would refuse. */
export function requireForeignSource({ modelId, layer, set }: ForeignSource): void {
  const letters = "letters, digits, - and _";
  if (!/^[\w-]{1,128}$/.test(modelId)) throw expected("modelId", `1 to 128 ${letters}`, modelId);
  if (!/^[\w-]+$/.test(set) || set.includes("__"))
    throw expected("set", `${letters}, no two _ in a row`, set);
  if (!Number.isInteger(layer) || layer < 0) throw expected("layer", "an integer ≥ 0", layer);
}

/**
 * A place by the name that Neuronpedia shows: `gpt2-small/6-res-jb`.
 *
 * @throws {ConcordError} `argument/invalid` for another form, and for names that it would refuse.
 */
export function parseForeignSource(text: string): ForeignSource {
  const [, modelId, layer, set] = /^([^/]+)\/(\d+)-(.+)$/.exec(text) ?? [];
  if (modelId === undefined || set === undefined)
    throw expected("source", "a model, a layer and a set, as gpt2-small/6-res-jb", text);
  const source = { modelId, layer: Number(layer), set };
  requireForeignSource(source);
  return source;
}

/** The name of a source: `8-res-jb` for layer 8 of the set `res-jb`. */
export function sourceId({ layer, set }: ForeignSource): string {
  return `${layer}-${set}`;
}
