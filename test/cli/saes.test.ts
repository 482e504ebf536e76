/** `concord saes`: SAEs that other programs saved. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const GOLDEN = resolve(import.meta.dirname, "../golden/interchange");
const TOPK = join(GOLDEN, "dictionary_learning/AutoEncoderTopK");

test("info says what a folder holds, for people and for programs", async () => {
  const folder = temporaryFolder();
  const table = await concord(["saes", "info", TOPK, join(GOLDEN, "sparsify/topk")], folder);
  expect(table.stdout).toMatch(/dictionary_learning +AutoEncoderTopK +6 +10 +3 largest +gpt2/);
  expect(table.stdout).toMatch(/sparsify +topk +6 +10 +3 largest +–/);
  const { stdout } = await concord(["saes", "info", TOPK, "--json"], folder);
  expect(JSON.parse(stdout)).toEqual([
    {
      folder: TOPK,
      format: "dictionary_learning",
      architecture: "AutoEncoderTopK",
      d_in: 6,
      d_sae: 10,
      selection: "topk",
      k: 3,
      model_name: "gpt2",
      hook_name: null,
      seed: 3,
    },
  ]);
});

test("convert writes what check accepts, until the weights are changed", async () => {
  const folder = temporaryFolder();
  const converted = await concord(["saes", "convert", TOPK, "--out", "sae"], folder);
  expect(converted).toMatchObject({
    code: 0,
    stdout: "sae: 10 latents of d_in 6, from dictionary_learning to saelens; read back and checked\n",
  });
  const config = JSON.parse(readFileSync(join(folder, "sae/cfg.json"), "utf8"));
  expect(config.metadata).toMatchObject({
    model_name: "gpt2",
    converted_from: { format: "dictionary_learning", architecture: "AutoEncoderTopK", seed: 3 },
  });
  const good = await concord(["saes", "check", "sae", TOPK], folder);
  expect(good).toMatchObject({ code: 0 });
  expect(good.stdout).toMatch(/^sae: gives the codes it was saved with/);
  expect(good.stdout).toContain("it has no probe (concord saes convert writes one)");

  cpSync(join(folder, "sae"), join(folder, "changed"), { recursive: true });
  const changed = join(folder, "changed/cfg.json");
  writeFileSync(changed, readFileSync(changed, "utf8").replace(/"k": 3/g, '"k": 2'));
  const bad = await concord(["saes", "check", "changed"], folder);
  expect(bad).toMatchObject({ code: 1, stdout: "" });
  expect(bad.stderr).toMatch(/changed\/probe\.safetensors: the SAE gives other codes than when/);
});
