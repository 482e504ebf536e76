/**
 * What a program can import says what it is: every name that src/index.ts exports has a docstring
 * where it is declared.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");

/**
 * Names that a file exports from others: `export { a, type B } from "./c.ts"`,
 * `export * from "./d.ts"`.
 */
function reexports(text: string): [name: string, file: string][] {
  const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g)];
  return listed.flatMap(([, names, file]) =>
    names!
      .split(",")
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, "")
            .split(" as ")[0]!,
      )
      .filter((name) => name !== "")
      .map((name): [string, string] => [name, file!]),
  );
}

/** Whether `name` is declared in `text` right below a docstring of more than its name. */
function isDocumented(name: string, text: string): boolean {
  const declaration = new RegExp(
    `\\*/\\n(?:// biome-ignore[^\\n]*\\n)?export (?:declare )?(?:abstract )?(?:async )?(?:function\\*?|class|interface|const|type) ${name}\\b`,
  );
  return declaration.test(text);
}

const exported = reexports(readFileSync(join(SRC, "index.ts"), "utf8"));

test("the library exports something", () => {
  expect(exported.length).toBeGreaterThan(60);
});

test.each(exported)("%s of %s has a docstring", (name, file) => {
  const text = readFileSync(join(SRC, file), "utf8");
  const [, elsewhere] = reexports(text.replaceAll('from "../', 'from "./../')).find(
    ([other]) => other === name,
  ) ?? [undefined, undefined];
  const where = elsewhere === undefined ? file : join(file, "..", elsewhere);
  expect(isDocumented(name, readFileSync(join(SRC, where), "utf8")), where).toBe(true);
});
