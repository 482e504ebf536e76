/**
 * Logs far larger than the memory there is: they are read line by line, and what pages draw of them
 * stays small.
 */
import {
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { concord, startConcord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: long
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 8, k: 2 }
training: { batch: 16, steps: 20 }
`;

/** Writes a log of about `bytes`, whose steps run from 0 to 20 in parts of a step. */
function writeLog(path: string, bytes: number, rest: (isMiddle: boolean) => object): void {
  const lines = Math.ceil(bytes / JSON.stringify({ step: Math.PI, ...rest(false) }).length);
  const file = openSync(path, "w");
  const chunk: string[] = [];
  for (let i = 1; i <= lines; i++) {
    const middle = i === Math.floor(lines / 2);
    chunk.push(`${JSON.stringify({ step: (20 * i) / lines, ...rest(middle) })}\n`);
    if (chunk.length === 5000 || i === lines) writeSync(file, chunk.splice(0).join(""));
  }
  closeSync(file);
}

const member = (isMiddle: boolean) => ({
  loss: 1.234_567_890_123,
  fvu: isMiddle ? 100 : 0.123_456_789,
  mse: 0.123_456_789_012,
  l0: 2,
  l1: 1.234_567_890_123,
  dead: 0,
  lr: 0.001,
  aux_loss: 0.000_123_456_789,
});

test("a report of logs larger than the memory is made, is small, and shows the spike", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "long.yaml"), CONFIG);
  const first = await concord(["run", "long.yaml"], folder);
  expect(first.code, first.stderr).toBe(0);
  const run = (name: string) => join(folder, "runs/long", name);
  writeLog(run("metrics.jsonl"), 24e6, (isMiddle) => ({
    activations: 16,
    coupling_loss: 0,
    members: { "member-0": member(isMiddle), "member-1": member(isMiddle) },
  }));
  writeLog(run("timings.jsonl"), 6e6, () => ({
    source: 1,
    coupling: 0,
    members: 2,
    total: 3,
    coupling_work: {},
    redone_rows: [0, 0],
  }));
  writeLog(run("events.jsonl"), 6e6, () => ({ event: "reinitialised", member: "member-0" }));
  const small = { NODE_OPTIONS: "--max-old-space-size=64" };
  const inLittleMemory = (args: readonly string[]) => startConcord(args, folder, small).ended;
  const report = await inLittleMemory(["report", "long"]);
  expect(report.code, report.stderr).toBe(0);
  expect(statSync(run("report.html")).size).toBeLessThan(2e6);
  const page = readFileSync(run("report.html"), "utf8");
  expect(page).toMatch(/Thinned from \d\d.\d\d\d points; extremes are kept\./);
  // The spike reaches up to the highest mark of the axis.
  expect(page).toContain(">100<");
  for (const verb of [["show", "long"], ["runs"]])
    expect((await inLittleMemory(verb)).code).toBe(0);
  // The logs are whole, and stay as they are.
  const size = statSync(run("metrics.jsonl")).size;
  rmSync(run("results/evaluation.json"));
  const resumed = await inLittleMemory(["run", "long.yaml", "--resume"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(statSync(run("metrics.jsonl")).size).toBe(size);
}, 240_000);
