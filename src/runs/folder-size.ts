/** @file How large a run is on the disk. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { sum } from "../base/statistics/mean.ts";

/** Bytes of a file, or of everything in a folder; 0 for what disappears meanwhile. */
export async function bytesBelow(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  const inside = await readdir(path).catch(() => []);
  const sizes = await Promise.all(inside.map((name) => bytesBelow(join(path, name))));
  return sum(sizes);
}
