import assert from "node:assert/strict";
import { parseCertificate, type ParsedCertificate } from "../../../src/x509/mod.ts";
import { certificate, element, extension, objectIdentifier, octets, sequence, text } from "./build.ts";
import * as samples from "./extension_samples.ts";
import { plain } from "./plain.ts";

/** One field of a certificate with this extension, which must be without a flaw. */
function read<Field extends keyof ParsedCertificate>(der: Uint8Array, field: Field): unknown {
  const parsed = parseCertificate(certificate({ extensions: [der] }));
  assert.deepEqual(parsed.errors, []);
  return plain(parsed[field]);
}

/** What is read and what is complained of, when the value of an extension is this. */
function readBroken<Field extends keyof ParsedCertificate>(
  identifier: string,
  value: Uint8Array,
  field: Field,
): { value: unknown; errors: readonly string[] } {
  const parsed = parseCertificate(certificate({ extensions: [extension(identifier, value)] }));
  return { value: plain(parsed[field]), errors: parsed.errors };
}

const NO_NAMES = {
  dns: [],
  ip: [],
  uri: [],
  mail: [],
  directory: [],
  registered: [],
  otherNames: [],
  ediParties: [],
  other: [],
};

/** General names that hold a directory name of this common name; `der` is the Name in hexadecimal. */
function directoryNames(commonName: string, der: string) {
  const name = {
    der,
    relativeNames: [[{ identifier: "2.5.4.3", type: "CN", value: commonName }]],
    commonName,
    organization: null,
  };
  const length = (der.length / 2).toString(16);
  return { ...NO_NAMES, directory: [name], other: [{ kind: "directoryName", der: `a4${length}${der}` }] };
}

Deno.test("every extension is kept as it came, with its criticality", () => {
  const parsed = parseCertificate(certificate({ extensions: samples.EVERY_EXTENSION }));
  assert.deepEqual(parsed.errors, []);
  assert.deepEqual(
    parsed.extensions.map(({ identifier, name, isCritical }) => [identifier, name, isCritical]),
    [
      ["1.3.6.1.5.5.7.1.1", "authorityInfoAccess", false],
      ["2.5.29.31", "cRLDistributionPoints", false],
      ["2.5.29.32", "certificatePolicies", false],
      ["2.5.29.30", "nameConstraints", true],
      ["2.5.29.17", "subjectAlternativeName", false],
      ["2.5.29.18", "issuerAlternativeName", false],
      ["1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestamps", false],
      ["1.3.6.1.4.1.11129.2.4.3", "precertificatePoison", true],
      ["1.3.6.1.5.5.7.1.24", "tlsFeature", false],
      ["1.3.6.1.5.5.7.1.3", "qcStatements", false],
      ["2.23.140.3.1", "cabfOrganizationIdentifier", false],
      ["2.23.140.1.31", "torServiceDescriptors", false],
      ["2.16.840.1.113730.1.1", "netscapeCertificateType", false],
      ["2.16.840.1.113730.1.13", "netscapeComment", false],
      ["1.2.3.4", null, false],
    ],
  );
  assert.deepEqual(plain(parsed.extensions.at(-1)!.value), "ff");
  assert.deepEqual(plain(parsed.extensions[7]!.value), "0500");
});

Deno.test("of duplicate extensions all are kept", () => {
  const [first, second] = [octets(1), octets(2)].map((value) => extension("1.2.3.4", value));
  const parsed = parseCertificate(certificate({ extensions: [first!, second!] }));
  assert.deepEqual(parsed.extensions.map(({ value }) => plain(value)), ["01", "02"]);
  assert.equal(parsed.errors.length, 1);
});

