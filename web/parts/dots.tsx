/**
 * @file Latents as dots: a pointed one says what it is, a click opens it, a drag selects a
 *   rectangle. Axes are the figure's; many dots are drawn on a canvas below them.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DrawnFigure } from "../figures/figures.ts";
import type { ScatterData } from "../figures/specs.ts";
import { Figure } from "./figure.tsx";

/** A rectangle in the data's units. */
export type Brush = readonly [x0: number, x1: number, y0: number, y1: number];

/** More dots than this are drawn on a canvas. */
const MOST_SVG = 5000;
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
  return {
    x: (value) => x.apply(value) as number,
    y: (value) => y.apply(value) as number,
    fromX: (pixel) => x.invert!(pixel) as number,
    fromY: (pixel) => y.invert!(pixel) as number,
    width: Number(figure.getAttribute("width")),
    height: Number(figure.getAttribute("height")),
  };
}

/** Places of all dots in pixels; NaN for those that cannot be drawn. */
function places(
  { x, y, xLog }: ScatterData,
  scales: Scales,
): readonly [Float32Array, Float32Array] {
  const [px, py] = [new Float32Array(x.length), new Float32Array(x.length)];
  for (let i = 0; i < x.length; i++) {
    const isDrawn = Number.isFinite(x[i]) && Number.isFinite(y[i]) && (!xLog || x[i]! > 0);
    px[i] = isDrawn ? scales.x(x[i]!) : Number.NaN;
    py[i] = isDrawn ? scales.y(y[i]!) : Number.NaN;
  }
  return [px, py];
}

/** Elements within a rectangle. */
export function inside({ x, y }: ScatterData, [x0, x1, y0, y1]: Brush): number[] {
  const found: number[] = [];
  for (let i = 0; i < x.length; i++)
    if (x[i]! >= x0 && x[i]! <= x1 && y[i]! >= y0 && y[i]! <= y1) found.push(i);
  return found;
}

/** Variable of the palette in which a dot is drawn. */
export function dotColour({ group, groups, amount }: ScatterData): (i: number) => string {
  if (amount) {
    const most = Math.max(...amount, 1e-12);
    const least = Math.min(...amount, most);
    const step = (v: number) => Math.floor((6 * (v - least)) / (most - least || 1));
    return (i) => `--fig-r${Math.min(5, Math.max(0, step(amount[i]!)))}`;
  }
  const place = new Map((groups ?? []).map((name, i) => [name, i % 7]));
  return (i) => `--fig-c${place.get(group?.[i] ?? "") ?? 0}`;
}

function paint(
  canvas: HTMLCanvasElement,
  data: ScatterData,
  scales: Scales,
  [px, py]: readonly [Float32Array, Float32Array],
): void {
  const ratio = devicePixelRatio;
  canvas.width = scales.width * ratio;
  canvas.height = scales.height * ratio;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(ratio, ratio);
  context.globalAlpha = 0.55;
  const variables = getComputedStyle(document.documentElement);
  const colourOf = dotColour(data);
  const byColour = new Map<string, number[]>();
  for (let i = 0; i < px.length; i++) {
    const known = byColour.get(colourOf(i));
    if (known) known.push(i);
    else byColour.set(colourOf(i), [i]);
  }
  for (const [name, dots] of byColour) {
    context.fillStyle = variables.getPropertyValue(name);
    context.beginPath();
    for (const i of dots) {
      if (Number.isNaN(px[i])) continue;
      context.moveTo(px[i]! + 1.6, py[i]!);
      context.arc(px[i]!, py[i]!, 1.6, 0, 7);
    }
    context.fill();
  }
}

/** Draws again when the reader's colours change. */
function useScheme(): boolean {
  const query = useMemo(() => matchMedia("(prefers-color-scheme: dark)"), []);
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const update = () => setDark(query.matches);
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, [query]);
  return isDark;
}

function nearest([px, py]: readonly [Float32Array, Float32Array], x: number, y: number) {
  let [best, distance] = [-1, NEAR * NEAR];
  for (let i = 0; i < px.length; i++) {
    const d = (px[i]! - x) ** 2 + (py[i]! - y) ** 2;
    if (d < distance) [best, distance] = [i, d];
  }
  return best < 0 ? undefined : best;
}

/** Dots with a brush. */
export function Dots({
  data,
  label,
  tip,
  onOpen,
  brush,
  onBrush,
}: {
  readonly data: ScatterData;
  readonly label: string;
  readonly tip: (i: number) => string;
  readonly onOpen: (i: number) => void;
  readonly brush?: Brush | undefined;
  readonly onBrush?: (brush: Brush | undefined) => void;
}) {
  const [scales, setScales] = useState<Scales | undefined>();
  const isMany = data.x.length > MOST_SVG;
  const shown = useMemo(() => ({ ...data, frameOnly: isMany }), [data, isMany]);
  const at = useMemo(() => scales && places(data, scales), [data, scales]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = useScheme();
  const [pointed, setPointed] = useState<number | undefined>();
  const [drag, setDrag] = useState<readonly [number, number, number, number] | undefined>();
  useEffect(() => {
    if (canvas.current && scales && at) paint(canvas.current, data, scales, at);
  }, [data, scales, at, isDark]);

  const place = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const brushOf = ([a, b, c, d]: readonly [number, number, number, number]): Brush => [
    scales!.fromX(Math.min(a, c)),
    scales!.fromX(Math.max(a, c)),
    scales!.fromY(Math.max(b, d)),
    scales!.fromY(Math.min(b, d)),
  ];
  const isDragged = (d: readonly [number, number, number, number]) =>
    Math.abs(d[2] - d[0]) > DRAG || Math.abs(d[3] - d[1]) > DRAG;
  const onMove = (event: PointerEvent) => {
    if (!at) return;
    const [x, y] = place(event);
    if (!drag) return setPointed(nearest(at, x, y));
    const next = [drag[0], drag[1], x, y] as const;
    setDrag(next);
    if (onBrush && isDragged(next)) onBrush(brushOf(next));
  };
  const onUp = (event: PointerEvent) => {
    if (!drag || !at) return;
    if (!isDragged(drag)) {
      const found = nearest(at, ...place(event));
      if (found !== undefined) onOpen(found);
      else onBrush?.(undefined);
    }
    setDrag(undefined);
  };
  const rectangle = scales &&
    brush && [scales.x(brush[0]), scales.y(brush[3]), scales.x(brush[1]), scales.y(brush[2])];
  return (
    <div class="dots-figure">
      {isMany && (
        <div aria-hidden="true">
          <canvas ref={canvas} />
        </div>
      )}
      <Figure
        kind="scatter"
        data={shown}
        label={label}
        onDraw={(figure) => setScales(scalesOf(figure))}
      />
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
          {rectangle?.every(Number.isFinite) && (
            <span
              class="brush"
              style={`left:${rectangle[0]}px;top:${rectangle[1]}px;width:${rectangle[2]! - rectangle[0]!}px;height:${rectangle[3]! - rectangle[1]!}px`}
            />
          )}
          {pointed !== undefined && !drag && (
            <>
              <span class="ring" style={`left:${at[0][pointed]}px;top:${at[1][pointed]}px`} />
              <span
                class={at[0][pointed]! > scales.width / 2 ? "tip tip-left" : "tip"}
                style={`left:${at[0][pointed]}px;top:${at[1][pointed]}px`}
              >
                {tip(pointed)}
              </span>
            </>
          )}
        </div>
      )}
    </div>
  );
}
