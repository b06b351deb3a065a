import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import {
  interfaces,
  localAddresses,
  resolveNeighbor,
  type Route,
  routes,
  type Rule,
  rules,
} from "../../../ffi/mod.ts";
import { formatAddress, fromCidr, isIpv4, parseAddress } from "../../../src/targets/mod.ts";
import { runInLab } from "../../lab/mod.ts";
import { runTool } from "../../lab/tools.ts";

const loopbackLink = 772;
const loopback = parseAddress("127.0.0.1")!;

Deno.test("the loopback is among the interfaces, up", () => {
  const found = interfaces().find(({ name }) => name === "lo");
  assert(found !== undefined);
  assert.equal(found.linkType, loopbackLink);
  assert(found.index > 0 && found.up && found.mtu > 0);
  assert.deepEqual(found.hardwareAddress, new Uint8Array(6));
});

Deno.test("127.0.0.1 is among the addresses, on the loopback", () => {
  const index = interfaces().find(({ name }) => name === "lo")?.index;
  const found = localAddresses().find(({ address }) => address === loopback);
  assert.equal(found?.interfaceIndex, index);
});

Deno.test("127.0.0.1 has a route, and it is local", () => {
  const leading = routes()
    .filter(({ destination, prefixLength }) => {
      const { first, last } = fromCidr(destination, prefixLength);
      return first <= loopback && loopback <= last;
    })
    .sort((a, b) => b.prefixLength - a.prefixLength);
  assert.equal(leading[0]?.kind, "local");
});

interface Tables {
  readonly interfaces: string[];
  readonly addresses: string[];
  readonly routes: string[];
  readonly rules: string[];
  readonly neighbor: string;
}

/** What this machine's tables hold after `ip` has written them, with names instead of numbers. */
export async function readTables(): Promise<Tables> {
  await runTool(
    ["ip", "-batch", "-"],
    [
      "link add cable0 type veth peer name cable1",
      "link set cable0 address 02:00:00:00:00:0a mtu 1400 up",
      "link set cable1 up",
      "link add idle0 type veth peer name idle1",
      "link set idle1 up",
      "tuntap add dev tun0 mode tun",
      "link set tun0 up",
      "address add 192.0.2.2/24 dev cable0",
      "address add 10.8.0.2 peer 10.8.0.1/32 dev tun0",
      "address add 2001:db8::2/64 dev cable0 nodad",
      "address add 2001:db8::3/64 dev cable0 preferred_lft 0 nodad",
      "address add 2001:db8::4/64 dev idle1",
      "route add 198.51.100.0/24 via 192.0.2.1 metric 7 src 192.0.2.2",
      "route add default via 192.0.2.1",
      "route add unreachable 203.0.113.0/25",
      "route add throw 203.0.113.128/25 table 1234",
      "route add 10.9.0.0/16 nexthop via 192.0.2.8 nexthop via 192.0.2.9 nexthop dev tun0",
      "route add 10.10.0.0/16 via inet6 fe80::7 dev cable0",
      "route add 2001:db8:7::/48 from 2001:db8::/64 via 2001:db8::1 dev cable0",
      "rule add priority 100 from 192.0.2.0/24 to 10.0.0.0/8 lookup 1234",
      "rule add priority 200 not fwmark 0xca6c lookup 51820 suppress_prefixlength 8",
      "rule add priority 300 oif cable0 lookup 1234",
      "rule add priority 400 dport 443 prohibit",
      "neighbour add 192.0.2.1 lladdr 02:00:00:00:00:0b dev cable0",
    ].join("\n"),
  );
  const links = interfaces();
  const name = (index: number) => links.find((link) => link.index === index)?.name ?? "none";
  const cable = links.find((link) => link.name === "cable0")!;
  const neighbor = await resolveNeighbor({
    interfaceIndex: cable.index,
    vlan: 0,
    local: parseAddress("192.0.2.2")!,
    localHardware: cable.hardwareAddress,
    neighbor: parseAddress("192.0.2.1")!,
  });
  return {
    interfaces: links.map((link) =>
      [
        `${link.name} ${link.up ? "up" : "down"} ${link.mtu} ${link.linkType}`,
        `${link.hasCarrier ? "carrier" : ""} ${link.resolvesNeighbors ? "" : "noarp"}`,
        `${link.isPointToPoint ? "pointopoint" : ""} ${
          link.name === "cable0" ? link.hardwareAddress.join(".") : ""
        }`,
      ].join(" ").trimEnd()
    ),
    addresses: localAddresses().map((own) =>
      [
        `${prefix(own.address, own.prefixLength)} on ${name(own.interfaceIndex)} scope ${own.scope}`,
        `${own.isTentative ? " tentative" : ""}${own.isDeprecated ? " deprecated" : ""}`,
      ].join("")
    ),
    routes: routes().map((route) => `${describeRoute(route)} on ${name(route.interfaceIndex)}`),
    rules: rules().map(describeRule),
    neighbor: `${neighbor?.source} ${neighbor?.hardwareAddress.join(".")}`,
  };
}

function prefix(address: bigint, prefixLength: number): string {
  return `${formatAddress(address)}/${isIpv4(address) ? prefixLength - 96 : prefixLength}`;
}