Deno.test("where the issuer answers for a certificate", () => {
  assert.deepEqual(read(samples.AUTHORITY_INFO_ACCESS, "authorityInfoAccess"), {
    ocsp: ["http://ocsp.example/"],
    issuers: ["http://ca.example/ca.der"],
    other: [
      {
        method: "1.3.6.1.5.5.7.48.2",
        location: directoryNames("Directory", "30143112301006035504030c094469726563746f7279"),
      },
      { method: "1.2.3.4", location: { ...NO_NAMES, uri: ["http://other.example/"] } },
    ],
  });
});

Deno.test("where revocation is told of", () => {
  assert.deepEqual(read(samples.CRL_DISTRIBUTION_POINTS, "crlDistributionPoints"), [
    {
      names: { ...NO_NAMES, uri: ["http://crl.example/1", "http://crl.example/2"] },
      relativeName: null,
      reasons: null,
      issuer: null,
    },
    {
      names: null,
      relativeName: [{ identifier: "2.5.4.3", type: "CN", value: "CRL 1" }],
      reasons: ["keyCompromise", "cessationOfOperation", "certificateHold"],
      issuer: directoryNames("CRL issuer", "30153113301106035504030c0a43524c20697373756572"),
    },
  ]);
});

Deno.test("policies with their qualifiers", () => {
  assert.deepEqual(read(samples.CERTIFICATE_POLICIES, "certificatePolicies"), [
    { identifier: "2.23.140.1.2.2", cps: [], notices: [], otherQualifiers: [] },
    {
      identifier: "1.3.6.1.4.1.99999.1",
      cps: ["https://example/cps"],
      notices: [
        { text: "Hi", organization: "Example", numbers: [1, 256] },
        { text: "only text", organization: null, numbers: [] },
      ],
      otherQualifiers: [{ identifier: "1.2.3.4", value: "0500" }],
    },
  ]);
});

Deno.test("broken policies leave those before", () => {
  const { value, errors } = readBroken(
    "2.5.29.32",
    sequence(
      sequence(objectIdentifier("2.23.140.1.2.1")),
      sequence(
        objectIdentifier("1.2.3"),
        sequence(sequence(objectIdentifier("1.3.6.1.5.5.7.2.1"), element(0x02, octets(1)))),
      ),
    ),
    "certificatePolicies",
  );
  assert.deepEqual(value, [
    { identifier: "2.23.140.1.2.1", cps: [], notices: [], otherQualifiers: [] },
    { identifier: "1.2.3", cps: [], notices: [], otherQualifiers: [] },
  ]);
  assert.deepEqual(errors, [
    "Cannot read certificatePolicies: tag 2 where text is expected at octet 247",
  ]);
});

Deno.test("which names an authority may issue for", () => {
  assert.deepEqual(read(samples.NAME_CONSTRAINTS, "nameConstraints"), {
    permitted: {
      ...directoryNames("Below this", "30153113301106035504030c0a42656c6f772074686973"),
      dns: ["example.com"],
      ip: [
        { text: "192.0.2.0/24", address: "c0000200", mask: "ffffff00" },
        { text: "10.0.0.1/255.0.0.255", address: "0a000001", mask: "ff0000ff" },
      ],
      uri: ["host.example"],
      mail: [".example.com"],
    },
    excluded: {
      ...NO_NAMES,
      ip: [{ text: "::/0", address: "00".repeat(16), mask: "00".repeat(16) }],
      registered: ["1.2.3"],
      other: [{ kind: "registeredID", der: "88022a03" }],
    },
  });
});

Deno.test("name constraints of odd form are read and told", () => {
  const { value, errors } = readBroken(
    "2.5.29.30",
    sequence(element(
      0xa0,
      sequence(text(0x82, "a.example"), element(0x80, octets(1))),
      sequence(element(0x87, octets(192, 0, 2, 0))),
      sequence(element(0x87, octets(10, 0, 0, 0, 255, 255, 255, 255))),
    )),
    "nameConstraints",
  );
  assert.deepEqual(value, {
    permitted: {
      ...NO_NAMES,
      dns: ["a.example"],
      ip: [{ text: "10.0.0.0/32", address: "0a000000", mask: "ffffffff" }],
      other: [{ kind: "iPAddress", der: "8704c0000200" }],
    },
    excluded: null,
  });
  assert.deepEqual(errors, ["Cannot read nameConstraints: 3 octets trail at octet 232"]);
});

