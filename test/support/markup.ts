/**
 * @file A strict reader of the markup that reports write: every element closed, every attribute
 *   quoted, every entity known.
 */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

/** HTML's elements without an end. */
const VOID = new Set(["meta", "br", "hr", "img", "link", "input"]);
/** Elements whose content is not markup. */
const RAW = new Set(["style", "script"]);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
};

function decoded(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const known = ENTITIES[name];
    if (known === undefined || !whole.endsWith(";")) throw new Error(`A bare & in: ${text}`);
    return known;
  });
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let rest = text;
  while (rest.trim() !== "") {
    const match = /^\s+([\w:-]+)="([^"<]*)"/.exec(rest);
    if (!match) throw new Error(`No attribute: ${rest.slice(0, 80)}`);
    const [all, name, value] = match as unknown as [string, string, string];
    if (name in found) throw new Error(`The attribute ${name} twice.`);
    found[name] = decoded(value);
    rest = rest.slice(all.length);
  }
  return found;
}

/** Parses a document or a piece of one. @throws {Error} for anything that is not well-formed. */
export function parseMarkup(text: string): Element {
  const root = { name: "", attributes: {}, children: [] as (Element | string)[] };
  const open = [root];
  let rest = text.replace(/^<!doctype html>/, "");
  while (rest !== "") {
    const top = open.at(-1)!;
    const raw = RAW.has(top.name);
    const next = raw ? rest.indexOf(`</${top.name}>`) : rest.indexOf("<");
    if (next !== 0) {
      const words = next < 0 ? rest : rest.slice(0, next);
      if (!raw && words.includes(">")) throw new Error(`A bare > in: ${words.slice(0, 80)}`);
      top.children.push(raw ? words : decoded(words));
      rest = next < 0 ? "" : rest.slice(next);
      continue;
    }
    const tag = /^<(\/?)([a-zA-Z][\w]*)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>/.exec(rest);
    if (!tag) throw new Error(`No tag: ${rest.slice(0, 80)}`);
    const [all, end, name, attributes, selfClosing] = tag as unknown as string[];
    rest = rest.slice(all!.length);
    if (end) {
      if (top.name !== name) throw new Error(`</${name}> ends <${top.name}>.`);
      open.pop();
      continue;
    }
    const element = {
      name: name!,
      attributes: attributesOf(attributes!),
      children: [] as (Element | string)[],
    };
    top.children.push(element);
    if (!selfClosing && !VOID.has(name!)) open.push(element);
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.name}> is never closed.`);
  return root;
}

/** Every element below, in order. */
export function allElements(node: Element): Element[] {
  return node.children.flatMap((c) => (typeof c === "string" ? [] : [c, ...allElements(c)]));
}

/** The text of an element as it is read; tooltips are not part of it. */
export function textOf(node: Element): string {
  return node.children
    .map((c) => (typeof c === "string" ? c : c.name === "title" ? "" : textOf(c)))
    .join("");
}
