/** concord study, as a user types it, on a study outside this repository. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: any
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, architecture: topk, d_sae: 16, k: 2 }
training: { batch: 32, steps: 10, log_every: 5, checkpoint_every: 10 }
`;

const STUDY = `export default {
  title: "More k", question: "Does a larger k lower the FVU?", config: "config.yaml", seeds: [1, 2, 3],
  arms: { few: { title: "k 1", settings: ["population.k=1"] }, many: { title: "k 8", settings: ["population.k=8"] } },
  measures: ["fvu"],
  verdicts: { k: { measure: "fvu", arm: "many", as: "change" } },
};\n`;

function workplace(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, "studies/more-k"), { recursive: true });
  writeFileSync(join(root, "studies/more-k/study.mjs"), STUDY);
  writeFileSync(join(root, "studies/more-k/config.yaml"), CONFIG);
  return root;
}

test("a study is listed, tried, run, rendered and checked", async () => {
  const root = workplace();
  const listed = await concord(["study", "list"], root);
  expect(listed.stdout).toMatch(/more-k +experiment +not run +Does a larger k lower the FVU\?/);
  const dry = await concord(["study", "run", "more-k", "--dry-run", "--json"], root);
  expect(JSON.parse(dry.stdout)).toHaveLength(6);
  expect(JSON.parse(dry.stdout)[0]).toEqual({
    arm: "few",
    seed: "1",
    status: "missing",
    folder: "runs/more-k/few/seed=1",
  });
  expect(existsSync(join(root, "runs"))).toBe(false);
  const run = await concord(["study", "run", "more-k", "--json"], root);
  expect([run.code, JSON.parse(run.stdout)]).toEqual([
    0,
    ["studies/more-k/numbers.json", "studies/more-k/README.md"],
  ]);
  expect(readFileSync(join(root, "studies/more-k/README.md"), "utf8")).toContain("- k: ");
  expect(existsSync(join(root, "runs/more-k/few/seed=1/report.html"))).toBe(true);
  const again = await concord(["study", "run", "more-k"], root);
  expect(again.stderr.match(/finished already/g)).toHaveLength(6);
  const check = await concord(["study", "render", "more-k", "--check"], root);
  expect([check.code, check.stdout]).toEqual([0, ""]);
  const measured = await concord(["study", "list", "--json"], root);
  expect(JSON.parse(measured.stdout)[0]).toMatchObject({ name: "more-k", state: "measured" });
});

test("a page that states what the numbers do not say is refused, with its line", async () => {
  const root = workplace();
  const numbers = {
    format: 1,
    made_with: [],
    runs: ["few", "many"].flatMap((arm) =>
      [1, 2, 3].map((seed) => ({ arm, seed, numbers: { fvu: 0.5 + seed / 10 } })),
    ),
  };
  writeFileSync(join(root, "studies/more-k/numbers.json"), JSON.stringify(numbers));
  writeFileSync(
    join(root, "studies/more-k/page.md"),
    "# More k\n\nA larger k {{claim k is lower | lowers the FVU}}.\n",
  );
  const { code, stderr } = await concord(["study", "render", "more-k"], root);
  expect(code).toBe(1);
  expect(stderr).toContain(
    "page.md:3: {{claim k is lower | lowers the FVU}}: the page states that k is lower",
  );
  expect(stderr).toContain("but the numbers say not shown (0 %)".replace(" %", "\u00a0%"));
  expect(existsSync(join(root, "studies/more-k/README.md"))).toBe(false);
});

test("--check fails when a page is not what the numbers say, and writes nothing", async () => {
  const root = workplace();
  const runs = [1, 2, 3].flatMap((seed) => [
    { arm: "few", seed, numbers: { fvu: 0.5 } },
    { arm: "many", seed, numbers: { fvu: 0.1 } },
  ]);
  const text = JSON.stringify({ format: 1, made_with: [], runs });
  writeFileSync(join(root, "studies/more-k/numbers.json"), text);
  const missing = await concord(["study", "render", "more-k", "--check"], root);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("studies/more-k/README.md is not what its study renders.");
  expect(existsSync(join(root, "studies/more-k/README.md"))).toBe(false);
});

test.each([
  [["study", "run", "nobody"], 2, "There is no study nobody, nor one in studies."],
  [["study", "render", "more-k"], 2, "There are no numbers yet"],
  [["study", "run", "more-k", "--input", "data=/x"], 2, 'The study has no input "data"'],
  [["study", "run", "more-k", "--input", "data"], 2, "Expected name=path"],
  [["study", "list", "nowhere"], 2, "There are no studies in nowhere."],
])("concord %j exits with %i in one line", async (args, code, message) => {
  const ended = await concord(args, workplace());
  expect(ended.stderr).toContain(message);
  expect(ended.code).toBe(code);
});
