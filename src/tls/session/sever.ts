/**
 * Ends TCP connections that Deno does not let go of.
 *
 * A TLS session that is closed in the middle of its handshake is finished in the background, for as long as the server
 * keeps silent: its descriptor would stay, and each mute server would cost one. No API hands it out, so it is found
 * among this process's descriptors by its two ends, and the kernel shuts the connection down below whoever holds it.
 *
 * @module
 */

import { ipv4ToAddress, parseAddress } from "../../targets/mod.ts";

/** One end of a TCP connection, in canonical text. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `struct sockaddr_in6` of linux/in6.h, the longest of those that matter. */
const SOCKET_ADDRESS_BYTES = 28;

/** Families of linux/socket.h: `AF_INET` and `AF_INET6`. */
const IPV4 = 2;
const IPV6 = 10;

/** `SHUT_RDWR` of sys/socket.h. */
const BOTH_WAYS = 2;

/** Shuts down this process's connection between two endpoints, if there is one. */
export function sever(local: Endpoint, remote: Endpoint): void {
  const libc = Deno.dlopen("libc.so.6", {
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    shutdown: { parameters: ["i32", "i32"], result: "i32" },
  });
  const { getsockname, getpeername, shutdown } = libc.symbols;
  const [nearEnd, farEnd] = [new SocketAddress(local), new SocketAddress(remote)];
  try {
    for (const { name } of Deno.readDirSync("/proc/self/fd")) {
      const descriptor = Number(name);
      const isIt = nearEnd.isToldBy((bytes, length) => getsockname(descriptor, bytes, length)) &&
        farEnd.isToldBy((bytes, length) => getpeername(descriptor, bytes, length));
      if (isIt) shutdown(descriptor, BOTH_WAYS);
    }
  } finally {
    libc.close();
  }
}

/** An endpoint to compare with what the kernel says. */
class SocketAddress {
  readonly #address: bigint | undefined;
  readonly #port: number;
  readonly #bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #length = Uint32Array.of(SOCKET_ADDRESS_BYTES);

  constructor({ address, port }: Endpoint) {
    this.#address = parseAddress(address);
    this.#port = port;
  }

  /** @param tell fills the octets of a `struct sockaddr` and their number; 0 if there is one. */
  isToldBy(tell: (bytes: Uint8Array<ArrayBuffer>, length: Uint32Array<ArrayBuffer>) => number): boolean {
    this.#length[0] = SOCKET_ADDRESS_BYTES;
    if (tell(this.#bytes, this.#length) !== 0) return false;
    const view = new DataView(this.#bytes.buffer);
    // The family is in the machine's order of octets: little-endian, wherever this runs.
    const family = view.getUint16(0, true);
    if ((family !== IPV4 && family !== IPV6) || view.getUint16(2) !== this.#port) return false;
    const address = family === IPV4
      ? ipv4ToAddress(view.getUint32(4))
      : (view.getBigUint64(8) << 64n) | view.getBigUint64(16);
    return address === this.#address;
  }
}
