/**
 * @file SVG that came with the data, shown without what could act: only elements and attributes
 *   that draw are kept, and pictures whose bytes are within. Style sheets go too, because they
 *   would be those of the whole page, which has the figures' own.
 */

import { useMemo } from "preact/hooks";

const SHAPES =
  "svg g image path line polyline polygon rect circle ellipse text tspan title desc defs clipPath use symbol marker linearGradient radialGradient stop pattern";
const ELEMENTS = new Set(SHAPES.split(" "));

/** A picture whose bytes are its address. */
const OWN_BYTES = /^data:image\/png;base64,[A-Za-z0-9+/=]*$/;

/** Attributes that could run something or load something from elsewhere. */
function isHarmful(element: string, name: string, value: string): boolean {
  if (name.startsWith("on")) return true;
  if (name === "href" || name === "xlink:href")
    return !value.startsWith("#") && !(element === "image" && OWN_BYTES.test(value));
  return /url\(\s*["']?(?!#)|javascript:|@import/i.test(value);
}

function cleanse(element: Element): void {
  for (const child of [...element.children])
    if (!ELEMENTS.has(child.localName)) child.remove();
    else cleanse(child);
  for (const { name, value } of [...element.attributes])
    if (isHarmful(element.localName, name.toLowerCase(), value)) element.removeAttribute(name);
}

/** `svg` with nothing but what draws; empty where it is not an SVG element. */
function cleanSvg(svg: string): string {
  const { documentElement } = new DOMParser().parseFromString(svg, "image/svg+xml");
  if (documentElement.localName !== "svg") return "";
  cleanse(documentElement);
  return new XMLSerializer().serializeToString(documentElement);
}

/** A picture of the data. */
export function SafeSvg({ svg, label }: { readonly svg: string; readonly label: string }) {
  const clean = useMemo(() => cleanSvg(svg), [svg]);
  return (
    <span
      class="picture"
      role="img"
      aria-label={label}
      dangerouslySetInnerHTML={{ __html: clean }}
    />
  );
}
