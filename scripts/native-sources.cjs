// What a native core was built from, so that a core of other sources is recognised. The build
// writes it beside the core, and the loader compares (src/backend/native/load-addon.ts). CommonJS,
// because the loader needs it at once.
const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** What of native/ ends up in the core: not its tests, and not its benchmarks. */
const PARTS = ["CMakeLists.txt", "common", "cpu", "include", "node"];

/** Files of `folder`, in an order that no file system decides. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((name) => PARTS.includes(name.split("/")[0]))
    .sort();
}

/**
 * A hash of the sources below `native`, names and contents, and of the kind of machine.
 *
 * @throws when a file cannot be read; a package without sources has no `native` at all.
 */
exports.sourcesOf = (native) => {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\0`);
  for (const name of filesOf(native)) {
    const text = readFileSync(join(native, name));
    hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
};
