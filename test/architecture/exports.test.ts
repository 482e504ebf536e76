/**
 * A program can name whatever the library's functions take and give: src/index.ts exports those
 * types too.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");
const index = readFileSync(join(SRC, "index.ts"), "utf8").replace(/\/\*\*[\s\S]*?\*\/|\/\/.*/g, "");
const lists = [...index.matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g)].map(
  ([, names, path]) => ({ path: path!, names: names!.match(/\w+/g)!.filter((n) => n !== "type") }),
);
const exported = new Set(lists.flatMap(({ names }) => names));

/** Types of the language and of Node. */
const BUILT_IN =
  /^(Promise|Readonly\w*|Partial|Record|Pick|Omit|Map|(\w*\d)?Array(Buffer|Like)?|Async\w+|\w*Iterable|AbortSignal)$/;

/** Names of types in a function's signature, from its name to the beginning of its body. */
function signatureTypes(source: string, name: string): string[] {
  const head = new RegExp(`export (?:async )?function\\*? ${name}\\b([\\s\\S]*?)\\{\\n`).exec(
    source,
  );
  const types = head?.[1]?.match(/(?<!\.)\b[A-Z]\w*[a-z]\w*\b/g) ?? [];
  return [...new Set(types)].filter((type) => !BUILT_IN.test(type));
}

test.each(lists)("of src/$path", ({ path, names }) => {
  const source = readFileSync(join(SRC, path), "utf8");
  const missing = names.flatMap((name) =>
    signatureTypes(source, name).filter((type) => !exported.has(type)),
  );
  expect([...new Set(missing)]).toEqual([]);
});
