import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basicConstraints, keyUsage, subjectAlternativeName } from "./extensions.ts";
import { type Blueprint, DAY_MILLISECONDS, type Identity, issue, serialFrom, TODAY } from "./identity.ts";
import { generateKeys } from "./keys.ts";
import { chance, pick, type RandomSource, seededRandom } from "./seeded_random.ts";
import { authoritySubject, serverSubject } from "./subjects.ts";

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
    const issuer = isSelfSigned ? undefined : plan.issuer.identity;
    const leaf = await issue(plan.blueprint, await generateKeys("p256"), issuer);
    const sent = [leaf];
    if (!plan.sendsLeafOnly) sent.push(plan.issuer.identity);
    if (!plan.sendsLeafOnly && plan.sendsRoot) sent.push(plan.issuer.root);
    return {
      index: plan.index,
      chain: sent.map(({ der }) => der),
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
  const names = [domain];
  if (chance(random, 0.5)) names.push(`${pick(random, SERVICES)}.${domain}`);
  if (chance(random, 0.2)) names.push(`*.${domain}`);
  const days = pick(random, [90, 90, 199, 397]);
  // About one in ten has expired.
  const notBefore = TODAY - Math.floor(random() * 1.1 * days) * DAY_MILLISECONDS;
  return {
    serial: serialFrom(random),
    subject: serverSubject(random, domain),
    notBefore: new Date(notBefore),
    notAfter: new Date(notBefore + days * DAY_MILLISECONDS),
    extensions: [basicConstraints(false), keyUsage(false), subjectAlternativeName(names)],
  };
}

async function issueAuthority(random: RandomSource, name: string, issuer?: Identity): Promise<Identity> {
  const blueprint = {
    serial: serialFrom(random),
    subject: authoritySubject("Lab Trust Services GmbH", name),
    notBefore: new Date(TODAY - 1000 * DAY_MILLISECONDS),
    notAfter: new Date(TODAY + 3650 * DAY_MILLISECONDS),
    extensions: [basicConstraints(true), keyUsage(true)],
  };
  return await issue(blueprint, await generateKeys("p256"), issuer);
}
