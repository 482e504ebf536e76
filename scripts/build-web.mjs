// Builds web/ into a folder: the page, and two scripts that it loads when a view needs them. All are
// classic scripts, because modules do not load in a page that was opened as a file.
import { copyFileSync } from "node:fs";
import { join } from "node:path";

/** What the page is made from, by the name of the script. */
const SCRIPTS = { page: "main.tsx", figures: "figures/figures.ts", scatter: "figures/scatter.ts" };

/** Options of vite for one script. */
function options(root, target, name, file) {
  return {
    root: join(root, "web"),
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: target,
      emptyOutDir: false,
      target: "es2022",
      cssMinify: true,
      modulePreload: false,
      reportCompressedSize: false,
      rollupOptions: {
        input: join(root, "web", file),
        output: {
          format: "iife",
          entryFileNames: `${name}.js`,
          assetFileNames: `${name}.[ext]`,
          codeSplitting: false,
        },
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
  for (const [name, file] of Object.entries(SCRIPTS))
    await vite.build(options(root, target, name, file));
  copyFileSync(join(root, "web", "index.html"), join(target, "index.html"));
  return true;
}
