/** A run with a damaged file is shown or refused in one line, and listed in any case. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runReport } from "../../src/report/run-report.ts";
import { runDetails, runOverviews } from "../../src/runs/overview.ts";
import { RunFolder } from "../../src/runs/run-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";
import { damaged } from "./damaged.ts";
import { survives } from "./survives.ts";

const home = mkdtempSync(join(tmpdir(), "concord-fuzz-"));
const good = new RunFolder(join(home, "good", "tiny"));
const copy = new RunFolder(join(home, "copy", "tiny"));
const isAlive = () => false;
/** Damaged copies of each file; a report is made of each, which takes most of the time. */
const COPIES = 20;

beforeAll(async () => {
  await tinyRuns(join(home, "good"), ["coupling={weight: 0.5}"]);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each([
  "run.json",
  "config.yaml",
  "metrics.jsonl",
  "timings.jsonl",
  "events.jsonl",
  "results/evaluation.json",
  "results/consistency.json",
  "results/latents.safetensors",
  "saes/member-0/cfg.json",
])("%s", async (name) => {
  cpSync(good.path, copy.path, { recursive: true });
  const bytes = readFileSync(good.file(name));
  const survival = await survives(damaged([[name, bytes]], COPIES), async (some) => {
    writeFileSync(copy.file(name), some);
    expect(await runOverviews(join(home, "copy"), isAlive)).toHaveLength(1);
    await runDetails(copy, isAlive);
    await runReport(copy);
  });
  expect(survival.parsed + survival.refused).toBe(COPIES + 1);
  rmSync(copy.path, { recursive: true });
});
