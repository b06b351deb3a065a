/**
 * Certificates in OpenSSL's words: what `openssl x509 -text` prints, and the same told from our record.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import type {
  DistinguishedName,
  GeneralNames,
  NameSubtrees,
  ParsedCertificate,
  PublicKey,
  SignedCertificateTimestamp,
} from "../../../src/x509/mod.ts";

/** A certificate as lines without indentation; long hexadecimal in one line, the extensions apart. */
export interface OpensslText {
  /** Everything but the extensions. */
  readonly fields: readonly string[];
  /** Behind each extension's heading, `critical` included, its lines. */
  readonly extensions: ReadonlyMap<string, readonly string[]>;
}

const EXTENSIONS_HEADING = "        X509v3 extensions:";
/** Headings of extensions are indented by so much, what they hold by more. */
const HEADING = /^ {12}\S/;
const HEXADECIMAL = /^(?:[0-9a-f]{2}:)*[0-9a-f]{2}:?$/i;

/**
 * What OpenSSL prints of a certificate, types of names as object identifiers, extensions unknown to it in
 * hexadecimal.
 *
 * @throws {Error} when OpenSSL is not there, or does not read it.
 */
export function printWithOpenssl(der: Uint8Array): OpensslText {
  const options = [
    "-inform",
    "DER",
    "-noout",
    "-text",
    "-nameopt",
    "oid,sep_multiline,utf8",
    "-certopt",
    "ext_dump",
  ];
  const { status, stdout, stderr, error } = spawnSync("openssl", ["x509", ...options], { input: der });
  if (error) throw new Error("Cannot run openssl: on Debian: apt-get install openssl", { cause: error });
  if (status !== 0) throw new Error(`Cannot print the certificate: ${stderr}`);

  const lines = stdout.toString().replaceAll("\0", "").split("\n");
  const start = lines.indexOf(EXTENSIONS_HEADING);
  if (start < 0) return { fields: joinLines(lines), extensions: new Map() };
  const length = lines.slice(start + 1).findIndex((line) => /^ {0,4}\S/.test(line));
  const extensions = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of lines.slice(start + 1, start + 1 + length)) {
    if (!HEADING.test(line)) current.push(line);
    else {
      current = [];
      // Of duplicates the first counts.
      if (!extensions.has(line.trim())) extensions.set(line.trim(), current);
    }
  }
  return {
    fields: joinLines([...lines.slice(0, start), ...lines.slice(start + 1 + length)]),
    extensions: new Map([...extensions].map(([heading, body]) => [heading, joinLines(body)])),
  };
}

/** Without indentation and empty lines; hexadecimal goes to the end of the line that it belongs to. */
function joinLines(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines.map((line) => line.trim()).filter((line) => line !== "")) {
    const previous = joined.at(-1) ?? "";
    if (HEXADECIMAL.test(line) && /:$/.test(previous)) joined.push(joined.pop() + line);
    else joined.push(line);
  }
  return joined;
}

/**
 * What OpenSSL would print of this certificate; extensions that are not read, or that it does not print, are left
 * out.
 */
export function tellLikeOpenssl(parsed: ParsedCertificate): OpensslText {
  const extensions = new Map<string, readonly string[]>();
  for (const { name, isCritical } of parsed.extensions) {
    const told = name === null ? undefined : TELLERS[name];
    if (told !== undefined) {
      extensions.set(`${told.heading}:${isCritical ? " critical" : ""}`, told.tell(parsed));
    }
  }
  const algorithm = `Signature Algorithm: ${
    SIGNATURES[parsed.signatureAlgorithm!.name] ?? parsed.signatureAlgorithm!.name
  }`;
  return {
    fields: [
      "Certificate:",
      "Data:",
      `Version: ${parsed.version} (0x${(parsed.version! - 1).toString(16)})`,
      tellSerialNumber(parsed.serialNumber!),
      algorithm,
      ...tellName("Issuer", parsed.issuer!),
      "Validity",
      `Not Before: ${tellTime(Date.parse(parsed.notBefore!))}`,
      `Not After : ${tellTime(Date.parse(parsed.notAfter!))}`,
      ...tellName("Subject", parsed.subject!),
      "Subject Public Key Info:",
      ...tellKey(parsed.publicKey!),
      algorithm,
      `Signature Value:${colons(parsed.signatureValue!)}`,
    ],
    extensions,
  };
}

