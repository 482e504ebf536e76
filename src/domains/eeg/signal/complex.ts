/** @file Complex numbers for filter design, where clarity matters and speed does not. */

export interface Complex {
  readonly re: number;
  readonly im: number;
}

export const complex = (re: number, im = 0): Complex => ({ re, im });
export const add = (a: Complex, b: Complex): Complex => complex(a.re + b.re, a.im + b.im);
export const subtract = (a: Complex, b: Complex): Complex => complex(a.re - b.re, a.im - b.im);
export const scale = (a: Complex, s: number): Complex => complex(a.re * s, a.im * s);
export const negate = (a: Complex): Complex => complex(-a.re, -a.im);
export const conjugate = (a: Complex): Complex => complex(a.re, -a.im);
export const magnitude = (a: Complex): number => Math.hypot(a.re, a.im);
export const isReal = (a: Complex): boolean => a.im === 0;

export function multiply(a: Complex, b: Complex): Complex {
  return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}

/** a / b by Smith's method, which neither overflows nor loses digits for b far from 1. */
export function divide(a: Complex, b: Complex): Complex {
  if (Math.abs(b.re) >= Math.abs(b.im)) {
    const ratio = b.im / b.re;
    const d = b.re + b.im * ratio;
    return complex((a.re + a.im * ratio) / d, (a.im - a.re * ratio) / d);
  }
  const ratio = b.re / b.im;
  const d = b.re * ratio + b.im;
  return complex((a.re * ratio + a.im) / d, (a.im * ratio - a.re) / d);
}

/** The square root with real part ≥ 0. */
export function squareRoot(a: Complex): Complex {
  const m = magnitude(a);
  if (m === 0) return complex(0);
  const re = Math.sqrt((m + Math.abs(a.re)) / 2);
  const im = Math.abs(a.im) / (2 * re);
  const sign = a.im < 0 ? -1 : 1;
  return a.re >= 0 ? complex(re, sign * im) : complex(im, sign * re);
}

/** Product of all, 1 when there is none. */
export function product(factors: readonly Complex[]): Complex {
  return factors.reduce(multiply, complex(1));
}
