import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { findStudyFile, listStudies, loadStudy } from "./load-study.ts";

const SOURCE = `export default {
  title: "Mine", question: "Does it?", config: "config.yaml", seeds: [1, 2, 3],
  arms: { none: { title: "none" } }, measures: ["fvu"],
};\n`;

function place(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test("a study is found by its file, its folder, and its name below the folder of studies", () => {
  const root = place({ "studies/mine/study.mjs": SOURCE });
  const file = join(root, "studies/mine/study.mjs");
  expect(findStudyFile(file, root)).toBe(file);
  expect(findStudyFile(join(root, "studies/mine"), root)).toBe(file);
  expect(findStudyFile("mine", join(root, "studies"))).toBe(file);
});

test("TypeScript comes before JavaScript, and any name is good that is given", () => {
  const root = place({ "a/study.ts": SOURCE, "a/study.mjs": SOURCE, "a/other.mjs": SOURCE });
  expect(findStudyFile("a", root)).toBe(join(root, "a/study.ts"));
  expect(findStudyFile("a/other.mjs", root)).toBe(join(root, "a/other.mjs"));
});

test("a study that is not there is said in one line, with what was looked for", () => {
  const root = place({ "empty/readme.md": "" });
  for (const name of ["nobody", "empty"])
    expect(() => findStudyFile(name, root)).toThrow(
      `There is no study ${name}, nor one in ${root}.`,
    );
});

test("a study is named after its folder", async () => {
  const root = place({ "mine/study.mjs": SOURCE });
  const loaded = await loadStudy(join(root, "mine/study.mjs"));
  expect(loaded).toMatchObject({ name: "mine", folder: join(root, "mine") });
  expect(loaded.study.title).toBe("Mine");
});

test.each([
  ["no default", "export const study = {};", "expected a study as the default export"],
  ["bad syntax", "export default {", "study.mjs: "],
  ["a failing module", "throw new Error('no disk');", "no disk"],
  ["something else", "export default { title: 'x' };", "question: expected text"],
])("%s is refused with the file", async (_, source, message) => {
  const file = join(place({ "mine/study.mjs": source }), "mine/study.mjs");
  await expect(loadStudy(file)).rejects.toMatchObject({ code: "format/invalid" });
  await expect(loadStudy(file)).rejects.toThrow(message);
});

test("studies are listed by name; folders without one are passed over", async () => {
  const root = place({
    "studies/b/study.mjs": SOURCE,
    "studies/a/study.mjs": SOURCE,
    "studies/notes/readme.md": "",
    "studies/setting.ts": "",
  });
  const names = (await listStudies(join(root, "studies"))).map(({ name }) => name);
  expect(names).toEqual(["a", "b"]);
  expect(await listStudies(join(root, "nowhere"))).toEqual([]);
});

test("the folder of one study lists that one", async () => {
  const root = place({ "mine/study.mjs": SOURCE });
  expect((await listStudies(join(root, "mine"))).map(({ name }) => name)).toEqual(["mine"]);
});
