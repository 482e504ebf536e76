/**
 * Every relative link and picture of a Markdown page leads to a file that is there, and to a
 * heading that is there.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const LEFT_OUT = /^(node_modules|dist|build|runs|\.git|\.cache)(\/|$)/;

function pagesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (LEFT_OUT.test(relative(ROOT, path))) return [];
    if (entry.isDirectory()) return pagesBelow(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

const pages = pagesBelow(ROOT).map((path) => relative(ROOT, path));

/** A page without its code, where brackets are not links. */
function proseOf(page: string): string {
  const text = readFileSync(join(ROOT, page), "utf8");
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
}

/** Where a page's links and pictures lead, addresses of the web left out. */
function linksOf(page: string): string[] {
  const inline = [...proseOf(page).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const html = [
    ...proseOf(page).matchAll(/<(?:img|a|source)\b[^>]*\b(?:src|href|srcset)="([^"]+)"/g),
  ];
  return [...inline, ...html].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));
}

/** The addresses of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const text = readFileSync(join(ROOT, page), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  const seen = new Map<string, number>();
  return new Set(
    [...text.matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
      const plain = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
      const name = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return count === 0 ? name : `${name}-${count}`;
    }),
  );
}

test.each(pages)("%s", (page) => {
  const broken = linksOf(page).filter((link) => {
    const [path, anchor] = decodeURI(link).split("#") as [string, string | undefined];
    const target = path === "" ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
    if (!existsSync(target)) return true;
    if (anchor === undefined || statSync(target).isDirectory()) return false;
    return !anchorsOf(relative(ROOT, target)).has(anchor);
  });
  expect(broken).toEqual([]);
});

test("nothing that a page links to is left out of the repository", ({ skip }) => {
  if (!existsSync(join(ROOT, ".git"))) skip();
  const targets = pages.flatMap((page) =>
    linksOf(page)
      .map((link) => decodeURI(link).split("#")[0]!)
      .filter((path) => path !== "")
      .map((path) => relative(ROOT, resolve(ROOT, dirname(page), path))),
  );
  const known = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  }).split("\n");
  const isKept = (path: string) =>
    path === "" || known.some((file) => file === path || file.startsWith(`${path}/`));
  expect([...new Set(targets)].filter((path) => !isKept(path))).toEqual([]);
});

test("the pages that everybody looks for are there", () => {
  const wanted = ["README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "GLOSSARY"];
  expect(pages).toEqual(expect.arrayContaining(wanted.map((name) => `${name}.md`)));
  expect(existsSync(join(ROOT, "LICENSE"))).toBe(true);
});
