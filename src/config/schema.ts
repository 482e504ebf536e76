/**
 * @file The config of a run as a person writes it: YAML with the field's snake_case names. Every
 *   key, its meaning and its default are said here and nowhere else; the JSON Schema for editors is
 *   generated from it.
 */

import { z } from "zod";
import { ANALYSES, isWanted, listedSchema } from "../analyses/analyses.ts";
import { consensus } from "../analyses/consensus/consensus.ts";
import { evaluation } from "../analyses/evaluation.ts";
import { DOMAINS, domainOf } from "../domains/domains.ts";
import { type CamelKeys, camelKeys, snakeKeys } from "../formats/key-case.ts";
import { couplingSchema } from "../population/couplings/registry.ts";
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
    .describe("Architecture of the SAE"),
  d_sae: positiveInteger.describe("Number of latents"),
  lr: z.number().gt(0).describe("Learning rate; default by architecture"),
  warmup_steps: z.int().min(0).describe("Steps of linear warm-up from zero"),
  decay_fraction: fraction.describe(
    "Last fraction of the steps, in which the learning rate falls linearly to zero. An extended run uses the new number of steps from then on",
  ),
  beta1: z.number().min(0).lt(1).describe("Adam: decay rate of the first moment"),
  beta2: z.number().min(0).lt(1).describe("Adam: decay rate of the second moment"),
  eps: z.number().gt(0).describe("Adam: term added to the root of the second moment"),
  init_from: z
    .union([z.literal(false), z.string().min(1)])
    .describe(
      "Folder of a saved SAE of the same architecture and shape; the member starts with its weights instead of random ones. Relative to the config file",
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
      "SAEs per combination of listed values, each with its own seed. Of more than 2048 pairs of members a random sample is compared, pairs of one setting first",
    ),
  independent: z
    .int()
    .min(0)
    .default(0)
    .describe("Additional members outside every coupling, to compare the others with"),
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
    .describe("Seed of member 0; the others count up from it. Default: the run's seed"),
  overrides: z
    .array(memberOverride)
    .default([])
    .describe("Keys of the population that differ for member 0, 1, …; also seed and name"),
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
    .describe("Score above which a member is reinitialised"),
  cool_down_steps: z
    .int()
    .min(0)
    .default(REINITIALISE_DEFAULTS.coolDownSteps)
    .describe("Steps after a reinitialisation without another one"),
});

const training = z.strictObject({
  batch: positiveInteger.default(4096).describe("Activations per step"),
  steps: positiveInteger
    .optional()
    .describe(
      "Number of steps; or give tokens or epochs instead. With --resume, more of them extend a run",
    ),
  tokens: positiveInteger
    .optional()
    .describe("Instead of steps: total activations, rounded down to whole steps"),
  epochs: z.number().gt(0).optional().describe("Instead of steps: passes over a finite source"),
  log_every: positiveInteger.default(50).describe("Steps between lines of metrics.jsonl"),
  agreement_every: z
    .union([z.literal(false), positiveInteger])
    .optional()
    .describe(
      "Steps after which the next line of metrics.jsonl says how alike members are: pw_mcc, with known features gt_mcc, and their nulls. false: never. Default: so many that measuring takes about 2 % of the time, judged by the sizes of dictionaries and batch",
    ),
  checkpoint_every: positiveInteger.default(1000).describe("Steps between checkpoints"),
  keep_checkpoints: positiveInteger.default(2).describe("Number of newest checkpoints to keep"),
  save_at: z
    .array(positiveInteger)
    .default([])
    .describe(
      "Steps after which the SAEs are saved as they are then, below saes_at/ of the run's folder. Other programs and commands read them like those of saes/",
    ),
});

const backend = z.strictObject({
  kind: z
    .enum(["auto", "native", "reference"])
    .default("auto")
    .describe("auto takes the native core if it can be loaded"),
  isa: z
    .string()
    .optional()
    .describe("Instruction set of the native core (concord doctor lists them)"),
  threads: positiveInteger
    .optional()
    .describe("Threads of the native core; default: the processors that this process may use"),
});

const consensusKeys = z.strictObject(consensus.options.shape);

/** The schemas of all kinds of source, with what each of them makes of its keys. */
type SchemasOf<Kinds extends readonly { readonly schema: z.ZodObject }[]> = {
  [I in keyof Kinds]: Kinds[I]["schema"];
};

const sourceSchemas = DOMAINS.map(({ schema }) => schema) as unknown as SchemasOf<typeof DOMAINS>;

/** `denoising: how well members make clean rows of noisy ones`, and its options. */
function analysisWords({ name, summary, options, onRequest }: (typeof ANALYSES)[number]): string {
  const only = onRequest ? " (only where it is listed)" : "";
  const words = `${name}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}${only}`;
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
    .describe("Name of the run, and of its folder in runs_folder"),
  runs_folder: z.string().default("runs").describe("Folder that contains the runs"),
  seed: seed.default(0).describe("Seed of everything random that has no seed key of its own"),
  source: z.discriminatedUnion("kind", sourceSchemas).describe("Source of the activations"),
  population: population.describe("The SAEs; listed values train every combination"),
  coupling: couplingSchema.optional().describe("A loss between members; without it there is none"),
  reinitialise: z
    .union([z.literal(false), reinitialise])
    .default(false)
    .describe("Reinitialise members whose latents are active too unevenly"),
  training: training.describe("Length, batches, logs and checkpoints of training"),
  loggers: z
    .array(z.enum(LOGGERS))
    .default([])
    .describe(
      "Additional logs for other programs. csv writes metrics.csv, with a line per log point and member; tensorboard writes event files in tensorboard/ (view them with tensorboard --logdir runs)",
    ),
  analyses: z
    .array(listedSchema())
    .refine((listed) => isWanted({ analyses: listed }, evaluation), {
      error: "expected evaluation among them: reports and sweeps rest on it",
    })
    .optional()
    .describe(
      `Analyses after training; default: all that the source has rows for. ${ANALYSES.filter(
        ({ ownKey }) => !ownKey,
      )
        .map(analysisWords)
        .join("; ")}`,
    ),
  consensus: consensusKeys
    .optional()
    .describe(
      "After training, makes one SAE of the latents that several members found: in consensus/ of the run's folder. Without it there is none",
    ),
  backend: backend.prefault({}).describe("The backend; environment variables override it"),
});

/**
 * Keys outside `population` whose value is a list, for a source of this kind. There, only a list of
 * lists is an axis of a sweep.
 */
export function listKeys(kind: unknown): ReadonlySet<string> {
  const ofSource = domainOf(kind)?.listKeys ?? [];
  return new Set([
    "loggers",
    "analyses",
    "source.residual_of",
    "training.save_at",
    ...ofSource.map((key) => `source.${key}`),
  ]);
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
