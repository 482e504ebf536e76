// Identifies the sources of a native core. The build writes the hash next to the core, and the
// loader compares it (src/backend/native/load-addon.ts). It is CommonJS, because the loader needs
// it synchronously.
const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** The parts of native/ that the core is built from; tests and benchmarks are not among them. */
const PARTS = ["CMakeLists.txt", "common", "cpu", "include", "node"];

/** The files of `folder`, in an order that does not depend on the file system. */
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
 * A hash of the sources below `native`, their names and contents, and of the kind of machine.
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
