/** @file Whether a program can be started by its name. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a program in the folders of PATH; undefined when it is in none. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  return (path ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
