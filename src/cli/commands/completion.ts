/**
 * @file concord completion: the script with which a shell completes commands of concord.
 */

import type { Command } from "commander";
import { fishScript } from "../completion/fish-script.ts";
import { bashScript, zshScript } from "../completion/posix-script.ts";
import { placesOf } from "../completion/words.ts";
import { print } from "../print.ts";

/** Shells, and what makes their scripts. */
const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function completion(shell: keyof typeof SCRIPTS, _: object, command: Command): void {
  print(SCRIPTS[shell](placesOf(command.parent!)));
}
