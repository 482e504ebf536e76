/** @file A figure in the page: drawn when its script is there, and again when its width changes. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Specification } from "../../src/figures/plot/specification.ts";
import { loadScript } from "../app/load-script.ts";
import type { DrawnFigure } from "../figures/figures.ts";
import { useSeen } from "./seen.ts";

/** Width of an element in whole pixels, as it changes. */
export function useWidth<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current!;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    setWidth(Math.floor(element.clientWidth));
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}

/** Draws a figure. A specification that is another object is another figure. */
export function Figure({
  figure,
  isLate = false,
  onDraw,
}: {
  readonly figure: Specification;
  /** Draw it when it comes near to what is seen: for figures that take long. */
  readonly isLate?: boolean;
  readonly onDraw?: (drawn: DrawnFigure) => void;
}) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [hasFailed, setFailed] = useState(false);
  const isSeen = useSeen(ref, isLate);
  const latest = useRef(onDraw);
  latest.current = onDraw;
  useEffect(() => {
    let isCurrent = true;
    if (width > 0 && isSeen)
      loadScript(FIGURES).then(
        () => {
          if (!isCurrent || !ref.current) return;
          const drawn = globalThis.concordFigures!(figure, width);
          ref.current.replaceChildren(drawn);
          latest.current?.(drawn);
        },
        () => isCurrent && setFailed(true),
      );
    return () => {
      isCurrent = false;
    };
  }, [figure, width, ref, isSeen]);
  if (hasFailed)
    return <p class="quiet small">This figure needs a script that cannot be loaded.</p>;
  return <div ref={ref} class={isSeen ? "figure" : "figure figure-late"} />;
}
