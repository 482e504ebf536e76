/**
 * @file The environment variables that Concord reads, in the order in which docs/cli.md lists them.
 *   Nothing else of the environment is read.
 */

import { WING_VARIABLES } from "./wings/variables.ts";

const VARIABLES = {
  CONCORD_CACHE:
    "Folder of downloaded models, texts and recordings and of collected activations. Default: `XDG_CACHE_HOME/concord`, or `~/.cache/concord`",
  CONCORD_BACKEND:
    "`auto`, `native` or `reference`, over the config's `backend.kind`. `auto` takes the native core when it can be loaded",
  CONCORD_ISA:
    "Instruction set of the native core, over the config's `backend.isa`; `concord doctor` lists those of this machine. Default: the best",
  CONCORD_THREADS:
    "Threads of the native core, over the config's `backend.threads`; results do not depend on it. Default: the processors this process may use",
  CONCORD_OFFLINE: "`1`: never touch the network, as `--offline`",
  HF_HUB_OFFLINE: "The same, as the Hugging Face libraries spell it",
  HF_TOKEN: "Access token for models of the Hugging Face hub that ask for one",
  HF_HUB_CACHE: "Where models of the hub are kept. Default: `HF_HOME/hub`",
  HF_HOME: "Folder of the Hugging Face libraries. Default: `~/.cache/huggingface`",
  HF_ENDPOINT: "Address of the hub, for a mirror. Default: `https://huggingface.co`",
  XDG_CACHE_HOME: "Folder of all programs' caches",
  ...WING_VARIABLES,
} as const;

export type VariableName = keyof typeof VARIABLES;

/** Names and what they do. */
export const VARIABLE_MEANINGS: readonly (readonly [VariableName, string])[] = Object.entries(
  VARIABLES,
) as [VariableName, string][];

/** The value of a variable; undefined when it is not set or empty. */
export function variable(name: VariableName): string | undefined {
  return process.env[name] || undefined;
}
