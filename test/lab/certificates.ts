import * as asn1js from "asn1js";
import * as pkijs from "pkijs";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { chance, pick, type RandomSource, seededRandom } from "./seeded_random.ts";

/** A certificate as a lab server holds it: the chain it sends, leaf first, and the leaf's key. */
export interface ServerCertificate {
  /** Its place in the lab's list; the address rule names certificates by it. */
  readonly index: number;
  /** One to three certificates in DER, in the order they are sent. */
  readonly chain: readonly Uint8Array[];
  /** The leaf's private key as PKCS #8 DER. */
  readonly privateKey: Uint8Array;
}

/** What decides the lab's certificates, all but their keys and the day that their dates are counted from. */
export interface CertificateOptions {
  readonly count: number;
  readonly seed: number;
}

interface Identity {
  readonly certificate: pkijs.Certificate;
  readonly keys: CryptoKeyPair;
}

interface Blueprint {
  readonly serial: number;
  readonly subject: readonly (readonly [oid: string, value: string])[];
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
}

const COMMON_NAME = "2.5.4.3";
const COUNTRY = "2.5.4.6";
const LOCALITY = "2.5.4.7";
const ORGANIZATION = "2.5.4.10";
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const DAY_MILLISECONDS = 86_400_000;
/** Everything is dated from the start of today, so that the certificates never all expire. */
const TODAY = Math.floor(Date.now() / DAY_MILLISECONDS) * DAY_MILLISECONDS;

const FIRST_WORDS = ["Northwind", "Harbour", "Silver Birch", "Meridian", "Old Mill", "Blue Heron", "Granite"];
const SECOND_WORDS = [
  "Bakery",
  "Logistics",
  "Instruments",
  "Publishing",
  "Savings Bank",
  "Clinics",
  "Robotics",
];
const LEGAL_FORMS = ["GmbH", "Ltd", "Inc.", "S.A.", "Oy", "B.V."];
const PLACES = [["DE", "Bremen"], ["FI", "Turku"], ["FR", "Nantes"], ["US", "Duluth"], [
  "NL",
  "Delft",
]] as const;
const SERVICES = ["www", "mail", "api", "login", "static", "vpn"];

/**
 * Makes the lab's server certificates: ECDSA P-256 leaves issued by a few intermediates under two roots.
 *
 * About three in five send leaf and intermediate, one in five the root as well, one in five the leaf alone
 * (half of those signed by themselves).
 *
 * @param options how many, and the seed of every choice that isn't a key.
 */
export async function makeCertificates(options: CertificateOptions): Promise<ServerCertificate[]> {
  const random = seededRandom(options.seed);
  const roots = [
    await issueAuthority(random, "Lab Root R1"),
    await issueAuthority(random, "Lab Root E2"),
  ];
  const intermediates: { identity: Identity; root: Identity }[] = [];
  for (const name of ["Lab Issuing CA 1", "Lab Issuing CA 2", "Lab Extended CA 3"]) {
    const root = pick(random, roots);
    intermediates.push({ identity: await issueAuthority(random, name, root), root });
  }
  // Every choice is drawn before the first key is made: keys come from the pool of threads in any order.
  const plans = Array.from({ length: options.count }, (_, index) => ({
    index,
    blueprint: leafBlueprint(random, index),
    issuer: pick(random, intermediates),
    sendsLeafOnly: chance(random, 0.2),
    sendsRoot: chance(random, 0.25),
    signsItself: chance(random, 0.5),
  }));
  return await Promise.all(plans.map(async (plan) => {
    const isSelfSigned = plan.sendsLeafOnly && plan.signsItself;
    const leaf = await issue(plan.blueprint, isSelfSigned ? undefined : plan.issuer.identity);
    const sent = [leaf];
    if (!plan.sendsLeafOnly) sent.push(plan.issuer.identity);
    if (!plan.sendsLeafOnly && plan.sendsRoot) sent.push(plan.issuer.root);
    return {
      index: plan.index,
      chain: sent.map((identity) => new Uint8Array(identity.certificate.toSchema().toBER())),
      privateKey: new Uint8Array(await crypto.subtle.exportKey("pkcs8", leaf.keys.privateKey)),
    };
  }));
}

