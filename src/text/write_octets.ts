/** What octets are written to; `Deno.stdout` and `Deno.FsFile` are such. */
export interface OctetStream {
  /** Writes some of `octets`, resolves to how many. */
  write(octets: Uint8Array): Promise<number>;
}

/** Writes all of `octets`, of which a stream may take a part at a time. */
export async function writeOctets(stream: OctetStream, octets: Uint8Array): Promise<void> {
  for (let written = 0; written < octets.length;) written += await stream.write(octets.subarray(written));
}

/** {@linkcode writeOctets}, and nothing else goes on meanwhile. */
export function writeOctetsSync(stream: Pick<Deno.FsFile, "writeSync">, octets: Uint8Array): void {
  for (let written = 0; written < octets.length;) written += stream.writeSync(octets.subarray(written));
}
