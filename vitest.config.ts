import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests that measure the memory of their process, so that no other's may be in it. */
const MEASURE_MEMORY = [
  "test/fuzz/**/*.test.ts",
  "src/cli/process-memory.test.ts",
  "src/population/step-garbage.test.ts",
  "src/sources/shards/shard-source.test.ts",
];

/** Those that take longest. Begun last, one of them would keep one processor busy alone. */
const LONGEST = /test\/(studies\/quick|e2e\/page\/accessible|faults\/kill|examples\/examples)\./;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // The files of a project stay together, because they share processes.
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const rank = ({ project, moduleId }: TestSpecification) =>
      2 * projects.indexOf(project.name) + (LONGEST.test(moduleId) ? 0 : 1);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

// Elsewhere a process runs many files and loads the program once, which takes 0.4 s.
const EVERY = {
  setupFiles: "test/support/equal-arrays.ts",
  pool: "forks",
  testTimeout: 60_000,
  hookTimeout: 120_000,
} as const;

export default defineConfig({
  test: {
    // Only here: what a project extends runs once more for each.
    globalSetup: ["test/support/build-dist.ts", "test/support/shared-folder.ts"],
    // Two cores: the native core has threads of its own.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...EVERY,
          name: "unit",
          include: ["src/**/*.test.ts", "web/**/*.test.ts"],
          exclude: MEASURE_MEMORY,
          isolate: false,
        },
      },
      {
        test: {
          ...EVERY,
          name: "whole",
          include: ["test/**/*.test.ts"],
          exclude: MEASURE_MEMORY,
          isolate: false,
        },
      },
      {
        test: { ...EVERY, name: "alone", include: MEASURE_MEMORY },
      },
    ],
  },
});
