/**
 * @file Which names on a server may become names of local files. A page may contain anything; a
 *   name must stay in its folder.
 */

/** Names that Concord itself writes below a dataset's folder. */
export const MANIFEST_NAME = "concord-dataset.jsonl";
const LOCK_NAME = "writer.lock";
export const PART_SUFFIX = ".part";

/** The longest name that common file systems take, with the suffixes of an unfinished file. */
const MAX_NAME_BYTES = 255 - `${PART_SUFFIX}.json`.length;

export type EntryName = { readonly name: string } | { readonly problem: string };

/**
 * The name in one percent-encoded segment of an address.
 *
 * @returns The name, or what is wrong with it. It may not be UTF-8, may lead out of its folder, or
 *   may be one of ours.
 */
export function entryName(segment: string): EntryName {
  let name: string;
  try {
    name = decodeURIComponent(segment);
  } catch {
    return { problem: "the name is not UTF-8" };
  }
  const problem = nameProblem(name);
  return problem === undefined ? { name } : { problem };
}

/** The problem of a name; undefined for a good one. */
export function nameProblem(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "the name is not one of a file";
  if (/[/\\]/.test(name)) return "the name leads out of its folder";
  // Characters that change the direction of writing could make one name look like another.
  if (/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(name)) return "the name has control characters";
  if (new TextEncoder().encode(name).byteLength > MAX_NAME_BYTES) return "the name is too long";
  const isOurs =
    name === MANIFEST_NAME ||
    name === LOCK_NAME ||
    /\.part(\.json|\.json\.tmp-\d+-\d+)?$/.test(name);
  return isOurs ? "the name is one that unfinished downloads use here" : undefined;
}
