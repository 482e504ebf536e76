/** @file A local npm registry with one package in it, made in memory. */

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** One entry of a ustar archive: a 512-byte header, then the content in blocks of 512. */
function tarEntry(path: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.byteLength.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.byteLength % 512)) % 512);
  return Buffer.concat([header, content, padding]);
}

export interface FakeRegistry {
  readonly url: string;
  /** `sha512-…` of the tarball. */
  readonly integrity: string;
  readonly tarballBytes: number;
  downloads(): number;
  /** From now on the tarball comes with a byte changed. */
  tamper(): void;
  close(): Promise<void>;
}

/** @param files Content by path inside the package. */
export async function startFakeRegistry(
  name: string,
  version: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<FakeRegistry> {
  const manifest = Buffer.from(JSON.stringify({ name, version }));
  const entries = Object.entries({ "package.json": manifest, ...files }).map(([path, content]) =>
    tarEntry(`package/${path}`, content),
  );
  const tarball = gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  let downloads = 0;
  let tampered = false;
  const server = createServer((request, response) => {
    if (request.url === `/${name}`) {
      const tarballUrl = `http://${request.headers.host}/${name}/-/${name}-${version}.tgz`;
      const described = { name, version, dist: { tarball: tarballUrl, integrity } };
      const all = { name, "dist-tags": { latest: version }, versions: { [version]: described } };
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(all));
      return;
    }
    if (request.url !== `/${name}/-/${name}-${version}.tgz`) {
      response.writeHead(404, { "Content-Type": "application/json" }).end('{"error":"not found"}');
      return;
    }
    downloads++;
    const body = Buffer.from(tarball);
    if (tampered) body[body.byteLength - 1]! ^= 1;
    response.writeHead(200, { "Content-Length": body.byteLength }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    integrity,
    tarballBytes: tarball.byteLength,
    downloads: () => downloads,
    tamper: () => {
      tampered = true;
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
