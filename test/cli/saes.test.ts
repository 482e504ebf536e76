/** `concord saes`: SAEs that other programs saved. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { concord } from "../support/cli.ts";
import { startFakeHub } from "../support/fake-hub.ts";
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
      row_normalization: null,
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
    stdout:
      "sae: 10 latents of d_in 6, from dictionary_learning to saelens; read back and checked\n",
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

test("convert writes the format that --to names, and refuses what it cannot keep", async () => {
  const folder = temporaryFolder();
  const to = (format: string) =>
    concord(["saes", "convert", TOPK, "--out", format, "--to", format, "--json"], folder);
  expect(JSON.parse((await to("sparsify")).stdout)).toEqual({
    folder: "sparsify",
    format: "dictionary_learning",
    to: "sparsify",
    d_in: 6,
    d_sae: 10,
    warning: null,
  });
  const refused = await to("gemma_scope");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/cannot be kept as gemma_scope, which selects all above a/);
  expect(refused.stderr).toMatch(/hint: Choose sparsify or saelens or dictionary_learning\./);
  expect((await to("gemma")).stderr).toMatch(/Allowed choices are saelens, .*openai/);
});

test("an SAE of the hub has a name wherever a folder has one", async () => {
  const files = ["ae.pt", "config.json"].map(
    (name) => [`org/saes/topk/${name}`, readFileSync(join(TOPK, name))] as const,
  );
  const hub = await startFakeHub(new Map(files));
  onTestFinished(() => hub.close());
  const folder = temporaryFolder();
  const online = { HF_ENDPOINT: hub.url, CONCORD_OFFLINE: "0" };
  const name = "hf:org/saes/topk";
  const info = await concord(["saes", "info", name, "--json"], folder, online);
  expect(JSON.parse(info.stdout)[0]).toMatchObject({ folder: name, k: 3 });
  const offline = await concord(["saes", "check", name, "--offline"], folder, online);
  expect(offline).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${name}: can be read`),
  });
  const compared = await concord(["compare", name, TOPK, "--json"], folder, online);
  expect(JSON.parse(compared.stdout).pairs[0].mcc).toBeCloseTo(1, 5);
  const wrong = await concord(["saes", "info", "hf:org/saes"], folder, online);
  expect(wrong.stderr).toMatch(/hint: It holds topk\/\. Name the folder of an SAE\./);
});
