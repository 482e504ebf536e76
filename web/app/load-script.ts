/**
 * @file Loads a script once. Parts of the page that few views need come this way, and the data of
 *   static pages: modules and fetch do not work in a page that was opened as a file.
 */

const loading = new Map<string, Promise<void>>();

/** Runs the script at `path`, once. A failure is forgotten, so that it can be tried again. */
export function loadScript(path: string): Promise<void> {
  const known = loading.get(path);
  if (known) return known;
  const loaded = new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = path;
    script.onload = () => resolve();
    script.onerror = () => {
      loading.delete(path);
      script.remove();
      reject(new Error(`${path} was not loaded`));
    };
    document.head.append(script);
  });
  loading.set(path, loaded);
  return loaded;
}
