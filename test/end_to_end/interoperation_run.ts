import { writeFile } from "node:fs/promises";
import type { Observation, TlsObservation } from "../../src/observe/mod.ts";
import { LAB_FOLDER } from "../lab/cable.ts";
import { scan } from "./child.ts";

/** What margay is to look at: a server, under a name or none. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly serverName?: string;
}

/** What margay said of some targets. */
export interface Run {
  readonly captures: readonly Captured[];
  readonly records: readonly Observation[];
}

/** What it said of one. */
export interface Captured {
  readonly record: TlsObservation;
  /** DER in base64, as the certificate records have it, in the order of the chain. */
  readonly chain: readonly string[];
}

/** Runs margay as a user would, inside the lab. */
export async function runOn(targets: readonly Target[], arguments_: readonly string[]): Promise<Run> {
  const lines = await linesOf(targets, [...arguments_, "-o", "-"]);
  const records = lines.map((line) => JSON.parse(line) as Observation);
  const certificates = new Map<string, string>();
  for (const record of records) {
    if (record.type === "certificate") certificates.set(record.fingerprint, record.der);
  }
  const captures = records
    .filter((record) => record.type === "tls")
    .map((record) => ({ record, chain: record.chain.map((fingerprint) => certificates.get(fingerprint)!) }));
  return { captures, records };
}

/**
 * The lines that margay writes to standard output.
 *
 * @throws {Error} when it fails.
 */
export async function linesOf(targets: readonly Target[], arguments_: readonly string[]): Promise<string[]> {
  const path = `${LAB_FOLDER}/targets`;
  await writeFile(path, targets.map((target) => `${textOf(target)}\n`).join(""));
  const { code, stdout, stderr } = await scan([`@${path}`, "-c", "1", ...arguments_]);
  if (code !== 0) throw new Error(`Cannot scan with ${arguments_.join(" ")}: exit code ${code}: ${stderr}`);
  return stdout.split("\n").filter((line) => line !== "");
}

function textOf({ address, port, serverName }: Target): string {
  return `${address}:${port}${serverName === undefined ? "" : `,${serverName}`}`;
}

/** Whether a record is of a target. */
export function isOf(
  target: Target,
  record: { readonly address: string; readonly port: number; readonly server_name?: string },
): boolean {
  return record.address === target.address && record.port === target.port &&
    record.server_name === target.serverName;
}
