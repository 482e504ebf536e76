import { expect, test } from "vitest";
import { RunFolder } from "../../runs/run-folder.ts";
import type { FoundSae } from "./find-saes.ts";
import { pathsBySae } from "./row-sets.ts";

const ofRun = (name: string, run: string): FoundSae => ({
  name,
  folder: `${run}/saes/${name}`,
  run: new RunFolder(run),
});
const SAES: readonly FoundSae[] = [
  ofRun("a/member-0", "runs/a"),
  ofRun("a/member-1", "runs/a"),
  { name: "theirs", folder: "other/theirs", run: undefined },
];

test("rows by the name of an SAE, of a run or of a folder; a path alone is for the rest", () => {
  expect(pathsBySae(["x.npy", "theirs=y.npy", "theirs=z.npy"], SAES)).toEqual([
    ["x.npy"],
    ["x.npy"],
    ["y.npy", "z.npy"],
  ]);
  expect(pathsBySae(["a=x.npy", "a/member-1=y.npy"], SAES)).toEqual([["x.npy"], ["y.npy"], []]);
  expect(pathsBySae(["runs/a=x.npy", "other=y.npy"], SAES)).toEqual([
    ["x.npy"],
    ["x.npy"],
    ["y.npy"],
  ]);
});

test("a file with = in its name is a file; a name that is not there is named", () => {
  expect(pathsBySae(["package.json"], SAES)[0]).toEqual(["package.json"]);
  expect(() => pathsBySae(["b=x.npy"], SAES)).toThrow('b=x.npy: no SAE or run here is called "b".');
  expect(() => pathsBySae(["a="], SAES)).toThrow("a= names no rows: expected a=path.");
});
