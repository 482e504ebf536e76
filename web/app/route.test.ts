import { expect, test } from "vitest";
import { href, parseRoute } from "./route.ts";

test("a place comes back from its address, whatever its names", () => {
  const path = ["run", "sweep/k=2 é?#%", "latents", "member-0", "7"];
  const query = { q: "a&b=c ?#", sort: "-fvu" };
  const route = parseRoute(href(path, query));
  expect(route.path).toEqual(path);
  expect(Object.fromEntries(route.query)).toEqual(query);
});

test("parameters without a value are left out", () => {
  expect(href(["runs"], { q: "", sort: undefined, n: 0 })).toBe("#/runs?n=0");
  expect(href([])).toBe("#/");
});

test("an address that a person broke is still a place", () => {
  expect(parseRoute("#/run/%E0%A4%A").path).toEqual(["run", "%E0%A4%A"]);
  expect(parseRoute("").path).toEqual([]);
  expect(parseRoute("#//run//a/").path).toEqual(["run", "a"]);
  expect(parseRoute("#/runs?q=a?b").query.get("q")).toBe("a");
});
