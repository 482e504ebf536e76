/** @file What docs/config.md says of the generators. */

import { snakeKeys } from "../../formats/key-case.ts";
import { GENERATORS, SYNTHETIC_DEFAULTS } from "./options.ts";

/**
 * What each generator sets the keys to that a config leaves out, as a section of docs/config.md.
 */
export function generatorNotes(): string {
  const files = snakeKeys(SYNTHETIC_DEFAULTS) as Record<string, Record<string, unknown>>;
  const keys = Object.keys(files["mfr"]!).filter((key) => key !== "generator" && key !== "seed");
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rows = keys.map((key) =>
    line([`\`${key}\``, ...GENERATORS.map((name) => `\`${String(files[name]![key])}\``)]),
  );
  const head = [
    line(["key", ...GENERATORS.map((n) => `\`${n}\``)]),
    line(["key", ...GENERATORS].map(() => "---")),
  ];
  return `## Generators

Defaults of \`source, kind: synthetic\`: the values of the published program that each generator follows, named in
\`src/domains/synthetic/options.ts\`. There is one difference: each row of \`mfr\` draws its own active features. For rows that share
them, as in the MFR authors' code, set \`support: per_batch_group\`.

${[...head, ...rows].join("\n")}
`;
}
