// Installs the packed package into a project of its own, as a user would, with npm 10 and npm 11.
// It does so without a compiler, with the prebuilt core, and with onnxruntime installed as the docs
// advise. It needs only the npm registry. Both projects are made at the same time. The last line
// counts.
//   node scripts/test-package.mjs
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const temporary = mkdtempSync(join(tmpdir(), "concord-package-"));
const counts = { passed: 0, failed: 0 };

const CONFIG = `name: tiny
source: { kind: synthetic, d_in: 8, features: 16, groups: 4, active: 2, held_out_rows: 100 }
population: { d_sae: 16, k: 2 }
training: { batch: 32, steps: 20 }
`;

const PROGRAM = `import * as concord from "concord-sae";
const { backend } = concord.openBackend();
const options = { dIn: 8, dSae: 16, k: 2, lr: 1e-3, seeds: [0, 1], batch: 32 };
const population = await concord.createPopulation(backend, options);
const { pwMcc } = await concord.comparePopulation(backend, concord.dictionariesOf(population));
console.log(backend.name, pwMcc.mean > 0);
`;

/** The modules that loading a model needs, without a model. */
const RUNTIME = `import { loadOnnxRuntime } from "./node_modules/concord-sae/dist/inference/onnxruntime.js";
const answer = await loadOnnxRuntime().then(() => "loaded", (error) => error.message + "\\n" + error.hint);
console.log(answer);
`;

function check(what, holds, shown = "") {
  console.log(`${holds ? "ok" : "not ok"}: ${what}`);
  if (!holds && shown) console.log(shown.trimEnd().replace(/^/gm, "    "));
  counts[holds ? "passed" : "failed"]++;
}

function finish() {
  rmSync(temporary, { recursive: true, force: true });
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exit(counts.failed === 0 ? 0 : 1);
}

/** Runs a command to its end. */
async function run(command, args, cwd, PATH = process.env.PATH) {
  const foreign = /^(npm_|CONCORD_|INIT_CWD|NODE_OPTIONS)/i;
  const env = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    // The npm settings of whoever runs this test must not affect the installation.
    env: { ...Object.fromEntries(env), PATH, npm_config_userconfig: join(temporary, "npmrc") },
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"])
    child[name].setEncoding("utf8").on("data", (piece) => {
      text[name] += piece;
    });
  const status = await new Promise((settle) => {
    child.on("error", (error) => {
      text.stderr += String(error);
      settle(null);
    });
    child.on("close", settle);
  });
  return { status, ...text };
}

function shown({ status, stdout, stderr }) {
  return `status ${status}\n${stdout}${stderr}`;
}

/** Installs npm of a major version. @returns the folder of its commands. */
async function installNpm(major) {
  const folder = join(temporary, `npm-${major}`);
  mkdirSync(folder);
  const installed = await run(
    "npm",
    ["install", "--prefix", folder, "--prefer-offline", `npm@${major}`],
    temporary,
  );
  check(`npm ${major} is there`, installed.status === 0, shown(installed));
  return join(folder, "node_modules", ".bin");
}

/** A PATH with Node and a shell, but no compiler. */
function bareTools() {
  const bin = join(temporary, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  symlinkSync("/bin/sh", join(bin, "sh"));
  return bin;
}

/** An empty project with these tarballs, without a compiler. */
async function project(name, npmBin, tarballs) {
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  writeFileSync(join(folder, "tiny.yaml"), CONFIG);
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  writeFileSync(join(folder, "runtime.mjs"), RUNTIME);
  const PATH = [npmBin, bare].join(delimiter);
  const call = (command, ...args) => run(command, args, folder, PATH);
  const installed = await call(
    "npm",
    "install",
    "--prefer-offline",
    "--foreground-scripts",
    ...tarballs,
  );
  check(`${name}: npm install`, installed.status === 0, shown(installed));
  const isUnasked = /Unknown (project|user|env) config|onnxruntime/.test(installed.stderr);
  check(`${name}: no warning of settings, and no onnxruntime`, !isUnasked, installed.stderr);
  const help = await call("npx", "concord", "--help");
  check(`${name}: npx concord --help`, help.status === 0 && help.stderr === "", shown(help));
  return { folder, call, installed };
}

/** Trains by the command line and compares by the library, on the expected backend. */
async function checkUse(name, { call }, backend, warnings) {
  const trained = await call("npx", "concord", "run", "tiny.yaml");
  check(`${name}: concord run`, trained.status === 0, shown(trained));
  const said = trained.stderr.split("\n").filter((line) => line.startsWith("warning:"));
  const isSaid = said.length === warnings.length && warnings.every((w, i) => said[i] === w);
  check(`${name}: what concord run warns of`, isSaid, said.join("\n"));
  const program = await call("node", "program.mjs");
  check(`${name}: import concord-sae`, program.stdout === `${backend} true\n`, shown(program));
}

function downloadedLibraries(folder) {
  const files = readdirSync(join(folder, "node_modules"), { recursive: true });
  return files.filter((file) => /providers_(cuda|shared|tensorrt)/.test(file));
}

const packed = await run(process.execPath, [join(root, "scripts/release/pack.mjs")], root);
check("npm pack, and the prebuilt core", packed.status === 0, shown(packed));
if (packed.status !== 0) finish();
const [core, main] = packed.stdout.trim().split("\n");
const bare = bareTools();

async function withoutCompiler() {
  const name = "npm 10, no compiler";
  const it = await project(name, await installNpm(10), [main]);
  const where = join(it.folder, "node_modules", "concord-sae");
  const build = `npm --prefix "${where}" run build:native`;
  const slow = `running on the slow reference backend: the native core is not built; run ${build}`;
  await checkUse(name, it, "reference", [`warning: ${slow}`]);
  const before = (await it.call("node", "runtime.mjs")).stdout.trim().split("\n");
  check(
    `${name}: a model asks for onnxruntime`,
    /not installed\.$/.test(before[0]),
    before.join("\n"),
  );
  const { advice } = JSON.parse((await it.call("npx", "concord", "doctor", "--json")).stdout);
  const command = before[1]?.replace("Install it: ", "");
  check(
    `${name}: doctor advises the same`,
    advice.some((line) => line.endsWith(command)),
    advice.join("\n"),
  );
  const added = await it.call("sh", "-c", command);
  check(`${name}: ${command}`, added.status === 0, shown(added));
  const after = await it.call("node", "runtime.mjs");
  check(`${name}: onnxruntime loads then`, after.stdout === "loaded\n", shown(after));
  const downloaded = downloadedLibraries(it.folder);
  check(`${name}: nothing was downloaded`, downloaded.length === 0, downloaded.join("\n"));
}

async function withPrebuiltCore() {
  const name = "npm 11, prebuilt core";
  const it = await project(name, await installNpm(11), [main, core]);
  check(`${name}: nothing is built`, !/not built/.test(it.installed.stderr), it.installed.stderr);
  await checkUse(name, it, "native", []);
  const isThere = existsSync(join(it.folder, "node_modules", "onnxruntime-node"));
  check(`${name}: no onnxruntime`, !isThere);
}

await Promise.all([withoutCompiler(), withPrebuiltCore()]);
finish();
