import { expect, test } from "vitest";
import { html, raw } from "./html.ts";

test("text is escaped, markup is not", () => {
  const name = `<img src="x" onerror='a()'> & co`;
  expect(html`<p title="${name}">${name}</p>`.markup).toBe(
    '<p title="&lt;img src=&quot;x&quot; onerror=&#39;a()&#39;&gt; &amp; co">&lt;img src=&quot;x&quot; onerror=&#39;a()&#39;&gt; &amp; co</p>',
  );
  expect(html`${raw("<b>1</b>")}${html`<i>${"<"}</i>`}`.markup).toBe("<b>1</b><i>&lt;</i>");
});

test("undefined and false are nothing, 0 and the empty text are themselves", () => {
  expect(html`a${undefined}b${false}c${0}d${""}e`.markup).toBe("abc0de");
});

test("lists are joined without a separator, however deep", () => {
  const cells = [1, [2, [html`<b>${3}</b>`, undefined]], []];
  expect(html`<td>${cells}</td>`.markup).toBe("<td>12<b>3</b></td>");
});

test("a number is written as JavaScript writes it", () => {
  expect(html`${1e21} ${-0.5} ${Number.NaN}`.markup).toBe("1e+21 -0.5 NaN");
});
