/** The data of the study, and how long members train on it. */

/** A kind of data with its settings. */
export interface World {
  readonly title: string;
  readonly config: string;
  readonly settings: readonly string[];
  /** The published weight of MFR on such data. */
  readonly published: number;
  /** What Jedryszek and Crook's 1e-4 beside a sum over d_in is beside our mean over d_in. */
  readonly decay: number;
  /** Training for as many steps in every arm, and until nothing changes any more. */
  readonly lengths: Readonly<Record<Length, readonly string[]>>;
  /** Twice as long as `long`, to see whether that was long enough. */
  readonly longer: readonly string[];
}

export const LENGTHS = ["long", "steps"] as const;
export type Length = (typeof LENGTHS)[number];

/** The learning rate falls to zero over the last half, so that members come to rest. */
const REST = "population.decay_fraction=0.5";

const synthetic = (active: number, longSteps: number): World => ({
  title: `${active} of 128 features active`,
  config: "synthetic.yaml",
  settings: [`source.active=${active}`, `population.k=${active}`],
  published: 3,
  decay: 1e-4 / 64,
  lengths: { steps: ["training.steps=1000"], long: [`training.steps=${longSteps}`, REST] },
  longer: [`training.steps=${2 * longSteps}`, REST],
});

export const SPARSITIES = ["k8", "k16", "k24"] as const;

export const WORLDS = {
  k8: synthetic(8, 5000),
  // Its GT-MCC still rose by 0.03 from 5,000 to 10,000 steps, and by 0.02 from 20,000 to 40,000.
  k16: synthetic(16, 20_000),
  k24: synthetic(24, 5000),
  stories: {
    title: "stories15m, blocks.3.hook_resid_post",
    config: "stories.yaml",
    settings: [],
    published: 0.005,
    decay: 1e-4 / 288,
    lengths: { steps: ["training.epochs=0.5"], long: ["training.epochs=2", REST] },
    longer: ["training.epochs=4", REST],
  },
} as const satisfies Record<string, World>;

export type WorldName = keyof typeof WORLDS;
export const WORLD_NAMES = Object.keys(WORLDS) as WorldName[];
