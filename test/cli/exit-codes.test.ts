/**
 * One rule for all verbs: 2 for what cannot be done as it was typed, 1 for what failed. Both are an
 * `error:` line and no stack.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leavesOf } from "../../src/cli/cli-page.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const leaves = leavesOf(makeProgram()).map(({ path, command }) => ({ path, command }));

async function expectEnd(args: readonly string[], code: number, folder = temporaryFolder()) {
  const ended = await concord(args, folder);
  const shown = `concord ${args.join(" ")}\n${ended.stdout}${ended.stderr}`;
  expect(ended.code, shown).toBe(code);
  expect(ended.stderr, shown).toMatch(/^error: [^\n]+\n( {2}hint: [^\n]+\n)?$/);
  return ended.stderr;
}

test.each(leaves)("concord $path with a flag that it has not is misuse", async ({ path }) => {
  expect(await expectEnd([...path.split(" "), "--nonsense"], 2)).toMatch(
    /unknown option|not specified/,
  );
});

const demanding = leaves.filter(({ command }) => {
  const { options, registeredArguments } = command;
  return options.some((o) => o.mandatory) || registeredArguments.some((a) => a.required);
});

test.each(demanding)("concord $path without what it needs is misuse", async ({ path }) => {
  expect(await expectEnd(path.split(" "), 2)).toMatch(/not specified|missing required argument/);
});

test.each([
  [["nope"]],
  [["models", "nope"]],
  [["help", "nope"]],
  [["help", "models", "nope"]],
  [["doctor", "nope"]],
])("words that are not a command are misuse: %j", async (args) => {
  await expectEnd(args, 2);
});

test.each([
  [["run", "nope.yaml"]],
  [["plan", "nope.yaml"]],
  [["show", "nope"]],
  [["report", "nope"]],
  [["models", "get", "nope"]],
  [["models", "eval", "nope", "--text", "nope.txt"]],
  [["collect", "--model", "nope", "--hook", "h", "--text", "nope.txt", "--out", "out"]],
  [["datasets", "get", "nope"]],
  [["edf", "info", "nope.edf"]],
  [["edf", "info", "."]],
  [["encode", "--sae", "nope", "--input", "nope.npy", "--out", "out"]],
  [["denoise", "nope.edf", "-o", "out.edf", "--sae", "nope"]],
])("names of what is not there are misuse: %j", async (args) => {
  await expectEnd(args, 2);
});

test("what a file holds is a failure", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "damaged.edf"), "nothing of the kind");
  await expectEnd(["edf", "info", "damaged.edf"], 1, folder);
});

test("help of a command is what its --help prints", async () => {
  const folder = temporaryFolder();
  for (const path of [[], ["run"], ["models", "eval"]]) {
    const [help, flag] = await Promise.all([
      concord(["help", ...path], folder),
      concord([...path, "--help"], folder),
    ]);
    expect(help).toEqual(flag);
    expect(help.code).toBe(0);
  }
});