Deno.test("alternative names of every kind", () => {
  const directory = directoryNames("Directory", "30143112301006035504030c094469726563746f7279");
  const expected = {
    dns: ["www.example.com"],
    ip: ["192.0.2.1"],
    uri: ["https://example.com/"],
    mail: ["admin@example.com"],
    directory: directory.directory,
    registered: ["1.2.3"],
    otherNames: [{ identifier: "1.3.6.1.4.1.311.20.2.3", value: "0c1075736572406578616d706c652e636f6d" }],
    ediParties: [{ assigner: "Assigner", party: "Party" }],
    other: [
      { kind: "otherName", der: "a020060a2b060104018237140203a0120c1075736572406578616d706c652e636f6d" },
      { kind: "x400Address", der: "a3023000" },
      ...directory.other,
      { kind: "ediPartyName", der: "a515a00a0c0841737369676e6572a10713055061727479" },
      { kind: "registeredID", der: "88022a03" },
    ],
  };
  assert.deepEqual(
    read(extension("2.5.29.17", samples.NAMES_OF_EVERY_KIND), "subjectAlternativeName"),
    expected,
  );
  assert.deepEqual(
    read(extension("2.5.29.18", samples.NAMES_OF_EVERY_KIND), "issuerAlternativeName"),
    expected,
  );
});

Deno.test("a name that is broken inside leaves those behind it", () => {
  const { value, errors } = readBroken(
    "2.5.29.17",
    sequence(
      element(0xa4, octets(0x30, 0x05, 0x31)),
      element(0x88),
      element(0xa5, octets(0xa1, 0)),
      text(0x82, "behind.example"),
    ),
    "subjectAlternativeName",
  );
  assert.deepEqual(value, {
    ...NO_NAMES,
    dns: ["behind.example"],
    other: [
      { kind: "directoryName", der: "a403300531" },
      { kind: "registeredID", der: "8800" },
      { kind: "ediPartyName", der: "a502a100" },
    ],
  });
  assert.deepEqual(errors, [
    "Cannot read subjectAlternativeName: element at octet 219 reaches 4 octets beyond its container",
  ]);
});

Deno.test("timestamps of certificate transparency", () => {
  const common = { version: 1, signed: "04030003070809" };
  assert.deepEqual(read(samples.SIGNED_CERTIFICATE_TIMESTAMPS, "signedCertificateTimestamps"), [
    { ...common, logId: "aa".repeat(32), timestampMs: 0x180_0000_0000, extensions: "" },
    { ...common, logId: "bb".repeat(32), timestampMs: Date.UTC(2026, 0, 1) + 20479, extensions: "0102" },
  ]);
});

Deno.test("timestamps that are malformed", () => {
  const errorOf = (...list: number[]) =>
    readBroken("1.3.6.1.4.1.11129.2.4.2", element(0x04, octets(...list)), "signedCertificateTimestamps")
      .errors[0]?.replace("Cannot read signedCertificateTimestamps: ", "");
  assert.equal(errorOf(), "list malformed at octet 224");
  assert.equal(errorOf(0, 1), "list malformed at octet 224");
  assert.equal(errorOf(0, 1, 0), "timestamp malformed at octet 226");
  assert.equal(errorOf(0, 2, 0, 1), "timestamp malformed at octet 226");
  assert.equal(errorOf(0, 2, 0, 0), "no known timestamp version at octet 228");
  assert.equal(errorOf(0, 3, 0, 1, 1), "no known timestamp version at octet 228");
  assert.equal(errorOf(0, 3, 0, 1, 0), "timestamp malformed at octet 228");
  const fixed = new Array<number>(41).fill(0);
  assert.equal(errorOf(0, 47, 0, 45, ...fixed, 0, 9, 4, 3), "timestamp malformed at octet 229");
  assert.equal(errorOf(0, 49, 0, 47, ...fixed, 0, 0, 4, 3, 0, 9), "timestamp malformed at octet 229");
});

