/**
 * @file A JSON Schema in which what stands in several places stands once, under `$defs`, and is
 *   referred to. It is shorter to read, and the same to a validator.
 */

import type { JsonSchema } from "./json-schema.ts";

/** What distinguishes two keys of one shape, next to their reference. */
const ANNOTATIONS = ["title", "description", "default"] as const;

/** A shorter schema is written out wherever it stands. */
const FEWEST_CHARACTERS = 80;

const TITLE_OF_LIMIT = [
  ["minimum", "from"],
  ["exclusiveMinimum", "above"],
  ["maximum", "to"],
  ["exclusiveMaximum", "below"],
] as const;

/** A schema without what it says of itself. */
function bodyOf(schema: JsonSchema): JsonSchema {
  const own = Object.entries(schema).filter(([key]) => !ANNOTATIONS.some((name) => name === key));
  return Object.fromEntries(own);
}

/** `integer_from_1`, `text`, `integer_from_1_or_list`; undefined for what only its key can name. */
function titleOf(schema: JsonSchema): string | undefined {
  const { type, enum: values, anyOf } = schema;
  if (ANNOTATIONS.some((name) => schema[name] !== undefined)) return undefined;
  if (anyOf) {
    const [value, list] = anyOf;
    if (anyOf.length !== 2 || list?.type !== "array") return undefined;
    const title = titleOf(value!);
    return title === undefined ? undefined : `${title}_or_list`;
  }
  if (values || schema.properties || type === undefined) return undefined;
  if (type === "array") {
    const title = schema.items && titleOf(schema.items);
    return title === undefined ? undefined : `list_of_${title}`;
  }
  const limits = TITLE_OF_LIMIT.flatMap(([key, word]) =>
    schema[key] === undefined ? [] : [`${word}_${String(schema[key])}`],
  );
  return [type === "string" ? "text" : type, ...limits].join("_");
}

type Visit = (schema: JsonSchema, key: string) => JsonSchema;

/** A schema whose inner schemas `visit` has replaced; `key` is the nearest key of a config. */
function mapInner(schema: JsonSchema, key: string, visit: Visit): JsonSchema {
  const { properties, items, anyOf, oneOf } = schema;
  const all = (list: readonly JsonSchema[]) => list.map((inner) => visit(inner, key));
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, visit(inner, name)]),
      ),
    }),
    ...(items && { items: visit(items, key) }),
    ...(anyOf && { anyOf: all(anyOf) }),
    ...(oneOf && { oneOf: all(oneOf) }),
  };
}

/**
 * Moves schemas that stand in several places to `$defs`.
 *
 * @param root A schema without references.
 * @returns One that accepts the same, with `$ref` beside the description and default of a key.
 */
export function withDefs(root: JsonSchema): JsonSchema {
  const places = new Map<string, number>();
  const count: Visit = (schema, key) => {
    const text = JSON.stringify(bodyOf(schema));
    const seen = places.get(text) ?? 0;
    places.set(text, seen + 1);
    // What is inside stands once, however often the whole is referred to.
    if (seen > 0 && text.length >= FEWEST_CHARACTERS) return schema;
    return mapInner(schema, key, count);
  };
  mapInner(root, "", count);
  const names = new Map<string, string>();
  const defs = new Map<string, JsonSchema>();
  const nameFor = (body: JsonSchema, key: string): string => {
    const isGrid = body.anyOf?.length === 2 && body.anyOf[1]?.type === "array";
    const title = titleOf(body) ?? `${key}${isGrid ? "_or_list" : ""}`;
    for (let n = 1; ; n++) {
      const name = n === 1 ? title : `${title}_${n}`;
      if (!defs.has(name)) return name;
    }
  };
  const refer: Visit = (schema, key) => {
    const body = bodyOf(schema);
    const text = JSON.stringify(body);
    if (text.length < FEWEST_CHARACTERS || places.get(text)! < 2)
      return mapInner(schema, key, refer);
    let name = names.get(text);
    if (name === undefined) {
      name = nameFor(body, key);
      names.set(text, name);
      // Its place is kept while what is inside takes names.
      defs.set(name, body);
      defs.set(name, mapInner(body, key, refer));
    }
    const said = Object.entries(schema).filter(([own]) => ANNOTATIONS.some((a) => a === own));
    return { ...Object.fromEntries(said), $ref: `#/$defs/${name}` };
  };
  const referring = mapInner(root, "", refer);
  const sorted = [...defs].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...referring, $defs: Object.fromEntries(sorted) };
}
