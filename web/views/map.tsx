/** @file The atoms of all members on one map, coloured by member or by how often they recur. */

import { useMemo } from "preact/hooks";
import type { LatentColumns } from "../../src/evidence/card.ts";
import { count } from "../../src/figures/number-text.ts";
import { go, href, setQuery, useRoute } from "../app/route.ts";
import { useAllColumns, useFeatures } from "../data/answers.ts";
import type { ScatterData } from "../figures/specs.ts";
import { Dots } from "../parts/dots.tsx";
import { ManyDots } from "../parts/many-dots.tsx";
import { Empty, NoFeatures, Show } from "../parts/states.tsx";
import { visible } from "../parts/visible.ts";
import { share } from "../parts/words.ts";

/** More latents than this are drawn by the graphics processor. */
const MOST_SVG = 5000;

interface Atoms {
  readonly member: readonly string[];
  readonly latent: readonly number[];
  readonly label: readonly string[];
  readonly density: readonly number[];
  readonly found: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

function atomsOf(columns: readonly LatentColumns[]): Atoms {
  const mapped = columns.filter(({ map }) => map !== null);
  return {
    member: mapped.flatMap((c) => c.label.map(() => c.member)),
    latent: mapped.flatMap((c) => c.label.map((_, i) => i)),
    label: mapped.flatMap((c) => c.label),
    density: mapped.flatMap((c) => c.density),
    found: mapped.flatMap((c) => c.found_in),
    x: mapped.flatMap((c) => c.map!.x),
    y: mapped.flatMap((c) => c.map!.y),
  };
}

function Legend({ data, most }: { readonly data: ScatterData; readonly most: number }) {
  return (
    <ul class="legend">
      {data.amount
        ? Array.from({ length: most + 1 }, (_, i) => (
            <li key={`found in ${i}`}>
              <span
                class="swatch"
                style={`background:var(--fig-r${Math.min(5, Math.floor((6 * i) / (most || 1)))})`}
                aria-hidden="true"
              />
              found in {i}
            </li>
          ))
        : data.groups?.map((group, i) => (
            <li key={group}>
              <span class="swatch" style={`background:var(--fig-c${i % 7})`} aria-hidden="true" />
              {group}
            </li>
          ))}
    </ul>
  );
}

function Shown({
  name,
  columns,
  members,
}: {
  readonly name: string;
  readonly columns: readonly LatentColumns[];
  readonly members: readonly string[];
}) {
  const byRecurrence = useRoute().query.get("colour") === "recurrence";
  const atoms = useMemo(() => atomsOf(columns), [columns]);
  const data = useMemo(
    (): ScatterData => ({
      x: atoms.x,
      y: atoms.y,
      xLabel: "",
      yLabel: "",
      isMap: true,
      height: 620,
      ...(byRecurrence ? { amount: atoms.found } : { group: atoms.member, groups: members }),
    }),
    [atoms, byRecurrence, members],
  );
  if (atoms.x.length === 0)
    return (
      <Empty title="No map was made of this run.">
        <pre>concord features {name}</pre>
      </Empty>
    );
  const label = `Map of ${count(atoms.x.length)} atoms; the list of latents has them as text`;
  const tip = (i: number) =>
    `${visible(atoms.label[i]!) || `latent ${atoms.latent[i]}`}  ${atoms.member[i]} · ${atoms.latent[i]} · found in ${atoms.found[i]} · ${share(atoms.density[i])}`;
  const onOpen = (i: number) =>
    go(href(["run", name, "latents", atoms.member[i]!, atoms.latent[i]!]));
  const most = Math.max(0, members.length - 1);
  return (
    <>
      <div class="toolbar">
        <label>
          Coloured by{" "}
          <select
            value={byRecurrence ? "recurrence" : "member"}
            onChange={(event) => setQuery({ colour: event.currentTarget.value })}
          >
            <option value="member">member</option>
            <option value="recurrence">recurrence</option>
          </select>
        </label>
        <Legend data={data} most={most} />
      </div>
      {atoms.x.length > MOST_SVG ? (
        <ManyDots data={data} label={label} tip={tip} onOpen={onOpen} />
      ) : (
        <Dots data={data} label={label} tip={tip} onOpen={onOpen} />
      )}
      <p class="small quiet">
        Similar atoms lie near each other; distances across the map mean little. Click a dot to open
        its latent.
      </p>
    </>
  );
}

/** The view. */
export function LatentMap({ name }: { readonly name: string }) {
  const features = useFeatures(name);
  const members = useMemo(() => features.value?.members.map((m) => m.name), [features.value]);
  const columns = useAllColumns(name, members);
  if (features.error?.code === "features/missing") return <NoFeatures error={features.error} />;
  return (
    <article>
      <h1 tabIndex={-1}>Map</h1>
      <Show answer={features} what="features">
        {() => (
          <Show answer={columns} what="the map">
            {(all) => <Shown name={name} columns={all} members={members!} />}
          </Show>
        )}
      </Show>
    </article>
  );
}
