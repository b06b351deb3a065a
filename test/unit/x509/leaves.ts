/**
 * Certificates as public servers show them, of 1 to 100 names, the same ones every time.
 *
 * @module
 */

import {
  certificate,
  commonName,
  element,
  extension,
  name,
  objectIdentifier,
  octets,
  sequence,
  subjectAlternativeName,
  text,
} from "./build.ts";
import * as keys from "./keys.ts";

/** What differs from leaf to leaf: octets that look random. */
class Octets {
  #state: number;

  constructor(seed: number) {
    this.#state = seed + 1;
  }

  /** Numerical Recipes' generator; its high octet. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state >>> 24;
  }

  take(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.next());
  }
}

const KEYS = [keys.P_256, keys.RSA_2048, keys.P_384];
const POLICIES = ["2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.1"];

const SERVER_AUTHENTICATION = [
  extension("2.5.29.15", element(0x03, octets(5, 0xa0)), true),
  extension(
    "2.5.29.37",
    sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"), objectIdentifier("1.3.6.1.5.5.7.3.2")),
  ),
  extension("2.5.29.19", sequence(), true),
];
const AUTHORITY_INFO_ACCESS = extension(
  "1.3.6.1.5.5.7.1.1",
  sequence(
    sequence(objectIdentifier("1.3.6.1.5.5.7.48.1"), text(0x86, "http://ocsp.example/")),
    sequence(objectIdentifier("1.3.6.1.5.5.7.48.2"), text(0x86, "http://ca.example/issuer.der")),
  ),
);
const OWN_POLICY = sequence(
  objectIdentifier("1.3.6.1.4.1.99999.1"),
  sequence(sequence(objectIdentifier("1.3.6.1.5.5.7.2.1"), text(0x16, "https://example.com/cps"))),
);

/** `count` certificates, of which the first has one name, the hundredth a hundred, and so on. */
export function* makeLeaves(count: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield makeLeaf(index);
}

function makeLeaf(index: number): Uint8Array {
  const random = new Octets(index);
  const domain = `example-${index}.${index % 20 === 0 ? "xn--p1ai" : "com"}`;
  const names = Array.from({ length: 1 + index % 100 }, (_, host) => text(0x82, `host-${host}.${domain}`));
  return certificate({
    serialNumber: element(0x02, octets(0x04), random.take(17)),
    issuer: name(
      ["2.5.4.6", text(0x13, "US")],
      ["2.5.4.10", text(0x13, "Example Trust")],
      ["2.5.4.3", text(0x13, `Issuing CA ${index % 7}`)],
    ),
    subject: index % 3 === 0 ? commonName(domain) : name(
      ["2.5.4.6", text(0x13, "DE")],
      ["2.5.4.8", text(0x0c, "Bayern")],
      ["2.5.4.7", text(0x0c, "München")],
      ["2.5.4.10", text(0x0c, "Beispiel GmbH")],
      ["2.5.4.3", text(0x0c, domain)],
    ),
    notBefore: text(0x17, "260101000000Z"),
    notAfter: text(0x17, "260331235959Z"),
    publicKey: KEYS[index % KEYS.length]!,
    extensions: [
      ...SERVER_AUTHENTICATION,
      extension("2.5.29.14", element(0x04, random.take(20))),
      extension("2.5.29.35", sequence(element(0x80, random.take(20)))),
      AUTHORITY_INFO_ACCESS,
      subjectAlternativeName(...names),
      extension(
        "2.5.29.32",
        sequence(sequence(objectIdentifier(POLICIES[index % POLICIES.length]!)), OWN_POLICY),
      ),
      extension(
        "2.5.29.31",
        sequence(sequence(element(0xa0, element(0xa0, text(0x86, `http://crl.example/${index % 50}.crl`))))),
      ),
      extension("1.3.6.1.4.1.11129.2.4.2", element(0x04, timestamps(random))),
    ],
  });
}

/** Two timestamps by made-up logs (RFC 6962 3.3). */
function timestamps(random: Octets): Uint8Array {
  const one = () =>
    octets(0, 119, 0, ...random.take(32), 0, 0, 1, 0x9b, ...random.take(4), 0, 0, 4, 3, 0, 72);
  const signature = () => random.take(72);
  return octets(0, 242, ...one(), ...signature(), ...one(), ...signature());
}
