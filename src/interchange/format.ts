/**
 * @file What a format of SAE files is: how its folder is recognised, how its weights are brought
 *   into our form and out of it. One file per format, one line in `formats.ts`.
 */

import type { Backend } from "../backend/backend.ts";
import type { Sae } from "../sae/sae.ts";
import type { SaeFormatName } from "./format-names.ts";

/** An SAE whose reconstruction was taken off the rows that another one was trained on. */
export interface FormerSae {
  /** Its folder as the config of that training named it. */
  readonly path: string;
  /** SHA-256 of its weights and selection. */
  readonly digest: string;
}

/** What somebody's files say of an SAE beside its weights. */
export interface SaeOrigin {
  /** Name of the format. */
  readonly format: SaeFormatName;
  /** What the program that wrote it calls the architecture. */
  readonly foreignArchitecture: string;
  readonly modelName?: string | undefined;
  readonly hookName?: string | undefined;
  /** Seed of its starting weights, where the files tell. */
  readonly seed?: number | undefined;
  /** SAEs whose residual it encodes, in order; undefined for one that encodes rows as they come. */
  readonly residualOf?: readonly FormerSae[] | undefined;
}

/** An SAE out of somebody's files, with what they say of it. */
export interface LoadedSae extends SaeOrigin {
  readonly sae: Sae;
}

/** A format that SAEs are kept in. */
export interface SaeFormat {
  readonly name: SaeFormatName;
  /** Which program writes it, and in which files; one sentence. */
  readonly summary: string;
  /** Whether it has a place for `residualOf`; without it, rows would be encoded as they come. */
  readonly keepsResidualOf?: boolean;
  /** Whether it keeps an encoder that is more than one matrix. Default false. */
  readonly keepsOwnEncoder?: boolean;
  /** Names of the files that `write` writes. */
  readonly written: readonly string[];
  /**
   * The files that `read` needs of a folder with these files (names only); undefined when it is not
   * of this format.
   */
  files(names: ReadonlySet<string>): readonly string[] | undefined;
  /**
   * Reads the SAE of a folder.
   *
   * @param files What `files` said, or the one file that a person named.
   * @throws {FormatError} naming the key or tensor that is missing, unknown or not finite; a key
   *   that changes the arithmetic is honoured or refused.
   */
  read(backend: Backend, folder: string, files: readonly string[]): Promise<LoadedSae>;
  /**
   * Why the format cannot keep an SAE, in words that follow its name; undefined when it can. What
   * it keeps comes back with the same weights and gives the same codes.
   */
  refusal(sae: Sae): string | undefined;
  /** Writes an SAE that is not refused into a folder that is there. */
  write(folder: string, sae: Sae, origin: SaeOrigin): Promise<void>;
  /** What the format's own program makes of a written SAE where that is something else. */
  difference?(sae: Sae): string | undefined;
}
