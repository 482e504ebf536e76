/**
 * @file The model that a source's rows come from. An opened source of this wing keeps where it is,
 *   so that analyses can put SAEs into it.
 */

import { basename, isAbsolute } from "node:path";
import type { Source, SourceStore } from "../../../sources/source.ts";

/** How to open a source's model again, and where its tokens are. */
export interface ModelBehind extends SourceStore {
  /** Catalogue name, hub id, or path. */
  readonly model: string;
  readonly hook: string;
}

/** A source that says which model is behind it. */
export interface ModelSource extends Source {
  readonly modelBehind: Pick<ModelBehind, "model" | "hook">;
}

/** The model and hook that a source says are behind it, or that its store was collected from. */
function namedBehind(source: Source): Pick<ModelBehind, "model" | "hook"> | undefined {
  const { modelBehind: known } = source as Partial<ModelSource>;
  if (known) return known;
  const { kind, model, hook } = source.provenance;
  const isNamed =
    kind === "language_model" && typeof model === "string" && typeof hook === "string";
  return isNamed ? { model, hook } : undefined;
}

/**
 * The model behind a source; undefined where none is, and where rows are what SAEs leave of its
 * activations, which cannot take their place.
 */
export function modelBehind(source: Source): ModelBehind | undefined {
  if (source.provenance["residualOf"] !== undefined || !source.store) return undefined;
  const named = namedBehind(source);
  return named && { ...source.store, ...named };
}

/** A file or folder without what it lies in; names of a catalogue or hub as they are. */
export function shortName(name: string): string {
  return isAbsolute(name) ? basename(name) : name;
}
