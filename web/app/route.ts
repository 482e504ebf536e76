/**
 * @file Where the page is: the part of the address behind `#`, so that a page opened as a file has
 *   addresses too. `#/run/demo/latents/member-0/700?sort=density`
 */

import { useEffect, useState } from "preact/hooks";

/** A place in the page. */
export interface Route {
  /** Parts of the path, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The place that the part of an address behind `#` names. */
export function parseRoute(hash: string): Route {
  const [path, query] = hash.replace(/^#?\/?/, "").split("?", 2);
  return {
    path: (path ?? "")
      .split("/")
      .filter((part) => part !== "")
      .map(decoded),
    query: new URLSearchParams(query ?? ""),
  };
}

/** The address of a place; undefined and empty parameters are left out. */
export function href(
  path: readonly (string | number)[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [[key, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  const parts = path.map((part) => encodeURIComponent(part)).join("/");
  return `#/${parts}${text === "" ? "" : `?${text}`}`;
}

/** Goes to a place. */
export function go(to: string): void {
  location.hash = to;
}

/** Changes parameters of the place where the page is, without an entry in the history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = parseRoute(location.hash);
  for (const [key, value] of Object.entries(changes))
    if (value === undefined || value === "") query.delete(key);
    else query.set(key, value);
  const to = href(path, Object.fromEntries(query));
  if (to === location.hash) return;
  history.replaceState(history.state, "", to);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Where the page is. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    addEventListener("hashchange", update);
    update();
    return () => removeEventListener("hashchange", update);
  }, []);
  return parseRoute(hash);
}
