import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import type { Truth } from "./truth.ts";

/** A graph as lines of text, one for each node and each edge, sorted: `SERVES ip 10.32.0.1 cert 9f86... 443`. */
export interface GraphLines {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

/** What a world's graph has to hold beside what its TLS servers say. */
export interface ExpectedRun {
  readonly run: string;
  /** Open ports that don't speak TLS, as `address:port`. */
  readonly others: Iterable<string>;
  /** The systems that announce an address. */
  readonly systemsOf: (address: string) => readonly number[];
}

/** A served certificate, by the runtime's own reader. */
interface Known {
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
  readonly key: string;
}

/**
 * The graph that a scan of a world has to give, worked out from the truth by the runtime's certificate reader and
 * nothing of margay's. Names of organisations and authorities are those of the certificates: a CA is the common name
 * of its subject with its key.
 */
export function expectedGraph(truth: Truth, { run, others, systemsOf }: ExpectedRun): GraphLines {
  const nodes = new Set<string>([`ScanRun ${run}`]);
  const edges = new Set<string>();
  const known = new Map<string, Known>();
  const behind = new Map<string, Set<Known>>();
  const host = (address: string) => {
    nodes.add(`IP ${address}`);
    edges.add(`SEEN_IN_RUN IP ${address} -> ${run}`);
    for (const number of systemsOf(address)) {
      nodes.add(`ASN ${number}`);
      edges.add(`IN_ASN ${address} -> ${number}`);
    }
  };
  for (const { address, port, certificate } of truth.targets.values()) {
    host(address);
    const chain = truth.certificates.get(certificate)!.chain.map((der) => know(known, der));
    edges.add(`SERVES ${address} -> ${chain[0]!.fingerprint} ${port}`);
    chain.forEach((one, index) => {
      const next = chain[index + 1];
      if (next === undefined) return;
      behind.set(one.fingerprint, (behind.get(one.fingerprint) ?? new Set()).add(next));
    });
  }
  for (const other of others) host(other.slice(0, other.lastIndexOf(":")));
  for (const one of known.values()) {
    const { fingerprint, certificate, key } = one;
    nodes.add(`Certificate ${fingerprint}`).add(`PublicKey ${key}`);
    edges.add(`USES_KEY ${fingerprint} -> ${key}`).add(`SEEN_IN_RUN Certificate ${fingerprint} -> ${run}`);
    for (const name of namesOf(certificate)) {
      nodes.add(`Domain ${name}`);
      edges.add(`BELONGS_TO ${fingerprint} -> ${name}`);
    }
    const organization = partOf(certificate.subject, "O");
    if (organization !== undefined) {
      nodes.add(`Organization ${organizationKey(organization)}`);
      edges.add(`OWNED_BY ${fingerprint} -> ${organizationKey(organization)}`);
    }
    for (const issuer of issuersOf(one, behind.get(fingerprint) ?? [], known.values())) {
      const authority = `${partOf(certificate.issuer, "CN")} ${issuer?.key ?? "unknown"}`;
      nodes.add(`CA ${authority}`);
      edges.add(`ISSUED_BY ${fingerprint} -> ${authority}`);
    }
  }
  return { nodes: [...nodes].sort(), edges: [...edges].sort() };
}

function know(known: Map<string, Known>, base64: string): Known {
  const der = Buffer.from(base64, "base64");
  const fingerprint = sha256(der);
  const certificate = new X509Certificate(der);
  const one = known.get(fingerprint) ??
    { fingerprint, certificate, key: sha256(certificate.publicKey.export({ type: "spki", format: "der" })) };
  known.set(fingerprint, one);
  return one;
}

/** Who issued it, as far as the world shows; `undefined` is somebody whose key nobody shows. */
function issuersOf(one: Known, next: Iterable<Known>, all: Iterable<Known>): (Known | undefined)[] {
  const { certificate } = one;
  if (certificate.subject === certificate.issuer) return [one];
  const isIssuer = ({ certificate: other }: Known) => certificate.checkIssued(other);
  const behind = [...next].filter(isIssuer);
  if (behind.length > 0) return behind;
  const elsewhere = [...all].filter((other) => other.certificate.ca && isIssuer(other));
  return elsewhere.length > 0 ? elsewhere : [undefined];
}

/** Its common name, where that is a host's, and its alternative names. */
function namesOf(certificate: X509Certificate): string[] {
  const common = partOf(certificate.subject, "CN");
  const alternative = (certificate.subjectAltName ?? "").split(", ")
    .flatMap((name) => name.startsWith("DNS:") ? [name.slice(4)] : []);
  return [...alternative, ...common !== undefined && /^[\w*.-]+$/.test(common) ? [common] : []];
}

/** What a name of the lab's is known by: without the legal form, in which alone some of them differ. */
export function organizationKey(name: string): string {
  return name.replace(/ (?:GmbH|Ltd|Inc\.|S\.A\.|Oy|B\.V\.)$/, "");
}

/** One part of a name in the runtime's text. */
function partOf(name: string, attribute: string): string | undefined {
  return name.split(/\n| \+ /).find((part) => part.startsWith(`${attribute}=`))?.slice(attribute.length + 1);
}

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
