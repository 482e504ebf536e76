import { expect, test } from "vitest";
import { parseConfig } from "./load-config.ts";

const parsed = (population: string, consensus = "{}") =>
  parseConfig(
    `name: c
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2 }
population: { d_sae: 16, ${population} }
training: { steps: 1 }
consensus: ${consensus}
`,
    "c.yaml",
  )[0]!.config;

test("a consensus has defaults, and is left out where the config has no such key", () => {
  expect(parsed("members: 2, k: 2").consensus).toEqual({
    minMembers: 2,
    tau: 0.7,
    refitSteps: 1500,
    trainAtoms: false,
    fill: false,
  });
});

test.each([
  [
    "members: 1, k: 2",
    "{}",
    "c.yaml:5: consensus.min_members is 2, but the population has one member beside",
  ],
  [
    "members: 2, independent: 1, k: 2",
    "{ min_members: 3 }",
    "has 2 members beside independent ones",
  ],
  [
    "members: 2, k: [2, 4]",
    "{}",
    "one architecture and one k, but found topk with k 2 and topk with k 4",
  ],
  [
    "members: 2, k: 2, overrides: [{ architecture: topk_tied }]",
    "{}",
    "topk_tied with k 2 and topk with k 2",
  ],
])("%s with %s is refused before anything is trained", (population, consensus, message) => {
  expect(() => parsed(population, consensus)).toThrow(message);
});

test("members may differ in width and rate", () => {
  expect(() => parsed("members: 1, k: 2, lr: [0.1, 0.2]")).not.toThrow();
});
