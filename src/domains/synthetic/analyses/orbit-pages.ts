/** @file What pages and terminals show of `orbit_features`: tables, and figures by method. */

import { meanInterval } from "../../../base/statistics/mean-interval.ts";
import { html, type Markup } from "../../../figures/html/html.ts";
import { figure, figures, section } from "../../../figures/html/page.ts";
import { type Column, numberCell, table } from "../../../figures/html/table.ts";
import { count, fixed } from "../../../figures/number-text.ts";
import { heatMap } from "../../../figures/plot/heat-map.ts";
import { intervalChart } from "../../../figures/plot/interval-chart.ts";
import { settingId, settingText } from "../../../runs/settings.ts";
import type { ResultTable } from "../../analysis.ts";
import {
  COLUMNS,
  numberOf,
  type OrbitColumn,
  type OrbitMember,
  type OrbitResult,
} from "./orbit-result.ts";

/** Columns with their nulls, each null after its number. */
const CELLS = COLUMNS.flatMap((column) => [
  { head: column.head, name: column.name, isNull: false },
  ...(column.null === undefined ? [] : [{ head: "null", name: column.null, isNull: true }]),
]);

const sentence = ({ group, rows, features, detected_features: detected, rows_seen }: OrbitResult) =>
  `${count(features)} true features in the poses of ${group}, looked for in ${count(rows)} held-out rows after ${count(rows_seen)} rows of training.${detected < features ? ` Detection is of the ${count(detected)} features that both halves of the rows have.` : ""}`;

const EXPLANATION = html`<p class="small">Recovery: the largest cosine of each feature, in any pose, with an atom (<em>best
atom</em>), or with an atom of its own (<em>assigned</em>); null: random atoms. Detection: latents, thresholds and probes are
chosen on one half of the rows and measured on the other; null: the same with the labels of other orbits. FVU mod G takes the
reconstruction in its best pose. Pose change: ‖z_k − z_0‖ / ‖z_0‖, 0 for codes that do not see the pose.</p>`;

export function orbitTable(result: OrbitResult): ResultTable {
  return {
    title: sentence(result),
    header: ["member", "latents", ...CELLS.map(({ head }) => head)],
    rows: result.members.map((member) => [
      member.name,
      member.latents,
      ...CELLS.map(({ name }) => fixed(numberOf(member, name), 3)),
    ]),
  };
}

/** What figures show, and in which direction it is better. */
const SHOWN: readonly (readonly [keyof OrbitMember, string])[] = [
  ["best", "Higher is better."],
  ["top1_f1", "Higher is better."],
  ["fvu_modulo", "Lower is better."],
];

function shown(): (OrbitColumn & { readonly better: string })[] {
  return SHOWN.flatMap(([name, better]) =>
    COLUMNS.filter((column) => column.name === name).map((column) => ({ ...column, better })),
  );
}

/** Members of one setting, with a name for them. */
interface Method {
  readonly id: string;
  readonly name: string;
  readonly members: readonly OrbitMember[];
}

/** Members by setting: named by the setting, or as the only member of it. */
function methodsOf(members: readonly OrbitMember[]): Method[] {
  const groups = new Map<string, OrbitMember[]>();
  for (const member of members) {
    const id = settingId(member.setting);
    groups.set(id, [...(groups.get(id) ?? []), member]);
  }
  return [...groups].map(([id, own]) => {
    const [first] = own as [OrbitMember];
    const name = own.length === 1 ? first.name : settingText(first.setting) || first.architecture;
    return { id, name, members: own };
  });
}

/** Nulls of some members; where they are not the same, each row has its own. */
function intervalFigure(methods: readonly Method[], column: OrbitColumn, better: string): Markup {
  const drawing = intervalChart({
    title: `${column.head} by method`,
    description:
      "Mean over the members of a setting with its 95 % interval; small dots are members.",
    label: column.head,
    nullName: "null: chance",
    rows: methods.map(({ name, members }, colour) => {
      const values = members.map((member) => numberOf(member, column.name));
      const chance = column.null;
      return {
        name,
        mean: undefined,
        colour,
        ...meanInterval(values),
        ...(values.length > 1 ? { values } : {}),
        ...(chance === undefined ? {} : { null: numberOf(members[0]!, chance) }),
      };
    }),
  });
  return figure(drawing, column.head, better);
}

export function orbitSections(result: OrbitResult): Markup {
  const columns: Column<OrbitMember>[] = [
    { head: "member", cell: ({ name }) => name },
    { head: "latents", kind: "number", cell: ({ latents }) => count(latents) },
    ...CELLS.map(
      ({ head, name, isNull }): Column<OrbitMember> => ({
        head,
        kind: isNull ? "null" : "number",
        cell: (member) => numberCell(numberOf(member, name), 3),
      }),
    ),
  ];
  const methods = methodsOf(result.members);
  return section(
    "Features in orbits",
    html`<p>${sentence(result)}</p>`,
    EXPLANATION,
    figures(...shown().map((column) => intervalFigure(methods, column, column.better))),
    table("Recovery and detection by member", columns, result.members),
  );
}

/** What a run was told, in a few words: `exact, fixed`. */
function worldOf({ action, representative, poses }: OrbitResult): string {
  return `${action}, ${poses === "one" ? "one pose" : representative}`;
}

function heatFigure(runs: readonly OrbitResult[], column: OrbitColumn, better: string): Markup {
  const perRun = runs.map(({ members }) => methodsOf(members));
  const names = new Map(perRun.flat().map(({ id, name }) => [id, name]));
  const ids = [...names.keys()];
  const drawing = heatMap({
    title: `${column.head} by method and by what SAEs were told`,
    description:
      "A row for each method, a column for each run; means over the members of a setting.",
    names: [...names.values()],
    columns: runs.map(worldOf),
    value: (i, j) => {
      const members = perRun[j]!.find(({ id }) => id === ids[i])?.members ?? [];
      return meanInterval(members.map((member) => numberOf(member, column.name)))?.mean;
    },
    label: column.head,
  });
  return figure(drawing, column.head, better);
}

export function orbitSweepSections(runs: readonly OrbitResult[]): Markup {
  return section(
    "Features in orbits",
    html`<p>Columns: the action that SAEs were told (exact, fitted to rows, or a wrong one) and the pose that comes first in an orbit
(fixed, or drawn once and kept). <em>One pose</em>: each orbit trains in a single pose.</p>`,
    EXPLANATION,
    html`<div class="figures rows">${shown().map((column) => heatFigure(runs, column, column.better))}</div>`,
  );
}
