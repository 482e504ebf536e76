/**
 * @file Tens of thousands of dots that can be moved and enlarged, drawn by the graphics processor;
 *   `otherwise` where there is none.
 */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AtomMap } from "../../src/figures/latents/atom-map.ts";
import { loadScript } from "../app/load-script.ts";
import type { ScatterView } from "../figures/scatter.ts";
import { useWidth } from "./figure.tsx";

/** Dots of a map. */
export function ManyDots({
  map,
  label,
  tip,
  onOpen,
  otherwise,
}: {
  readonly map: AtomMap;
  readonly label: string;
  readonly tip: (i: number) => string;
  readonly onOpen: (i: number) => void;
  readonly otherwise: ComponentChildren;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const [pointed, setPointed] = useState<number | undefined>();
  const latest = useRef(onOpen);
  latest.current = onOpen;
  useEffect(() => {
    if (width === 0 || hasFailed) return undefined;
    let view: ScatterView | undefined;
    let isCurrent = true;
    const start = async () => {
      await loadScript(SCATTER);
      if (!isCurrent || !canvas.current) return;
      view = await globalThis.concordScatter!(canvas.current, {
        ...map,
        width,
        onPoint: setPointed,
        onOpen: (i) => latest.current(i),
      });
      if (!isCurrent) view.destroy();
    };
    start().catch(() => isCurrent && setFailed(true));
    return () => {
      isCurrent = false;
      view?.destroy();
    };
  }, [map, width, hasFailed]);
  if (hasFailed) return <>{otherwise}</>;
  return (
    <div class="many-dots" ref={box}>
      <canvas ref={canvas} style={`height:${map.height}px`} role="img" aria-label={label} />
      <p class="small quiet many-tip">
        {pointed === undefined ? "Scroll to enlarge, drag to move." : tip(pointed)}
      </p>
    </div>
  );
}
