/**
 * The identifiers of nodes whose keys can hold any character. They are printable ASCII without spaces, slashes and
 * quotes, and short: file formats and databases have their own ideas of what a key may be.
 *
 * @module
 */
import { nodeId } from "./model.ts";
import { sha256 } from "./sha256.ts";

/** Longer keys are hashed. */
const KEY_LENGTH_MAX = 200;

/** The identifier of a run, an organization or a domain, by its name. */
export function namedNodeId(type: "ScanRun" | "Organization" | "Domain", name: string): string {
  const key = percentEncoded(name);
  return nodeId(type, key.length <= KEY_LENGTH_MAX ? key : `sha256.${sha256(name)}`);
}

/** The identifier of a CA, by its name and by its key (SHA-256, hexadecimal); `null` where no key is known. */
export function authorityNodeId(subject: string, keyFingerprint: string | null): string {
  // A line feed ends what is hexadecimal: no subject can be mistaken for another one with a key.
  return nodeId("CA", sha256(`${keyFingerprint ?? ""}\n${subject}`));
}

function percentEncoded(text: string): string {
  return text.replace(/[^A-Za-z0-9_.*-]+/g, (characters) =>
    [...new TextEncoder().encode(characters)]
      .map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""));
}
