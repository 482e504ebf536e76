/** @file What is above every view: where one is, the views of a run, and the search. */

import { useRun } from "../data/answers.ts";
import { href, type Route } from "./route.ts";
import { Search } from "./search.tsx";

/** The mark: two dictionaries and what they share. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 26 18" width="26" height="18" aria-hidden="true">
      <circle cx="9" cy="9" r="7.5" />
      <circle cx="17" cy="9" r="7.5" />
    </svg>
  );
}

const VIEWS = [
  [undefined, "Run"],
  ["latents", "Latents"],
  ["agreement", "Agreement"],
  ["map", "Map"],
  ["game", "Game"],
] as const;

function RunNavigation({
  name,
  current,
  isLive,
}: {
  readonly name: string;
  readonly current: string | undefined;
  readonly isLive: boolean;
}) {
  const run = useRun(name).value;
  return (
    <nav class="tabs" aria-label="Views of this run">
      {VIEWS.filter(([view]) => isLive || view !== "game").map(([view, label]) => (
        <a
          key={label}
          href={href(view === undefined ? ["run", name] : ["run", name, view])}
          aria-current={view === current ? "page" : undefined}
        >
          {label}
          {view === undefined && run?.status === "running" && (
            <span class="live-dot" title="running" />
          )}
        </a>
      ))}
    </nav>
  );
}

/** The search, where there is something to search. */
function SearchOf({ run }: { readonly run: string }) {
  return useRun(run).value?.has_features ? <Search run={run} /> : null;
}

/** The top of the page. */
export function Header({ route, isLive }: { readonly route: Route; readonly isLive: boolean }) {
  const [first, name, view] = route.path;
  const run = first === "run" ? name : undefined;
  return (
    <header class="top">
      <div class="top-line">
        <a class="brand" href={href(["runs"])} aria-label="Concord, all runs">
          <Mark />
          <span>Concord</span>
        </a>
        {run !== undefined && (
          <nav class="crumbs" aria-label="Where you are">
            <a href={href(["runs"])}>Runs</a>
            <span aria-hidden="true">/</span>
            <a href={href(["run", run])} class="crumb-run">
              {run}
            </a>
          </nav>
        )}
        <span class="grow" />
        {run !== undefined && <SearchOf key={run} run={run} />}
        <button
          type="button"
          class="plain"
          aria-label="Keys and help"
          onClick={() => document.querySelector<HTMLDialogElement>("#help")?.showModal()}
        >
          ?
        </button>
      </div>
      {run !== undefined && <RunNavigation name={run} current={view} isLive={isLive} />}
    </header>
  );
}
