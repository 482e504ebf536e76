/** @file The members of a run by the folders of their SAEs. */

import { readdirSync } from "node:fs";
import { showName, showNames } from "../../formats/show-name.ts";
import { HttpFailure } from "../failure.ts";
import type { ServedRun } from "../served-folder.ts";

/** @throws {HttpFailure} 404 naming the members whose SAEs were saved. */
export function requireMember({ name, folder }: ServedRun, member: string): void {
  let saved: string[] = [];
  try {
    saved = readdirSync(folder.file("saes")).sort();
  } catch {
    // A run that has not saved any yet.
  }
  if (saved.includes(member)) return;
  throw new HttpFailure(
    404,
    "results/missing",
    `${name} has no saved SAE "${showName(member)}".`,
    saved.length > 0 ? `It has ${showNames(saved)}.` : "Members are saved when training ends.",
  );
}
