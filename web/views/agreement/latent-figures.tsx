/**
 * @file Agreement latent by latent: against density, against the true features, and as a
 *   distribution, each beside its null. A rectangle drawn in a figure lists its latents.
 */

import { useMemo } from "preact/hooks";
import type { LatentColumns } from "../../../src/evidence/card.ts";
import { count } from "../../../src/figures/number-text.ts";
import type { LatentsAnswer } from "../../../src/server/api/run.ts";
import { go, href, setQuery, useRoute } from "../../app/route.ts";
import { useAllColumns, useRun } from "../../data/answers.ts";
import { keep, useAnswer, useSource } from "../../data/context.ts";
import { requestText } from "../../data/source.ts";
import type { ScatterData } from "../../figures/specs.ts";
import { type Brush, Dots, inside } from "../../parts/dots.tsx";
import { Figure } from "../../parts/figure.tsx";
import { Show } from "../../parts/states.tsx";
import { Table } from "../../parts/table.tsx";
import { visible } from "../../parts/visible.ts";
import { share, unit } from "../../parts/words.ts";

/** Brushed latents that are listed. */
const MOST_LISTED = 100;
const BINS = 40;

/** The latents of the chosen members in one row of arrays. */
interface Pooled {
  readonly member: readonly string[];
  readonly latent: readonly number[];
  readonly density: readonly number[];
  readonly others: readonly number[];
  readonly truth: readonly number[] | undefined;
  readonly othersNull: number | undefined;
  readonly truthNull: number | undefined;
}

function pooled(answers: readonly LatentsAnswer[]): Pooled {
  const whole = answers.filter((a) => a.density && a.best_in_others);
  const hasTruth = whole.length > 0 && whole.every((a) => a.best_in_truth);
  const flat = (of: (a: LatentsAnswer) => readonly number[] | null) =>
    whole.flatMap((a) => of(a) ?? []);
  return {
    member: whole.flatMap((a) => a.density!.map(() => a.member)),
    latent: whole.flatMap((a) => a.density!.map((_, i) => i)),
    density: flat((a) => a.density),
    others: flat((a) => a.best_in_others),
    truth: hasTruth ? flat((a) => a.best_in_truth) : undefined,
    othersNull: whole[0]?.best_in_others_null ?? undefined,
    truthNull: whole[0]?.best_in_truth_null ?? undefined,
  };
}

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
  data,
}: {
  readonly figure: string;
  readonly brush: Brush | undefined;
  readonly data: ScatterData;
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
        {data.xLabel} {field(0, `${data.xLabel} from`)} to {field(1, `${data.xLabel} to`)}
      </span>
      <span>
        {data.yLabel} {field(2, `${data.yLabel} from`)} to {field(3, `${data.yLabel} to`)}
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
      <h3>
        <span role="status">{count(chosen.length)} latents selected</span>
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

function maxima(values: readonly number[], nothing: number | undefined, xLabel: string) {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values)
    if (Number.isFinite(value))
      counts[Math.min(BINS - 1, Math.max(0, Math.floor(value * BINS)))]!++;
  return {
    from: 0,
    width: 1 / BINS,
    counts,
    xLabel,
    yLabel: "latents",
    height: 260,
    ...(nothing === undefined ? {} : { null: nothing }),
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
  const density = useMemo(
    (): ScatterData => ({
      x: all.density,
      y: all.others,
      group: all.member,
      groups,
      xLabel: "density",
      yLabel: "best in others",
      xLog: true,
      yDomain: [0, 1],
      height: 300,
      ...(all.othersNull === undefined ? {} : { yNull: all.othersNull }),
    }),
    [all, groups],
  );
  const truth = useMemo(
    (): ScatterData | undefined =>
      all.truth && {
        x: all.others,
        y: all.truth,
        group: all.member,
        groups,
        xLabel: "best in others",
        yLabel: "best true feature",
        xDomain: [0, 1],
        yDomain: [0, 1],
        hasFit: true,
        height: 300,
        ...(all.othersNull === undefined ? {} : { xNull: all.othersNull }),
        ...(all.truthNull === undefined ? {} : { yNull: all.truthNull }),
      },
    [all, groups],
  );
  const histogram = useMemo(() => maxima(all.others, all.othersNull, "best in others"), [all]);
  const scatters = { density, truth };
  const brushed = asked && scatters[asked.figure as keyof typeof scatters];
  const chosen = useMemo(
    () => (asked && brushed ? inside(brushed, asked.brush) : undefined),
    [brushed, asked?.brush.join()],
  );
  const labelOf = (i: number) => {
    const column = columns?.find(({ member }) => member === all.member[i]);
    return visible(column?.label[all.latent[i]!] ?? "") || `latent ${all.latent[i]}`;
  };
  const figure = (key: "density" | "truth", data: ScatterData, title: string, caption: string) => {
    const brush = asked?.figure === key ? asked.brush : undefined;
    return (
      <figure>
        <h3>{title}</h3>
        <Dots
          data={data}
          label={`${title}, a dot for each of ${count(data.x.length)} latents`}
          tip={(i) => `${labelOf(i)}  ${all.member[i]} · ${all.latent[i]}`}
          onOpen={(i) => go(href(["run", name, "latents", all.member[i]!, all.latent[i]!]))}
          brush={brush}
          onBrush={(next) => setQuery({ brush: brushText(key, next) })}
        />
        <BrushFields figure={key} brush={brush} data={data} />
        <figcaption>{caption}</figcaption>
      </figure>
    );
  };
  return (
    <>
      <ul class="legend">
        {groups.map((group, i) => (
          <li key={group}>
            <span class="swatch" style={`background:var(--fig-c${i % 7})`} aria-hidden="true" />
            {group}
          </li>
        ))}
      </ul>
      <div class="figures">
        {figure(
          "density",
          density,
          "Agreement against density",
          "Largest cosine in any other member, by the share of held-out rows in which the latent is active. Draw a rectangle to list latents, click a dot to open one.",
        )}
        {truth &&
          figure(
            "truth",
            truth,
            "What is found again is true",
            "Largest cosine with a true feature by the largest cosine in any other member, with the regression line and its 95 % band.",
          )}
        <figure>
          <h3>How well latents are found again</h3>
          <Figure
            kind="histogram"
            data={histogram}
            label="Latents by their largest cosine in any other member"
          />
          <figcaption>
            Latents by their largest cosine in any other member. The brown line is what unrelated
            directions would show.
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
