/**
 * One well-formed extension of each type that is read, each of its fields in use.
 *
 * @module
 */

import { commonName, element, extension, objectIdentifier, octets, sequence, text } from "./build.ts";

/** A URI as a general name. */
function uri(value: string): Uint8Array {
  return text(0x86, value);
}

export const AUTHORITY_INFO_ACCESS = extension(
  "1.3.6.1.5.5.7.1.1",
  sequence(
    sequence(objectIdentifier("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example/")),
    sequence(objectIdentifier("1.3.6.1.5.5.7.48.2"), uri("http://ca.example/ca.der")),
    sequence(objectIdentifier("1.3.6.1.5.5.7.48.2"), element(0xa4, commonName("Directory"))),
    sequence(objectIdentifier("1.2.3.4"), uri("http://other.example/")),
  ),
);

export const CRL_DISTRIBUTION_POINTS = extension(
  "2.5.29.31",
  sequence(
    sequence(element(0xa0, element(0xa0, uri("http://crl.example/1"), uri("http://crl.example/2")))),
    sequence(
      element(0xa0, element(0xa1, sequence(objectIdentifier("2.5.4.3"), text(0x0c, "CRL 1")))),
      element(0x81, octets(1, 0x46)),
      element(0xa2, element(0xa4, commonName("CRL issuer"))),
    ),
  ),
);

const CPS = objectIdentifier("1.3.6.1.5.5.7.2.1");
const USER_NOTICE = objectIdentifier("1.3.6.1.5.5.7.2.2");

export const CERTIFICATE_POLICIES = extension(
  "2.5.29.32",
  sequence(
    sequence(objectIdentifier("2.23.140.1.2.2")),
    sequence(
      objectIdentifier("1.3.6.1.4.1.99999.1"),
      sequence(
        sequence(CPS, text(0x16, "https://example/cps")),
        sequence(
          USER_NOTICE,
          sequence(
            sequence(text(0x0c, "Example"), sequence(element(0x02, octets(1)), element(0x02, octets(1, 0)))),
            element(0x1e, octets(0, 0x48, 0, 0x69)),
          ),
        ),
        sequence(USER_NOTICE, sequence(text(0x1a, "only text"))),
        sequence(objectIdentifier("1.2.3.4"), element(0x05)),
      ),
    ),
  ),
);

export const NAME_CONSTRAINTS = extension(
  "2.5.29.30",
  sequence(
    element(
      0xa0,
      sequence(text(0x82, "example.com")),
      sequence(text(0x81, ".example.com")),
      sequence(element(0x87, octets(192, 0, 2, 0, 255, 255, 255, 0))),
      sequence(element(0x87, octets(10, 0, 0, 1, 255, 0, 0, 255))),
      sequence(element(0xa4, commonName("Below this"))),
      sequence(uri("host.example")),
    ),
    element(
      0xa1,
      sequence(element(0x87, new Uint8Array(32))),
      sequence(element(0x88, octets(0x2a, 3))),
    ),
  ),
  true,
);

/** General names of every kind, one each. */
export const NAMES_OF_EVERY_KIND = sequence(
  element(
    0xa0,
    objectIdentifier("1.3.6.1.4.1.311.20.2.3"),
    element(0xa0, text(0x0c, "user@example.com")),
  ),
  text(0x81, "admin@example.com"),
  text(0x82, "www.example.com"),
  element(0xa3, octets(0x30, 0)),
  element(0xa4, commonName("Directory")),
  element(0xa5, element(0xa0, text(0x0c, "Assigner")), element(0xa1, text(0x13, "Party"))),
  uri("https://example.com/"),
  element(0x87, octets(192, 0, 2, 1)),
  element(0x88, octets(0x2a, 3)),
);

export const ISSUER_ALTERNATIVE_NAME = extension("2.5.29.18", sequence(uri("https://issuer.example/")));

