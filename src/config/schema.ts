/**
 * @file The config of a run as a person writes it: YAML with the field's snake_case names. Every
 *   key, its meaning and its default are said here and nowhere else; the JSON Schema for editors is
 *   generated from it.
 */

import { z } from "zod";
import { ANALYSES, isWanted, listedSchema } from "../analyses/analyses.ts";
import { evaluation } from "../analyses/evaluation.ts";
import { DOMAINS, domainOf } from "../domains/domains.ts";
import { type CamelKeys, camelKeys, snakeKeys } from "../formats/key-case.ts";
import { MFR_DEFAULTS } from "../population/couplings/mfr.ts";
import { REINITIALISE_DEFAULTS } from "../population/reinitialise.ts";
import { LOGGERS } from "../runs/loggers/logger.ts";
import { ARCHITECTURES, DEFAULT_ARCHITECTURE } from "../sae/registry.ts";
import { grid, positiveInteger, seed } from "../sources/schema-parts.ts";
import { optionGrids, optionKeys } from "./architecture-keys.ts";

const fraction = z.number().min(0).max(1);

/** What a member has whatever its architecture. */
const memberKeys = {
  architecture: z
    .enum(ARCHITECTURES.map((a) => a.name) as [string, ...string[]])
    .describe("What kind of SAE"),
  d_sae: positiveInteger.describe("Latents"),
  lr: z.number().gt(0).describe("Learning rate; default by architecture"),
  warmup_steps: z.int().min(0).describe("Steps of linear warm-up from zero"),
  decay_fraction: fraction.describe(
    "Last fraction of the steps in which the rate falls linearly to zero; when a run is extended, of the new number of steps from there on",
  ),
  beta1: z.number().min(0).lt(1).describe("Adam: decay of the first moment"),
  beta2: z.number().min(0).lt(1).describe("Adam: decay of the second moment"),
  eps: z.number().gt(0).describe("Adam: added to the root of the second moment"),
  init_from: z
    .union([z.literal(false), z.string().min(1)])
    .describe(
      "Folder of a saved SAE whose weights a member starts with, in place of drawn ones; of the same architecture and shape. Relative to the config file",
    ),
};

const memberOverride = z.strictObject({
  ...(Object.fromEntries(Object.entries(memberKeys).map(([k, v]) => [k, v.optional()])) as {
    [K in keyof typeof memberKeys]: z.ZodOptional<(typeof memberKeys)[K]>;
  }),
  ...optionKeys(),
  seed: seed.optional().describe("Seed of this member"),
  name: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional()
    .describe("Name of this member, and of its folder in saes/"),
});

const population = z.strictObject({
  members: positiveInteger
    .default(1)
    .describe(
      "SAEs for each combination of listed values, each with a seed of its own; of more than 2048 pairs of members a random sample is compared, pairs of one setting first",
    ),
  independent: z
    .int()
    .min(0)
    .default(0)
    .describe("Further members, outside every coupling, to judge the others by"),
  architecture: grid(memberKeys.architecture).default(DEFAULT_ARCHITECTURE),
  d_sae: grid(memberKeys.d_sae),
  lr: grid(memberKeys.lr).optional(),
  warmup_steps: grid(memberKeys.warmup_steps).default(0),
  decay_fraction: grid(memberKeys.decay_fraction).default(0),
  beta1: grid(memberKeys.beta1).default(0.9),
  beta2: grid(memberKeys.beta2).default(0.999),
  eps: grid(memberKeys.eps).default(1e-8),
  ...optionGrids(),
  init_from: grid(memberKeys.init_from).optional(),
  seed: seed
    .optional()
    .describe("Seed of member 0, the others count up from it; default: the run's seed"),
  overrides: z
    .array(memberOverride)
    .default([])
    .describe(
      "What differs for member 0, 1, …: keys of the population, with a seed and a name of its own",
    ),
});

const coupling = z.strictObject({
  kind: z.literal("mfr").default("mfr").describe("Mutual Feature Regularization"),
  weight: z.number().min(0).describe("Weight of the coupling in the loss; 0: no coupling"),
  matching: z
    .enum(["hungarian", "max", "symmetric_max"])
    .default(MFR_DEFAULTS.matching)
    .describe("Exact one-to-one, nearest atom, or nearest both ways"),
  pair_norm: z
    .enum(["mean", "sum"])
    .default(MFR_DEFAULTS.pairNorm)
    .describe("Mean over the pairs of members, or their sum"),
  warmup_steps: z
    .int()
    .min(0)
    .default(MFR_DEFAULTS.warmupSteps)
    .describe("Steps of cosine warm-up"),
  refresh_every: positiveInteger
    .default(MFR_DEFAULTS.refreshEvery)
    .describe("Match a pair again when its matching is so many steps old"),
  pairs_per_step: positiveInteger
    .optional()
    .describe("Pairs drawn at random in a step; default all"),
});

const reinitialise = z.strictObject({
  target: z
    .enum(["faithful", "calibrated"])
    .default(REINITIALISE_DEFAULTS.target)
    .describe("Expected activity of a latent: 1/16, or k / d_sae"),
  threshold: z
    .number()
    .gt(0)
    .default(REINITIALISE_DEFAULTS.threshold)
    .describe("Score above which a member starts again"),
  cool_down_steps: z
    .int()
    .min(0)
    .default(REINITIALISE_DEFAULTS.coolDownSteps)
    .describe("Steps for which a member is then left alone"),
});

