/** @file Every program that draws pictures. */

import { galaxies } from "./galaxies/galaxies.ts";
import type { PictureMaker } from "./made.ts";
import { shapes } from "./shapes/shapes.ts";

/** In the order of docs/images.md. */
export const MAKERS: readonly PictureMaker[] = [galaxies, shapes];
