import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { NotesReader } from "./notes.ts";

const note = (text: string) => ({ text, scores: [{ name: "detection", value: 0.9, chance: 0.5 }] });

function results(files: Readonly<Record<string, string>>): NotesReader {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "notes"));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, "notes", name), text);
  return new NotesReader(folder);
}

test("all files say something of a latent, in the order of their names", async () => {
  const notes = results({
    "b.json": JSON.stringify({ title: "B", members: { "member-0": { 3: note("second") } } }),
    "a.json": JSON.stringify({ title: "A", members: { "member-0": { 3: note("first") } } }),
    "readme.txt": "not read",
  });
  expect(await notes.of("member-0", 3)).toEqual([
    { title: "A", ...note("first") },
    { title: "B", ...note("second") },
  ]);
  expect(await notes.of("member-0", 4)).toEqual([]);
  expect(await notes.of("member-1", 3)).toEqual([]);
  expect(await new NotesReader(temporaryFolder()).of("member-0", 3)).toEqual([]);
});

test.each([
  ["{", /a\.json.*not JSON/],
  ['{"title": "A", "members": {"m": {"3": {"text": 5, "scores": []}}}}', /members\.m\.3\.text/],
])("a file of another form is named: %s", async (text, message) => {
  await expect(results({ "a.json": text }).of("m", 3)).rejects.toThrow(message);
});
