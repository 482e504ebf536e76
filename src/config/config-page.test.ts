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

describe("what is generated from the schema", () => {
  test("is up to date: npx tsx scripts/generate-config-docs.ts", () => {
    expect(text("configs", "config.schema.json")).toBe(
      `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    );
    expect(text("docs", "config.md")).toBe(configPage());
  });

  test("says of every key what it means", () => {
    const silent = keysOf(runJsonSchema()).filter(
      ([, schema]) => !(schema.description ?? schema.anyOf?.[0]?.description),
    );
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  test("allows lists for sweeps outside the population, and inside it only where they make members", () => {
    const { properties } = configJsonSchema();
    const allowsList = (schema: JsonSchema | undefined) =>
      schema?.anyOf?.some((branch) => branch.type === "array") === true;
    expect(allowsList(properties?.["seed"])).toBe(true);
    const coupling = properties?.["coupling"]?.anyOf?.[0]?.properties;
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
        .filter(([key]) => !key.startsWith("population."))
        .filter(([, schema]) => [schema, ...(schema.anyOf ?? [])].some((s) => s.type === "array"))
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
