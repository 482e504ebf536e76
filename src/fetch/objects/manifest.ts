/**
 * @file What a folder in an object store consists of: its files, their checksums and the objects
 *   that hold them. Objects never change. The manifest is the one thing that does, so a reader sees
 *   the folder as it was at one moment.
 *
 *   <folder>/manifest.json   <folder>/files/<attempt>-<sha256>
 */

import { z } from "zod";
import { FormatError, messageOf } from "../../errors.ts";
import { issueText } from "../../formats/issue-text.ts";

/** A file of the folder. */
export interface StoredFile {
  /** Within the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The object that holds it: `files/<attempt>-<sha256>`. */
  readonly object: string;
}

/** A folder at one moment. */
export interface Manifest {
  /** Whose turn it was: a later attempt at the same run has a larger number. */
  readonly attempt: number;
  /** Who wrote it, for people: `host 4711`. */
  readonly writer: string;
  /** In the order in which they must appear: the last one makes the folder whole. */
  readonly files: readonly StoredFile[];
}

export const MANIFEST = "manifest.json";

/** A path that stays within its folder, on every system. */
const isInside = (path: string) =>
  path.split("/").every((name) => name !== "" && !/^\.+$/.test(name) && !/[\\:\0]/.test(name));

const schema = z.object({
  format: z.literal("concord-folder"),
  version: z.literal(1),
  attempt: z.int().min(0),
  writer: z.string(),
  files: z.array(
    z.object({
      path: z.string().refine(isInside, "must stay within the folder"),
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      object: z.string().regex(/^files\/\d+-[0-9a-f]{64}$/),
    }),
  ),
});

/** The bytes of `manifest.json`. */
export function manifestBytes({ attempt, writer, files }: Manifest): Uint8Array<ArrayBuffer> {
  const document = { format: "concord-folder", version: 1, attempt, writer, files };
  return new Uint8Array(Buffer.from(`${JSON.stringify(document, null, 1)}\n`));
}

/** @param where Names it in messages. @throws {FormatError} naming what is wrong. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw new FormatError(where, `it is not JSON: ${messageOf(error)}`);
  }
  const parsed = schema.safeParse(document, { error: issueText });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new FormatError(where, `${path.map(String).join(".")}: ${message}.`);
  }
  const { attempt, writer, files } = parsed.data;
  return { attempt, writer, files };
}
