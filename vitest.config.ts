import { defineConfig } from "vitest/config";

/** Unit tests that measure the memory of their process, so that no other's may be in it. */
const MEASURE_MEMORY = [
  "src/cli/process-memory.test.ts",
  "src/population/step-garbage.test.ts",
  "src/sources/shards/shard-source.test.ts",
];

const EVERY = {
  setupFiles: "test/support/equal-arrays.ts",
  pool: "forks",
  testTimeout: 60_000,
  hookTimeout: 120_000,
} as const;

export default defineConfig({
  test: {
    // Only here: what a project extends runs once more for each.
    globalSetup: ["test/support/build-dist.ts"],
    // Two cores: the native core has threads of its own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...EVERY,
          name: "unit",
          include: ["src/**/*.test.ts", "web/**/*.test.ts"],
          exclude: MEASURE_MEMORY,
          // A process runs many files and loads the program once, which takes 0.4 s.
          isolate: false,
        },
      },
      {
        test: { ...EVERY, name: "whole", include: ["test/**/*.test.ts", ...MEASURE_MEMORY] },
      },
    ],
  },
});
