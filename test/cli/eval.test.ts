/** concord eval on a tiny model, as a person runs it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "concord-eval-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let run: Promise<void> | undefined;
/** Trains the run once. */
const trained = () => {
  run ??= train();
  return run;
};

async function train(): Promise<void> {
  writeTinyModel(join(folder, "model"));
  writeLetters(join(folder, "letters.txt"), 30, 60);
  const config = `name: r
source: { kind: language_model, model: ./model, hook: ${TINY_HOOK}, text: letters.txt, context: 8 }
population: { members: 2, architecture: topk, d_sae: 48, k: 4, lr: 0.01 }
training: { batch: 64, steps: 30 }
`;
  writeFileSync(join(folder, "r.yaml"), config);
  const { code, stderr } = await concord(["run", "r.yaml"], folder);
  expect(code, stderr).toBe(0);
}

const command = ["eval", "r", "--text", "letters.txt", "--max-tokens", "400", "--context", "8"];
const placed = ["--model", "./model", "--hook", TINY_HOOK];

test("a table of the members between the model as it is and zeros", async () => {
  await trained();
  const { code, stdout, stderr } = await concord([...command, ...placed], folder);
  expect(code, stderr).toBe(0);
  for (const row of ["(as they are)", "member-0", "member-1", "(their mean)", "(zeros)"])
    expect(stdout).toContain(row);
  expect(stdout).toContain("predicted tokens; CE and KL in nats");
});

test("SAEBench's core objects, one per SAE", async () => {
  await trained();
  const args = [...command, ...placed, "--json", "--out", "results"];
  const { code, stdout, stderr } = await concord(args, folder);
  expect(code, stderr).toBe(0);
  const all = JSON.parse(stdout);
  expect(all).toHaveLength(2);
  const [{ eval_type_id, eval_result_metrics: m, sae_cfg_dict }] = all;
  expect(eval_type_id).toBe("core");
  expect(sae_cfg_dict).toMatchObject({ architecture: "topk", d_in: 24, d_sae: 48 });
  const ce = m.model_performance_preservation;
  const score =
    (ce.ce_loss_with_ablation - ce.ce_loss_with_sae) /
    (ce.ce_loss_with_ablation - ce.ce_loss_without_sae);
  expect(ce.ce_loss_score).toBeCloseTo(score, 10);
  expect(m.sparsity.l0).toBeCloseTo(4, 6);
  expect(m.misc_metrics.frac_alive).toBeGreaterThan(0);
  expect(m.reconstruction_quality.explained_variance).toBeLessThan(1);
  const files = readdirSync(join(folder, "results"));
  expect(files).toEqual(["member-0_eval_results.json", "member-1_eval_results.json"]);
  expect(JSON.parse(readFileSync(join(folder, "results", files[0]!), "utf8")).eval_id).toBe(
    all[0].eval_id,
  );
});

test("what does not fit is one line", async () => {
  await trained();
  const wrong = [...command, "--model", "./model", "--hook", "blocks.0.mlp.hook_post"];
  const { code, stderr } = await concord(wrong, folder);
  expect(code).toBe(2);
  expect(stderr).toMatch(/encodes activations of d_in 24, but blocks\.0\.mlp\.hook_post has/);
  const nothing = await concord(["eval", "nowhere", "--text", "letters.txt"], folder);
  expect(nothing.code).not.toBe(0);
  expect(nothing.stderr).toContain("nowhere");
});
