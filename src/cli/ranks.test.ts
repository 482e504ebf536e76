import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chosenRank } from "./ranks.ts";

const slurm = (task: string, tasks: string) => {
  vi.stubEnv("SLURM_PROCID", task);
  vi.stubEnv("SLURM_NTASKS", tasks);
};
beforeEach(() => slurm("", ""));
afterEach(() => void vi.unstubAllEnvs());

test("without --ranks a process trains alone, and other options of ranks are refused", () => {
  expect(chosenRank({})).toBeUndefined();
  expect(chosenRank({ ranks: 1 })).toBeUndefined();
  expect(() => chosenRank({ rank: 1 })).toThrow("Expected --ranks beside --rank.");
  expect(() => chosenRank({ interface: "eth0" })).toThrow("beside --interface");
});

test("a rank is one of --ranks, given or started here", () => {
  expect(chosenRank({ ranks: 3, rank: 2 })).toEqual({ size: 3, rank: 2, startsOthers: false });
  expect(chosenRank({ ranks: 3 })).toEqual({ size: 3, rank: 0, startsOthers: true });
  expect(() => chosenRank({ ranks: 3, rank: 3 })).toThrow(
    "Expected --rank from 0 to 2 but received 3.",
  );
});

test("under Slurm the task is the rank", () => {
  slurm("2", "3");
  expect(chosenRank({ ranks: 3 })).toEqual({ size: 3, rank: 2, startsOthers: false });
  expect(chosenRank({})).toBeUndefined();
  expect(() => chosenRank({ ranks: 4 })).toThrow("Expected 3 for --ranks, the tasks of Slurm");
  slurm("0", "1");
  expect(chosenRank({ ranks: 2 })).toMatchObject({ startsOthers: true });
});
