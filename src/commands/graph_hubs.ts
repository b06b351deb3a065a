import {
  type CertificateHub,
  certificateHubs,
  type KeyHub,
  keyHubs,
  keyName,
  shortFingerprint,
} from "../graph/mod.ts";
import { formatCount } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { HubsOptions } from "./graph_hubs_options.ts";
import { type Column, cutToScreen, numbers, tableLines, words } from "./table.ts";

/** `margay graph hubs`: resolves to the exit code. */
export function runGraphHubs({ graph, by, limit, json }: HubsOptions): Promise<number> {
  return askGraph(graph, (database) => {
    if (by === "keys") {
      const hubs = keyHubs(database, limit);
      return json ? hubs.map((hub) => JSON.stringify(hub)) : keyLines(hubs);
    }
    const hubs = certificateHubs(database, limit);
    return json ? hubs.map((hub) => JSON.stringify(hub)) : certificateLines(hubs);
  });
}

function certificateLines(hubs: readonly CertificateHub[]): Iterable<string> {
  if (hubs.length === 0) return ["No certificate is on more than one address."];
  return cutTable(
    [numbers("addresses"), numbers("domains"), words("fingerprint"), words("certificate")],
    hubs.map(({ addresses, domains, fingerprint, subject }) => [
      formatCount(addresses),
      formatCount(domains),
      shortFingerprint(fingerprint),
      subject ?? "",
    ]),
  );
}

function keyLines(hubs: readonly KeyHub[]): Iterable<string> {
  if (hubs.length === 0) return ["No key is in more than one certificate."];
  return cutTable(
    [
      numbers("certificates"),
      numbers("addresses"),
      words("fingerprint"),
      words("key"),
      words("one of them"),
    ],
    hubs.map((hub) => [
      formatCount(hub.certificates),
      `${hub.more_addresses ? "over " : ""}${formatCount(hub.addresses)}`,
      shortFingerprint(hub.fingerprint),
      keyName(hub),
      hub.subject ?? "",
    ]),
  );
}

function* cutTable(columns: readonly Column[], rows: readonly (readonly string[])[]): Iterable<string> {
  for (const line of tableLines(columns, rows)) yield cutToScreen(line);
}
