/**
 * package-lock.json lists everything that any platform needs. (npm has dropped the binaries of
 * other platforms from it when it was run on one of them; `npm ci` then fails there.)
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

interface Entry {
  readonly version?: string;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const ROOT = resolve(import.meta.dirname, "../..");
const read = (name: string) => JSON.parse(readFileSync(join(ROOT, name), "utf8"));
const packages = read("package-lock.json").packages as Readonly<Record<string, Entry>>;

/**
 * Dependencies of `all` that are nowhere on the way from the package that wants them up to the
 * root.
 */
function missing(all: Readonly<Record<string, Entry>>): string[] {
  const isThere = (from: string, name: string): boolean => {
    for (let folder = from; ; ) {
      if (all[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`]) return true;
      if (folder === "") return false;
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")));
    }
  };
  return Object.entries(all).flatMap(([path, entry]) =>
    Object.keys({
      ...entry.dependencies,
      ...entry.optionalDependencies,
      ...(path === "" ? entry.devDependencies : {}),
    })
      .filter((name) => !isThere(path, name))
      .map((name) => `${path} needs ${name}`),
  );
}

test("everything that a package needs on some platform is listed", () => {
  expect(missing(packages)).toEqual([]);
  // What npm once left out, so that this test is known to see it.
  const [binary] = Object.keys(packages).filter((path) => /cli-darwin-arm64$/.test(path));
  const { [binary!]: _, ...rest } = packages;
  expect(missing(rest)).toEqual(["node_modules/@biomejs/biome needs @biomejs/cli-darwin-arm64"]);
});

test("every package is pinned by what its content hashes to", () => {
  const open = Object.entries(packages).filter(
    ([path, { integrity }]) => path !== "" && !integrity,
  );
  expect(open.map(([path]) => path)).toEqual([]);
});

test("the versions are those of package.json, and none is a range", () => {
  const { dependencies, devDependencies } = read("package.json") as Entry;
  expect(packages[""]).toMatchObject({ dependencies, devDependencies });
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});

test("npm runs no install script that downloads: it runs those that the lock file marks", () => {
  const marked = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript);
  // That of onnxruntime-node fetches CUDA libraries, and that of koffi compiles what a package for
  // each platform brings compiled. npm 10 has no other way of leaving them out.
  // Where npm has put "hasInstallScript" back into its entry, delete the line.
  expect(marked.map(([path]) => path)).toEqual([
    "",
    "node_modules/esbuild",
    ...marked.map(([path]) => path).filter((path) => path.endsWith("/fsevents")),
  ]);
});

test("onnxruntime is nothing that users of the package must install", () => {
  const { dependencies, optionalDependencies } = read("package.json") as Entry;
  expect(Object.keys({ ...dependencies, ...optionalDependencies })).not.toContain(
    "onnxruntime-node",
  );
});