/** A timestamp of version 1 by a made-up log, behind its length. */
function timestamp(log: number, milliseconds: readonly number[], extensions: readonly number[]): Uint8Array {
  const logId = new Uint8Array(32).fill(log);
  const length = 1 + 32 + 8 + 2 + extensions.length + 4 + 3;
  return octets(
    ...[0, length, 0, ...logId, ...milliseconds, 0, extensions.length, ...extensions, 4, 3, 0, 3, 7, 8, 9],
  );
}

export const SIGNED_CERTIFICATE_TIMESTAMPS = extension(
  "1.3.6.1.4.1.11129.2.4.2",
  element(
    0x04,
    octets(0, 106),
    timestamp(0xaa, [0, 0, 1, 0x80, 0, 0, 0, 0], []),
    timestamp(0xbb, [0, 0, 1, 0x9b, 0x76, 0xda, 0xf7, 0xff], [1, 2]),
  ),
);

export const PRECERTIFICATE_POISON = extension("1.3.6.1.4.1.11129.2.4.3", element(0x05), true);

export const TLS_FEATURE = extension(
  "1.3.6.1.5.5.7.1.24",
  sequence(element(0x02, octets(5)), element(0x02, octets(17))),
);

export const QUALIFIED_STATEMENTS = extension(
  "1.3.6.1.5.5.7.1.3",
  sequence(
    sequence(objectIdentifier("1.3.6.1.5.5.7.11.2"), sequence(objectIdentifier("0.4.0.194121.1.2"))),
    sequence(objectIdentifier("0.4.0.1862.1.1")),
    sequence(
      objectIdentifier("0.4.0.1862.1.2"),
      sequence(text(0x13, "EUR"), element(0x02, octets(0x7f, 0xff, 0xff, 0xff)), element(0x02, octets(0xfe))),
    ),
    sequence(objectIdentifier("0.4.0.1862.1.3"), element(0x02, octets(15))),
    sequence(objectIdentifier("0.4.0.1862.1.4")),
    sequence(
      objectIdentifier("0.4.0.1862.1.5"),
      sequence(sequence(text(0x16, "https://example/pds"), text(0x13, "en"))),
    ),
    sequence(
      objectIdentifier("0.4.0.1862.1.6"),
      sequence(objectIdentifier("0.4.0.1862.1.6.3"), objectIdentifier("1.2.3.4")),
    ),
    sequence(objectIdentifier("0.4.0.1862.1.7"), sequence(text(0x13, "CH"))),
    sequence(objectIdentifier("0.4.0.19495.2"), sequence(element(0x05))),
  ),
);

export const ORGANIZATION_IDENTIFIER = extension(
  "2.23.140.3.1",
  sequence(text(0x13, "NTR"), text(0x13, "US"), text(0x80, "CA"), text(0x0c, "C1234")),
);

export const TOR_SERVICE_DESCRIPTORS = extension(
  "2.23.140.1.31",
  sequence(sequence(
    text(0x0c, "https://example.onion"),
    sequence(objectIdentifier("2.16.840.1.101.3.4.2.1"), element(0x05)),
    element(0x03, octets(0, 0xde, 0xad)),
  )),
);

export const NETSCAPE_CERTIFICATE_TYPE = extension("2.16.840.1.113730.1.1", element(0x03, octets(2, 0x44)));

export const NETSCAPE_COMMENT = extension("2.16.840.1.113730.1.13", text(0x16, "made by hand"));

/** All of them, of different types. */
export const EVERY_EXTENSION: readonly Uint8Array[] = [
  AUTHORITY_INFO_ACCESS,
  CRL_DISTRIBUTION_POINTS,
  CERTIFICATE_POLICIES,
  NAME_CONSTRAINTS,
  extension("2.5.29.17", NAMES_OF_EVERY_KIND),
  ISSUER_ALTERNATIVE_NAME,
  SIGNED_CERTIFICATE_TIMESTAMPS,
  PRECERTIFICATE_POISON,
  TLS_FEATURE,
  QUALIFIED_STATEMENTS,
  ORGANIZATION_IDENTIFIER,
  TOR_SERVICE_DESCRIPTORS,
  NETSCAPE_CERTIFICATE_TYPE,
  NETSCAPE_COMMENT,
  extension("1.2.3.4", octets(0xff)),
];
