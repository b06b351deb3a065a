import { base64 } from "../../text/mod.ts";
import {
  claimsSelfSigned,
  digestCertificate,
  type GeneralNames,
  type ParsedCertificate,
  type SignatureAlgorithm,
  validationLevel,
} from "../../x509/mod.ts";
import { extensionsFields, unknownExtensionsFields } from "./extensions.ts";
import { nonEmpty } from "./json.ts";
import { isListedName } from "./listed_name.ts";
import { nameFields, nameText } from "./name.ts";
import { subjectKeyFields } from "./subject_key.ts";

/** zcrypto's names for signature algorithms, by object identifier; RSASSA-PSS goes by its parameters. */
const SIGNATURE_NAMES: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.2", "MD2-RSA"],
  ["1.2.840.113549.1.1.4", "MD5-RSA"],
  ["1.2.840.113549.1.1.5", "SHA1-RSA"],
  ["1.3.14.3.2.29", "SHA1-RSA"],
  ["1.2.840.113549.1.1.11", "SHA256-RSA"],
  ["1.2.840.113549.1.1.12", "SHA384-RSA"],
  ["1.2.840.113549.1.1.13", "SHA512-RSA"],
  ["1.2.840.10040.4.3", "DSA-SHA1"],
  ["2.16.840.1.101.3.4.3.2", "DSA-SHA256"],
  ["1.2.840.10045.4.1", "ECDSA-SHA1"],
  ["1.2.840.10045.4.3.2", "ECDSA-SHA256"],
  ["1.2.840.10045.4.3.3", "ECDSA-SHA384"],
  ["1.2.840.10045.4.3.4", "ECDSA-SHA512"],
  ["1.3.101.112", "Ed25519"],
]);

const RSASSA_PSS = "1.2.840.113549.1.1.10";

/** Octets of salt with which zcrypto has a name for RSASSA-PSS: as many as the hash has. */
const PSS_SALT_LENGTHS: ReadonlyMap<string | null, number> = new Map([
  ["SHA-256", 32],
  ["SHA-384", 48],
  ["SHA-512", 64],
]);

/** Between which zcrypto holds the ends of the validity. */
const TIME_MIN = "1970-01-01T00:00:00Z";
const TIME_MAX = "9999-12-31T23:59:59Z";

/**
 * A certificate as zcrypto's `x509.JSONCertificate`; undefined for one without the parts that every certificate has,
 * which zcrypto does not parse either.
 */
export function certificateFields(parsed: ParsedCertificate): object | undefined {
  const { version, serialNumber, signatureAlgorithm, signatureValue, issuer, subject, publicKey } = parsed;
  const { notBefore, notAfter } = parsed;
  if (version === null || serialNumber === null || issuer === null || subject === null) return undefined;
  if (signatureAlgorithm === null || signatureValue === null) return undefined;
  if (publicKey === null || notBefore === null || notAfter === null) return undefined;
  const signature = signatureFields(signatureAlgorithm);
  const isSelfSigned = claimsSelfSigned(parsed);
  const names = listedNames(subject.commonName, parsed.subjectAlternativeName);
  const digests = digestCertificate(parsed);
  const level = validationLevel(parsed);
  return {
    version,
    serial_number: decimal(serialNumber),
    signature_algorithm: signature,
    issuer: nameFields(issuer),
    issuer_dn: nameText(issuer) || undefined,
    validity: {
      start: clamped(notBefore),
      end: clamped(notAfter),
      length: (Date.parse(notAfter) - Date.parse(notBefore)) / 1_000,
    },
    subject: nameFields(subject),
    subject_dn: nameText(subject) || undefined,
    subject_key_info: subjectKeyFields(publicKey),
    extensions: extensionsFields(parsed),
    unknown_extensions: unknownExtensionsFields(parsed),
    signature: {
      signature_algorithm: signature,
      value: base64(signatureValue),
      valid: isSelfSigned,
      self_signed: isSelfSigned,
    },
    fingerprint_md5: digests.md5,
    fingerprint_sha1: digests.sha1,
    fingerprint_sha256: digests.sha256,
    tbs_noct_fingerprint: digests.tbsWithoutTransparency,
    spki_subject_fingerprint: digests.publicKeyAndSubject,
    tbs_fingerprint: digests.tbs,
    // zcrypto counts individuals among organisations.
    validation_level: level === "IV" ? "OV" : level,
    names: nonEmpty(names),
    redacted: names.some((name) => name.startsWith("?")),
  };
}

/** Hexadecimal digits of a serial number: RFC 5280, 4.1.2.2 allows 40, and more than these take long to convert. */
const SERIAL_DIGITS_MAX = 8_192;

/** From the hexadecimal number, "-" in front if negative; left out where it is absurd. */
function decimal(serialNumber: string): string | undefined {
  if (serialNumber.length > SERIAL_DIGITS_MAX) return undefined;
  const isNegative = serialNumber.startsWith("-");
  const magnitude = BigInt(`0x${isNegative ? serialNumber.slice(1) : serialNumber}`);
  return `${isNegative ? -magnitude : magnitude}`;
}

function signatureFields(algorithm: SignatureAlgorithm): object {
  return { name: signatureName(algorithm) ?? "unknown_algorithm", oid: algorithm.identifier };
}

function signatureName({ identifier, hash, maskHash, saltLength }: SignatureAlgorithm): string | undefined {
  if (identifier !== RSASSA_PSS) return SIGNATURE_NAMES.get(identifier);
  const isNamed = maskHash === hash && saltLength !== null && saltLength === PSS_SALT_LENGTHS.get(hash);
  return isNamed ? `${hash!.replace("-", "")}-RSAPSS` : undefined;
}

function clamped(time: string): string {
  if (time < TIME_MIN) return TIME_MIN;
  return time > TIME_MAX ? TIME_MAX : time;
}

/** Each name once, sorted. */
function listedNames(commonName: string | null, names: GeneralNames | null): string[] {
  const listed = new Set<string>();
  if (commonName !== null && isListedName(commonName)) listed.add(commonName);
  for (const name of names?.dns ?? []) {
    // A name without a dot is taken for a top-level domain.
    if (isListedName(name) || !name.includes(".")) listed.add(name);
  }
  for (const name of [...names?.uri ?? [], ...names?.ip ?? []]) {
    if (isListedName(name)) listed.add(name);
  }
  return [...listed].sort();
}
