/**
 * Builds the page into `target`.
 *
 * @returns Whether there is vite to build it with.
 */
export function buildWeb(root: string, target: string): Promise<boolean>;
