/** The completions, asked of the shells themselves. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fishScript } from "../../src/cli/completion/fish-script.ts";
import { bashScript, zshScript } from "../../src/cli/completion/posix-script.ts";
import { placesOf } from "../../src/cli/completion/words.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const places = placesOf(makeProgram());

/**
 * What a shell offers behind `words`, whose last one is being typed, in a folder with a config and
 * a folder of runs.
 */
interface Shell {
  readonly name: string;
  readonly script: string;
  readonly program: string;
}

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    script: bashScript(places),
    program: `source "$0"; COMP_WORDS=(concord "$@"); COMP_CWORD=$#; _concord; printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  {
    // The functions of zsh's completion system, that only an interactive one has.
    name: "zsh",
    script: zshScript(places),
    program: `compdef() {}
offer() { for w in "$@"; do [[ $w == \${words[CURRENT]}* ]] && print -r -- $w; done; return 0 }
_describe() { local w; for w in "\${(@P)2}"; do offer \${w%%:*}; done }
compadd() { shift; offer "$@" }
_files() { offer *(N) }
source "$0"; words=(concord "$@"); CURRENT=$#words; _concord`,
  },
  {
    name: "fish",
    script: fishScript(places),
    program: `source $argv[1]; complete -C (string join -- ' ' concord $argv[2..]) | string replace -r '\\t.*' ''; true`,
  },
];

describe.each(SHELLS)("in $name", ({ name, script, program }) => {
  const isThere = spawnSync(name, ["--version"]).status === 0;
  const isSkipped = announceSkip(`completions of ${name}`, isThere ? undefined : `no ${name} here`);

  function offered(...words: string[]): string[] {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "mine.yaml"), "");
    mkdirSync(join(folder, "runs"));
    const file = join(temporaryFolder(), "script");
    writeFileSync(file, script);
    const output = execFileSync(name, ["-c", program, file, ...words], {
      cwd: folder,
      encoding: "utf8",
    });
    return output
      .split("\n")
      .map((line) => line.replace(/\/$/, ""))
      .filter(Boolean)
      .sort();
  }

  test.skipIf(isSkipped)("commands, those behind others, and what must follow a flag", () => {
    expect(offered("ru")).toEqual(["run", "runs"]);
    expect(offered("models", "")).toEqual(expect.arrayContaining(["eval", "get", "list"]));
    expect(offered("collect", "--dtype", "")).toEqual(["bfloat16", "float16", "float32"]);
    expect(offered("completion", "")).toEqual(["bash", "fish", "zsh"]);
  });

  test.skipIf(isSkipped)("flags of the command that is typed", () => {
    expect(offered("run", "--res")).toEqual(["--resume"]);
    expect(offered("models", "eval", "gpt2", "--max")).toEqual(["--max-tokens"]);
  });

  test.skipIf(isSkipped)("files, as arguments and behind flags", () => {
    expect(offered("run", "m")).toEqual(["mine.yaml"]);
    expect(offered("run", "--config", "mi")).toEqual(["mine.yaml"]);
    expect(offered("show", "ru")).toEqual(["runs"]);
  });
});

test("the command prints the script, and knows no other shell", async () => {
  const folder = temporaryFolder();
  const [bash, other] = await Promise.all([
    concord(["completion", "bash"], folder),
    concord(["completion", "tcsh"], folder),
  ]);
  expect(bash).toEqual({ code: 0, stdout: bashScript(places), stderr: "" });
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/Allowed choices are bash, zsh, fish\.\n/);
});
