/**
 * What a run on a language model says of its activations: in the folders of its SAEs, in its record
 * and in its report.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../../test/support/tiny-model.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { readSaeMetadata } from "../interchange/saelens.ts";
import { runReport } from "../report/run-report.ts";

test("its SAEs name model, hook and text in SAELens's words, and its report says what the activations are of", async () => {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "letters-model"));
  writeLetters(join(folder, "letters.txt"), 4, 400);
  const source = `source={ kind: language_model, model: letters-model, hook: ${TINY_HOOK}, text: letters.txt }`;
  const [run] = await tinyRuns(folder, [source]);
  const facts = {
    model_name: join(folder, "letters-model"),
    hook_name: TINY_HOOK,
    dataset_path: join(folder, "letters.txt"),
    context_size: 12,
  };
  for (const member of ["member-0", "member-2", "independent-0"])
    expect(await readSaeMetadata(run!.file("saes", member))).toMatchObject(facts);
  const { provenance } = await run!.readRecord();
  expect(provenance).toMatchObject({ kind: "language_model", hook: TINY_HOOK });
  // The folder that the model lies in concerns nobody who reads the report's first lines.
  const words = `activations of letters-model at ${TINY_HOOK} over letters.txt`;
  const page = await runReport(run!);
  expect(page.split(words).length - 1).toBe(2);
  expect(page).not.toContain("activations from shards");
});

test("a text's damage is said when a run begins, and its parts are found from the config's folder", async () => {
  const folder = temporaryFolder();
  writeTinyModel(join(folder, "letters-model"));
  mkdirSync(join(folder, "texts [1]"));
  writeLetters(join(folder, "texts [1]", "a.txt"), 4, 400);
  writeFileSync(join(folder, "texts [1]", "b.txt"), Buffer.from("ol\xe9 once upon", "latin1"));
  const notices: string[] = [];
  const options = `kind: language_model, model: letters-model, hook: ${TINY_HOOK}`;
  for (const text of ["texts [1]", "texts [[]1]/*.txt"])
    await tinyRuns(
      folder,
      [`source={ ${options}, text: "${text}" }`, `name=run-${notices.length}`],
      (event) => {
        if (event.kind === "notice") notices.push(event.message);
      },
    );
  expect(notices).toHaveLength(2);
  for (const notice of notices) expect(notice).toMatch(/: 1 character did not decode/);
});