function describeRoute(route: Route): string {
  const from = route.fromPrefixLength > 96 || route.fromPrefixLength > 0 && !isIpv4(route.from)
    ? ` from ${prefix(route.from, route.fromPrefixLength)}`
    : "";
  return [
    `${prefix(route.destination, route.prefixLength)}${from} ${route.kind} in ${route.table}`,
    ...route.gateway === 0n ? [] : [`via ${formatAddress(route.gateway)}`],
    ...route.source === 0n ? [] : [`src ${formatAddress(route.source)}`],
    `metric ${route.metric}${route.isLinkDown ? " linkdown" : ""}`,
  ].join(" ");
}

function describeRule(rule: Rule): string {
  return [
    `${rule.priority}: IPv${rule.family}${rule.isInverted ? " not" : ""}`,
    `from ${prefix(rule.from, rule.fromPrefixLength)} to ${prefix(rule.to, rule.toPrefixLength)}`,
    `${
      rule.interfaceName ?? ""
    }${rule.conditions} ${rule.action} ${rule.table} from /${rule.routePrefixLengthMin}`,
  ].join(" ");
}

Deno.test("interfaces, addresses, routes, rules and neighbours are those that ip(8) wrote", async () => {
  const tables = await runInLab<Tables>({ module: import.meta.url, name: "readTables" });
  const expected: Omit<Tables, "neighbor"> = {
    interfaces: [
      "cable0 up 1400 1 carrier   2.0.0.0.0.10",
      "idle0 down 1500 1",
      "idle1 up 1500 1",
      "tun0 up 1500 65534  noarp pointopoint",
    ],
    addresses: [
      "192.0.2.2/24 on cable0 scope 0",
      "10.8.0.2/32 on tun0 scope 0",
      "2001:db8::2/64 on cable0 scope 0",
      "2001:db8::3/64 on cable0 scope 0 deprecated",
      "2001:db8::4/64 on idle1 scope 0 tentative",
    ],
    routes: [
      "0.0.0.0/0 gateway in 254 via 192.0.2.1 metric 0 on cable0",
      "198.51.100.0/24 gateway in 254 via 192.0.2.1 src 192.0.2.2 metric 7 on cable0",
      "192.0.2.0/24 onLink in 254 src 192.0.2.2 metric 0 on cable0",
      "192.0.2.2/32 local in 255 src 192.0.2.2 metric 0 on cable0",
      "203.0.113.0/25 none in 254 metric 0 on none",
      "203.0.113.128/25 pass in 1234 metric 0 on none",
      "10.8.0.1/32 onLink in 254 src 10.8.0.2 metric 0 linkdown on tun0",
      "10.9.0.0/16 gateway in 254 via 192.0.2.8 metric 0 on cable0",
      "10.9.0.0/16 gateway in 254 via 192.0.2.9 metric 0 on cable0",
      "10.9.0.0/16 onLink in 254 metric 0 linkdown on tun0",
      "10.10.0.0/16 gateway in 254 via fe80::7 metric 0 on cable0",
      "2001:db8::/64 onLink in 254 metric 256 on cable0",
      "2001:db8::2/128 local in 255 metric 0 on cable0",
      "2001:db8:7::/48 from 2001:db8::/64 gateway in 254 via 2001:db8::1 metric 1024 on cable0",
    ],
    rules: [
      "0: IPv4 from 0.0.0.0/0 to 0.0.0.0/0 met lookUp 255 from /96",
      "100: IPv4 from 192.0.2.0/24 to 10.0.0.0/8 met lookUp 1234 from /96",
      "200: IPv4 not from 0.0.0.0/0 to 0.0.0.0/0 failed lookUp 51820 from /105",
      "300: IPv4 from 0.0.0.0/0 to 0.0.0.0/0 cable0met lookUp 1234 from /96",
      "400: IPv4 from 0.0.0.0/0 to 0.0.0.0/0 unknown refuse 0 from /96",
      "32766: IPv6 from ::/0 to ::/0 met lookUp 254 from /0",
    ],
  };
  for (const [table, lines] of Object.entries(expected)) {
    const found = tables[table as keyof typeof expected];
    for (const line of lines) assert(found.includes(line), `${line} in\n${found.join("\n")}`);
  }
  assert.equal(tables.neighbor, "kernelTable 2.0.0.0.0.11");
});

/** Sends to and from a cable and returns what its ends counted meanwhile. */
export async function countFrames(): Promise<{ sent: number; received: number }> {
  await runTool(
    ["ip", "-batch", "-"],
    [
      "link add cable0 type veth peer name cable1",
      "link set cable0 up",
      "link set cable1 up",
      "address add 192.0.2.2/24 dev cable0",
      "neighbour add 192.0.2.1 lladdr 02:00:00:00:00:0b dev cable0",
    ].join("\n"),
  );
  const look = () => interfaces().filter(({ name }) => /^cable/.test(name));
  const before = look();
  const socket = createSocket("udp4");
  for (let count = 0; count < 20; count++) {
    await new Promise((resolve) => socket.send(new Uint8Array(8), 9, "192.0.2.1", resolve));
  }
  socket.close();
  const after = look();
  const grown = (name: string, counter: "framesSent" | "framesReceived") =>
    after.find((link) => link.name === name)!.counters[counter] -
    before.find((link) => link.name === name)!.counters[counter];
  return { sent: grown("cable0", "framesSent"), received: grown("cable1", "framesReceived") };
}

Deno.test("an interface's counters move with what goes through it", async () => {
  const { sent, received } = await runInLab<Awaited<ReturnType<typeof countFrames>>>({
    module: import.meta.url,
    name: "countFrames",
  });
  assert(sent >= 20 && sent < 60, `${sent}`);
  assert(received >= 20 && received < 60, `${received}`);
});
