// Compiles src/ to dist/ and builds the page, dist/web. It runs as `prepare`: at `npm ci` in a
// clone, and before `npm pack`. The complete result replaces dist/, so files of deleted sources do
// not stay, and an error in the sources leaves dist/ unchanged.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWeb } from "./build-web.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const part = join(root, "build", "dist.part");

function compiler() {
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
      "bin/tsc",
    );
  } catch {
    // `npm ci --omit=dev` does not install the compiler.
    console.error(
      `concord: dist/ was not compiled: there is no TypeScript. ${existsSync(dist) ? "What was compiled before stays." : "Run: npm ci --include=dev"}`,
    );
    return process.exit(existsSync(dist) ? 0 : 1);
  }
}

const tsc = compiler();
rmSync(part, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", part],
  { cwd: root, stdio: "inherit" },
);
if (status !== 0) process.exit(status ?? 1);
if (!(await buildWeb(root, join(part, "web")))) {
  const web = join(dist, "web");
  const isBuilt = existsSync(web);
  console.error(
    `concord: the page was not built, because vite is not installed. ${isBuilt ? "What was built before stays." : "Run: npm ci --include=dev"}`,
  );
  if (isBuilt) renameSync(web, join(part, "web"));
}
// npm makes it executable when it links the package; a link from before runs the new file.
chmodSync(join(part, "cli", "main.js"), 0o755);
rmSync(dist, { recursive: true, force: true });
renameSync(part, dist);
// The incremental state of the tests' compiler describes the old folder.
rmSync(join(root, "build", "dist.tsbuildinfo"), { force: true });
