// Makes what a release publishes, in build/release: the package, and the native core for this kind
// of machine. The core is a package of its own, which the first names as an optional dependency.
//   node scripts/release/pack.mjs
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "build", "release");
const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const machine = `${process.platform}-${process.arch}`;
const glibc = process.report.getReport().header.glibcVersionRuntime;
const coreName = `${own.name}-${machine}`;

/** Runs a command to its end. @returns what it wrote. */
function run(command, args, cwd) {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) {
    console.error(`${command} ${args.join(" ")} ended with ${status}.`);
    process.exit(1);
  }
  return stdout;
}

/** Packs a folder. @returns the path of the tarball. */
function pack(folder, ...args) {
  const [{ filename }] = JSON.parse(
    run("npm", ["pack", "--json", "--silent", "--pack-destination", out, ...args], folder),
  );
  return join(out, filename);
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

function packCore() {
  run(process.execPath, [join(root, "scripts/build-native.mjs"), "--required", "--portable"], root);
  const folder = join(out, coreName);
  mkdirSync(folder);
  for (const name of ["concord.node", "concord.json"])
    copyFileSync(join(root, "build/native", name), join(folder, name));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const needs = glibc === undefined ? "" : ` It needs glibc, and was built with ${glibc}.`;
  const about = `The native core of ${own.name} for ${machine}.`;
  writeFileSync(
    join(folder, "README.md"),
    `# ${coreName}\n\n${about}${needs} ${own.name} loads it where it has built none itself.\n`,
  );
  writeJson(join(folder, "package.json"), {
    name: coreName,
    version: own.version,
    description: about,
    license: own.license,
    engines: own.engines,
    os: [process.platform],
    cpu: [process.arch],
    ...(glibc === undefined ? {} : { libc: ["glibc"] }),
    files: ["concord.node", "concord.json"],
  });
  return pack(folder);
}

/** The package as `npm pack` makes it, with the core for this machine as an optional dependency. */
function packMain() {
  const plain = pack(root);
  run("tar", ["-xzf", plain, "-C", out], root);
  const folder = join(out, "package");
  // It is compiled already: what remains to be done where it is installed is the native core.
  const { install, "build:native": buildNative } = own.scripts;
  writeJson(join(folder, "package.json"), {
    ...own,
    scripts: { install, "build:native": buildNative },
    devDependencies: undefined,
    optionalDependencies: { ...own.optionalDependencies, [coreName]: own.version },
  });
  return pack(folder, "--ignore-scripts");
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
console.log(packCore());
console.log(packMain());
