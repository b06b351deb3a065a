import { Buffer } from "node:buffer";

/**
 * A TLS 1.2 hello and nothing else, over an ordinary socket: shows what a lab server sends without any of
 * margay's code, and doesn't finish the handshake.
 *
 * @returns the chain in DER, leaf first.
 * @throws {Error} when the connection ends before the certificates are there.
 */
export async function fetchChain(address: string, port: number): Promise<Uint8Array[]> {
  using connection = await Deno.connect({ hostname: address, port });
  const writer = connection.writable.getWriter();
  await writer.write(clientHello());
  writer.releaseLock();
  let received = Buffer.alloc(0);
  const chunk = new Uint8Array(16 * 1024);
  while (true) {
    const length = await connection.read(chunk);
    if (length === null) {
      throw new Error(`Cannot fetch the chain of ${address}:${port}: the connection was closed`);
    }
    received = Buffer.concat([received, chunk.subarray(0, length)]);
    const chain = certificatesIn(handshakeBytes(received));
    if (chain !== undefined) return chain;
  }
}

/** What the complete handshake records carry (RFC 5246, 6.2.1). */
function handshakeBytes(received: Buffer): Buffer {
  const fragments: Buffer[] = [];
  for (let offset = 0; offset + 5 <= received.length;) {
    const end = offset + 5 + received.readUInt16BE(offset + 3);
    if (end > received.length || received[offset] !== 22) break;
    fragments.push(received.subarray(offset + 5, end));
    offset = end;
  }
  return Buffer.concat(fragments);
}

/** The chain of the Certificate message (RFC 5246, 7.4.2), once that is complete. */
function certificatesIn(messages: Buffer): Uint8Array[] | undefined {
  for (let offset = 0; offset + 4 <= messages.length;) {
    const end = offset + 4 + messages.readUIntBE(offset + 1, 3);
    if (end > messages.length) return undefined;
    if (messages[offset] === 11) {
      const chain: Uint8Array[] = [];
      for (let at = offset + 7; at < end;) {
        const size = messages.readUIntBE(at, 3);
        chain.push(messages.subarray(at + 3, at + 3 + size));
        at += 3 + size;
      }
      return chain;
    }
    offset = end;
  }
  return undefined;
}

/** A hello offering up to TLS 1.2, as a record: ECDHE with AES-GCM, x25519 and P-256; no server name. */
export function clientHello(): Uint8Array {
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  const extensions = "000a00060004001d0017" + "000b00020100" + "000d000a0008" + "0403080404010503";
  const body = `0303${random}00` + "0008c02bc02fc02cc030" + "0100" + hexadecimal16(extensions) + extensions;
  const message = `0100${hexadecimal16(body)}${body}`;
  return Buffer.from(`160301${hexadecimal16(message)}${message}`, "hex");
}

/** The length of bytes in hexadecimal, itself as two octets in hexadecimal. */
function hexadecimal16(bytes: string): string {
  return (bytes.length / 2).toString(16).padStart(4, "0");
}
