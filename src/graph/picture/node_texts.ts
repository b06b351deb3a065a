import { type KeyFacts, keyName } from "../key_name.ts";
import type { GraphNode } from "../model.ts";
import { shortFingerprint } from "../short_fingerprint.ts";

/** What stands in a node's box. */
export interface NodeTexts {
  readonly label: string;
  /** Below it, small. */
  readonly detail: string;
}

/** What people look for in a node of a type, in two short lines. */
export function nodeTexts({ type, label, properties }: GraphNode): NodeTexts {
  switch (type) {
    case "Certificate":
      return {
        label: commonName(label),
        detail: properties.not_after === null
          ? "Certificate, not seen itself"
          : `Certificate until ${String(properties.not_after).slice(0, 10)}`,
      };
    case "CA":
      return {
        label: commonName(label),
        detail: properties.key_fingerprint === null
          ? "CA, key unknown"
          : withDetail("CA", properties.organization),
      };
    case "IP":
      return {
        label,
        detail: withDetail("IP, open", (properties.open_ports as readonly string[]).join(" ")),
      };
    case "ASN":
      return { label: `AS${properties.number}`, detail: withDetail("ASN", properties.name) };
    case "PublicKey":
      return {
        label: shortFingerprint(String(properties.fingerprint)),
        detail: `PublicKey ${keyName(properties as unknown as KeyFacts)}`,
      };
    case "Domain":
      return {
        label: String(properties.unicode ?? label),
        detail: properties.wildcard ? "Domain, wildcard" : "Domain",
      };
    case "Organization":
      return { label: (properties.forms as readonly string[])[0] ?? label, detail: "Organization" };
    case "ScanRun":
      return { label, detail: "ScanRun" };
  }
}

/** `shop.example` of `CN=shop.example,O=Shop`: the part by which people know a name. */
function commonName(subject: string): string {
  return /(?:^|[,+]\s*)CN=((?:\\.|[^,+\\])+)/.exec(subject)?.[1] ?? subject;
}

function withDetail(word: string, detail: unknown): string {
  return detail === null || detail === "" ? word : `${word} ${detail}`;
}
