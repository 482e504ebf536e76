import type { Study } from "../../src/index.ts";
import { armOf, arms } from "./arms.ts";
import { measures } from "./measures.ts";
import { shown } from "./shown.ts";

const study: Study = {
  title: "Equivariant SAEs: shapes",
  question:
    "On autoencoders of turned pictures, are SAEs that know the group more useful to probes, and at what cost in reconstruction?",
  config: "shapes.yaml",
  seeds: [0, 1, 2],
  arms,
  baseline: armOf("wide", "cnn"),
  measures,
  curves: [{ name: "angles", of: () => undefined }],
  ...shown,
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
  quick: {
    arms: ["wide", "canonical", "narrow-upright", "canonical-wrong", "rows", "action"].map((name) =>
      armOf(name, "mlp"),
    ),
    settings: [
      "source.pictures={ made: shapes, count: 200, size: 16 }",
      "source.model={ autoencoder: mlp, latent: 8, epochs: 1, batch: 8 }",
      "population.hidden_dim=8",
      "training.batch=32",
      "training.steps=4",
    ],
  },
};

export default study;
