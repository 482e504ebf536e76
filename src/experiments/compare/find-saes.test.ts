import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { madeSae } from "../../../test/support/made-sae.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { ConcordError } from "../../errors.ts";
import { saveSae } from "../../interchange/saelens.ts";
import { findSaes } from "./find-saes.ts";
import { openSaes } from "./open-saes.ts";

/** Saves SAEs in folders below `root`. */
async function saved(root: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) await saveSae(join(root, name), madeSae(name));
}

/** Makes a run below `root`, with members when some are named. */
async function run(root: string, name: string, ...members: readonly string[]): Promise<void> {
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, "run.json"), "{}");
  await saved(join(root, name, "saes"), ...members);
}

const namesOf = async (root: string, ...named: readonly string[]) =>
  (await findSaes(root, named)).map(({ name }) => name);

describe("a name stands for", () => {
  test("the members of a run, in the order of their numbers", async () => {
    const root = temporaryFolder();
    await run(root, "r", "member-10", "member-2", "member-0");
    const found = await findSaes(root, ["r"]);
    expect(found.map(({ name }) => name)).toEqual(["member-0", "member-2", "member-10"]);
    expect(found[0]!.run!.path).toBe(join(root, "r"));
    expect(found[0]!.folder).toBe(join(root, "r/saes/member-0"));
  });

  test("the runs of a sweep, and the runs whose names begin with it", async () => {
    const root = temporaryFolder();
    await run(root, "sweep/k-1", "m");
    await run(root, "sweep/k-2", "m");
    expect(await namesOf(root, "sweep")).toEqual(["k-1/m", "k-2/m"]);
    expect(await namesOf(root, "sweep/k")).toEqual(["k-1/m", "k-2/m"]);
  });

  test("the folder of an SAE, one of its files, and a folder of folders", async () => {
    const root = temporaryFolder();
    await saved(root, "saes/a", "saes/b");
    mkdirSync(join(root, "saes/empty"));
    writeFileSync(join(root, "saes/notes.txt"), "");
    expect(await namesOf(root, join(root, "saes"))).toEqual(["a", "b"]);
    expect(await namesOf(root, join(root, "saes/a"))).toEqual(["a"]);
    const [file] = await findSaes(root, [join(root, "saes/a/cfg.json")]);
    expect(file!.run).toBeUndefined();
  });

  test("each SAE once, however often it is named", async () => {
    const root = temporaryFolder();
    await run(root, "r", "a", "b");
    const member = join(root, "r/saes/b");
    expect(await namesOf(root, "r", member, "r")).toHaveLength(2);
    // The first name stands.
    expect((await findSaes(root, [member, "r"]))[0]!.folder).toBe(member);
  });
});

describe("names in tables", () => {
  test("leave out the folders that all have in common, never a whole name", async () => {
    const root = temporaryFolder();
    await run(root, "one", "a", "b");
    await run(root, "two", "a");
    expect(await namesOf(root, "one", "two")).toEqual(["one/a", "one/b", "two/a"]);
    expect(await namesOf(root, "two")).toEqual(["a"]);
  });

  test("leave out no part of a folder's name", async () => {
    const root = temporaryFolder();
    await saved(root, "sae-1", "sae-2");
    expect(await namesOf(root, join(root, "sae-1"), join(root, "sae-2"))).toEqual([
      "sae-1",
      "sae-2",
    ]);
  });
});

describe("a run without SAEs", () => {
  test("is refused with what to do", async () => {
    const root = temporaryFolder();
    await run(root, "half");
    await expect(findSaes(root, ["half"])).rejects.toMatchObject({
      code: "file/missing",
      message: `${join(root, "half")} has no SAEs yet.`,
      hint: expect.stringContaining("concord run --resume"),
    });
  });

  test("is left out where that is wanted, also when nothing remains", async () => {
    const root = temporaryFolder();
    await run(root, "half");
    await run(root, "whole", "a");
    const told: [string, ConcordError][] = [];
    const leaveOut = (name: string, error: ConcordError) => void told.push([name, error]);
    const found = await findSaes(root, ["half", "whole"], { leaveOut });
    expect(found.map(({ name }) => name)).toEqual(["a"]);
    expect(told.map(([name]) => name)).toEqual([join(root, "half")]);
    expect(await findSaes(root, ["half"], { leaveOut })).toEqual([]);
    expect(await findSaes(root, [])).toEqual([]);
  });
});

test("what is there and is neither a run nor an SAE is refused with the known formats", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, "notes.txt"), "");
  await expect(findSaes(root, [join(root, "notes.txt")])).rejects.toMatchObject({
    code: "argument/invalid",
    message: expect.stringContaining("is neither a run nor the folder of an SAE"),
    hint: expect.stringContaining("saelens ("),
  });
  await expect(findSaes(root, ["nowhere"])).rejects.toMatchObject({ code: "file/missing" });
});

describe("opening what is compared", () => {
  const opened = (root: string, ...names: readonly string[]) => openSaes(reference, root, names);

  test("needs two SAEs, and says what was found", async () => {
    const root = temporaryFolder();
    await saved(root, "a");
    const folder = join(root, "a");
    await expect(opened(root, folder)).rejects.toThrow(
      `Expected at least two SAEs to compare but found only ${folder}.`,
    );
    await expect(opened(root)).rejects.toThrow("at least two SAEs to compare but found none.");
  });

  test("of runs without SAEs alone says that they have none yet", async () => {
    const root = temporaryFolder();
    await run(root, "half");
    await expect(opened(root, "half")).rejects.toThrow("has no SAEs yet.");
  });

  test("leaves out what cannot be read as long as two remain, with the reason", async () => {
    const root = temporaryFolder();
    await run(root, "r", "a", "b", "damaged");
    writeFileSync(join(root, "r/saes/damaged/cfg.json"), "{");
    const { saes, leftOut } = await opened(root, "r");
    expect(saes.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(leftOut).toEqual([
      { name: "damaged", why: expect.stringMatching(/cfg\.json: not JSON: .+/) },
    ]);
  });
});
