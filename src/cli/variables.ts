/**
 * @file All environment variables that Concord reads, in the order of docs/cli.md.
 */

import { WING_VARIABLES } from "./wings/variables.ts";

const VARIABLES = {
  CONCORD_CACHE:
    "Folder for downloaded models, texts and recordings, and for collected activations. Default: `XDG_CACHE_HOME/concord`, or `~/.cache/concord`",
  CONCORD_BACKEND:
    "`auto`, `native` or `reference`; overrides the config's `backend.kind`. `auto` takes the native core if it can be loaded",
  CONCORD_ISA:
    "Instruction set of the native core; overrides the config's `backend.isa`. `concord doctor` lists those of this machine. Default: the best",
  CONCORD_THREADS:
    "Threads of the native core; overrides the config's `backend.threads`. Results do not depend on it. Default: the processors that this process may use",
  CONCORD_OFFLINE: "`1`: do not use the network, like `--offline`",
  CONCORD_REDIS:
    "Address of the Redis server of `--on queue` and `concord worker`: `redis://:password@host:6379`. Never stored",
  HF_HUB_OFFLINE: "The same, under the name that the Hugging Face libraries use",
  HF_TOKEN: "Access token for models and SAEs on the Hugging Face hub that require one",
  HF_HUB_CACHE: "Cache folder for models from the hub. Default: `HF_HOME/hub`",
  HF_HOME: "Folder of the Hugging Face libraries. Default: `~/.cache/huggingface`",
  HF_ENDPOINT: "Address of the hub, for a mirror. Default: `https://huggingface.co`",
  AWS_ACCESS_KEY_ID: "Access key of an object store (`store=s3://…`, docs/cluster.md)",
  AWS_SECRET_ACCESS_KEY: "Its secret key; never sent, stored or printed",
  AWS_SESSION_TOKEN: "For keys that are lent for a while",
  AWS_ENDPOINT_URL: "Address of the server of an object store. Default: Amazon's of AWS_REGION",
  AWS_ENDPOINT_URL_S3: "The same, before AWS_ENDPOINT_URL",
  AWS_REGION: "Region of an object store. Default: `us-east-1`",
  AWS_DEFAULT_REGION: "The same, after AWS_REGION",
  XDG_CACHE_HOME: "Cache folder of all programs",
  SLURM_PROCID: "Set by Slurm: which rank of `concord run --ranks` a task is",
  SLURM_NTASKS: "Set by Slurm: how many tasks there are, which must be that of `--ranks`",
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

/** The variables that processes of this one are started with. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
