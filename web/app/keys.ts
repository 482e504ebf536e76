/**
 * @file Keys that do something. They are single letters, so a person can switch them off, and they
 *   rest while one writes in a field.
 */

import { useEffect, useRef } from "preact/hooks";

/** What keys do, by key as browsers name it. */
export type Keys = Readonly<Record<string, () => void>>;

const SWITCH = "concord-keys";

/** Whether keys do something. */
export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

/** Switches keys on or off, for the next visits too where the browser keeps that. */
export function switchKeys(on: boolean): void {
  try {
    localStorage.setItem(SWITCH, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing starts with keys on.
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input,textarea,select,[contenteditable]");
}

/** Listens for keys as long as a view is shown. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const act = latest.current[event.key];
      if (!act || !isPlain || event.defaultPrevented || isWriting(event.target)) return;
      if (!areKeysOn() || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
