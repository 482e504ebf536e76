/**
 * @file What every figure must be, whatever its data: well-formed, every coordinate a number, no
 *   text on another or cut off.
 */

import { renderFigure } from "../../src/figures/plot/render.ts";
import {
  type Marks,
  PIXELS,
  type Plot,
  type Specification,
} from "../../src/figures/plot/specification.ts";
import { textWidth } from "../../src/figures/text-width.ts";
import { allElements, type Element, parseMarkup, textOf } from "./markup.ts";

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a text has from the elements around it. */
interface Surroundings {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly anchor: string;
}

const NUMBERS = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height"];

/** Half of what a line of text of size 1 covers, from the bottom of digits to their top. */
const HALF_HEIGHT = 0.42;

/** From the middle of digits of size 1 down to their baseline. */
const BASELINE = 0.34;

function moved(around: Surroundings, { attributes: a }: Element): Surroundings {
  const [, x = 0, y = 0] = /translate\(([-\d.e]+),([-\d.e]+)\)/.exec(a["transform"] ?? "") ?? [];
  return {
    x: around.x + Number(x),
    y: around.y + Number(y),
    size: Number(a["font-size"] ?? around.size),
    anchor: a["text-anchor"] ?? around.anchor,
  };
}

function box(element: Element, { x, y, size, anchor }: Surroundings): Box {
  const { attributes: a } = element;
  const text = textOf({
    ...element,
    children: element.children.filter((c) => typeof c === "string"),
  });
  const width = textWidth(text, size) * 0.97;
  const share = { start: 0, middle: 0.5, end: 1 }[anchor]!;
  const [half, down] = [HALF_HEIGHT * size, (Number.parseFloat(a["y"] ?? "0") - BASELINE) * size];
  if (a["transform"]?.includes("rotate(-90)")) {
    const [bottom, left] = [y + width * share, x + down - half];
    return { text, left, right: left + 2 * half, top: bottom - width, bottom };
  }
  const [left, middle] = [x - share * width, y + down];
  return { text, left, right: left + width, top: middle - half, bottom: middle + half };
}

function boxesOf(element: Element, around: Surroundings): Box[] {
  const own = moved(around, element);
  if (element.name === "text") return [box(element, own)];
  return element.children.flatMap((child) =>
    typeof child === "string" ? [] : boxesOf(child, own),
  );
}

/** What the marks of a kind consist of: the circles of "dot", the paths of "line". */
export function insideMarks(elements: readonly Element[], mark: string): Element[] {
  return elements
    .filter(({ attributes }) => attributes["data-mark"] === mark)
    .flatMap(({ children }) => children.filter((child) => typeof child !== "string"))
    .flatMap((child) => (child.name === "g" ? child.children : [child]))
    .filter((child) => typeof child !== "string");
}

/** The tooltip of an element; undefined without one. */
export function tooltipOf({ children }: Element): string | undefined {
  const title = children.find((c): c is Element => typeof c !== "string" && c.name === "title");
  return title && textOf(title);
}

/** The elements of marks that are drawn in pixels, without a figure around them. */
export function drawMarks(marks: (plot: Plot) => Marks): Element[] {
  const options = (plot: Plot, width: number) => ({
    width,
    height: 200,
    x: PIXELS,
    y: PIXELS,
    marks: marks(plot),
  });
  return allElements(parseMarkup(renderFigure({ title: "t", description: "d", options })));
}

/**
 * Throws unless `figure` is a sound one.
 *
 * @returns Its elements and what it says.
 */
export function checkFigure(figure: Specification | string): {
  elements: Element[];
  texts: string[];
} {
  const root = parseMarkup(typeof figure === "string" ? figure : renderFigure(figure));
  const elements = allElements(root);
  const [svg, title, description] = elements;
  if (svg?.name !== "svg" || root.children.length !== 1) throw new Error("not one svg");
  if (svg.attributes["role"] !== "img" || title?.name !== "title" || description?.name !== "desc")
    throw new Error("no words for screen readers");
  const view = svg.attributes["viewBox"]!.split(" ").map(Number);
  if (view.length !== 4 || !view.every(Number.isFinite)) throw new Error(`viewBox ${view}`);
  for (const { name, attributes } of elements) {
    for (const key of NUMBERS)
      if (key in attributes && !Number.isFinite(Number(attributes[key]!.replace(/em$/, ""))))
        throw new Error(`${name} ${key}="${attributes[key]}"`);
    const path = attributes["d"];
    if (path !== undefined && !/^[MLHVZhlv\d\s.-]*$/.test(path)) throw new Error(`d="${path}"`);
    for (const value of Object.values(attributes))
      if (/NaN|undefined|Infinity/.test(value)) throw new Error(`${name}: ${value}`);
  }
  const boxes = boxesOf(svg, { x: 0, y: 0, size: Number.NaN, anchor: "start" });
  for (const [i, a] of boxes.entries()) {
    if (a.left < -0.5 || a.right > view[2]! + 0.5 || a.top < -0.5 || a.bottom > view[3]! + 0.5)
      throw new Error(`"${a.text}" is cut off: ${JSON.stringify(a)} of ${view}`);
    for (const b of boxes.slice(i + 1))
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        throw new Error(`"${a.text}" is on "${b.text}"`);
  }
  return { elements, texts: boxes.map((b) => b.text) };
}