const SIGNATURES: Readonly<Record<string, string>> = { Ed25519: "ED25519", Ed448: "ED448" };

const KEY_USAGES: Readonly<Record<string, string>> = {
  digitalSignature: "Digital Signature",
  nonRepudiation: "Non Repudiation",
  keyEncipherment: "Key Encipherment",
  dataEncipherment: "Data Encipherment",
  keyAgreement: "Key Agreement",
  keyCertSign: "Certificate Sign",
  cRLSign: "CRL Sign",
};
const PURPOSES: Readonly<Record<string, string>> = {
  serverAuth: "TLS Web Server Authentication",
  clientAuth: "TLS Web Client Authentication",
};
const REASONS: Readonly<Record<string, string>> = {
  keyCompromise: "Key Compromise",
  cessationOfOperation: "Cessation Of Operation",
  certificateHold: "Certificate Hold",
};
const FEATURES: Readonly<Record<number, string>> = { 5: "status_request", 17: "status_request_v2" };
const NETSCAPE_TYPES: Readonly<Record<string, string>> = {
  SSLClient: "SSL Client",
  SSLServer: "SSL Server",
  SSLCA: "SSL CA",
  SMIMECA: "S/MIME CA",
  objectSigningCA: "Object Signing CA",
};
const CURVES: Readonly<Record<string, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

interface Teller {
  readonly heading: string;
  readonly tell: (parsed: ParsedCertificate) => readonly string[];
}

const TELLERS: Readonly<Record<string, Teller>> = {
  subjectKeyIdentifier: {
    heading: "X509v3 Subject Key Identifier",
    tell: ({ subjectKeyIdentifier }) => [upperColons(subjectKeyIdentifier!)],
  },
  authorityKeyIdentifier: {
    heading: "X509v3 Authority Key Identifier",
    tell: ({ authorityKeyIdentifier }) => {
      const { keyIdentifier, issuer, serialNumber } = authorityKeyIdentifier!;
      const isAlone = issuer === null && serialNumber === null;
      return [
        ...(keyIdentifier === null ? [] : [`${isAlone ? "" : "keyid:"}${upperColons(keyIdentifier)}`]),
        ...(issuer === null ? [] : issuer.directory.map((name) => `DirName:${oneLine(name)}`)),
        ...(serialNumber === null ? [] : [`serial:${upperColons(serialNumber)}`]),
      ];
    },
  },
  basicConstraints: {
    heading: "X509v3 Basic Constraints",
    tell: ({ basicConstraints }) => {
      const { isAuthority, pathLength } = basicConstraints!;
      return [`CA:${isAuthority ? "TRUE" : "FALSE"}${pathLength === null ? "" : `, pathlen:${pathLength}`}`];
    },
  },
  keyUsage: {
    heading: "X509v3 Key Usage",
    tell: ({ keyUsage }) => [keyUsage!.map((usage) => KEY_USAGES[usage]).join(", ")],
  },
  extendedKeyUsage: {
    heading: "X509v3 Extended Key Usage",
    tell: ({ extendedKeyUsage }) => [extendedKeyUsage!.map((purpose) => PURPOSES[purpose]).join(", ")],
  },
  subjectAlternativeName: {
    heading: "X509v3 Subject Alternative Name",
    tell: ({ subjectAlternativeName }) => tellNames(subjectAlternativeName!),
  },
  issuerAlternativeName: {
    heading: "X509v3 Issuer Alternative Name",
    tell: ({ issuerAlternativeName }) => tellNames(issuerAlternativeName!),
  },
  nameConstraints: {
    heading: "X509v3 Name Constraints",
    tell: ({ nameConstraints }) => [
      ...(nameConstraints!.permitted ? ["Permitted:", ...tellSubtrees(nameConstraints!.permitted)] : []),
      ...(nameConstraints!.excluded ? ["Excluded:", ...tellSubtrees(nameConstraints!.excluded)] : []),
    ],
  },
  certificatePolicies: {
    heading: "X509v3 Certificate Policies",
    tell: ({ certificatePolicies }) =>
      certificatePolicies!.flatMap(({ identifier, cps, notices, otherQualifiers }) => [
        `Policy: ${identifier === "2.5.29.32.0" ? "X509v3 Any Policy" : identifier}`,
        ...cps.map((uri) => `CPS: ${uri}`),
        ...notices.flatMap(({ text, organization, numbers }) => [
          "User Notice:",
          ...(organization === null
            ? []
            : [`Organization: ${organization}`, `Numbers: ${numbers.join(", ")}`]),
          ...(text === null ? [] : [`Explicit Text: ${text}`]),
        ]),
        ...otherQualifiers.map((qualifier) => `Unknown Qualifier: ${qualifier.identifier}`),
      ]),
  },
  authorityInfoAccess: {
    heading: "Authority Information Access",
    tell: ({ authorityInfoAccess }) => {
      const { ocsp, issuers, other } = authorityInfoAccess!;
      return [
        ...ocsp.map((uri) => `OCSP - URI:${uri}`),
        ...issuers.map((uri) => `CA Issuers - URI:${uri}`),
        ...other.map(({ method, location }) =>
          `${method === "1.3.6.1.5.5.7.48.2" ? "CA Issuers" : method} - ${tellNames(location)[0]}`
        ),
      ];
    },
  },
  cRLDistributionPoints: {
    heading: "X509v3 CRL Distribution Points",
    tell: ({ crlDistributionPoints }) =>
      crlDistributionPoints!.flatMap(({ names, relativeName, reasons, issuer }) => [
        ...(names ? ["Full Name:", ...tellSubtrees(names)] : []),
        ...(relativeName
          ? ["Relative Name:", ...relativeName.map(({ type, value }) => `${type} = ${value}`)]
          : []),
        ...(reasons ? ["Reasons:", reasons.map((reason) => REASONS[reason]).join(", ")] : []),
        ...(issuer ? ["CRL Issuer:", ...tellSubtrees(issuer)] : []),
      ]),
  },
  signedCertificateTimestamps: {
    heading: "CT Precertificate SCTs",
    tell: ({ signedCertificateTimestamps }) => signedCertificateTimestamps!.flatMap(tellTimestamp),
  },
  precertificatePoison: { heading: "CT Precertificate Poison", tell: () => ["NULL"] },
  tlsFeature: {
    heading: "TLS Feature",
    tell: ({ tlsFeatures }) => [tlsFeatures!.map((feature) => FEATURES[feature]).join(", ")],
  },
  netscapeCertificateType: {
    heading: "Netscape Cert Type",
    tell: ({ netscapeCertificateType }) => [
      netscapeCertificateType!.map((type) => NETSCAPE_TYPES[type]).join(", "),
    ],
  },
  netscapeComment: { heading: "Netscape Comment", tell: ({ netscapeComment }) => [netscapeComment!] },
};

