import type { CaptureExchange } from "./capture.ts";
import { RARE_TLS12_SUITES } from "./cipher_suite_lists.ts";
import { Version } from "./constants.ts";
import { enumerationHello } from "./enumeration/hello.ts";
import { Flight } from "./flight.ts";
import { type Hello, type HelloOptions, makeHello } from "./hello.ts";
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
    case "tls12_rare":
      return new Flight(rareHello(options), options.bytesMax);
    default:
      return new Flight(makeHello(kind, options), options.bytesMax);
  }
}

function rareHello({ random, serverName }: HelloOptions): Hello {
  const version = Version.TLS_1_2;
  const firstBytes = enumerationHello({ version, random, serverName, cipherSuites: RARE_TLS12_SUITES });
  return { firstBytes, versionMin: Version.SSL_3_0, versionMax: version };
}
