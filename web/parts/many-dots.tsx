/**
 * @file Tens of thousands of dots that can be moved and enlarged, drawn by the graphics processor;
 *   on a canvas where there is none.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { loadScript } from "../app/load-script.ts";
import type { ScatterView } from "../figures/scatter.ts";
import type { ScatterData } from "../figures/specs.ts";
import { Dots, dotColour } from "./dots.tsx";
import { useWidth } from "./figure.tsx";

/** Dots of a map. */
export function ManyDots(props: {
  readonly data: ScatterData;
  readonly label: string;
  readonly tip: (i: number) => string;
  readonly onOpen: (i: number) => void;
}) {
  const { data, label, tip, onOpen } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const [pointed, setPointed] = useState<number | undefined>();
  const view = useRef<ScatterView | undefined>(undefined);
  const latest = useRef({ onOpen });
  latest.current = { onOpen };
  const height = data.height ?? 600;
  const colours = useMemo(() => Array.from(data.x, (_, i) => i).map(dotColour(data)), [data]);
  useEffect(() => {
    if (width === 0 || hasFailed) return undefined;
    let isCurrent = true;
    const start = async () => {
      await loadScript(SCATTER);
      if (!isCurrent || !canvas.current) return;
      view.current = globalThis.concordScatter!(canvas.current, {
        x: data.x,
        y: data.y,
        colours,
        width,
        height,
        onPoint: setPointed,
        onOpen: (i) => latest.current.onOpen(i),
      });
    };
    start().catch(() => isCurrent && setFailed(true));
    return () => {
      isCurrent = false;
      view.current?.destroy();
      view.current = undefined;
    };
  }, [data, colours, width, height, hasFailed]);
  if (hasFailed) return <Dots {...props} />;
  return (
    <div class="many-dots" ref={box}>
      <canvas ref={canvas} style={`height:${height}px`} role="img" aria-label={label} />
      <p class="small quiet many-tip">
        {pointed === undefined ? "Scroll to enlarge, drag to move." : tip(pointed)}
      </p>
    </div>
  );
}
