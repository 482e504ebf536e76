/** Without a native core everything works on the reference backend, and says so once. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { packageWithoutCore } from "../support/package-without-core.ts";

// Every command is a process of its own.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = resolve(import.meta.dirname, "../..");

describe("the built package without its native core", () => {
  test("trains, evaluates and encodes, and says once that it is slow", () => {
    expect(existsSync(join(ROOT, "dist/cli/main.js")), "it is built: npm run prepare").toBe(true);
    const folder = packageWithoutCore();
    cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
    const concord = (...args: string[]) => {
      const { HOME, PATH } = process.env;
      const result = spawnSync(process.execPath, [join(folder, "dist/cli/main.js"), ...args], {
        cwd: folder,
        encoding: "utf8",
        env: { HOME, PATH, CONCORD_OFFLINE: "1" },
      });
      expect(result.status, result.stderr).toBe(0);
      return result;
    };
    const small = ["training.steps=10", "training.batch=64", "source.held_out_rows=100"];
    const args = ["run", "configs/quickstart.yaml", ...small.flatMap((s) => ["--set", s])];
    const { stderr } = concord(...args);
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning:"));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warning: running on the slow reference backend: the native core is not built; run npm --prefix \S+ run build:native$/,
      ),
    ]);
    const [run] = JSON.parse(concord("runs", "--json").stdout);
    expect(run).toMatchObject({ name: "quickstart", state: "finished" });
    const shown = JSON.parse(concord("show", "quickstart", "--json").stdout);
    expect(shown.record.backend).toEqual({ name: "reference", isa: "typescript", threads: 1 });
    expect(shown.evaluation.members[0].metrics.fvu).toBeLessThan(1);
    const doctor = JSON.parse(concord("doctor", "--json").stdout);
    expect(doctor.backend).toMatchObject({ name: "reference", available_isas: [] });
    expect(doctor.backend.fallback_reason).toMatch(/run npm --prefix \S+ run build:native$/);
  });
});
