/**
 * @file The real XGBoost: its shared library, called through koffi. Both are optional. No package
 *   of npm binds XGBoost to a current version, and its C interface is small and stable.
 */

import { ConcordError, messageOf } from "../../../errors.ts";

/** A pointer to something of XGBoost's. */
export type Handle = object | bigint;

/** The functions of XGBoost's C interface that probes use; each returns 0, or −1 with an error. */
export interface XgboostFunctions {
  /** The error of the last call of this thread. */
  lastError(): string;
  createMatrix(x: Float32Array, rows: number, columns: number, out: [Handle | null]): number;
  setFloats(matrix: Handle, field: string, values: Float32Array): number;
  freeMatrix(matrix: Handle): void;
  createBooster(matrix: Handle, out: [Handle | null]): number;
  setParameter(booster: Handle, name: string, value: string): number;
  freeBooster(booster: Handle): void;
  /**
   * Grows one more tree. Not on another thread: XGBoost 1.7 keeps what it knows of predictions by
   * thread, and would make them anew.
   */
  grow(booster: Handle, round: number, matrix: Handle): number;
  /** Margins of rows before the logistic function, [rows]. */
  margins(booster: Handle, matrix: Handle, rows: number): Float32Array;
}

/** An open library. */
export interface Xgboost {
  readonly version: string;
  readonly functions: XgboostFunctions;
}

/** What the library is called on Linux, macOS and Windows. */
const NAMES = ["libxgboost.so.0", "libxgboost.so", "libxgboost.dylib", "xgboost.dll"];

type Koffi = typeof import("koffi").default;

async function loadKoffi(): Promise<Koffi> {
  try {
    return (await import("koffi")).default;
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing
      ? "which is not installed"
      : `which does not load: ${messageOf(cause)}`;
    throw new ConcordError(
      "backend/unavailable",
      `Probes with xgboost need the package koffi, ${problem}.`,
      { cause, hint: "npm install koffi, or list probes without xgboost." },
    );
  }
}

/**
 * Opens XGBoost.
 *
 * @param path Of the shared library. Default: the usual names, where the system looks for them.
 * @throws {ConcordError} `backend/unavailable` saying what to install.
 */
export async function openXgboost(path?: string): Promise<Xgboost> {
  const koffi = await loadKoffi();
  const problems: string[] = [];
  for (const name of path === undefined ? NAMES : [path])
    try {
      return bound(koffi, name);
    } catch (error) {
      problems.push(messageOf(error).split("\n")[0]!);
    }
  throw new ConcordError(
    "backend/unavailable",
    path === undefined
      ? `XGBoost is not installed: none of ${NAMES.join(", ")} was found.`
      : `XGBoost does not load from ${path}: ${problems[0]}.`,
    {
      hint: "Debian: apt-get install libxgboost0. On a Mac: brew install xgboost. Elsewhere, name the library of the Python package (xgboost/lib) under probes.xgboost_library.",
    },
  );
}

function bound(koffi: Koffi, name: string): Xgboost {
  const library = koffi.load(name);
  const version = library.func("void XGBoostVersion(_Out_ int *a, _Out_ int *b, _Out_ int *c)");
  const numbers: [number][] = [[0], [0], [0]];
  version(...numbers);
  const predict = library.func(
    "int XGBoosterPredict(void *booster, void *matrix, int option, unsigned int trees, int training, _Out_ uint64_t *length, _Out_ float **out)",
  );
  const create = library.func(
    "int XGDMatrixCreateFromMat(const float *x, uint64_t rows, uint64_t columns, float missing, _Out_ void **out)",
  );
  const setFloats = library.func(
    "int XGDMatrixSetFloatInfo(void *matrix, const char *field, const float *values, uint64_t length)",
  );
  const booster = library.func(
    "int XGBoosterCreate(void **matrices, uint64_t length, _Out_ void **out)",
  );
  const functions: XgboostFunctions = {
    lastError: library.func("const char *XGBGetLastError()"),
    createMatrix: (x, rows, columns, out) => create(x, rows, columns, Number.NaN, out),
    setFloats: (matrix, field, values) => setFloats(matrix, field, values, values.length),
    freeMatrix: library.func("int XGDMatrixFree(void *matrix)"),
    createBooster: (matrix, out) => booster([matrix], 1, out),
    setParameter: library.func(
      "int XGBoosterSetParam(void *booster, const char *name, const char *value)",
    ),
    freeBooster: library.func("int XGBoosterFree(void *booster)"),
    grow: library.func("int XGBoosterUpdateOneIter(void *booster, int round, void *matrix)"),
    margins(one, matrix, rows) {
      const [length, out]: [[number], [Handle | null]] = [[0], [null]];
      // 1: margins; 0 trees: all of them.
      const code = predict(one, matrix, 1, 0, 0, length, out);
      if (code !== 0 || out[0] === null || Number(length[0]) !== rows) return new Float32Array(0);
      return Float32Array.from(koffi.decode(out[0], "float", rows) as ArrayLike<number>);
    },
  };
  return { version: numbers.flat().join("."), functions };
}
