/** Populations so large that comparing all pairs would take as long as training, or longer. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { concord, startConcord, until } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const config = (members: number, dSae: number) => `name: many
source: { kind: synthetic, d_in: 16, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: ${members}, d_sae: ${dSae}, k: 2, warmup_steps: 0 }
training: { batch: 16, steps: 2 }
`;

test("250 members are compared by a sample of pairs, which results, summary and report state", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "many.yaml"), config(250, 4));
  const run = await concord(["run", "many.yaml"], folder);
  expect(run.code, run.stderr).toBe(0);
  const path = (name: string) => join(folder, "runs/many", name);
  const consistency = JSON.parse(readFileSync(path("results/consistency.json"), "utf8"));
  expect(consistency.sampled_pairs).toEqual({ compared: 2000, of: 31_125 });
  expect(consistency.pairs).toHaveLength(2000);
  expect(consistency.ground_truth).toHaveLength(250);
  expect(run.stdout).toMatch(/\nPW-MCC .* over 2000 of 31125 pairs drawn at random\n/);
  const page = readFileSync(path("report.html"), "utf8");
  expect(page).toContain("2000 of the 31\u202f125 pairs, drawn at random, were compared.");
  expect(Buffer.byteLength(page)).toBeLessThan(3e6);
}, 240_000);

test("a signal is heard while members are compared, and --resume compares them", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "many.yaml"), config(60, 96));
  const { child, ended } = startConcord(["run", "many.yaml"], folder);
  let said = "";
  child.stderr!.on("data", (text: string) => {
    said += text;
  });
  await until("it evaluates", () => said.includes("comparing dictionaries: "));
  const stopped = performance.now();
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(performance.now() - stopped).toBeLessThan(10_000);
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/error: Interrupted while evaluating, after the last step\.\n {2}hint: /);
  const resumed = await concord(["run", "many.yaml", "--resume"], folder);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain("going on from step 2");
}, 240_000);
