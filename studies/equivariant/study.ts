import type { Study } from "../../src/index.ts";
import { armOf, arms, COMPARED_ARMS } from "./arms.ts";
import { shown } from "./shown.ts";

const study: Study = {
  title: "Equivariant SAEs: the toy model",
  question:
    "Where a group moves features, does an SAE that knows the group find and detect more of them?",
  config: "toy.yaml",
  seeds: [0, 1, 2],
  arms,
  baseline: armOf("wide", 24),
  ...shown,
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
  quick: {
    arms: [armOf("narrow", 8), armOf("canonical", 8), COMPARED_ARMS.narrow],
    settings: ["training.steps=8", "source.held_out_rows=64"],
  },
};

export default study;
