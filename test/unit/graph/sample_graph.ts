import { GraphRows } from "./graph_rows.ts";

/** The runs of the sample, by name. */
export const RUNS = [
  "20260101T000000Z-00000001",
  "20260201T000000Z-00000002",
  "20260301T000000Z-00000003",
] as const;

/**
 * A graph in which there is one of everything: a chain, a shared certificate, a shared key, a renewal, a self-signed
 * certificate, an issuer whose key is unknown, an IPv6 address, a server that is asked for names, a hostile subject.
 */
export function sampleGraph(path?: string): GraphRows {
  const rows = new GraphRows(path);
  const [first, second, third] = RUNS;
  // Runs come in any order: what is first is a matter of names.
  for (const run of [second, first]) rows.run(run);
  rows.run(third, { ended: false });
  rows.system(64500, "EXAMPLE-AS");
  rows.system(64501, "SAMPLE-AS");
  rows.certificate("root", {
    subject: "CN=Root, O=Sample Trust",
    organization: "Sample Trust",
    selfSigned: true,
    authority: true,
    keyIdentifier: "root",
    notAfter: "2036-01-01",
    runs: [first, third],
  });
  rows.certificate("shop-1", {
    subject: "CN=shop.example, O=Example Shop GmbH",
    organization: "Example Shop",
    domains: ["shop.example", "www.shop.example"],
    authorityKeyIdentifier: "root",
    notAfter: "2026-03-10",
    runs: [first, second],
  });
  rows.certificate("shop-2", {
    subject: "CN=shop.example, O=Example Shop GmbH",
    organization: "Example Shop",
    key: "key of shop-1",
    domains: ["shop.example", "www.shop.example"],
    authorityKeyIdentifier: "root",
    notAfter: "2026-03-20",
    runs: [third],
  });
  rows.certificate("wildcard", {
    subject: "CN=*.hosting.example",
    key: "shared key",
    domains: ["*.hosting.example"],
    issuer: "CN=Unseen CA",
    notAfter: "2026-02-20",
    runs: [first, second, third],
  });
  rows.certificate("neighbour", {
    subject: "CN=neighbour.example, O=Neighbour",
    organization: "Neighbour",
    key: "shared key",
    domains: ["neighbour.example"],
    issuer: "CN=Unseen CA",
    runs: [third],
  });
  rows.certificate("router", {
    subject: "CN=\x1b[31mrouter",
    issuer: "CN=\x1b[31mrouter",
    selfSigned: true,
    runs: [second],
  });
  rows.address("192.0.2.1", { number: 64500, runs: [first, second, third] });
  rows.address("192.0.2.2", { number: 64500, runs: [second], ports: [443, 8443] });
  rows.address("198.51.100.7", { number: 64501, runs: [first, third] });
  rows.address("2001:db8::1", { number: 64501, runs: [third] });
  rows.address("2001:db8::", { runs: [first] });
  rows.serves("192.0.2.1", ["shop-1", "root"], { runs: [first, second], serverName: "shop.example" });
  rows.serves("192.0.2.1", ["shop-2", "root"], { runs: [third], serverName: "shop.example" });
  rows.serves("192.0.2.1", ["wildcard"], { runs: [second, third] });
  rows.serves("192.0.2.2", ["router"], { runs: [second], port: 8443 });
  rows.serves("198.51.100.7", ["wildcard"], { runs: [first, third] });
  rows.serves("2001:db8::1", ["wildcard"], { runs: [third] });
  rows.serves("2001:db8::1", ["neighbour"], { runs: [third], port: 8443 });
  return rows;
}
