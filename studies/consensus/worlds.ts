/** @file What the study trains on: synthetic data with known features, and a language model. */

/** One kind of data and the SAEs that are trained on it. */
export interface World {
  /** Relative to the study. */
  readonly config: string;
  readonly settings: readonly string[];
  readonly architecture: string;
  readonly dSae: number;
  readonly k: number;
  readonly lr: number;
  /** Steps of a member. */
  readonly steps: number;
  /** Steps of a refit. */
  readonly refit: number;
  /** Least cosine of any two latents of a group. */
  readonly tau: number;
  /** The language model that the rows come from, where there is one. */
  readonly model?: { readonly name: string; readonly hook: string; readonly text: string };
  /** Whether everything else that the compute could buy is trained as well. */
  readonly rivals: boolean;
  /** Whether a second population is trained, each member as long as all of the first together. */
  readonly longer: boolean;
}

/** Members whose decoder is their encoder's directions, as in the authors' code of MFR. */
export const TIED = "topk_tied";

/** MFR's generator with other settings; k is the number of active features. */
function synthetic(
  settings: readonly string[],
  { k = 32, dSae = 512, rivals = false, longer = false } = {},
): World {
  return {
    config: "../../configs/mfr/synthetic.yaml",
    settings: [
      "source.support=per_sample",
      ...settings,
      "coupling.weight=0",
      "reinitialise=false",
      "training.batch=1000",
    ],
    architecture: TIED,
    dSae,
    k,
    lr: 0.003,
    steps: 2500,
    refit: 1500,
    tau: 0.7,
    rivals,
    longer,
  };
}

/** By name, as arms and runs have it. */
export const WORLDS = {
  base: synthetic([], { rivals: true, longer: true }),
  stories: {
    config: "stories.yaml",
    settings: ["coupling={ weight: 0 }"],
    architecture: "topk",
    dSae: 1152,
    k: 16,
    lr: 0.001,
    steps: 1480,
    refit: 1500,
    tau: 0.6,
    model: { name: "stories15m", hook: "blocks.3.hook_resid_post", text: "stories15m-samples" },
    rivals: true,
    longer: false,
  },
  sparser: synthetic(["source.active=8"], { k: 8 }),
  denser: synthetic(["source.groups=6", "source.active=64"], { k: 64 }),
  noise: synthetic(["source.noise=1"]),
  narrow: synthetic([], { dSae: 256 }),
  wide: synthetic([], { dSae: 1024 }),
} as const satisfies Readonly<Record<string, World>>;

/** The name of a world. */
export type WorldName = keyof typeof WORLDS;

/** Worlds of this study, and of the study `consensus-data`. */
export const MAIN: readonly WorldName[] = ["base", "stories"];
export const OTHER_DATA: readonly WorldName[] = ["sparser", "denser", "noise", "narrow", "wide"];

/** Members of a population, beside the independent one that judges. */
export const MEMBERS = 4;
