import { expect, test } from "vitest";
import { ConcordError } from "../../errors.ts";
import { placeholdersOf, renderTemplate } from "./template.ts";

test("placeholders are found with their words, their text and their line", () => {
  expect(placeholdersOf("one\n{{mean a b}} and {{claim x is not shown | some words }}")).toEqual([
    { kind: "mean", words: ["a", "b"], text: undefined, line: 2 },
    { kind: "claim", words: ["x", "is", "not", "shown"], text: "some words", line: 2 },
  ]);
});

test("a placeholder may run over lines, and a bar in its text stays", () => {
  const [found] = placeholdersOf("{{claim x\n  is lower | a | b\nc}}");
  expect(found).toEqual({ kind: "claim", words: ["x", "is", "lower"], text: "a | b\nc", line: 1 });
});

test("every placeholder is replaced, the rest stays as it is", () => {
  const page = renderTemplate("a {{x}} {b} {{ y }}\n", "page.md", ({ kind }) => kind.toUpperCase());
  expect(page).toBe("a X {b} Y\n");
});

test("what stands in a place is not read again as a template", () => {
  expect(renderTemplate("{{x}}", "page.md", () => "{{y}} $& $1")).toBe("{{y}} $& $1");
});

test("an error names the page, the line and the placeholder, and keeps its hint", () => {
  const fail = () => {
    throw new ConcordError("argument/invalid", "no.", { hint: "do this" });
  };
  const caught = (() => {
    try {
      return renderTemplate("a\n\n{{mean  x\ny}}", "studies/k/page.md", fail);
    } catch (error) {
      return error;
    }
  })();
  expect(caught).toMatchObject({
    code: "format/invalid",
    message: "studies/k/page.md:3: {{mean x y}}: no.",
    hint: "do this",
  });
});

test("errors that are not Concord's are left as they are", () => {
  const bug = new TypeError("bug");
  expect(() =>
    renderTemplate("{{x}}", "page.md", () => {
      throw bug;
    }),
  ).toThrow(bug);
});

test("braces that are not closed are refused with their line", () => {
  expect(() => renderTemplate("{{x}}\n{{y", "page.md", () => "")).toThrow(
    "page.md:2: expected }} behind {{ but found none.",
  );
});
