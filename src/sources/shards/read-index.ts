/** @file Reads `index.json` of a store from its folder. */

import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { readExactly, withFile } from "../../formats/file-bytes.ts";
import { systemCode } from "../../formats/io-error.ts";
import { INDEX_FILE, MAX_INDEX_BYTES, parseIndex, type ShardIndex } from "./shard-index.ts";

/**
 * The index of the store in `folder`, complete or not.
 *
 * @throws {ConcordError} `file/missing` when there is none, `format/too-large`; {FormatError} when
 *   it is damaged.
 */
export async function readShardIndex(folder: string): Promise<ShardIndex> {
  const path = join(folder, INDEX_FILE);
  try {
    return await withFile(path, async (file) => {
      if (file.size > MAX_INDEX_BYTES)
        throw new ConcordError(
          "format/too-large",
          `${path}: ${file.size} bytes; at most ${MAX_INDEX_BYTES} are read.`,
        );
      const bytes = new Uint8Array(file.size);
      await readExactly(file, bytes, 0);
      return parseIndex(new TextDecoder().decode(bytes), path);
    });
  } catch (error) {
    if (error instanceof ConcordError && systemCode(error.cause) === "ENOTDIR")
      throw new ConcordError("argument/invalid", `${folder} is a file, not an activation store.`, {
        cause: error,
        hint: "Name the folder that `concord collect` wrote; for an array use source kind arrays.",
      });
    if (error instanceof ConcordError && error.code === "file/missing")
      throw new ConcordError(
        "file/missing",
        `${folder} is not an activation store: it has no ${INDEX_FILE}.`,
        {
          cause: error,
          hint: "Name the folder that `concord collect` wrote, or run it first.",
        },
      );
    throw error;
  }
}
