/**
 * @file Latents as dots of a figure: a pointed one says what it is, a click opens it, a drag selects
 *   a rectangle.
 */

import { useMemo, useState } from "preact/hooks";
import type { Specification } from "../../src/figures/plot/specification.ts";
import type { DrawnFigure } from "../figures/figures.ts";
import { Figure } from "./figure.tsx";

/** A rectangle in the data's units. */
export type Brush = readonly [x0: number, x1: number, y0: number, y1: number];

/** Where the dots are, in the data's units. */
export interface Dotted {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Pixels within which a pointer means a dot, and below which a drag is a click. */
const NEAR = 9;
const DRAG = 4;

interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly fromX: (pixel: number) => number;
  readonly fromY: (pixel: number) => number;
  readonly width: number;
  readonly height: number;
}

function scalesOf(figure: DrawnFigure): Scales {
  const [x, y] = [figure.scale("x")!, figure.scale("y")!];
  const [, , width, height] = (figure.getAttribute("viewBox") ?? "").split(" ").map(Number);
  return {
    x: (value) => x.apply(value) as number,
    y: (value) => y.apply(value) as number,
    fromX: (pixel) => x.invert!(pixel) as number,
    fromY: (pixel) => y.invert!(pixel) as number,
    width: width ?? 0,
    height: height ?? 0,
  };
}

/** Places of all dots in pixels; NaN for those that have none. */
function places({ x, y }: Dotted, scales: Scales): readonly [Float32Array, Float32Array] {
  const [px, py] = [new Float32Array(x.length), new Float32Array(x.length)];
  for (let i = 0; i < x.length; i++) {
    px[i] = Number.isFinite(x[i]) ? scales.x(x[i]!) : Number.NaN;
    py[i] = Number.isFinite(y[i]) ? scales.y(y[i]!) : Number.NaN;
  }
  return [px, py];
}

/** Elements within a rectangle. */
export function inside({ x, y }: Dotted, [x0, x1, y0, y1]: Brush): number[] {
  const found: number[] = [];
  for (let i = 0; i < x.length; i++)
    if (x[i]! >= x0 && x[i]! <= x1 && y[i]! >= y0 && y[i]! <= y1) found.push(i);
  return found;
}

function nearest([px, py]: readonly [Float32Array, Float32Array], x: number, y: number) {
  let [best, distance] = [-1, NEAR * NEAR];
  for (let i = 0; i < px.length; i++) {
    const d = (px[i]! - x) ** 2 + (py[i]! - y) ** 2;
    if (d < distance) [best, distance] = [i, d];
  }
  return best < 0 ? undefined : best;
}

type Drag = readonly [x0: number, y0: number, x1: number, y1: number];

function isDrag([x0, y0, x1, y1]: Drag): boolean {
  return Math.abs(x1 - x0) > DRAG || Math.abs(y1 - y0) > DRAG;
}

function brushOf([x0, y0, x1, y1]: Drag, scales: Scales): Brush {
  return [
    scales.fromX(Math.min(x0, x1)),
    scales.fromX(Math.max(x0, x1)),
    scales.fromY(Math.max(y0, y1)),
    scales.fromY(Math.min(y0, y1)),
  ];
}

function Rectangle({ brush, scales }: { readonly brush: Brush; readonly scales: Scales }) {
  const [left, right] = [scales.x(brush[0]), scales.x(brush[1])];
  const [top, bottom] = [scales.y(brush[3]), scales.y(brush[2])];
  if (![left, right, top, bottom].every(Number.isFinite)) return null;
  const place = `left:${left}px;top:${top}px;width:${right - left}px;height:${bottom - top}px`;
  return <span class="brush" style={place} />;
}

function Tip({
  x,
  y,
  width,
  text,
}: {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
}) {
  const place = `left:${x}px;top:${y}px`;
  return (
    <>
      <span class="ring" style={place} />
      <span class={x > width / 2 ? "tip tip-left" : "tip"} style={place}>
        {text}
      </span>
    </>
  );
}

/** The figure, and what a pointer does on it. */
export function Dots({
  figure,
  data,
  tip,
  onOpen,
  brush,
  onBrush,
}: {
  readonly figure: Specification;
  readonly data: Dotted;
  readonly tip: (i: number) => string;
  readonly onOpen: (i: number) => void;
  readonly brush?: Brush | undefined;
  readonly onBrush?: (brush: Brush | undefined) => void;
}) {
  const [scales, setScales] = useState<Scales | undefined>();
  const at = useMemo(() => scales && places(data, scales), [data, scales]);
  const [pointed, setPointed] = useState<number | undefined>();
  const [drag, setDrag] = useState<Drag | undefined>();
  const place = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onMove = (event: PointerEvent) => {
    if (!at || !scales) return;
    const [x, y] = place(event);
    if (!drag) {
      setPointed(nearest(at, x, y));
      return;
    }
    const next: Drag = [drag[0], drag[1], x, y];
    setDrag(next);
    if (onBrush && isDrag(next)) onBrush(brushOf(next, scales));
  };
  const onUp = (event: PointerEvent) => {
    if (drag && at && !isDrag(drag)) {
      const found = nearest(at, ...place(event));
      if (found !== undefined) onOpen(found);
      else onBrush?.(undefined);
    }
    setDrag(undefined);
  };
  return (
    <div class="dots-figure">
      <Figure figure={figure} onDraw={(drawn) => setScales(scalesOf(drawn))} />
      {scales && at && (
        <div
          class="dots-layer"
          style={`height:${scales.height}px`}
          aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            const [x, y] = place(event);
            setDrag([x, y, x, y]);
          }}
          onPointerMove={onMove}
          onPointerUp={onUp}
          onPointerCancel={() => setDrag(undefined)}
          onPointerLeave={() => setPointed(undefined)}
        >
          {brush && <Rectangle brush={brush} scales={scales} />}
          {pointed !== undefined && !drag && (
            <Tip x={at[0][pointed]!} y={at[1][pointed]!} width={scales.width} text={tip(pointed)} />
          )}
        </div>
      )}
    </div>
  );
}
