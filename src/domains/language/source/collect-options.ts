/** @file What is asked of a collection, and what comes of it. */

import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import type { RowKernels } from "../../../sources/rows/row-kernels.ts";
import type { StoreShape } from "../../../sources/shards/shard-source.ts";
import type { ForwardBackend } from "../models/forward/forward-pass.ts";
import type { CollectionRequest } from "./collection-facts.ts";

/** Which activations of which model over which text, and how they are stored. */
export interface CollectStoreOptions extends CollectionRequest {
  /** Catalogue name, hub id, checkpoint folder, or .onnx file with a tokenizer.json beside it. */
  readonly model: string;
  readonly hook: string;
  /** Catalogue name, file, folder or pattern, or several of them. */
  readonly text: string | readonly string[];
  /** Tokens in a window; the model's, at most 1024, when undefined. */
  readonly context?: number | undefined;
  readonly threads?: number | undefined;
  readonly catalogue: CatalogueOptions;
  /** The backend that computes the activations, where the engine is native. */
  readonly forward?: ForwardBackend | undefined;
  /** The backend that writes the store; default plain TypeScript. */
  readonly kernels?: RowKernels | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of the width of a row at each hook before anything is tokenised or run; may throw. */
  readonly onWidth?: ((dIn: number, hook: string) => void) | undefined;
  /** Told of the tokens so far while the text is tokenised, before any row is collected. */
  readonly onTokens?: ((tokens: number) => void) | undefined;
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined;
  /**
   * Told what the store of each hook will be like before any row is collected; what it throws ends
   * the collection.
   */
  readonly onShape?: ((store: StoreShape, rows: number, hook: string) => void) | undefined;
}

/** How far collecting has come. */
export interface CollectProgress {
  readonly rows: number;
  readonly totalRows: number;
  /** Rows that were there before this process began. */
  readonly resumedRows: number;
}

/** A store that is complete. */
export interface CollectedStore {
  readonly folder: string;
  readonly rows: number;
  readonly dIn: number;
  /** Bytes of the rows on the disk. */
  readonly bytes: number;
  /** Rows written by this call; 0 when the store was complete already. */
  readonly written: number;
  /** What a person should know of the text, a line each. */
  readonly notices: readonly string[];
}

/** A hook and the folder of its store. */
export interface HookStore {
  readonly hook: string;
  readonly folder: string;
}
