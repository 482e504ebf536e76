/** The part of pacote 21 that Concord uses; the package ships no types. */
declare module "pacote" {
  import type { EventEmitter } from "node:events";

  export interface PacoteOptions {
    readonly integrity?: string;
    readonly resolved?: string;
    readonly registry?: string;
    readonly cache?: string;
    readonly fetchRetries?: number;
  }

  /** A minipass stream: an emitter of `data`, `end` and `error` that can be piped. */
  export interface TarballStream extends EventEmitter {
    pipe<T extends NodeJS.WritableStream>(destination: T): T;
  }

  const pacote: {
    extract(spec: string, destination: string, options?: PacoteOptions): Promise<unknown>;
    tarball: {
      stream<T>(
        spec: string,
        handler: (stream: TarballStream) => Promise<T>,
        options?: PacoteOptions,
      ): Promise<T>;
    };
  };
  export default pacote;
}
