/** What README and examples/ show is what runs. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const examples = readdirSync(join(ROOT, "examples")).filter((f) => f.endsWith(".ts"));

/** What each example ends with. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  "train-a-population.ts": /PW-MCC 0\.\d+/,
  "add-an-architecture.ts": /step 50: loss 0\.\d+\nPW-MCC 0\.\d+/,
  "add-an-sae-on-the-tape.ts": /step 50: loss \d+\.\d+\nPW-MCC 0\.\d+/,
  "add-a-coupling.ts": /step 50: coupling loss \d\.\d+\nPW-MCC 0\.\d+/,
  "add-a-metric.ts": /Latents used \d+\.\d+ \(latents\)/,
  "add-a-domain.ts": /trained on made-up tides of 32 samples/,
  "add-an-analysis.ts": /member-2: \d+ twins/,
};

/** Runs all examples, one after the other in one process; what each printed, by its file. */
function printed(): Map<string, string> {
  expect(existsSync(join(ROOT, "dist/index.js")), "the package is built: npm run prepare").toBe(
    true,
  );
  const urls = examples.map((file) => pathToFileURL(join(ROOT, "examples", file)).href);
  const program = `for (const url of ${JSON.stringify(urls)})
    await import(url).catch((error) => console.log(error)).finally(() => console.log("\u0004"));`;
  const output = execFileSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program],
    { cwd: ROOT, encoding: "utf8" },
  );
  const parts = output.split("\u0004\n");
  return new Map(examples.map((file, i) => [file, parts[i]!]));
}

let outputs: ReadonlyMap<string, string> | undefined;

test.each(examples)("examples/%s runs on the built package", (file) => {
  outputs ??= printed();
  expect(outputs.get(file)).toMatch(PRINTED[file]!);
});

test("of every extension point there is an example, and CONTRIBUTING.md names it", () => {
  const guide = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  expect(examples.sort()).toEqual(Object.keys(PRINTED).sort());
  for (const file of examples.filter((name) => name.startsWith("add-")))
    expect(guide).toContain(`(examples/${file})`);
});

test("examples/study runs outside the package, and what its page states holds", async () => {
  const folder = join(temporaryFolder(), "study");
  for (const name of ["study.ts", "config.yaml", "page.md"])
    cpSync(join(ROOT, "examples/study", name), join(folder, name));
  const ended = await concord(["study", "run", folder], dirname(folder));
  expect(ended.stderr).toContain("run 12 of 12: both, seed 3");
  expect([ended.code, ended.stdout]).toEqual([
    0,
    "study/numbers.json\nstudy/README.md\nstudy/figures/change.svg\n",
  ]);
  expect(readFileSync(join(folder, "README.md"), "utf8")).toContain("12 runs.");
}, 300_000);

test("the library example of the README is examples/train-a-population.ts, in 20 lines at most", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  const file = readFileSync(join(ROOT, "examples/train-a-population.ts"), "utf8");
  expect(code).toBe(file.slice(file.indexOf("import")));
  expect(code!.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
});

const configs = (readdirSync(join(ROOT, "configs"), { recursive: true }) as string[]).filter((f) =>
  f.endsWith(".yaml"),
);

test.each(configs)("configs/%s is valid", async (file) => {
  expect((await loadConfig(join(ROOT, "configs", file))).length).toBeGreaterThan(0);
});
