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
  /** Whether a second population is trained, each member as long as all of the first together. */
  readonly longer: boolean;
}

/** Members whose decoder is their encoder's directions, as in the authors' code of MFR. */
export const TIED = "topk_tied";

/** By name, as arms and runs have it. */
export const WORLDS: Readonly<Record<string, World>> = {
  base: {
    config: "../../configs/mfr/synthetic.yaml",
    settings: [
      "source.support=per_sample",
      "coupling.weight=0",
      "reinitialise=false",
      "training.batch=1000",
    ],
    architecture: TIED,
    dSae: 512,
    k: 32,
    lr: 0.003,
    steps: 2500,
    refit: 1500,
    tau: 0.7,
    longer: true,
  },
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
    longer: false,
  },
};

/** Members of a population, beside the independent one that judges. */
export const MEMBERS = 4;
