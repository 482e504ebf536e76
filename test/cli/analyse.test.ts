/** `concord analyse`: an analysis of a run that has finished, its results and its report. */
import { existsSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

test("adds what it finds, writes the report again, and says so", async () => {
  const home = temporaryFolder();
  const [run] = await tinyRuns(home, ["analyses=[evaluation]"]);
  rmSync(run!.file("report.html"), { force: true });
  const { code, stdout, stderr } = await concord(
    ["analyse", "tiny", "agreement", "--root", home],
    home,
  );
  expect(stderr).not.toMatch(/error|warning/);
  expect(code).toBe(0);
  expect(stdout).toBe(`${run!.path}: agreement\n${run!.file("report.html")}\n`);
  expect(existsSync(run!.file("results", "consistency.json"))).toBe(true);
});

test("prints JSON, and says which analyses have nothing to look at", async () => {
  const home = temporaryFolder();
  const [run] = await tinyRuns(home);
  const args = ["analyse", run!.path, "denoising", "agreement", "--json"];
  const { code, stdout, stderr } = await concord(args, home);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: denoising has nothing to look at in the rows of /m);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({ run: run!.path, analyses: ["agreement"] });
  expect(found.results.consistency.pairs).toHaveLength(3);
});

test("an analysis that there is not is misuse, in one line with a hint", async () => {
  const home = temporaryFolder();
  await tinyRuns(home);
  const { code, stderr } = await concord(["analyse", "tiny", "agreemint", "--root", home], home);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: There is no analysis "agreemint"\.\n {2}hint: Name one or more of evaluation, agreement, .*, features, consensus\.\n$/,
  );
});
