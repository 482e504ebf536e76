// A process that carries out one command line after another, as dist/cli/main.js carries out one.
// So tests load the program once. It prints as that one does, and then the mark of the end.
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../dist/cli/run-command.js";

/** What a command that starts others of its kind starts. */
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const STREAMS = [process.stdout, process.stderr];
/** What keeps this process alive, its streams and its channel first. */
const alive = () => process.getActiveResourcesInfo();
const channels = alive().length;
const PATIENCE_MS = 10_000;

/** Waits for what would keep a process of its own alive. Returns what stays. */
async function leftOpen() {
  const end = performance.now() + PATIENCE_MS;
  for (let turn = 0; alive().length > channels; turn++) {
    if (performance.now() > end) return alive().slice(channels);
    await (turn < 20 ? setImmediate() : sleep(5));
  }
  return [];
}

async function run({ args, cwd, env }) {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv.splice(1, process.argv.length, MAIN, ...args);
  const code = await runCommand(args);
  const open = await leftOpen();
  for (const signal of ["SIGINT", "SIGTERM"]) process.removeAllListeners(signal);
  process.chdir("/");
  if (open.length === 0) return code;
  process.stderr.write(`The command did not end: it left open ${open.join(", ")}.\n`);
  return 1;
}

process.on("message", async (command) => {
  const code = await run(command);
  // The command line prints no control characters, so this is not of it.
  for (const stream of STREAMS) stream.write(`\u0004${code}\n`);
});
process.on("disconnect", () => process.exit());
process.send("ready");
