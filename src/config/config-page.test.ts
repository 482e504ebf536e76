import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { configPage } from "./config-page.ts";
import { configJsonSchema, type JsonSchema, runJsonSchema } from "./json-schema.ts";
import { parseConfig } from "./load-config.ts";
import { listKeys } from "./schema.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const text = (...path: string[]) => readFileSync(join(ROOT, ...path), "utf8");
const CONFIGS = readdirSync(join(ROOT, "configs")).filter((name) => name.endsWith(".yaml"));

/** Every key with its schema, objects inside included. */
function keysOf(schema: JsonSchema, path = ""): [string, JsonSchema][] {
  const inner = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.items ? [schema.items] : []),
  ];
  return [
    ...inner.flatMap((s) => keysOf(s, path)),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]): [string, JsonSchema][] => [
      [`${path}${key}`, value],
      ...keysOf(value, `${path}${key}.`),
    ]),
  ];
}

/** The schema with every reference written out. */
function written(schema: JsonSchema, defs: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const { $ref, ...own } = value as JsonSchema;
    if ($ref === undefined)
      return Object.fromEntries(Object.entries(own).map(([key, inner]) => [key, visit(inner)]));
    const target = defs[$ref.replace("#/$defs/", "")];
    if (!target) throw new Error(`${$ref} leads nowhere`);
    return { ...own, ...(visit(target) as JsonSchema) };
  };
  return visit(schema) as JsonSchema;
}

describe("what is generated from the schema", () => {
  test("is up to date: npx tsx scripts/generate-config-docs.ts", () => {
    expect(text("configs", "config.schema.json")).toBe(
      `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    );
    expect(text("docs", "config.md")).toBe(configPage());
  });

  test("says a shape once: written out, it is more than twice as long", () => {
    const { $defs = {}, ...config } = configJsonSchema();
    const lines = (value: unknown) => JSON.stringify(value, null, 2).split("\n").length;
    expect(lines(written(config, $defs))).toBeGreaterThan(2 * lines(configJsonSchema()));
    const used = new Set(JSON.stringify(configJsonSchema()).match(/#\/\$defs\/[^"]+/g));
    expect([...used].sort()).toEqual(
      Object.keys($defs)
        .map((name) => `#/$defs/${name}`)
        .sort(),
    );
  });

  test("says of every key what it means", () => {
    const silent = keysOf(runJsonSchema()).filter(
      ([, schema]) => !(schema.description ?? schema.anyOf?.[0]?.description),
    );
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  test("allows lists for sweeps outside the population, and inside it only where they make members", () => {
    const { $defs = {}, ...config } = configJsonSchema();
    const { properties } = written(config, $defs);
    const allowsList = (schema: JsonSchema | undefined) =>
      schema?.anyOf?.some((branch) => branch.type === "array") === true;
    expect(allowsList(properties?.["seed"])).toBe(true);
    const coupling = properties?.["coupling"]?.anyOf?.[0]?.oneOf?.[0]?.properties;
    expect(allowsList(coupling?.["weight"])).toBe(true);
    const population = properties?.["population"]?.properties;
    expect(allowsList(population?.["k"])).toBe(true);
    expect(allowsList(population?.["members"])).toBe(false);
    expect(allowsList(properties?.["name"])).toBe(false);
  });

  test("knows every key outside the population whose value is a list", () => {
    const { properties } = runJsonSchema();
    for (const source of properties!["source"]!.oneOf!) {
      const ofKind = { properties: { ...properties, source } };
      const lists = keysOf(ofKind)
        // A list within a listed analysis is a value of that list.
        .filter(([key]) => !/^(population|analyses)\./.test(key))
        // So are the lists of a mapping whose keys a person chooses.
        .filter(([, schema]) =>
          [schema, ...(schema.anyOf ?? [])].some(
            (s) => s.type === "array" || (s.additionalProperties || undefined)?.type === "array",
          ),
        )
        .map(([key]) => key);
      expect(new Set(lists)).toEqual(listKeys(source.properties!["kind"]!.const));
    }
  });
});

describe.each(CONFIGS)("configs/%s", (name) => {
  test("is valid and tells editors its schema", () => {
    const config = text("configs", name);
    expect(config.split("\n")[0]).toBe("# yaml-language-server: $schema=config.schema.json");
    expect(parseConfig(config, name).length).toBeGreaterThan(0);
  });
});
