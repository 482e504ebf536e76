/**
 * @file Agreement latent by latent: against density, against the true features, and as a
 *   distribution, each beside its null. A rectangle drawn in a figure lists its latents.
 */

import { useMemo } from "preact/hooks";
import type { LatentColumns } from "../../../src/evidence/card.ts";
import { cosineHistogram } from "../../../src/figures/latents/latent-histogram.ts";
import {
  densityScatter,
  latentCloud,
  truthScatter,
} from "../../../src/figures/latents/latent-scatters.ts";
import { OTHERS } from "../../../src/figures/latents/words.ts";
import { count } from "../../../src/figures/number-text.ts";
import type { Specification } from "../../../src/figures/plot/specification.ts";
import type { LatentsAnswer } from "../../../src/server/api/run.ts";
import { go, href, setQuery, useRoute } from "../../app/route.ts";
import { useAllColumns, useRun } from "../../data/answers.ts";
import { keep, useAnswer, useSource } from "../../data/context.ts";
import { requestText } from "../../data/source.ts";
import { type Brush, Dots, type Dotted, inside } from "../../parts/dots.tsx";
import { Figure } from "../../parts/figure.tsx";
import { Show } from "../../parts/states.tsx";
import { Table } from "../../parts/table.tsx";
import { visible } from "../../parts/visible.ts";
import { share, unit } from "../../parts/words.ts";
import { cosinesOf, type Pooled, pooled } from "./pooled.ts";

/** Brushed latents that are listed. */
const MOST_LISTED = 100;

function useAllLatents(name: string, members: readonly string[]) {
  const source = useSource();
  return useAnswer(`all latents ${name} ${members.join(" ")}`, () =>
    Promise.all(
      members.map((member) =>
        keep(requestText("latents", { name, member }), () =>
          source.get<LatentsAnswer>("latents", { name, member }),
        ),
      ),
    ),
  );
}

function parseBrush(
  text: string | null,
): { readonly figure: string; readonly brush: Brush } | undefined {
  const [figure, numbers] = (text ?? "").split(":");
  const brush = (numbers ?? "").split(",").map(Number);
  if (figure === undefined || brush.length !== 4 || brush.some(Number.isNaN)) return undefined;
  return { figure, brush: brush as unknown as Brush };
}

function brushText(figure: string, brush: Brush | undefined): string | undefined {
  return brush && `${figure}:${brush.map((v) => Number(v.toPrecision(4))).join(",")}`;
}

/** The sides of a rectangle as fields, for those who do not draw one. */
function BrushFields({
  figure,
  brush,
  axes: [x, y],
}: {
  readonly figure: string;
  readonly brush: Brush | undefined;
  /** Names of the horizontal and the vertical axis. */
  readonly axes: readonly [string, string];
}) {
  const field = (place: number, label: string) => (
    <input
      type="number"
      step="any"
      aria-label={label}
      value={brush ? Number(brush[place]!.toPrecision(4)) : ""}
      onChange={(event) => {
        const value = Number(event.currentTarget.value);
        const whole: number[] = [...(brush ?? [0, 1, 0, 1])];
        whole[place] = value;
        setQuery({ brush: brushText(figure, whole as unknown as Brush) });
      }}
    />
  );
  return (
    <details class="brush-fields">
      <summary class="small">Select by numbers</summary>
      <span>
        {x} {field(0, `${x} from`)} to {field(1, `${x} to`)}
      </span>
      <span>
        {y} {field(2, `${y} from`)} to {field(3, `${y} to`)}
      </span>
    </details>
  );
}

/** The latents in the rectangle. */
function Brushed({
  name,
  all,
  chosen,
  labelOf,
}: {
  readonly name: string;
  readonly all: Pooled;
  readonly chosen: readonly number[];
  readonly labelOf: (i: number) => string;
}) {
  const rows = chosen.slice(0, MOST_LISTED);
  return (
    <section>
      <h3 aria-live="polite">
        {count(chosen.length)} latents selected
        {chosen.length > MOST_LISTED && <span class="quiet">, the first {MOST_LISTED} listed</span>}
      </h3>
      <Table
        rows={rows}
        caption="Selected latents"
        param="selected"
        rowKey={(i) => `${all.member[i]} ${all.latent[i]}`}
        columns={[
          {
            key: "latent",
            head: "Latent",
            value: (i) => labelOf(i),
            cell: (i) => (
              <a
                class="label-link"
                href={href(["run", name, "latents", all.member[i]!, all.latent[i]!])}
              >
                {labelOf(i)}
              </a>
            ),
          },
          {
            key: "member",
            head: "Member",
            value: (i) => all.member[i],
            cell: (i) => all.member[i],
          },
          {
            key: "number",
            head: "Number",
            isNumber: true,
            value: (i) => all.latent[i],
            cell: (i) => all.latent[i],
          },
          {
            key: "density",
            head: "Density",
            isNumber: true,
            value: (i) => all.density[i],
            cell: (i) => share(all.density[i]),
          },
          {
            key: "others",
            head: "Best in others",
            isNumber: true,
            value: (i) => all.others[i],
            cell: (i) => unit(all.others[i]),
          },
          ...(all.truth
            ? [
                {
                  key: "truth",
                  head: "Best true feature",
                  isNumber: true,
                  value: (i: number) => all.truth![i],
                  cell: (i: number) => unit(all.truth![i]),
                },
              ]
            : []),
        ]}
      />
    </section>
  );
}

