/**
 * @file The page that reports stand on: one file, nothing loaded from anywhere; light, dark,
 *   narrow, wide and printed. It runs no script but the one that it was made with.
 */

import { createHash } from "node:crypto";

import { FIGURE_CSS } from "../palette.ts";
import { renderFigure } from "../plot/render.ts";
import type { Specification } from "../plot/specification.ts";
import { type Content, html, type Markup, raw } from "./html.ts";
import { PAGE_CSS } from "./page-style.ts";

export interface Page {
  readonly title: string;
  readonly body: Content;
  /** A script at the end of the page, the only one that it may run. Default: none. */
  readonly script?: string;
}

/** What the page may load and run: its own style and pictures, and a script by its hash. */
function policy(script: string | undefined): string {
  const own = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  if (script === undefined) return own;
  const hash = createHash("sha256").update(script).digest("base64");
  return `${own}; script-src 'sha256-${hash}'`;
}

/** A whole HTML document. */
export function page({ title, body, script }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${raw(policy(script))}">
<title>${title}</title>
<style>${raw(FIGURE_CSS + PAGE_CSS)}</style>
</head>
<body>
<main>
${body}
</main>
${script !== undefined && raw(`<script>${script}</script>\n`)}</body>
</html>
`.markup;
}

/** A section with its heading; nothing when there is no content. */
export function section(title: string, ...content: readonly Content[]): Markup {
  if (content.every((c) => c === undefined || c === false)) return raw("");
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>
`;
}

/** Figures side by side where there is room. */
export function figures(...items: readonly Content[]): Markup | undefined {
  if (items.every((item) => item === undefined || item === false)) return undefined;
  return html`<div class="figures">${items}</div>`;
}

/** A figure, drawn, with its heading and its caption. */
export function figure(
  specification: Specification,
  title: string,
  ...caption: readonly Content[]
): Markup {
  const below = caption.some((c) => c !== undefined && c !== false && c !== "");
  return html`<figure>
<h3>${title}</h3>
${raw(renderFigure(specification))}
${below && html`<figcaption>${caption}</figcaption>`}
</figure>
`;
}
