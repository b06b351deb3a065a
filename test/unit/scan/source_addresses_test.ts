import assert from "node:assert/strict";
import type { LocalAddress, Route } from "../../../ffi/mod.ts";
import { defaultSource, parseSourceAddresses } from "../../../src/scan/source_addresses.ts";
import { formatAddress } from "../../../src/targets/mod.ts";
import { localAddress, route } from "./machine.ts";

function chosen(route: Route, ...addresses: LocalAddress[]): string | undefined {
  const source = defaultSource(route, addresses);
  return source === undefined ? undefined : formatAddress(source);
}

Deno.test("addresses and CIDRs of both families, each address once", () => {
  assert.deepEqual(parseSourceAddresses("192.0.2.9,192.0.2.8/31, 2001:db8::1").map(formatAddress).sort(), [
    "192.0.2.8",
    "192.0.2.9",
    "2001:db8::1",
  ]);
  assert.equal(parseSourceAddresses("198.18.0.0/20").length, 4096);
  assert.equal(parseSourceAddresses("2001:db8::/120").length, 256);
});

Deno.test("what is no source, and what is too much", () => {
  const cases: [text: string, message: RegExp][] = [
    ["192.0.2", /^Cannot send from 192\.0\.2: not an address and not a CIDR$/],
    ["192.0.2.1/33", /: not an address and not a CIDR$/],
    ["192.0.2.1,", /^Cannot send from "192\.0\.2\.1,": not an address/],
    ["eth0", /: not an address/],
    ["127.0.0.1", /^Cannot send from 127\.0\.0\.1: no answer finds its way to a loopback/],
    ["192.0.2.1,::1", /no answer finds its way/],
    ["224.0.0.1", /no answer finds its way/],
    ["ff02::1", /no answer finds its way/],
    ["0.0.0.0/0", /no answer finds its way/],
    ["198.18.0.0/19", /more than 4096 addresses; name fewer with -S$/],
    ["2001:db8::/32", /more than 4096 addresses/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseSourceAddresses(text), { name: "UsageError", message }, text);
  }
});

Deno.test("the route's own source, else the address that is a neighbour of the gateway, else the first", () => {
  const first = localAddress("192.0.2.10/24 on 2");
  const second = localAddress("198.18.0.2/24 on 2");
  const elsewhere = localAddress("203.0.113.9/24 on 3");
  const byDefault = (via: string, source?: string) =>
    route("0.0.0.0/0 gateway 2", { via, ...source === undefined ? {} : { source } });
  assert.equal(chosen(byDefault("192.0.2.1", "192.0.2.99"), first), "192.0.2.99");
  assert.equal(chosen(byDefault("198.18.0.1"), elsewhere, first, second), "198.18.0.2");
  assert.equal(chosen(byDefault("10.0.0.1"), elsewhere, first, second), "192.0.2.10");
  // A link without an address of its own borrows one.
  assert.equal(
    chosen(byDefault("10.0.0.1"), localAddress("127.0.0.1/8 on 1", { scope: 254 }), elsewhere),
    "203.0.113.9",
  );
  assert.equal(chosen(byDefault("10.0.0.1"), localAddress("2001:db8::1/64 on 2")), undefined);
});

Deno.test("of a host's many IPv6 addresses, the one that answers come back to", () => {
  const own = (text: string, difference: Partial<LocalAddress> = {}) => localAddress(text, difference);
  const link = own("fe80::10/64 on 2");
  const site = own("fd00:1::10/64 on 2");
  const temporary = own("2001:db8::dead/64 on 2", { isTemporary: true });
  const deprecated = own("2001:db8:0:1::10/64 on 2", { isDeprecated: true });
  const tentative = own("2001:db8::7/64 on 2", { isTentative: true });
  const stable = own("2001:db8::10/64 on 2");
  const all = [link, site, tentative, temporary, deprecated, stable];
  const toWorld = route("::/0 gateway 2", { via: "fe80::1" });
  assert.equal(chosen(toWorld, ...all), "2001:db8::10");
  assert.equal(chosen(toWorld, link, site, temporary, deprecated), "2001:db8::dead");
  assert.equal(chosen(toWorld, link, deprecated), "2001:db8:0:1::10");
  assert.equal(chosen(toWorld, link, tentative), undefined);
  assert.equal(chosen(route("fd00:9::/48 gateway 2", { via: "fe80::1" }), ...all), "fd00:1::10");
  assert.equal(chosen(route("fd00:1::/64 onLink 2"), ...all), "fd00:1::10");
  assert.equal(chosen(route("fe80::/64 onLink 2"), ...all), "fe80::10");
  assert.equal(chosen(route("fe80::/64 onLink 3"), ...all), undefined);
});