function colons(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex").replace(/..(?!$)/g, "$&:");
}

function upperColons(hexadecimal: string): string {
  return colons(Buffer.from(hexadecimal, "hex")).toUpperCase();
}

/** Long ones in octets, those that fit in 64 bits as a number. */
function tellSerialNumber(text: string): string {
  const isNegative = text.startsWith("-");
  const digits = text.replace("-", "");
  if (digits.length > 16 || BigInt(`0x${digits}`) >= 1n << 63n) {
    return `Serial Number:${isNegative ? " (Negative)" : ""}${colons(Buffer.from(digits, "hex"))}`;
  }
  const sign = isNegative ? "-" : "";
  const value = BigInt(`0x${digits}`);
  return `Serial Number: ${sign}${value} (${sign}0x${value.toString(16)})`;
}

function tellName(heading: string, name: DistinguishedName): string[] {
  const attributes = name.relativeNames.map((attributes) =>
    attributes.map(({ identifier, value }) => `${identifier}=${value}`).join(" + ")
  );
  return [`${heading}:`, ...attributes];
}

/** As `DirName` has it in lists: "/C=NL/CN=Root". */
function oneLine(name: DistinguishedName): string {
  return name.relativeNames.flat().map(({ type, value }) => `/${type}=${value}`).join("");
}

function tellTime(milliseconds: number): string {
  const [, day, month, year, time] = new Date(milliseconds).toUTCString().split(" ");
  return `${month} ${String(Number(day)).padStart(2)} ${time} ${Number(year)} GMT`;
}

