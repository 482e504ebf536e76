/** @file The atoms of all members on one map, coloured by member or by how often they recur. */

import { useMemo } from "preact/hooks";
import type { FeaturesSummary, LatentColumns } from "../../src/evidence/card.ts";
import { atomMap } from "../../src/figures/latents/atom-map.ts";
import { count } from "../../src/figures/number-text.ts";
import { CATEGORIES, RAMP_STEPS } from "../../src/figures/palette.ts";
import { go, href, setQuery, useRoute } from "../app/route.ts";
import { useAllColumns } from "../data/answers.ts";
import { Dots } from "../parts/dots.tsx";
import { ManyDots } from "../parts/many-dots.tsx";
import { Command, Empty, Show } from "../parts/states.tsx";
import { visible } from "../parts/visible.ts";
import { WithFeatures } from "../parts/with-features.tsx";
import { share } from "../parts/words.ts";

/** More latents than this are drawn by the graphics processor. */
const MOST_SVG = 5000;
const HEIGHT = 620;

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

/** What colours the dots: a name, and the variable of the palette, for each. */
interface Colouring {
  readonly of: (i: number) => string;
  readonly legend: readonly (readonly [name: string, variable: string])[];
}

function colouring(atoms: Atoms, members: readonly string[], byRecurrence: boolean): Colouring {
  if (byRecurrence) {
    const most = Math.max(1, members.length - 1);
    const step = (found: number) =>
      `--fig-r${Math.min(RAMP_STEPS - 1, Math.floor((RAMP_STEPS * found) / most))}`;
    return {
      of: (i) => step(atoms.found[i]!),
      legend: members.map((_, found) => [`found in ${found}`, step(found)]),
    };
  }
  const place = new Map(members.map((name, i) => [name, i % CATEGORIES]));
  return {
    of: (i) => `--fig-c${place.get(atoms.member[i]!) ?? 0}`,
    legend: members.map((name, i) => [name, `--fig-c${i % CATEGORIES}`]),
  };
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
  const byRecurrence = useRoute().query.get("colour") !== "member";
  const atoms = useMemo(() => atomsOf(columns), [columns]);
  const colours = useMemo(
    () => colouring(atoms, members, byRecurrence),
    [atoms, members, byRecurrence],
  );
  const map = useMemo(
    () => ({
      x: atoms.x,
      y: atoms.y,
      colours: atoms.x.map((_, i) => colours.of(i)),
      height: HEIGHT,
    }),
    [atoms, colours],
  );
  const figure = useMemo(() => atomMap(map), [map]);
  if (atoms.x.length === 0)
    return (
      <Empty title="No map was made of this run.">
        <Command text={`concord features ${name}`} />
      </Empty>
    );
  const label = `Map of ${count(atoms.x.length)} atoms; the list of latents has them as text`;
  const tip = (i: number) =>
    `${visible(atoms.label[i]!) || `latent ${atoms.latent[i]}`}  ${atoms.member[i]} · ${atoms.latent[i]} · found in ${atoms.found[i]} · ${share(atoms.density[i])}`;
  const onOpen = (i: number) =>
    go(href(["run", name, "latents", atoms.member[i]!, atoms.latent[i]!]));
  const dots = <Dots figure={figure} data={map} tip={tip} onOpen={onOpen} />;
  return (
    <>
      <div class="toolbar">
        <label>
          Coloured by{" "}
          <select
            value={byRecurrence ? "recurrence" : "member"}
            onChange={(event) => setQuery({ colour: event.currentTarget.value })}
          >
            <option value="recurrence">recurrence</option>
            <option value="member">member</option>
          </select>
        </label>
        <ul class="legend">
          {colours.legend.map(([text, variable]) => (
            <li key={text}>
              <span class="swatch" style={`background:var(${variable})`} aria-hidden="true" />
              {text}
            </li>
          ))}
        </ul>
      </div>
      {atoms.x.length > MOST_SVG ? (
        <ManyDots map={map} label={label} tip={tip} onOpen={onOpen} otherwise={dots} />
      ) : (
        dots
      )}
      <p class="small quiet">
        Similar atoms lie near each other; distances across the map mean little. Click a dot to open
        its latent.
      </p>
    </>
  );
}

function Loaded({ name, summary }: { readonly name: string; readonly summary: FeaturesSummary }) {
  const members = useMemo(() => summary.members.map((m) => m.name), [summary]);
  const columns = useAllColumns(name, members);
  return (
    <article>
      <h1 tabIndex={-1}>Map</h1>
      <Show answer={columns} what="the map">
        {(all) => <Shown name={name} columns={all} members={members} />}
      </Show>
    </article>
  );
}

/** The view. */
export function LatentMap({ name }: { readonly name: string }) {
  return (
    <WithFeatures name={name}>{(summary) => <Loaded name={name} summary={summary} />}</WithFeatures>
  );
}
