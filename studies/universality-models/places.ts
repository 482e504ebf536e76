/** @file The models, and the places in them whose activations are compared. */

/** A place in a model. */
export interface Place {
  /** In tables. */
  readonly title: string;
  /** A name of the catalogue; `redrawn` is stories15m with weights drawn anew. */
  readonly model: string;
  readonly hook: string;
  readonly dIn: number;
  /** Parameters of the model, millions. */
  readonly millions: number;
  /** What kind of model it is: models of one kind are trained for the same. */
  readonly kind: "decoder" | "encoder" | "control";
}

/** Weights of stories15m drawn anew. */
export const REDRAWN = "redrawn";

const stories = (block: number, title: string): Place => ({
  title,
  model: "stories15m",
  hook: `blocks.${block}.hook_resid_post`,
  dIn: 288,
  millions: 15,
  kind: "decoder",
});

const encoder = (model: string, millions: number, layer: number): Place => ({
  title: model,
  model,
  hook: `/encoder/layer.${layer}/output/LayerNorm/Add_1_output_0`,
  dIn: 384,
  millions,
  kind: "encoder",
});

/** By the names that arms use. Half the depth of every model, and two more layers of one. */
export const PLACES = {
  stories: stories(2, "stories15m"),
  smollm2: {
    title: "SmolLM2",
    model: "smollm2-135m-instruct",
    hook: "blocks.14.hook_resid_post",
    dIn: 576,
    millions: 135,
    kind: "decoder",
  },
  minilm: encoder("minilm", 22, 2),
  gte: encoder("gte-small", 33, 5),
  redrawn: { ...stories(2, "stories15m, redrawn"), model: REDRAWN, kind: "control" },
  early: stories(0, "stories15m, block 0"),
  late: stories(4, "stories15m, block 4"),
} as const satisfies Readonly<Record<string, Place>>;

/** The name of a place. */
export type PlaceName = keyof typeof PLACES;

/** All places, in the order of `PLACES`. */
export const PLACE_NAMES = Object.keys(PLACES) as readonly PlaceName[];
