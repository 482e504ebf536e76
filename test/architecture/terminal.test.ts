/** Text from files reaches the terminal through one place, which shows what could steer it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { escapeControls } from "../../src/formats/show-name.ts";

const SRC = resolve(import.meta.dirname, "../../src");

/**
 * What writes to the terminal: print.ts, and the line that is redrawn and the one it makes way for.
 */
const WRITERS = ["cli/output.ts", "cli/print.ts", "cli/run-watcher.ts"];

test("nothing else writes to the terminal", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const writers = files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .filter((file) =>
      /(std(out|err)|[sS]tream)\.write\(|console\.\w+\(/.test(
        readFileSync(join(SRC, file), "utf8"),
      ),
    );
  expect(writers.sort()).toEqual(WRITERS);
});

test.each(WRITERS)("%s escapes what it writes", (file) => {
  const writes = readFileSync(join(SRC, file), "utf8").match(/\.write\([^;]*;/g)!;
  for (const write of writes) expect(write).toMatch(/escapeControls\(|\.write\("\\r\\u001b\[K"\)/);
});

test("control characters of both sets and changes of direction are shown, line breaks stay", () => {
  const text = "a\u001b[31mred\u009b2J\u202egnp\u0007\tb\r\n";
  const shown = "a\\u001b[31mred\\u009b2J\\u202egnp\\u0007\tb\\u000d\n";
  expect(escapeControls(text, "\n\t")).toBe(shown);
});