/** A figure on which latents are selected, with the numbers that its axes show. */
interface SelectFigure {
  readonly figure: Specification;
  readonly data: Dotted;
  readonly title: string;
  readonly caption: string;
  readonly axes: readonly [string, string];
}

/** Those figures by their names in the address. */
function scatters(all: Pooled): Readonly<Record<string, SelectFigure>> {
  const { density, others, truth, truthNull } = all;
  // A logarithmic axis has no place for latents that are never active.
  const x = density.map((d) => (d > 0 ? d : Number.NaN));
  return {
    density: {
      figure: densityScatter(all),
      data: { x, y: others },
      title: "Agreement against density",
      caption:
        "Largest cosine in any other member, by the share of held-out rows in which the latent is active. Draw a rectangle to list latents, click a dot to open one.",
      axes: ["density", "cosine"],
    },
    ...(truth && {
      truth: {
        figure: truthScatter({ ...all, truth, truthNull }),
        data: { x: truth, y: others },
        title: "What is found again is true",
        caption:
          "Largest cosine in any other member by the largest cosine with a true feature, with the least-squares line.",
        axes: ["cosine with the truth", "cosine"],
      },
    }),
  };
}

function Figures({
  name,
  all,
  groups,
  columns,
}: {
  readonly name: string;
  readonly all: Pooled;
  readonly groups: readonly string[];
  readonly columns: readonly LatentColumns[] | undefined;
}) {
  const asked = parseBrush(useRoute().query.get("brush"));
  const figures = useMemo(() => scatters(all), [all]);
  const maxima = useMemo(
    () => cosineHistogram(cosinesOf(all, groups), OTHERS, all.othersNull),
    [all, groups],
  );
  const cloud = useMemo(
    () =>
      all.truth
        ? latentCloud({ ...all, truth: all.truth, truthNull: all.truthNull }, "all latents")
        : undefined,
    [all],
  );
  const brushed = asked && Object.hasOwn(figures, asked.figure) ? figures[asked.figure] : undefined;
  const chosen = useMemo(
    () => (asked && brushed ? inside(brushed.data, asked.brush) : undefined),
    [brushed, asked?.brush.join()],
  );
  const labelOf = (i: number) => {
    const column = columns?.find(({ member }) => member === all.member[i]);
    return visible(column?.label[all.latent[i]!] ?? "") || `latent ${all.latent[i]}`;
  };
  return (
    <>
      <div class="figures">
        {Object.entries(figures).map(([key, { figure, data, title, caption, axes }]) => {
          const brush = asked?.figure === key ? asked.brush : undefined;
          return (
            <figure key={key}>
              <h3>{title}</h3>
              <Dots
                figure={figure}
                data={data}
                tip={(i) => `${labelOf(i)}  ${all.member[i]} · ${all.latent[i]}`}
                onOpen={(i) => go(href(["run", name, "latents", all.member[i]!, all.latent[i]!]))}
                brush={brush}
                onBrush={(next) => setQuery({ brush: brushText(key, next) })}
              />
              <BrushFields figure={key} brush={brush} axes={axes} />
              <figcaption>{caption}</figcaption>
            </figure>
          );
        })}
        {cloud && (
          <figure>
            <h3>Agreement, truth and density</h3>
            <Figure figure={cloud} isLate />
            <figcaption>
              How often a latent is active, by both. Dotted on the floor: the nulls.
            </figcaption>
          </figure>
        )}
        <figure>
          <h3>How well latents are found again</h3>
          <Figure figure={maxima} />
          <figcaption>
            Latents by their largest cosine in any other member, beside what unrelated directions
            would show.
          </figcaption>
        </figure>
      </div>
      {chosen && <Brushed name={name} all={all} chosen={chosen} labelOf={labelOf} />}
    </>
  );
}

/** Figures of all latents, or of one member's. */
export function LatentFigures({
  name,
  members,
}: {
  readonly name: string;
  readonly members: readonly string[];
}) {
  const asked = useRoute().query.get("member") ?? "";
  const groups = members.includes(asked) ? [asked] : members;
  const latents = useAllLatents(name, groups);
  const hasFeatures = useRun(name).value?.has_features;
  const columns = useAllColumns(name, hasFeatures ? groups : undefined);
  const all = useMemo(() => latents.value && pooled(latents.value), [latents.value]);
  return (
    <section>
      <h2>Latent by latent</h2>
      <div class="toolbar">
        <label>
          Latents of{" "}
          <select
            value={groups.length === 1 ? asked : ""}
            onChange={(event) => setQuery({ member: event.currentTarget.value, brush: undefined })}
          >
            <option value="">all members</option>
            {members.map((member) => (
              <option key={member}>{member}</option>
            ))}
          </select>
        </label>
      </div>
      <Show answer={latents} what="latents">
        {() =>
          all && all.others.length > 0 ? (
            <Figures name={name} all={all} groups={groups} columns={columns.value} />
          ) : (
            <p class="quiet">Latents were not measured one by one.</p>
          )
        }
      </Show>
    </section>
  );
}
