import { resolve } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "./load-config.ts";
import { plannedMembers } from "./members.ts";

const TOY = resolve(import.meta.dirname, "../../configs/equivariant/toy.yaml");

test("the toy config has every method with every action, and batches of whole orbits", async () => {
  const runs = await loadConfig(TOY);
  expect(runs.map(({ config }) => (config.source as { action?: string }).action)).toEqual([
    "exact",
    "fitted",
    "wrong",
  ]);
  for (const { config } of runs) {
    const members = plannedMembers(config.population, { dIn: 32, seed: 0, totalSteps: 10 });
    const equivariant = members.filter(({ architecture }) => architecture.name === "equivariant");
    expect(new Set(members.map(({ name }) => name)).size).toBe(members.length);
    // Three losses, each with a fixed and a random representative.
    const kinds = equivariant.map(({ options }) => [options["lossType"], options["canonical"]]);
    expect(new Set(kinds.map(String)).size).toBe(6);
    expect(members.every(({ options }) => options["k"] === 4)).toBe(true);
    expect(config.training.batch % 4).toBe(0);
  }
});
