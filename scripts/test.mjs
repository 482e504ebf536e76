// `npm test`: runs the TypeScript tests (vitest) and the native core's (ctest). The last line
// counts both.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const temporary = mkdtempSync(join(tmpdir(), "concord-test-"));
const counts = { passed: 0, failed: 0, skipped: 0 };

function countVitest() {
  const output = join(temporary, "vitest.json");
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${output}`,
    ...process.argv.slice(2),
  ];
  const { status } = spawnSync(process.execPath, [vitest, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  try {
    const result = JSON.parse(readFileSync(output, "utf8"));
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests;
    counts.skipped += result.numPendingTests + result.numTodoTests;
    // A file that cannot be loaded has no failed test.
    if (!result.success && result.numFailedTests === 0)
      counts.failed += Math.max(1, result.numFailedTestSuites);
  } catch {
    counts.failed++;
  }
  if (status !== 0 && counts.failed === 0) counts.failed++;
}

function countNative() {
  const script = join(root, "scripts", "test-native.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: root,
    encoding: "utf8",
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  let failed = 0;
  for (const [, passed, failedHere] of stdout.matchAll(/^\w+: (\d+) passed, (\d+) failed$/gm)) {
    counts.passed += Number(passed);
    failed += Number(failedHere);
  }
  counts.failed += status !== 0 && failed === 0 ? 1 : failed;
}

countVitest();
countNative();
rmSync(temporary, { recursive: true, force: true });
if (counts.skipped > 0) console.log(`${counts.skipped} skipped (the reasons are printed above)`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