Deno.test("a poisoned certificate is a precertificate", () => {
  assert.equal(read(samples.PRECERTIFICATE_POISON, "isPrecertificate"), true);
  assert.equal(parseCertificate(certificate()).isPrecertificate, false);
});

Deno.test("features of TLS that a server must show", () => {
  assert.deepEqual(read(samples.TLS_FEATURE, "tlsFeatures"), [5, 17]);
});

Deno.test("statements of a qualified certificate", () => {
  assert.deepEqual(read(samples.QUALIFIED_STATEMENTS, "qualifiedStatements"), {
    statements: [
      { identifier: "1.3.6.1.5.5.7.11.2", value: "3009060704008bec490102" },
      { identifier: "0.4.0.1862.1.1", value: null },
      { identifier: "0.4.0.1862.1.2", value: "300e130345555202047fffffff0201fe" },
      { identifier: "0.4.0.1862.1.3", value: "02010f" },
      { identifier: "0.4.0.1862.1.4", value: null },
      { identifier: "0.4.0.1862.1.5", value: "301b3019161368747470733a2f2f6578616d706c652f7064731302656e" },
      { identifier: "0.4.0.1862.1.6", value: "300e060704008e4601060306032a0304" },
      { identifier: "0.4.0.1862.1.7", value: "300413024348" },
      { identifier: "0.4.0.19495.2", value: "30020500" },
    ],
    isCompliant: true,
    limit: { currency: "EUR", amount: 0x7fffffff, exponent: -2 },
    retentionYears: 15,
    usesSecureDevice: true,
    disclosures: [{ url: "https://example/pds", language: "en" }],
    types: ["web", "1.2.3.4"],
    legislation: ["CH"],
    semantics: "0.4.0.194121.1.2",
  });
});

Deno.test("a limit can have its currency's number", () => {
  const value = sequence(element(0x02, octets(3, 0xd2)), element(0x02, octets(1)), element(0x02, octets(6)));
  const statements = sequence(sequence(objectIdentifier("0.4.0.1862.1.2"), value));
  const parsed = parseCertificate(
    certificate({ extensions: [extension("1.3.6.1.5.5.7.1.3", statements)] }),
  );
  assert.deepEqual(parsed.qualifiedStatements?.limit, { currency: "978", amount: 1, exponent: 6 });
});

Deno.test("an organisation in its register", () => {
  assert.deepEqual(read(samples.ORGANIZATION_IDENTIFIER, "organizationIdentifier"), {
    scheme: "NTR",
    country: "US",
    stateOrProvince: "CA",
    reference: "C1234",
  });
  const short = sequence(text(0x13, "VAT"), text(0x13, "DE"), text(0x0c, "123"));
  assert.deepEqual(read(extension("2.23.140.3.1", short), "organizationIdentifier"), {
    scheme: "VAT",
    country: "DE",
    stateOrProvince: null,
    reference: "123",
  });
});

Deno.test("keys of onion services", () => {
  assert.deepEqual(read(samples.TOR_SERVICE_DESCRIPTORS, "torServiceDescriptors"), [
    { uri: "https://example.onion", hashAlgorithm: "SHA-256", hash: "dead", hashBits: 16 },
  ]);
});

Deno.test("Netscape's extensions", () => {
  assert.deepEqual(read(samples.NETSCAPE_CERTIFICATE_TYPE, "netscapeCertificateType"), [
    "SSLServer",
    "SSLCA",
  ]);
  assert.equal(read(samples.NETSCAPE_COMMENT, "netscapeComment"), "made by hand");
});
