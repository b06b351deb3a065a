/**
 * Certificates in textual encoding (RFC 7468), with the line of each for error messages.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** One block. */
export interface PemCertificate {
  /** Of its BEGIN, counted from 1. */
  readonly line: number;
  readonly der: Uint8Array;
}

const BOUNDARY = /^-----(BEGIN|END) ([^-]*)-----\s*$/;
/** RFC 7468 5.1 and, of old, OpenSSL. */
const LABELS: readonly string[] = ["CERTIFICATE", "X509 CERTIFICATE"];
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/**
 * Reads all blocks of a text; what stands between blocks is explanation (RFC 7468 2).
 *
 * @throws {Error} "Cannot read FILE:LINE: ...; take it out" for a block that is no certificate, or is no whole block.
 */
export function readPem(text: string, file: string): PemCertificate[] {
  const certificates: PemCertificate[] = [];
  let beginLine = 0;
  let body: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const boundary = line.startsWith("-----") ? BOUNDARY.exec(line) : null;
    if (boundary === null) {
      if (beginLine > 0) body.push(line);
      continue;
    }
    const place = `${file}:${index + 1}`;
    const [, kind, label = ""] = boundary;
    if (!LABELS.includes(label)) {
      throw unfit(place, `it is a ${label} where only certificates are taken`);
    }
    if ((kind === "BEGIN") === (beginLine > 0)) {
      const missing = kind === "BEGIN"
        ? `the block of line ${beginLine} has no end`
        : "the block has no begin";
      throw unfit(place, missing);
    }
    if (kind === "BEGIN") {
      beginLine = index + 1;
      continue;
    }
    certificates.push({ line: beginLine, der: decode(body.join("\n"), `${file}:${beginLine}`) });
    beginLine = 0;
    body = [];
  }
  if (beginLine > 0) throw unfit(`${file}:${beginLine}`, "the block has no end");
  return certificates;
}

function decode(base64: string, place: string): Uint8Array {
  if (!BASE64.test(base64)) throw unfit(place, "the block is not base64");
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function unfit(place: string, state: string): Error {
  return new Error(`Cannot read ${place}: ${state}; take it out`);
}
