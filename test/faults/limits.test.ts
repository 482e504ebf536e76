/** Limits of the system that a program meets: each is one line that says which, and what to do. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { announceSkip } from "../support/announce-skip.ts";
import { concord } from "../support/cli.ts";
import { withReadOnly } from "../support/mount.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");

const CONFIG = `name: limited
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 8, k: 2 }
training: { batch: 16, steps: 3 }
`;

function workplace(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "run.yaml"), CONFIG);
  return folder;
}

test.each([24, 40, 64, 128])(
  "%d open files: it runs, or says in a line that they are too few",
  (files) => {
    const folder = workplace();
    const limited = `ulimit -n ${files} && exec "$0" "$1" run run.yaml`;
    const { status, stderr } = spawnSync("sh", ["-c", limited, process.execPath, MAIN], {
      cwd: folder,
      encoding: "utf8",
    });
    if (status === 0) return;
    expect(status).toBe(1);
    const errors = stderr.slice(stderr.indexOf("error:"));
    expect(errors).toMatch(
      /^error: Cannot \w+ .*\.\n {2}hint: Raise the limit (on open files )?\(`ulimit -n`\).*\n$/,
    );
  },
);

test("a read-only file system is called one, by whatever makes a folder there", async ({
  skip,
}) => {
  const folder = workplace();
  mkdirSync(join(folder, "runs"));
  const refused = await withReadOnly(join(folder, "runs"), async () => {
    for (const name of ["limited", "below/limited"]) {
      const { code, stderr } = await concord(["run", "run.yaml", "--name", name], folder);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: Cannot make the folder runs\/\w+: (the file system is read-only \(EROFS\)|permission is denied \(EACCES\))\.\n {2}hint: /,
      );
    }
  });
  if (announceSkip("runs on a read-only file system", refused)) skip();
});

test("a population beyond what any machine holds is refused, by plan and by run, and nothing is written", async () => {
  const folder = workplace();
  for (const verb of ["plan", "run"]) {
    const members = ["--set", "population.members=100000000"];
    const { code, stdout, stderr } = await concord([verb, "run.yaml", ...members], folder);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^error: The population has 100000000 members, which take at least \d+ GiB of memory; there are [\d.]+ GiB here\.\n {2}hint: .*\n$/,
    );
  }
  expect(existsSync(join(folder, "runs"))).toBe(false);
});
