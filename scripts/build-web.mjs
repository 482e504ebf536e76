// Builds web/ into a folder: the page, and two scripts that it loads when a view needs them. All are
// classic scripts, because modules do not load in a page that was opened as a file. Names hold a
// digest of what is in the file, so that browsers may keep them.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Options of vite for one script that needs no file beside it. */
function options(root, file, define) {
  return {
    root: join(root, "web"),
    configFile: false,
    logLevel: "warn",
    define,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      write: false,
      cssCodeSplit: false,
      target: "es2022",
      modulePreload: false,
      reportCompressedSize: false,
      rollupOptions: {
        input: join(root, "web", file),
        output: { format: "iife", codeSplitting: false },
      },
    },
  };
}

/**
 * Builds the page into `target`.
 *
 * @returns Whether there is vite to build it with.
 */
export async function buildWeb(root, target) {
  const vite = await import("vite").catch((error) => {
    if (error.code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  });
  if (!vite) return false;
  mkdirSync(join(target, "assets"), { recursive: true });
  const write = (name, extension, content) => {
    const digest = createHash("sha256").update(content).digest("hex").slice(0, 10);
    const path = `assets/${name}-${digest}.${extension}`;
    writeFileSync(join(target, path), content);
    return path;
  };
  const build = async (file, define = {}) => {
    const built = await vite.build(options(root, file, define));
    const outputs = [built].flat().flatMap(({ output }) => output);
    const style = outputs.find(({ fileName }) => fileName.endsWith(".css"));
    return { code: outputs.find(({ type }) => type === "chunk").code, style: style?.source };
  };
  const [figures, scatter] = await Promise.all([
    build("figures/figures.ts"),
    build("figures/scatter.ts"),
  ]);
  const page = await build("main.tsx", {
    FIGURES: JSON.stringify(write("figures", "js", figures.code)),
    SCATTER: JSON.stringify(write("scatter", "js", scatter.code)),
  });
  const html = readFileSync(join(root, "web", "index.html"), "utf8")
    .replace("%style%", write("page", "css", page.style))
    .replace("%page%", write("page", "js", page.code));
  writeFileSync(join(target, "index.html"), html);
  return true;
}
