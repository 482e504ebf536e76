/**
 * @file What a format of SAE files is: how its folder is recognised, and how its weights are
 *   brought into our form. One file per format, one line in `formats.ts`.
 */

import type { Backend } from "../backend/backend.ts";
import type { Sae } from "../sae/sae.ts";

/** An SAE whose reconstruction was taken off the rows that another one was trained on. */
export interface FormerSae {
  /** Its folder as the config of that training named it. */
  readonly path: string;
  /** SHA-256 of its weights and selection. */
  readonly digest: string;
}

/** An SAE out of somebody's files, with what they say of it. */
export interface LoadedSae {
  readonly sae: Sae;
  /** Name of the format. */
  readonly format: string;
  /** What the program that wrote it calls the architecture. */
  readonly foreignArchitecture: string;
  readonly modelName?: string | undefined;
  readonly hookName?: string | undefined;
  /** Seed of its starting weights, where the files tell. */
  readonly seed?: number | undefined;
  /** SAEs whose residual it encodes, in order; undefined for one that encodes rows as they come. */
  readonly residualOf?: readonly FormerSae[] | undefined;
}

/** A format that SAEs are kept in. */
export interface SaeFormat {
  readonly name: string;
  /** Which program writes it, and in which files; one sentence. */
  readonly summary: string;
  /** Whether a folder with these files (names only) is one of this format. */
  recognises(files: ReadonlySet<string>): boolean;
  /**
   * Reads the SAE of a folder.
   *
   * @throws {FormatError} naming the key or tensor that is missing, unknown or not finite; a key
   *   that changes the arithmetic is honoured or refused.
   */
  read(backend: Backend, folder: string): Promise<LoadedSae>;
}
