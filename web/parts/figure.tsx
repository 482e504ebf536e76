/** @file A figure in the page: drawn when its script is there, and again when its width changes. */

import { useEffect, useRef, useState } from "preact/hooks";
import { loadScript } from "../app/load-script.ts";
import type { DrawnFigure } from "../figures/figures.ts";
import type { FigureData } from "../figures/specs.ts";

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

/** Draws `data` as the figure `kind`. */
export function Figure<K extends keyof FigureData>({
  kind,
  data,
  label,
  onDraw,
}: {
  readonly kind: K;
  readonly data: FigureData[K];
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  readonly onDraw?: (figure: DrawnFigure) => void;
}) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [error, setError] = useState(false);
  const drawn = useRef(onDraw);
  drawn.current = onDraw;
  useEffect(() => {
    let isCurrent = true;
    if (width > 0)
      loadScript(FIGURES).then(
        () => {
          if (!isCurrent || !ref.current) return;
          const figure = globalThis.concordFigures!.draw(kind, data, width);
          ref.current.replaceChildren(figure);
          drawn.current?.(figure);
        },
        () => isCurrent && setError(true),
      );
    return () => {
      isCurrent = false;
    };
  }, [kind, data, width, ref]);
  if (error) return <p class="quiet small">This figure needs a script that cannot be loaded.</p>;
  return <div ref={ref} class={`plot-frame plot-${kind}`} role="img" aria-label={label} />;
}