function tellKey({ algorithm, bits, curve, octets, rsa, point, dsa }: PublicKey): string[] {
  if (rsa) {
    const exponent = BigInt(`0x${Buffer.from(rsa.exponent).toString("hex")}`);
    return [
      "Public Key Algorithm: rsaEncryption",
      `Public-Key: (${bits} bit)`,
      `Modulus:${colons(signed(rsa.modulus))}`,
      `Exponent: ${exponent} (0x${exponent.toString(16)})`,
    ];
  }
  if (point) {
    return [
      "Public Key Algorithm: id-ecPublicKey",
      `Public-Key: (${bits} bit)`,
      `pub:${colons(Uint8Array.from([4, ...point.x, ...point.y!]))}`,
      `ASN1 OID: ${CURVES[curve!]}`,
      `NIST CURVE: ${curve}`,
    ];
  }
  if (dsa) {
    return [
      "Public Key Algorithm: dsaEncryption",
      `Public-Key: (${bits} bit)`,
      `pub:${colons(signed(dsa.value))}`,
      `P:${colons(signed(dsa.prime!))}`,
      `Q:${colons(signed(dsa.subprime!))}`,
      `G:${colons(signed(dsa.generator!))}`,
    ];
  }
  const name = algorithm!.toUpperCase();
  return [`Public Key Algorithm: ${name}`, `${name} Public-Key:`, `pub:${colons(octets!)}`];
}

/** With the zero octet that keeps a number positive. */
function signed(number: Uint8Array): Uint8Array {
  return number[0]! >= 0x80 ? Uint8Array.from([0, ...number]) : number;
}

/** All in one line. Kinds come in another order than in the certificate, so they are sorted on both sides. */
function tellNames(names: GeneralNames): string[] {
  return [sortNames([
    ...names.mail.map((name) => `email:${name}`),
    ...names.dns.map((name) => `DNS:${name}`),
    ...names.uri.map((name) => `URI:${name}`),
    ...names.ip.map((address) => `IP Address:${spellOut(address)}`),
    ...names.directory.map((name) => `DirName:${oneLine(name)}`),
    ...names.registered.map((identifier) => `Registered ID:${identifier}`),
    ...names.otherNames.map(() => "othername:"),
    ...names.ediParties.map(() => "EdiPartyName:"),
    ...names.other.filter(({ kind }) => kind === "x400Address").map(() => "X400Name:"),
  ])];
}

/** Sorts a line of names; of kinds that OpenSSL does not always print, only the kind counts. */
export function sortNames(names: readonly string[]): string {
  return names.map((name) => name.replace(/^(othername|EdiPartyName|X400Name):.*/, "$1:")).sort().join(", ");
}

/** One line each, in the order of kinds that the tests' samples have. */
function tellSubtrees(names: GeneralNames | NameSubtrees): string[] {
  return [
    ...names.dns.map((name) => `DNS:${name}`),
    ...names.mail.map((name) => `email:${name}`),
    ...names.ip.map((range) =>
      typeof range === "string" ? `IP Address:${spellOut(range)}` : `IP:${tellRange(range)}`
    ),
    ...names.directory.map(({ relativeNames }) =>
      `DirName:${relativeNames.flat().map(({ type, value }) => `${type} = ${value}`).join(", ")}`
    ),
    ...names.uri.map((name) => `URI:${name}`),
    ...names.registered.map((identifier) => `Registered ID:${identifier}`),
  ];
}

function tellRange({ address, mask }: { readonly address: Uint8Array; readonly mask: Uint8Array }): string {
  return `${tellOctets(address)}/${tellOctets(mask)}`;
}

/** Dotted quad, or eight groups in upper case, no zeros shortened. */
function tellOctets(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => address[index * 2]! << 8 | address[index * 2 + 1]!);
  return groups.map((group) => group.toString(16).toUpperCase()).join(":");
}

function spellOut(address: string): string {
  if (!address.includes(":")) return address;
  const [head = [], tail = []] = address.split("::").map((half) =>
    half.split(":").filter((group) => group !== "")
  );
  const zeros = new Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].join(":").toUpperCase();
}

function tellTimestamp(
  { version, logId, timestampMs, extensions, signed }: SignedCertificateTimestamp,
): string[] {
  const seconds = tellTime(timestampMs);
  const fraction = String(timestampMs % 1000).padStart(3, "0");
  return [
    "Signed Certificate Timestamp:",
    `Version   : v${version} (0x${version - 1})`,
    `Log ID    : ${colons(logId).toUpperCase()}`,
    `Timestamp : ${seconds.replace(/(:\d\d) /, `$1.${fraction} `)}`,
    `Extensions: ${extensions.length === 0 ? "none" : colons(extensions).toUpperCase()}`,
    "Signature : ecdsa-with-SHA256",
    colons(signed.subarray(4)).toUpperCase(),
  ];
}
