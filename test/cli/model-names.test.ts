/** What the names of models, texts and hooks mean on the command line. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { concord, startConcord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

/** A process says once what a name means, so here each command has its own. */
const inOwnProcess = (args: readonly string[], folder: string) => startConcord(args, folder).ended;

const HUB_LIKE = "EleutherAI/pythia-70m";

/**
 * A folder with a tiny model under the name of one of the catalogue, and of one of the hub, and a
 * text.
 */
function workplace(): string {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "gpt2"));
  writeTinyModel(join(folder, HUB_LIKE));
  writeLetters(join(folder, "letters.txt"), 3, 200);
  return folder;
}

const collect = (model: string, text = "letters.txt") => [
  "collect",
  "--model",
  model,
  "--hook",
  TINY_HOOK,
  "--text",
  text,
  "--out",
  "store",
];

describe("a name of the catalogue beside a folder of that name", () => {
  test("is the catalogue's, and a line says how to ask for the folder", async () => {
    const folder = workplace();
    const { code, stderr } = await inOwnProcess(collect("gpt2"), folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^note: "gpt2" is the model of the catalogue; for the folder of that name write "\.\/gpt2"\.\nerror: The model openai-community\/gpt2 is not in /,
    );
    const own = await concord(collect("./gpt2"), folder);
    expect(own).toMatchObject({ code: 0, stderr: expect.not.stringContaining("note:") });
  });

  test("is the catalogue's in a config too, wherever the config lies, and said once", async () => {
    const folder = workplace();
    const config = {
      source: { kind: "language_model", model: "gpt2", hook: TINY_HOOK, text: "letters.txt" },
      name: "mine",
      population: { members: 2, architecture: "topk", d_sae: 32, k: 4 },
      training: { batch: 64, steps: 10 },
    };
    writeFileSync(join(folder, "my.yaml"), JSON.stringify(config));
    const elsewhere = temporaryFolder();
    const { stderr } = await inOwnProcess(["run", join(folder, "my.yaml")], elsewhere);
    expect(stderr.match(/note: "gpt2" is the model of the catalogue/g)).toHaveLength(1);
  });

  test("is the catalogue's for texts as well", async () => {
    const folder = workplace();
    cpSync(join(folder, "letters.txt"), join(folder, "stories15m-samples"));
    const { stderr } = await inOwnProcess(
      [...collect("./gpt2", "stories15m-samples"), "--max-tokens", "20"],
      folder,
    );
    expect(stderr).toMatch(
      /note: "stories15m-samples" is the text of the catalogue; for the file of that name write "\.\/stories15m-samples"\./,
    );
    // A name of a model is not a name of a text.
    cpSync(join(folder, "letters.txt"), join(folder, "distilgpt2"));
    const other = await concord([...collect("./gpt2", "distilgpt2"), "--out", "other"], folder);
    expect(other).toMatchObject({ code: 0, stderr: expect.not.stringContaining("note:") });
  });
});

test("a folder named like a model of the hub is the folder, and a line says how to ask for the hub's", async () => {
  const folder = workplace();
  const { code, stderr } = await inOwnProcess(collect(HUB_LIKE), folder);
  expect(code).toBe(0);
  expect(stderr).toContain(
    `note: "${HUB_LIKE}" is the folder here; for the model of the hub write "${HUB_LIKE}@main".`,
  );
  const hub = await concord(
    [...collect(`${HUB_LIKE}@main`), "--offline", "--out", "other"],
    folder,
  );
  expect(hub.stderr).toMatch(/^error: The model EleutherAI\/pythia-70m is not in /);
});

test("models hooks lists names, widths and meanings", async () => {
  const folder = workplace();
  const { stdout } = await concord(["models", "hooks", "./gpt2"], folder);
  expect(stdout).toMatch(/^hook +width +meaning\n/);
  expect(stdout).toMatch(/\nblocks\.1\.hook_resid_post +24 +residual stream leaving the block\n/);
  const listed = JSON.parse(
    (await concord(["models", "hooks", "./gpt2", "--json"], folder)).stdout,
  );
  expect(listed).toContainEqual({
    name: "blocks.0.mlp.hook_post",
    width: 96,
    meaning: expect.stringMatching(/^MLP neurons after/),
  });
  expect(listed.every((hook: { meaning: string }) => hook.meaning !== "")).toBe(true);
});

test("a store of hook_normalized from the time when it meant the tensor after gain and bias is not gone on with", async () => {
  const folder = workplace();
  const command = ["collect", "--model", "./gpt2", "--text", "letters.txt", "--out", "store"];
  const normalized = [...command, "--hook", "blocks.0.ln1.hook_normalized"];
  expect((await concord(normalized, folder)).code).toBe(0);
  expect((await concord(normalized, folder)).stdout).toMatch(/complete already/);
  const path = join(folder, "store", "index.json");
  const index = JSON.parse(readFileSync(path, "utf8"));
  expect(index.provenance.hook_convention).toBe("transformer_lens_3");
  delete index.provenance.hook_convention;
  writeFileSync(path, JSON.stringify(index));
  const { code, stderr } = await concord(normalized, folder);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: .*an earlier version began it, where this hook came after gain and bias\.$/m,
  );
});
