/**
 * @file The model that a source's rows come from. An opened source of this wing keeps where it is,
 *   so that analyses can put SAEs into it.
 */

import { basename, isAbsolute } from "node:path";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import type { Source } from "../../../sources/source.ts";

/** How to open a source's model again, and where its tokens are. */
export interface ModelBehind {
  /** Catalogue name, hub id, or path. */
  readonly model: string;
  readonly hook: string;
  /** Of the activation store. */
  readonly folder: string;
  /** Rows of the store in front of the held-out ones. */
  readonly trainRows: number;
  readonly threads: number;
  readonly catalogue: CatalogueOptions;
}

/** A source that says which model is behind it. */
export interface ModelSource extends Source {
  readonly modelBehind: ModelBehind;
}

/**
 * The model behind a source; undefined where none is, and where rows are what SAEs leave of its
 * activations, which cannot take their place.
 */
export function modelBehind(source: Source): ModelBehind | undefined {
  if (source.provenance["residualOf"] !== undefined) return undefined;
  return (source as Partial<ModelSource>).modelBehind;
}

/** A file or folder without what it lies in; names of a catalogue or hub as they are. */
export function shortName(name: string): string {
  return isAbsolute(name) ? basename(name) : name;
}
