/**
 * @file Members on whole orbits: whether their codes are invariant, and how well they reconstruct
 *   rows when the pose is given, or looked for.
 *
 * A member that reconstructs the canonical pose has another FVU than one that reconstructs rows.
 * What can be compared is the error once the group's matrix has taken x̂ to the row's pose. That
 * number is given the pose, which the other kind has to encode. Both definitions are ours.
 */

import { z } from "zod";
import type { Analysis, AnalysisContext } from "../domains/analysis.ts";
import { orbitNumbers } from "../evaluate/orbit-sums.ts";
import { html, type Markup } from "../figures/html/html.ts";
import { section } from "../figures/html/page.ts";
import { type Column, numberCell, table } from "../figures/html/table.ts";
import { count, fixed } from "../figures/number-text.ts";
import { readResult } from "../runs/parse-result.ts";
import { measured } from "../runs/results.ts";
import { architectureNamed } from "../sae/registry.ts";

const FILE = "symmetry";

const member = z.object({
  name: z.string(),
  /** What it reconstructs; null: the row. */
  reconstructs: z.string().nullable(),
  fvu: measured,
  fvu_canonical: measured,
  fvu_posed: measured,
  fvu_best_pose: measured,
  code_change: measured,
});

const resultSchema = z.object({
  group: z.string(),
  size: z.number(),
  orbits: z.number(),
  /** Whether the matrices are exact, not fitted. */
  is_exact: z.boolean(),
  members: z.array(member),
});
type Result = z.output<typeof resultSchema>;

async function analyse({ backend, members, source, pause }: AnalysisContext): Promise<Result> {
  const symmetry = source.symmetry!;
  const saes = members.map(({ sae }) => sae);
  const numbers = await orbitNumbers(backend, saes, source.heldOut, symmetry, pause);
  return {
    group: symmetry.group,
    size: symmetry.size,
    orbits: Math.floor(source.heldOut.rows / symmetry.size),
    is_exact: symmetry.isExact,
    members: members.map(({ name, architecture }, i) => ({
      name,
      reconstructs: architectureNamed(architecture).reconstructs ?? null,
      fvu: numbers[i]!.fvu,
      fvu_canonical: numbers[i]!.fvuCanonical,
      fvu_posed: numbers[i]!.fvuPosed,
      fvu_best_pose: numbers[i]!.fvuBestPose,
      code_change: numbers[i]!.codeChange,
    })),
  };
}

type Row = Result["members"][number];

const NUMBERS: readonly (readonly [string, (row: Row) => number | null])[] = [
  ["FVU", (row) => row.fvu],
  ["FVU, canonical pose", (row) => row.fvu_canonical],
  ["FVU, pose given", (row) => row.fvu_posed],
  ["FVU, best pose", (row) => row.fvu_best_pose],
  ["change of codes", (row) => row.code_change],
];

const sentence = ({ group, size, orbits, is_exact }: Result) =>
  `${count(orbits)} held-out orbits of ${group}, ${size} poses each; its matrices are ${is_exact ? "exact" : "fitted"}. A member that reconstructs the canonical pose is to be compared by the FVU with the pose given; one that reconstructs rows, by its FVU. Change of codes: ‖z_k − z_0‖ / ‖z_0‖.`;

function sections(result: Result): Markup {
  const columns: Column<Row>[] = [
    { head: "member", cell: ({ name }) => name },
    { head: "reconstructs", cell: ({ reconstructs }) => reconstructs ?? "the row" },
    ...NUMBERS.map(
      ([head, of]): Column<Row> => ({
        head,
        kind: "number",
        cell: (row) => numberCell(of(row), 4),
      }),
    ),
  ];
  const shown = table("Members on whole orbits", columns, result.members);
  return section("Symmetry", html`<p>${sentence(result)}</p>${shown}`);
}

export const symmetry = {
  name: FILE,
  summary:
    "How members treat the poses of one thing: FVU with the pose given and looked for, and how much codes change",
  applies: (source) => source.symmetry !== undefined,
  analyse,
  results: (result) => ({ json: { [FILE]: result } }),
  read: (folder) => readResult(folder, FILE, resultSchema),
  sections,
  table: (result) => ({
    title: sentence(result),
    header: ["member", "reconstructs", ...NUMBERS.map(([head]) => head)],
    rows: result.members.map((row) => [
      row.name,
      row.reconstructs ?? "the row",
      ...NUMBERS.map(([, of]) => fixed(of(row), 4)),
    ]),
  }),
} as const satisfies Analysis<Result>;
