import { readFile } from "node:fs/promises";
import { Buffer } from "node:buffer";

/** A certificate chain that the lab's servers hold: one line of the truth file. */
export interface TruthCertificate {
  readonly record: "certificate";
  readonly index: number;
  /** SHA-256 of each certificate, leaf first, in lower-case hexadecimal. */
  readonly fingerprints: readonly string[];
  /** The same certificates as DER in base64. */
  readonly chain: readonly string[];
}

/** A live target: one line of the truth file. */
export interface TruthTarget {
  readonly record: "target";
  readonly address: string;
  readonly port: number;
  /** The index of its certificate. */
  readonly certificate: number;
}

/** An open port of a simulated host: one line of the truth that the responder tells. */
export interface SimulatedTarget {
  readonly record: "target";
  readonly address: string;
  readonly port: number;
  /** The index of its certificate; null where it doesn't speak TLS. */
  readonly certificate: number | null;
  readonly state: string;
  readonly service: string;
  readonly behavior: string;
  /** The TLS versions it speaks, as a world file names them. */
  readonly versions: string;
  /** Whether it refuses a hello without a server name. */
  readonly needs_name: boolean;
}

/** What the servers say is there to be found. */
export interface Truth {
  readonly certificates: ReadonlyMap<number, TruthCertificate>;
  /** By `address:port`. */
  readonly targets: ReadonlyMap<string, TruthTarget>;
}

/** What a scan says it got from one target. */
export interface Captured {
  readonly address: string;
  readonly port: number;
  /** SHA-256 of the leaf, in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The leaf's DER. */
  readonly der: Uint8Array;
}

/** A scan's captures beside the truth; targets are `address:port`. */
export interface Comparison {
  /** How many targets are live. */
  readonly live: number;
  /** How many of them were captured with exactly the leaf they hold. */
  readonly captured: number;
  /** How many different leaves were captured rightly. */
  readonly uniqueCertificates: number;
  /** Live targets without a capture. */
  readonly missing: readonly string[];
  /** Captures of what isn't live. */
  readonly unexpected: readonly string[];
  /** Captures of live targets whose fingerprint or DER is not the server's. */
  readonly different: readonly string[];
}

/** Reads the truth file that the lab's servers wrote. */
export async function readTruth(path: string): Promise<Truth> {
  return await truthOf((await readFile(path, "utf8")).split("\n"));
}

/** Reads the lines of a truth; open ports that don't speak TLS are left out. */
export async function truthOf(lines: Iterable<string> | AsyncIterable<string>): Promise<Truth> {
  const certificates = new Map<number, TruthCertificate>();
  const targets = new Map<string, TruthTarget>();
  for await (const line of lines) {
    if (line === "") continue;
    const record = JSON.parse(line) as TruthCertificate | TruthTarget | SimulatedTarget;
    if (record.record === "certificate") certificates.set(record.index, record);
    else if (speaksTls(record)) targets.set(`${record.address}:${record.port}`, record);
  }
  return { certificates, targets };
}

function speaksTls(target: TruthTarget | SimulatedTarget): target is TruthTarget {
  return target.certificate !== null;
}

/**
 * Compares what a scan captured with the truth. The same capture seen twice counts once, as delivery is at
 * least once.
 */
export function compareWithTruth(truth: Truth, captures: Iterable<Captured>): Comparison {
  const leaves = new Map<number, { fingerprint: string; der: Buffer }>();
  for (const { index, fingerprints, chain } of truth.certificates.values()) {
    leaves.set(index, { fingerprint: fingerprints[0] ?? "", der: Buffer.from(chain[0] ?? "", "base64") });
  }
  const right = new Set<string>();
  const different = new Set<string>();
  const unexpected = new Set<string>();
  const fingerprints = new Set<string>();
  for (const capture of captures) {
    const key = `${capture.address}:${capture.port}`;
    const target = truth.targets.get(key);
    const leaf = target && leaves.get(target.certificate);
    if (leaf === undefined) {
      unexpected.add(key);
    } else if (leaf.fingerprint === capture.fingerprint && leaf.der.equals(capture.der)) {
      right.add(key);
      fingerprints.add(capture.fingerprint);
    } else {
      different.add(key);
    }
  }
  // One wrong capture condemns a target, even beside a right one.
  const captured = [...right].filter((key) => !different.has(key)).length;
  return {
    live: truth.targets.size,
    captured,
    uniqueCertificates: fingerprints.size,
    missing: [...truth.targets.keys()].filter((key) => !right.has(key) && !different.has(key)),
    unexpected: [...unexpected],
    different: [...different],
  };
}
