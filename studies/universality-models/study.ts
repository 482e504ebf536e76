import type { Study } from "../../src/index.ts";

const study: Study = {
  title: "Do models closer in size agree more?",
  question: "Do SAEs of two models agree more where the models are closer in size?",
  seeds: [0, 1, 2],
  arms: { a: { title: "a" } },
  measures: [{ name: "fvu", label: "held-out FVU", of: () => undefined }],
  async compute(seed, context) {
    const { computeSeed } = await import("./compute.ts");
    return await computeSeed(seed, context);
  },
};

export default study;