/** The SHA-256 of a certificate's DER, in lower-case hexadecimal. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}

/** DER in PEM (RFC 7468), with a line break at the end. */
export function toPem(label: "CERTIFICATE" | "PRIVATE KEY", der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function leafBlueprint(random: RandomSource, index: number): Blueprint {
  const domain = `host-${index}.lab.example`;
  const [country, locality] = pick(random, PLACES);
  const names = [domain];
  if (chance(random, 0.5)) names.push(`${pick(random, SERVICES)}.${domain}`);
  if (chance(random, 0.2)) names.push(`*.${domain}`);
  const subject: [string, string][] = [];
  if (chance(random, 0.4)) {
    const organization = `${pick(random, FIRST_WORDS)} ${pick(random, SECOND_WORDS)} ${
      pick(random, LEGAL_FORMS)
    }`;
    subject.push([COUNTRY, country], [LOCALITY, locality], [ORGANIZATION, organization]);
  }
  subject.push([COMMON_NAME, domain]);
  const days = pick(random, [90, 90, 199, 397]);
  // About one in ten has expired.
  const notBefore = TODAY - Math.floor(random() * 1.1 * days) * DAY_MILLISECONDS;
  return {
    serial: serialFrom(random),
    subject,
    names,
    notBefore: new Date(notBefore),
    notAfter: new Date(notBefore + days * DAY_MILLISECONDS),
    isAuthority: false,
  };
}

function issueAuthority(random: RandomSource, name: string, issuer?: Identity): Promise<Identity> {
  return issue({
    serial: serialFrom(random),
    subject: [[COUNTRY, "DE"], [ORGANIZATION, "Lab Trust Services GmbH"], [COMMON_NAME, name]],
    names: [],
    notBefore: new Date(TODAY - 1000 * DAY_MILLISECONDS),
    notAfter: new Date(TODAY + 3650 * DAY_MILLISECONDS),
    isAuthority: true,
  }, issuer);
}

/** Makes a key and a certificate for it, signed by `issuer` or by itself. */
async function issue(blueprint: Blueprint, issuer?: Identity): Promise<Identity> {
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ value: blueprint.serial });
  for (const [type, value] of blueprint.subject) {
    const text = type === COUNTRY ? new asn1js.PrintableString({ value }) : new asn1js.Utf8String({ value });
    certificate.subject.typesAndValues.push(new pkijs.AttributeTypeAndValue({ type, value: text }));
  }
  certificate.issuer = issuer?.certificate.subject ?? certificate.subject;
  certificate.notBefore.value = blueprint.notBefore;
  certificate.notAfter.value = blueprint.notAfter;
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  certificate.extensions = extensionsOf(blueprint);
  await certificate.sign((issuer?.keys ?? keys).privateKey, "SHA-256");
  return { certificate, keys };
}

function extensionsOf(blueprint: Blueprint): pkijs.Extension[] {
  // keyCertSign and cRLSign, or digitalSignature (RFC 5280, 4.2.1.3).
  const usage = blueprint.isAuthority
    ? new asn1js.BitString({ valueHex: Uint8Array.of(0x06).buffer, unusedBits: 1 })
    : new asn1js.BitString({ valueHex: Uint8Array.of(0x80).buffer, unusedBits: 7 });
  const constraints = new pkijs.BasicConstraints({ cA: blueprint.isAuthority });
  const extensions = [
    extension("2.5.29.19", true, constraints.toSchema()),
    extension("2.5.29.15", true, usage),
  ];
  if (blueprint.names.length > 0) {
    const names = blueprint.names.map((value) => new pkijs.GeneralName({ type: 2, value }));
    extensions.push(extension("2.5.29.17", false, new pkijs.GeneralNames({ names }).toSchema()));
  }
  return extensions;
}

function extension(extnID: string, critical: boolean, value: asn1js.BaseBlock): pkijs.Extension {
  return new pkijs.Extension({ extnID, critical, extnValue: value.toBER() });
}

function serialFrom(random: RandomSource): number {
  return 1 + Math.floor(random() * 0x7fff_fffe);
}
