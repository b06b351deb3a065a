import type { CaptureExchange } from "./capture.ts";
import { Flight } from "./flight.ts";
import { type HelloOptions, makeHello } from "./hello.ts";
import type { HelloKind } from "./offers.ts";
import { oldHello } from "./old_hello.ts";
import { Ssl2Exchange } from "./ssl2.ts";

export interface CaptureExchangeOptions extends HelloOptions {
  /** Octets within which the chain must be complete. */
  readonly bytesMax: number;
}

/**
 * The exchange that asks for a chain with this hello.
 *
 * @throws {RangeError} when the random or the server name cannot stand in a ClientHello.
 */
export function captureExchange(kind: HelloKind, options: CaptureExchangeOptions): CaptureExchange {
  switch (kind) {
    case "ssl2":
      return new Ssl2Exchange(options.random, options.bytesMax);
    case "ssl3":
    case "tls10":
    case "tls11":
      return new Flight(oldHello(kind, options.random, options.serverName), options.bytesMax);
    default:
      return new Flight(makeHello(kind, options), options.bytesMax);
  }
}
