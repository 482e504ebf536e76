import { describe, expect, test } from "vitest";
import { readIndexPage } from "./index-page.ts";

const PAGE = new URL("https://archive.example/data/v1/edf/");

const read = (html: string) => {
  const { entries, refused } = readIndexPage(html, PAGE);
  const shown = entries.map(({ name, isFolder, size }) => [
    name + (isFolder ? "/" : ""),
    size?.bytes ?? null,
    size?.isExact ?? null,
  ]);
  return { shown, refused, urls: entries.map(({ url }) => url.href) };
};

const exact = (name: string, bytes: number) => [name, bytes, true];
const unknown = (name: string) => [name, null, null];

describe("readIndexPage", () => {
  test("reads what nginx writes: exact sizes, long names cut in the text but not in the address", () => {
    const long = `${"n".repeat(60)}.edf`;
    const html = `<html><head><title>Index of /data/v1/edf/</title></head><body><h1>Index of /data/v1/edf/</h1><hr><pre><a href="../">../</a>
<a href="S001/">S001/</a>                                              09-Sep-2009 00:00                   -
<a href="${long}">${long.slice(0, 47)}..&gt;</a> 09-Sep-2009 00:00             1275936
<a href="with%20space%20%26.edf">with space &amp;.edf</a>                              09-Sep-2009 00:00                   0
</pre><hr></body></html>`;
    expect(read(html)).toMatchObject({
      shown: [unknown("S001/"), exact(long, 1275936), exact("with space &.edf", 0)],
      refused: [],
      urls: [`${PAGE}S001/`, `${PAGE}${long}`, `${PAGE}with%20space%20%26.edf`],
    });
  });

  test("reads Apache's columns: sorting links and the folder above are none, sizes are rounded", () => {
    const html = `<h1>Index of /data/v1/edf</h1><pre><a href="?C=N;O=D">Name</a> <a href="?C=S;O=A">Size</a><hr><a href="/data/v1/">Parent Directory</a>                             -
<img src="/icons/folder.gif" alt="[DIR]"> <a href="aaaaawfy/">aaaaawfy/</a>               2022-10-31 14:44    -
<img src="/icons/unknown.gif" alt="[   ]"> <a href="a_s001_t000.edf">a_s001_t000.edf</a>        2022-10-31 14:44  1.2M  a recording 10:00 5
<img src="/icons/text.gif" alt="[TXT]"> <a href="README.txt">README.txt</a>             2022-10-31 14:44  512
<hr></pre>`;
    expect(read(html).shown).toEqual([
      exact("README.txt", 512),
      ["a_s001_t000.edf", 1258291, false],
      unknown("aaaaawfy/"),
    ]);
  });

  test("reads Apache's table, with icons that are links of their own", () => {
    const html = `<table><tr><td><a href="x.edf"><img src="/i.gif"></a></td><td><a href="x.edf">x.edf</a></td><td align="right">2022-10-31 14:44  </td><td align="right"> 34K</td><td>&nbsp;</td></tr>
<tr><td><a href="y.edf">y.edf</a></td><td align="right">2022-10-31 14:44  </td><td align="right">  - </td></tr></table>`;
    expect(read(html).shown).toEqual([["x.edf", 34 * 1024, false], unknown("y.edf")]);
  });

  test("reads a plain list without sizes", () => {
    const html = `<ul><li><a href="/data/v1/"> Parent Directory</a></li><li><a href="b.edf"> b.edf</a></li></ul>`;
    expect(read(html).shown).toEqual([unknown("b.edf")]);
  });

  test.each([
    "../../../../etc/passwd",
    "/etc/passwd",
    "%2e%2e/%2e%2e/secret",
    "https://elsewhere.example/data/v1/edf/x.edf",
    "//elsewhere.example/data/v1/edf/x.edf",
    "http://archive.example/data/v1/edf/x.edf",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "mailto:a@b",
    "x.edf?download",
    "./",
    "#top",
    "",
    "a/b/c.edf",
    "https://",
  ])("takes no notice of a link to elsewhere: %s", (href) => {
    expect(read(`<a href="${href}">x.edf</a> 09:00 5`)).toEqual({
      shown: [],
      refused: [],
      urls: [],
    });
  });

  test.each([
    ["..%2F..%2Fetc%2Fpasswd", "leads out"],
    ["..%5C..%5Cwindows", "leads out"],
    ["%2e%2e%2f", "leads out"],
    ["a%00.edf", "control characters"],
    ["a%0d%0ab", "control characters"],
    ["a%E2%80%AEfde.exe", "control characters"],
    ["%E9t%E9.edf", "not UTF-8"],
    ["%", "not UTF-8"],
    [`${"x".repeat(300)}.edf`, "too long"],
    ["concord-dataset.jsonl", "use here"],
    ["writer.lock", "use here"],
    ["x.edf.part", "use here"],
    ["x.edf.part.json", "use here"],
    ["https://user:word@archive.example/data/v1/edf/x.edf", "credentials"],
  ])("refuses the name %s", (href, reason) => {
    const { shown, refused } = read(`<a href="${href}">x</a> 09:00 5`);
    expect(shown).toEqual([]);
    expect(refused).toEqual([
      {
        link: expect.not.stringMatching(/user|word|\p{Cc}/u),
        reason: expect.stringContaining(reason),
      },
    ]);
  });
});
