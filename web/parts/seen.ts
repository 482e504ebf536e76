/** @file What waits until one comes near to it: figures that take long, and what is fetched. */

import { useEffect, useState } from "preact/hooks";

/** So near to what is seen counts as seen, in pixels. */
const NEAR = 300;

/**
 * Whether an element has come near to what is seen; once it has, it stays true.
 *
 * @param isAsked False: it counts as seen from the beginning.
 */
export function useSeen<E extends HTMLElement>(
  ref: { readonly current: E | null },
  isAsked = true,
): boolean {
  const [isSeen, setSeen] = useState(!isAsked);
  useEffect(() => {
    if (isSeen || !ref.current) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true),
      { rootMargin: `${NEAR}px` },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [isSeen, ref]);
  return isSeen;
}
