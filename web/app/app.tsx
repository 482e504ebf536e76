/** @file The whole page: what is around the views, and which view a place has. */

import { useEffect, useRef } from "preact/hooks";
import { useRuns } from "../data/answers.ts";
import { useSource } from "../data/context.ts";
import { Empty, Loading } from "../parts/states.tsx";
import { Agreement } from "../views/agreement/agreement.tsx";
import { Game } from "../views/game.tsx";
import { Latents } from "../views/latents/latents.tsx";
import { LatentMap } from "../views/map.tsx";
import { Run } from "../views/run/run.tsx";
import { Compare } from "../views/runs/compare.tsx";
import { Runs } from "../views/runs/runs.tsx";
import { Catch } from "./catch.tsx";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { useKeys } from "./keys.ts";
import { go, href, type Route, useRoute } from "./route.ts";

/** Where a page begins: with the only run there is, or with the list of all. */
function Home() {
  const runs = useRuns();
  useEffect(() => {
    if (runs.error) go(href(["runs"]));
    if (!runs.value) return;
    const [only, ...others] = runs.value.runs;
    if (!only || others.length > 0) history.replaceState(null, "", href(["runs"]));
    else
      history.replaceState(
        null,
        "",
        href(only.has_features ? ["run", only.name, "latents"] : ["run", only.name]),
      );
    dispatchEvent(new HashChangeEvent("hashchange"));
  }, [runs.value, runs.error]);
  return <Loading what="runs" />;
}

function View({ route }: { readonly route: Route }) {
  const [first, name, view, ...rest] = route.path;
  if (first === undefined) return <Home />;
  if (first === "runs") return <Runs />;
  if (first === "compare") return <Compare />;
  if (first === "run" && name !== undefined)
    switch (view) {
      case undefined:
        return <Run key={name} name={name} />;
      case "agreement":
        return <Agreement key={name} name={name} />;
      case "latents":
        return <Latents key={name} name={name} member={rest[0]} latent={rest[1]} />;
      case "map":
        return <LatentMap key={name} name={name} />;
      case "game":
        return <Game key={name} name={name} />;
    }
  return (
    <Empty title="There is nothing at this address.">
      <a href={href(["runs"])}>All runs</a>
    </Empty>
  );
}

/** Says a new place to those who cannot see it, and starts it at its beginning. */
function usePlaceChange(route: Route): void {
  const [first, name, view, member] = route.path;
  const place = [first, name, view].join("/");
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("main h1")?.focus();
  }, [place]);
  useEffect(() => {
    const parts = [view, member, name].filter((part) => part !== undefined);
    document.title = [...parts, "Concord"].join(" · ");
  }, [name, view, member]);
}

/** The page. */
export function App() {
  const route = useRoute();
  const { isLive } = useSource();
  usePlaceChange(route);
  useKeys({
    "/": () => document.querySelector<HTMLInputElement>("#search")?.focus(),
    "?": () => document.querySelector<HTMLDialogElement>("#help")?.showModal(),
  });
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to content
      </button>
      <Header route={route} isLive={isLive} />
      <main id="content" tabIndex={-1}>
        <Catch place={route.path.join("/")}>
          <View route={route} />
        </Catch>
      </main>
      <Help />
    </>
  );
}

/** Moves the focus behind the header; a link would change the address, which is the page's place. */
function skip(): void {
  document.getElementById("content")?.focus();
}
