/** The part of yauzl 3 that Concord uses; the package ships no types. */
declare module "yauzl" {
  import type { Readable } from "node:stream";

  export interface Entry {
    readonly fileName: string;
    readonly compressionMethod: number;
    /** CRC-32 of the uncompressed content. */
    readonly crc32: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    isEncrypted(): boolean;
  }

  export interface ZipFile {
    readonly entryCount: number;
    eachEntry(): AsyncIterableIterator<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    readLocalFileHeader(
      entry: Entry,
      options: { readonly minimal: true },
      callback: (error: Error | null, header?: { readonly fileDataStart: number }) => void,
    ): void;
    close(): void;
  }

  const yauzl: {
    openPromise(path: string, options: { readonly autoClose: false }): Promise<ZipFile>;
  };
  export default yauzl;
}
