/**
 * @file What every figure must be, whatever its data: well-formed, every coordinate a number, no
 *   text on another or cut off.
 */

import { textWidth } from "../../src/figures/text-width.ts";
import { allElements, type Element, parseMarkup, textOf } from "./markup.ts";

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const NUMBERS = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height"];

/** Half of what a line of text of size 1 covers, from the bottom of digits to their top. */
const HALF_HEIGHT = 0.42;

function box(element: Element, fontSize: number): Box {
  const { attributes: a } = element;
  const own = /font-size:([\d.]+)px/.exec(a["style"] ?? "");
  const size = own ? Number(own[1]) : fontSize;
  const text = textOf(element);
  const width = textWidth(text, size) * 0.97;
  const [x, y] = [Number(a["x"]), Number(a["y"])];
  const share = { start: 0, middle: 0.5, end: 1 }[a["text-anchor"] ?? "start"]!;
  const half = HALF_HEIGHT * size;
  if (a["transform"]?.startsWith("rotate(-90"))
    return {
      text,
      left: x - half,
      right: x + half,
      top: y - width * (1 - share),
      bottom: y + width * share,
    };
  return {
    text,
    left: x - share * width,
    right: x + (1 - share) * width,
    top: y - half,
    bottom: y + half,
  };
}

/**
 * Throws unless `svg` is a sound figure.
 *
 * @returns Its elements and what it says.
 */
export function checkFigure(svg: string): { elements: Element[]; texts: string[] } {
  const root = parseMarkup(svg);
  const elements = allElements(root);
  const [figure, title, description] = elements;
  if (figure?.name !== "svg" || root.children.length !== 1) throw new Error("not one svg");
  if (
    figure.attributes["role"] !== "img" ||
    title?.name !== "title" ||
    description?.name !== "desc"
  )
    throw new Error("no words for screen readers");
  const view = figure.attributes["viewBox"]!.split(" ").map(Number);
  if (view.length !== 4 || !view.every(Number.isFinite)) throw new Error(`viewBox ${view}`);
  for (const { name, attributes } of elements) {
    for (const key of NUMBERS)
      if (key in attributes && !Number.isFinite(Number(attributes[key])))
        throw new Error(`${name} ${key}="${attributes[key]}"`);
    const path = attributes["d"];
    if (path !== undefined && !/^[MLHVZhlv\d\s.-]*$/.test(path)) throw new Error(`d="${path}"`);
    for (const value of Object.values(attributes))
      if (/NaN|undefined|Infinity/.test(value)) throw new Error(`${name}: ${value}`);
  }
  const size = Number(figure.attributes["font-size"]);
  const boxes = elements.filter((e) => e.name === "text").map((e) => box(e, size));
  for (const [i, a] of boxes.entries()) {
    if (a.left < -0.5 || a.right > view[2]! + 0.5 || a.top < -0.5 || a.bottom > view[3]! + 0.5)
      throw new Error(`"${a.text}" is cut off: ${JSON.stringify(a)} of ${view}`);
    for (const b of boxes.slice(i + 1))
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        throw new Error(`"${a.text}" is on "${b.text}"`);
  }
  return { elements, texts: boxes.map((b) => b.text) };
}
