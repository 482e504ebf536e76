/** @file What the study trains on: synthetic data of several kinds, and a language model. */

/** One kind of data and the SAEs that are trained on it. */
export interface World {
  readonly title: string;
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
  /** Whether one SAE as wide as all members together is trained as well. */
  readonly union: boolean;
  /** Whether a second population is trained, each member as long as all of the first together. */
  readonly longer: boolean;
}

/** Members whose decoder is their encoder's directions, as in the authors' code of MFR. */
export const TIED = "topk_tied";

const MFR = "../../configs/mfr/synthetic.yaml";

/** MFR's generator with other numbers; k is the number of active features. */
function synthetic(
  title: string,
  source: readonly string[],
  { k = 32, dSae = 512, longer = false } = {},
): World {
  return {
    title,
    config: MFR,
    settings: [
      "source.support=per_sample",
      ...source,
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
    union: longer,
    longer,
  };
}

/** By name, as arms and runs have it. */
export const WORLDS: Readonly<Record<string, World>> = {
  base: synthetic("504 features that occur, 32 active", [], { longer: true }),
  sparser: synthetic("8 active", ["source.active=8"], { k: 8 }),
  denser: synthetic("64 active, of 6 groups", ["source.groups=6", "source.active=64"], { k: 64 }),
  noise: synthetic("noise of a tenth of the variance", ["source.noise=1"]),
  narrow: synthetic("half as many latents as features", [], { dSae: 256 }),
  wide: synthetic("twice as many latents as features", [], { dSae: 1024 }),
  stories: {
    title: "stories15m, middle residual stream",
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
    union: true,
    longer: false,
  },
};

/** Worlds of this study, and of `consensus-data`. */
export const MAIN: readonly string[] = ["base", "stories"];
export const OTHER_DATA: readonly string[] = ["sparser", "denser", "noise", "narrow", "wide"];

/** Members of a population, beside the independent one that judges. */
export const MEMBERS = 4;
