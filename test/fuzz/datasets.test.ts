import { expect, test } from "vitest";
import { parseSha256Sums } from "../../src/fetch/checksums.ts";
import { nameProblem } from "../../src/fetch/listing/entry-name.ts";
import { readIndexPage } from "../../src/fetch/listing/index-page.ts";
import { mutated } from "./mutate.ts";
import { survives } from "./survives.ts";

const PAGE = new URL("https://archive.example/data/v1/edf/");

const SEEDS = {
  nginx: `<html><head><title>Index of /data/v1/edf/</title></head><body><h1>Index of</h1><hr><pre><a href="../">../</a>
<a href="S001/">S001/</a>             09-Sep-2009 00:00                   -
<a href="S001R01%20x.edf">S001R01 x.edf</a>      09-Sep-2009 00:00             1275936
</pre><hr></body></html>`,
  apache: `<!DOCTYPE HTML><!-- x --><script>a<b</script><table><tr><th><a href="?C=N;O=D">Name</a></th></tr>
<tr><td><img src="/i.gif" alt="[   ]"></td><td><a href='a&amp;b.edf'>a&amp;b.edf</a></td><td align="right">2022-10-31 14:44  </td><td align="right">1.2M</td><td>&nbsp;</td></tr></table>`,
};

test("damaged directory pages are read to their end, and give names that stay in the folder", async () => {
  for (const [name, html] of Object.entries(SEEDS)) {
    const seed = Buffer.from(html);
    const inputs = Array.from({ length: 600 }, (_, n): [string, Uint8Array] => [
      ...([`${name} ${n}`, mutated(seed, `index-page/${name}`, n)] as [string, Uint8Array]),
    ]);
    const { parsed, refused } = await survives(inputs, (bytes) => {
      const { entries } = readIndexPage(new TextDecoder().decode(bytes), PAGE);
      for (const { name: entry, url, size } of entries) {
        if (nameProblem(entry) !== undefined) throw new Error(`took ${JSON.stringify(entry)}`);
        if (!url.href.startsWith(PAGE.href)) throw new Error(`led to ${url.href}`);
        if (size && !(Number.isSafeInteger(size.bytes) && size.bytes >= 0))
          throw new Error(`took ${size.bytes} bytes`);
      }
    });
    expect([parsed, refused]).toEqual([inputs.length, 0]);
  }
});

test("damaged lists of checksums are read to their end", async () => {
  const seed = Buffer.from(`${"a1".repeat(32)} S001/S001R01.edf\n${"b2".repeat(32)}  RECORDS\n`);
  const inputs = Array.from({ length: 500 }, (_, n): [string, Uint8Array] => [
    ...([`${n}`, mutated(seed, "sha256-sums", n)] as [string, Uint8Array]),
  ]);
  const { parsed } = await survives(inputs, (bytes) => {
    for (const sum of parseSha256Sums(new TextDecoder().decode(bytes)).values())
      if (!/^[0-9a-f]{64}$/.test(sum)) throw new Error(`took ${sum}`);
  });
  expect(parsed).toBe(inputs.length);
});