const training = z.strictObject({
  batch: positiveInteger.default(4096).describe("Activations in a step"),
  steps: positiveInteger
    .optional()
    .describe("How long; or give tokens, or epochs. With --resume more of them extend a run"),
  tokens: positiveInteger
    .optional()
    .describe("Instead of steps: activations in all, rounded down to whole steps"),
  epochs: z.number().gt(0).optional().describe("Instead of steps: passes over a finite source"),
  log_every: positiveInteger.default(50).describe("Steps between lines of metrics.jsonl"),
  checkpoint_every: positiveInteger.default(1000).describe("Steps between checkpoints"),
  keep_checkpoints: positiveInteger
    .default(2)
    .describe("Checkpoints that are kept, the newest ones"),
});

const backend = z.strictObject({
  kind: z
    .enum(["auto", "native", "reference"])
    .default("auto")
    .describe("auto takes the native core when it can be loaded"),
  isa: z
    .string()
    .optional()
    .describe("Instruction set of the native core (concord doctor lists them)"),
  threads: positiveInteger
    .optional()
    .describe("Threads of the native core; default: the processors this process may use"),
});

/** The schemas of all kinds of source, with what each of them makes of its keys. */
type SchemasOf<Kinds extends readonly { readonly schema: z.ZodObject }[]> = {
  [I in keyof Kinds]: Kinds[I]["schema"];
};

const sourceSchemas = DOMAINS.map(({ schema }) => schema) as unknown as SchemasOf<typeof DOMAINS>;

/** `denoising: how well members make clean rows of noisy ones`, and its options. */
function analysisWords({ name, summary, options }: (typeof ANALYSES)[number]): string {
  const words = `${name}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`;
  if (!options) return words;
  const keys = Object.entries(options.parse({})).map(([key, initial]) => {
    const { description } = options.shape[key] as z.ZodType;
    return `${key}: ${String(initial)} (${String(description)})`;
  });
  return `${words}, or with options { kind: ${name}, ${keys.join(", ")} }`;
}

/** A config file. */
export const configSchema = z.strictObject({
  name: z
    .string()
    .regex(/^(?!\.+(\/|$))[\w.-]+(\/(?!\.+(\/|$))[\w.=-]+)*$/, {
      error: "expected letters, digits, and . _ - in parts separated by /, none of them only dots",
    })
    .describe("Name of the run: its folder below runs_folder"),
  runs_folder: z.string().default("runs").describe("Folder of the runs"),
  seed: seed
    .default(0)
    .describe("Decides everything that is random, with the keys that have seeds of their own"),
  source: z.discriminatedUnion("kind", sourceSchemas).describe("Where activations come from"),
  population: population.describe("The SAEs; a listed value trains every combination of values"),
  coupling: coupling.optional().describe("A loss between members; none when left out"),
  reinitialise: z
    .union([z.literal(false), reinitialise])
    .default(false)
    .describe("Start members again whose latents are active too unevenly"),
  training: training.describe("How long, in what batches, and what is written on the way"),
  loggers: z
    .array(z.enum(LOGGERS))
    .default([])
    .describe(
      "Logs for other programs beside metrics.jsonl: csv writes metrics.csv, a line for every log point and member; tensorboard writes event files below tensorboard/, to be seen with tensorboard --logdir runs",
    ),
  analyses: z
    .array(listedSchema())
    .refine((listed) => isWanted({ analyses: listed }, evaluation), {
      error: "expected evaluation among them: reports and sweeps rest on it",
    })
    .optional()
    .describe(
      `What is found out when training has ended; default: all that the source has rows for. ${ANALYSES.map(analysisWords).join("; ")}`,
    ),
  backend: backend.prefault({}).describe("What computes; the environment can override it"),
});

/**
 * Keys outside `population` whose value is a list, for a source of this kind: there, only a list of
 * lists is an axis of a sweep.
 */
export function listKeys(kind: unknown): ReadonlySet<string> {
  const ofSource = domainOf(kind)?.listKeys ?? [];
  return new Set(["loggers", "analyses", ...ofSource.map((key) => `source.${key}`)]);
}

/** A validated config of one run, defaults filled in; keys as in the YAML. */
export type FileConfig = z.output<typeof configSchema>;

/** The population: its keys stay as in the YAML, where they name what members differ in. */
export type PopulationConfig = FileConfig["population"];

/** A validated config of one run as recipes use it. */
export type Config = CamelKeys<Omit<FileConfig, "population">> & {
  readonly population: PopulationConfig;
};

/** A config as recipes use it. */
export function configOfFile({ population, ...rest }: FileConfig): Config {
  return { ...camelKeys(rest), population };
}

/** A config as its file has it: the keys of the YAML, in the order of the schema. */
export function fileOfConfig(config: Config): FileConfig {
  const { population, ...rest } = config;
  const keys = { ...(snakeKeys(rest) as object), population };
  const ordered = Object.keys(configSchema.shape).flatMap((key) =>
    key in keys ? [[key, Reflect.get(keys, key)] as const] : [],
  );
  return Object.fromEntries(ordered) as FileConfig;
}
