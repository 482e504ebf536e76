import { expect, test } from "vitest";
import { pathsBySae } from "./row-sets.ts";

const SAES = [
  { name: "a/member-0", folder: "runs/a/saes/member-0" },
  { name: "a/member-1", folder: "runs/a/saes/member-1" },
  { name: "theirs", folder: "other/theirs" },
];

test("rows by the name of an SAE, of a run or of a folder; a path alone is for the rest", () => {
  expect(pathsBySae(["x.npy", "theirs=y.npy", "theirs=z.npy"], SAES)).toEqual([
    ["x.npy"],
    ["x.npy"],
    ["y.npy", "z.npy"],
  ]);
  expect(pathsBySae(["a=x.npy", "a/member-1=y.npy"], SAES)).toEqual([["x.npy"], ["y.npy"], []]);
  // Among the members of one run alone names have no run in them.
  const members = SAES.slice(0, 2).map(({ folder }, i) => ({ name: `member-${i}`, folder }));
  expect(pathsBySae(["a=x.npy"], members)).toEqual([["x.npy"], ["x.npy"]]);
  expect(pathsBySae(["runs/a=x.npy", "other=y.npy"], SAES)).toEqual([
    ["x.npy"],
    ["x.npy"],
    ["y.npy"],
  ]);
});

test("the name of a run may have = in it, as the seeds of a study do", () => {
  const folder = "runs/study/arm/seed=0/saes/member-0";
  const saes = [{ name: folder, folder }, ...SAES];
  expect(pathsBySae([`${folder}=x.npy`, "runs/study/arm/seed=0=y.npy"], saes)).toEqual([
    ["x.npy"],
    [],
    [],
    [],
  ]);
});

test("a file with = in its name is a file; a name that is not there is named", () => {
  expect(pathsBySae(["package.json"], SAES)[0]).toEqual(["package.json"]);
  expect(() => pathsBySae(["b=x.npy"], SAES)).toThrow('b=x.npy: no SAE or run here is called "b".');
  expect(() => pathsBySae(["a="], SAES)).toThrow("a= names no rows: expected a=path.");
});
