/** @file What docs/config.md says of the generators. */

import { snakeKeys } from "../../formats/key-case.ts";
import { GENERATORS, SYNTHETIC_DEFAULTS } from "./options.ts";

/**
 * What each generator sets the keys to that a config leaves out, as a section of docs/config.md.
 */
export function generatorNotes(): string {
  const files = snakeKeys(SYNTHETIC_DEFAULTS) as Record<string, Record<string, unknown>>;
  const all = GENERATORS.flatMap((name) => Object.keys(files[name]!));
  const keys = [...new Set(all)].filter((key) => key !== "generator" && key !== "seed");
  const shown = (value: unknown) => (value === undefined ? "–" : `\`${String(value)}\``);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rows = keys.map((key) =>
    line([`\`${key}\``, ...GENERATORS.map((name) => shown(files[name]![key]))]),
  );
  const head = [
    line(["key", ...GENERATORS.map((n) => `\`${n}\``)]),
    line(["key", ...GENERATORS].map(() => "---")),
  ];
  return `## Generators

Defaults of \`source, kind: synthetic\`: the values of the published program that each generator follows, named in
\`src/domains/synthetic/options.ts\`; those of \`orbits\` are ours. There is one difference: each row of \`mfr\` draws its own active
features. For rows that share them, as in the MFR authors' code, set \`support: per_batch_group\`.

\`orbits\` is a toy model of symmetric data. A group acts on activations by orthogonal matrices M_k, a row is M_k Σ c_i d_i, and the
source serves the rows of all poses k of one Σ c_i d_i one after another ([orbits.md](orbits.md)). \`batch\`, \`train_rows\` and
\`held_out_rows\` are counted in rows; give multiples of the group's size, and a \`d_in\` that is one.

${[...head, ...rows].join("\n")}
`;
}
