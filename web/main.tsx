/** @file Starts the page, with the data that came beside it or else with that of its server. */

import { render } from "preact";
import { FIGURE_CSS } from "../src/figures/palette.ts";
import { App } from "./app/app.tsx";
import { SourceProvider } from "./data/context.ts";
import { httpSource } from "./data/http.ts";
import { staticSource } from "./data/static.ts";
import "./style/base.css";
import "./style/parts.css";
import "./style/latents.css";
import "./style/views.css";

const palette = new CSSStyleSheet();
palette.replaceSync(FIGURE_CSS);
document.adoptedStyleSheets = [palette];

const { concordIndex } = globalThis;
const source = concordIndex ? staticSource(concordIndex) : httpSource;
render(
  <SourceProvider value={source}>
    <App />
  </SourceProvider>,
  document.getElementById("page")!,
);
