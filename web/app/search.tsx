/** @file The search of a run: latents by number, label, rule or token. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ListedLatent } from "../../src/evidence/card.ts";
import { useFeatures } from "../data/answers.ts";
import { useAnswer, useSource } from "../data/context.ts";
import { Dots } from "../parts/recurrence.tsx";
import { visible } from "../parts/visible.ts";
import { share } from "../parts/words.ts";
import { go, href } from "./route.ts";

/** Milliseconds without a keystroke before the search is asked for. */
const PAUSE = 150;

function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return later;
}

/** A field whose results open below it. */
export function Search({ run }: { readonly run: string }) {
  const source = useSource();
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const wanted = useLater(text.trim());
  const of = useFeatures(run).value?.members[0]?.compared_with.length ?? 0;
  const found = useAnswer(wanted === "" ? undefined : `find ${run} ${wanted}`, () =>
    source.find(run, wanted),
  );
  const latents = wanted === "" ? [] : (found.value ?? []);
  const at = Math.min(active, latents.length - 1);

  const open = ({ member, latent }: ListedLatent) => {
    setOpen(false);
    go(href(["run", run, "latents", member, latent]));
    box.current?.querySelector("input")?.blur();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = latents[at];
    if (event.key === "ArrowDown") setActive(Math.min(at + 1, latents.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(at - 1, 0));
    else if (event.key === "Enter" && chosen) open(chosen);
    else if (event.key === "Escape") {
      setOpen(false);
      box.current?.querySelector("input")?.blur();
    } else return;
    event.preventDefault();
  };
  const isShown = isOpen && wanted !== "";
  return (
    <div
      class="search"
      ref={box}
      onFocusOut={(event) => {
        if (!box.current?.contains(event.relatedTarget as Node | null)) setOpen(false);
      }}
    >
      <input
        id="search"
        type="text"
        role="combobox"
        placeholder="Search latents"
        aria-label="Search latents by number, token or rule"
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-activedescendant={isShown && latents.length > 0 ? `${id}-${at}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      <span class="search-key" aria-hidden="true">
        /
      </span>
      <div class="found" hidden={!isShown}>
        <div id={`${id}-list`} role="listbox" aria-label="Latents found">
          {latents.map((listed, i) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
            <div
              key={`${listed.member} ${listed.latent}`}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at}
              onMouseDown={(event) => {
                event.preventDefault();
                open(listed);
              }}
            >
              <span class="found-label">{visible(listed.label) || "–"}</span>
              <Dots found={listed.found_in} of={of} />
              <span class="small quiet found-where">
                {listed.member} · {listed.latent} · {share(listed.density)}
              </span>
            </div>
          ))}
        </div>
        <p class="small quiet found-note" role="status">
          {found.error
            ? found.error.message
            : found.isLoading || wanted !== text.trim()
              ? "Searching…"
              : latents.length === 0
                ? `Nothing has “${wanted}” in its number, label, rules or top logits.`
                : `${latents.length} found, ↑ ↓ and Enter to open`}
        </p>
      </div>
    </div>
  );
}
