import { expect, test } from "vitest";
import type { PlannedRun } from "../config/load-config.ts";
import { oneRun } from "./one-run.ts";

const run = (name: string) => ({ config: { name } }) as PlannedRun;

test("a config of one run gives that run", () => {
  const one = run("a");
  expect(oneRun([one], "a.yaml")).toBe(one);
});

test("a config of several is refused, with their number and what to do", () => {
  const both = [run("a"), run("b")];
  expect(() => oneRun(both, "a.yaml")).toThrow(
    "Expected the config of one run but a.yaml describes 2.",
  );
  expect(() => oneRun(both, "a.yaml", "Do this.")).toThrow(
    expect.objectContaining({ hint: "Do this." }),
  );
});
