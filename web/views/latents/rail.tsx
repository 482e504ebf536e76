/** @file The list of a member's latents beside the card: sorted, filtered, and drawn as it scrolls. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { LatentColumns } from "../../../src/evidence/card.ts";
import { count, significant } from "../../../src/figures/number-text.ts";
import { setQuery } from "../../app/route.ts";
import { Dots } from "../../parts/recurrence.tsx";
import { visible } from "../../parts/visible.ts";
import { share } from "../../parts/words.ts";
import { ORDERS, type Order } from "./order.ts";

/** Pixels of a row, as in the style sheet. */
const ROW = 34;
/** Rows drawn above and below what is seen. */
const MORE = 8;

/** What a list says of each latent, where it goes by that. */
function measureOf(columns: LatentColumns, order: Order): ((i: number) => string) | undefined {
  if (order === "dense" || order === "rare") return (i) => share(columns.density[i]);
  if (order === "strong") return (i) => significant(columns.max[i], 3);
  return undefined;
}

/** Rows of a long list, of which only those near what is seen are in the document. */
function Rows({
  latents,
  columns,
  current,
  of,
  order,
  linkTo,
}: {
  readonly latents: readonly number[];
  readonly columns: LatentColumns;
  readonly current: number | undefined;
  readonly order: Order;
  readonly of: number;
  readonly linkTo: (latent: number) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = box.current!;
    const update = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    element.addEventListener("scroll", update, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", update);
    };
  }, []);
  const place = current === undefined ? -1 : latents.indexOf(current);
  useEffect(() => {
    const element = box.current!;
    if (place < 0) return;
    const [top, bottom] = [place * ROW, (place + 1) * ROW];
    if (top < element.scrollTop || bottom > element.scrollTop + element.clientHeight)
      element.scrollTop = Math.max(0, top - element.clientHeight / 3);
  }, [place]);
  const measure = measureOf(columns, order);
  const first = Math.max(0, Math.floor(view.top / ROW) - MORE);
  const last = Math.min(latents.length, Math.ceil((view.top + view.height) / ROW) + MORE);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section class="rail-rows" ref={box} tabIndex={0} aria-label="Latents">
      <ol style={`height:${latents.length * ROW}px`}>
        {latents.slice(first, last).map((latent, i) => (
          <li
            key={latent}
            style={`top:${(first + i) * ROW}px`}
            aria-setsize={latents.length}
            aria-posinset={first + i + 1}
          >
            <a href={linkTo(latent)} aria-current={latent === current ? "true" : undefined}>
              <span class="rail-number">{latent}</span>
              <span class="rail-label">{visible(columns.label[latent] ?? "") || "–"}</span>
              {measure && <span class="rail-measure">{measure(latent)}</span>}
              {of > 0 && <Dots found={columns.found_in[latent] ?? 0} of={of} />}
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The list with what controls it. */
export function Rail({
  members,
  member,
  columns,
  latents,
  order,
  text,
  hasDead,
  current,
  of,
  memberLink,
  linkTo,
}: {
  readonly members: readonly string[];
  readonly member: string;
  readonly columns: LatentColumns;
  /** Latents that pass the filter, in order. */
  readonly latents: readonly number[];
  readonly order: Order;
  readonly text: string;
  readonly hasDead: boolean;
  readonly current: number | undefined;
  /** Members that each was compared with. */
  readonly of: number;
  readonly memberLink: (member: string) => string;
  readonly linkTo: (latent: number) => string;
}) {
  return (
    <div class="rail-inside">
      <div class="rail-controls">
        <select
          aria-label="Member"
          value={member}
          onChange={(event) => {
            location.hash = memberLink(event.currentTarget.value);
          }}
        >
          {members.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select
          aria-label="Order"
          value={order}
          onChange={(event) => setQuery({ sort: event.currentTarget.value })}
        >
          {Object.entries(ORDERS).map(([key, words]) => (
            <option key={key} value={key}>
              {words}
            </option>
          ))}
        </select>
        <input
          type="search"
          placeholder="Filter labels"
          aria-label="Filter labels"
          value={text}
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
        <label class="check small">
          <input
            type="checkbox"
            checked={hasDead}
            onChange={(event) => setQuery({ dead: event.currentTarget.checked ? "1" : undefined })}
          />
          dead ones too
        </label>
        <span class="small quiet" role="status">
          {latents.length === columns.label.length
            ? `${count(latents.length)} latents`
            : `${count(latents.length)} of ${count(columns.label.length)}`}
        </span>
      </div>
      <Rows
        latents={latents}
        columns={columns}
        current={current}
        of={of}
        order={order}
        linkTo={linkTo}
      />
    </div>
  );
}
