import { readFile } from "node:fs/promises";
import { ioError } from "./io-error.ts";

/** A whole file as UTF-8. @throws {ConcordError} `file/missing` or `file/io` naming it. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw ioError(error, "read", path);
  }
}
