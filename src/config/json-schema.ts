/**
 * @file The JSON Schema of config files, for editors and other programs: generated from schema.ts,
 *   with room for sweeps.
 */

import { z } from "zod";
import { domainOf } from "../domains/domains.ts";
import { withDefs } from "./json-schema-defs.ts";
import { configSchema } from "./schema.ts";

/** The part of JSON Schema that occurs here. */
export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  /** Of a mapping whose keys a person chooses. */
  readonly additionalProperties?: JsonSchema | false;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
}

/** Leaves out the limits of JavaScript's whole numbers, which no person needs to read. */
function withoutSafeIntegers(schema: JsonSchema): JsonSchema {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(
      ([key, limit]) => !(key === "maximum" && limit === Number.MAX_SAFE_INTEGER),
    );
    return Object.fromEntries(entries.map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(schema) as JsonSchema;
}

/** The schema of one run: what a config is after its lists have been made a sweep. */
export function runJsonSchema(): JsonSchema {
  return withoutSafeIntegers(z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema);
}

/** Lets a value be a list of such values. */
function orList(schema: JsonSchema): JsonSchema {
  const { description, default: initial, ...value } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
    anyOf: [value, { type: "array", minItems: 1, items: value }],
  };
}

/**
 * Lets every value of an object be a list, at any depth: a list outside `population` is an axis of
 * a sweep.
 */
function withSweeps(schema: JsonSchema): JsonSchema {
  if (schema.anyOf) return orList({ ...schema, anyOf: schema.anyOf.map(withInnerSweeps) });
  if (schema.oneOf) return orList({ ...schema, oneOf: schema.oneOf.map(withInnerSweeps) });
  return orList(withInnerSweeps(schema));
}

/** Keys that a list under another key stands for, in a kind of source. */
function stoodFor({ properties }: JsonSchema): readonly string[] {
  const kind = properties?.["kind"]?.const;
  return kind === undefined ? [] : Object.values(domainOf(kind)?.eachOf ?? {});
}

function withInnerSweeps(schema: JsonSchema): JsonSchema {
  if (!schema.properties) return schema;
  const optional = stoodFor(schema);
  const swept = Object.entries(schema.properties).map(([key, value]) => [
    key,
    // The key that distinguishes the kinds of an object is not an axis, or editors could not
    // distinguish them either.
    value.const === undefined ? withSweeps(value) : value,
  ]);
  return {
    ...schema,
    properties: Object.fromEntries(swept),
    ...(schema.required && { required: schema.required.filter((key) => !optional.includes(key)) }),
  };
}

/**
 * What makes runs of keys wherever they stand; taken apart before a run's config is validated
 * (sweep-block.ts).
 */
export const SWEEP_SCHEMA: JsonSchema = {
  description:
    "Keys of the config, as paths with dots, with lists of values: a run for every combination, with all other lists",
  type: "object",
  additionalProperties: {
    anyOf: [
      { type: "array", minItems: 1 },
      { type: "object", description: "The same as sections within sections" },
    ],
  },
};

/** The JSON Schema of config files. */
export function configJsonSchema(): JsonSchema {
  const { $schema, properties = {}, ...rest } = runJsonSchema();
  const swept = Object.entries(properties).map(([key, value]) => [
    key,
    // The lists of a population make members, and one name covers all runs of a sweep.
    key === "name" || key === "population" ? value : withSweeps(value),
  ]);
  return {
    $schema,
    title: "Concord config",
    ...withDefs({
      ...rest,
      properties: { ...Object.fromEntries(swept), sweep: SWEEP_SCHEMA },
    }),
  };
}
