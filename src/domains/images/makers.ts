/** @file Every program that draws pictures. */

import type { PictureMaker } from "./made.ts";
import { shapes } from "./shapes/shapes.ts";

/** In the order of docs/images.md. */
export const MAKERS: readonly PictureMaker[] = [shapes];
