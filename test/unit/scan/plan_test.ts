import assert from "node:assert/strict";
import { type Machine, type PlanOptions, planSweep, type SweepPlan } from "../../../src/scan/plan.ts";
import { formatAddress, formatInterval, IntervalSet, parseAddress } from "../../../src/targets/mod.ts";
import { localAddress, machine, networkInterface, route, rule, targetsOf, tunnel } from "./machine.ts";

const nothingSaid: PlanOptions = {
  transport: "auto",
  interfaceName: undefined,
  sourceAddresses: undefined,
  sourcePorts: undefined,
  gatewayMac: undefined,
  vlan: 0,
};

async function plan(
  targets: string | readonly string[],
  options: Partial<PlanOptions> = {},
  on: Machine = machine(),
): Promise<SweepPlan> {
  return planSweep(await targetsOf(...[targets].flat()), { ...nothingSaid, ...options }, on);
}

/** A plan in words. */
function inWords({ hops, kernel, unroutedCount, notes }: SweepPlan): string[] {
  return [
    ...hops.map(({ targetCount, reason }) => `${targetCount} ${reason}`),
    ...kernel.map(({ targetCount, reason }) => `${targetCount} by the kernel: ${reason}`),
    ...unroutedCount === 0 ? [] : [`${unroutedCount} unrouted`],
    ...notes,
  ];
}

/** A second uplink, eth1, besides what the workstation has. */
function withSecondUplink(difference: Partial<Machine> = {}): Machine {
  return machine({
    interfaces: [...machine().interfaces, networkInterface("eth1", 3)],
    localAddresses: [...machine().localAddresses, localAddress("198.18.0.5/24 on 3")],
    routes: [
      ...machine().routes,
      route("198.18.0.5/32 local 3"),
      route("198.18.0.0/24 onLink 3", { source: "198.18.0.5" }),
      route("203.0.113.0/24 gateway 3", { via: "198.18.0.1" }),
      route("0.0.0.0/0 gateway 3", { via: "198.18.0.1", metric: 200 }),
    ],
    ...difference,
  });
}

function withTunnel(): Machine {
  return machine({
    interfaces: [...machine().interfaces, tunnel("wg0", 3)],
    localAddresses: [...machine().localAddresses, localAddress("10.8.0.2/32 on 3")],
    routes: [...machine().routes, route("10.8.0.2/32 local 3"), route("198.51.100.0/24 onLink 3")],
  });
}

Deno.test("what is routed goes by wire, through its gateway, in either family", async () => {
  const found = await plan(["198.51.100.0/24", "2001:db8:7::/126"]);
  assert.deepEqual(inWords(found), [
    "256 routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "4 routed through fe80::1 on eth0, from 2001:db8:1::10",
  ]);
  const [ipv4, ipv6] = found.hops;
  assert.equal(ipv4!.interface.name, "eth0");
  assert.equal(ipv4!.kind, "gateway");
  assert.equal(ipv4!.vlan, 0);
  assert.deepEqual(ipv4!.gateway, {
    address: parseAddress("192.0.2.1"),
    local: parseAddress("192.0.2.10"),
  });
  assert.deepEqual(ipv4!.sources.map(formatAddress), ["192.0.2.10"]);
  assert.deepEqual(ipv6!.sources.map(formatAddress), ["2001:db8:1::10"]);
});

Deno.test("a hop has everything that goes its way, not the targets alone", async () => {
  const { hops } = await plan("198.51.100.7");
  assert.equal(hops.length, 1);
  assert.deepEqual([...hops[0]!.addresses].map(formatInterval), [
    "0.0.0.0-126.255.255.255",
    "128.0.0.0-192.0.1.255",
    "192.0.3.0-255.255.255.255",
  ]);
});

Deno.test("neighbours go by wire, each link's from an address that they answer to", async () => {
  assert.deepEqual(inWords(await plan(["192.0.2.8/30", "2001:db8:1::/126", "fe80::1", "fe80::2"])), [
    "4 neighbours on eth0, from 2001:db8:1::10",
    "3 neighbours on eth0, from 192.0.2.10",
    "2 neighbours on eth0, from fe80::10",
    "1 by the kernel: addresses of this host, which answer no raw frames",
  ]);
  const { hops } = await plan("192.0.2.20");
  assert.equal(hops[0]!.kind, "onLink");
  assert.equal(hops[0]!.gateway, undefined);
});

Deno.test("addresses of this host go through the kernel, and nothing but them", async () => {
  assert.deepEqual(inWords(await plan(["127.0.0.0/30", "192.0.2.10", "::1", "2001:db8:1::10"])), [
    "7 by the kernel: addresses of this host, which answer no raw frames",
  ]);
});

Deno.test("several gateways and several interfaces, the one with most targets first", async () => {
  const on = withSecondUplink({
    routes: [...withSecondUplink().routes, route("203.0.113.128/25 gateway 2", { via: "192.0.2.2" })],
  });
  assert.deepEqual(inWords(await plan(["203.0.113.0/24:443-444", "8.8.8.8", "198.18.0.9"], {}, on)), [
    "256 routed through 198.18.0.1 on eth1, from 198.18.0.5",
    "256 routed through 192.0.2.2 on eth0, from 192.0.2.10",
    "1 routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "1 neighbours on eth1, from 198.18.0.5",
  ]);
});

Deno.test("a link without link header takes packets as they are", async () => {
  const found = await plan("198.51.100.0/24", {}, withTunnel());
  assert.deepEqual(inWords(found), ["256 into wg0, from 10.8.0.2"]);
  assert.equal(found.hops[0]!.kind, "bare");
  assert.equal(found.hops[0]!.gateway, undefined);
});

Deno.test("links that margay has no frames for", async () => {
  const infiniband = 32;
  const on = machine({
    interfaces: [
      ...machine().interfaces,
      networkInterface("ib0", 3, { linkType: infiniband }),
      networkInterface("slip0", 4, { mtu: 296 }),
    ],
    routes: [
      ...machine().routes,
      route("198.51.100.0/24 gateway 3", { via: "10.0.0.1" }),
      route("203.0.113.0/24 gateway 4", { via: "10.0.0.2" }),
    ],
  });
  assert.deepEqual(inWords(await plan(["198.51.100.0/24", "203.0.113.0/25"], {}, on)), [
    "256 by the kernel: ib0 carries neither Ethernet frames nor bare packets",
    "128 by the kernel: slip0 carries packets of 296 octets only",
  ]);
  const narrow = machine({
    interfaces: [machine().interfaces[0]!, networkInterface("eth0", 2, { mtu: 1279 })],
  });
  assert.deepEqual(inWords(await plan(["198.51.100.0/31", "2001:db8:7::1"], {}, narrow)), [
    "2 routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "1 by the kernel: eth0 carries packets of 1279 octets only",
  ]);
});

Deno.test("on a link without ARP frames are addressed as the kernel does it, and nobody is asked", async () => {
  const on = machine({
    interfaces: [...machine().interfaces, networkInterface("dummy0", 3, { resolvesNeighbors: false })],
    localAddresses: [...machine().localAddresses, localAddress("10.0.0.1/24 on 3")],
    routes: [...machine().routes, route("198.51.100.0/24 onLink 3")],
  });
  const { hops } = await plan("198.51.100.7", {}, on);
  assert.equal(hops[0]!.kind, "gateway");
  assert.deepEqual(hops[0]!.gateway, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 3) });
});

Deno.test("an IPv4 route through an IPv6 router asks by IPv6", async () => {
  const on = machine({
    routes: [...machine().routes, route("198.51.100.0/24 gateway 2", { via: "fe80::7" })],
  });
  const { hops } = await plan("198.51.100.7", {}, on);
  assert.deepEqual(hops[0]!.sources.map(formatAddress), ["192.0.2.10"]);
  assert.deepEqual(hops[0]!.gateway, { address: parseAddress("fe80::7"), local: parseAddress("fe80::10") });
  const lonely = { ...on, localAddresses: [localAddress("192.0.2.10/24 on 2")] };
  await assert.rejects(plan("198.51.100.7", {}, lonely), {
    name: "UsageError",
    message: "Cannot ask the gateway fe80::7 for its link address: eth0 has no address of that family; " +
      "name its MAC with -G",
  });
});

Deno.test("an interface without an address of the family", async () => {
  const on = machine({ localAddresses: [localAddress("2001:db8:1::10/64 on 2")] });
  await assert.rejects(plan("198.51.100.1", {}, on), {
    name: "UsageError",
    message: "Cannot send through eth0: it has no IPv4 address; name one of this host's with -S",
  });
});

Deno.test("targets without a route are set aside; without any, there is nothing to scan", async () => {
  const on = machine({ routes: [route("198.51.100.0/24 gateway 2", { via: "192.0.2.1" })] });
  assert.deepEqual(inWords(await plan(["198.51.100.7", "203.0.113.0/24", "2001:db8::1"], {}, on)), [
    "1 routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "257 unrouted",
  ]);
  await assert.rejects(plan("203.0.113.0/24", {}, on), {
    message: "Cannot reach 203.0.113.0/24: there is no route to it; see: ip route",
  });
  const refusing = machine({ routes: [route("0.0.0.0/0 none 0")] });
  await assert.rejects(plan("203.0.113.7", {}, refusing), {
    message: "Cannot reach 203.0.113.7: there is no route to it; see: ip route",
  });
});

Deno.test("a route that may have gone with its interface", async () => {
  const [loopback, cable] = machine().interfaces;
  const down = { ...cable!, up: false };
  const one = machine({ interfaces: [loopback!, down], routes: [] });
  await assert.rejects(plan("203.0.113.7", {}, one), {
    message: "Cannot reach 203.0.113.7: there is no route to it; eth0 is down: ip link set eth0 up",
  });
  const two = { ...one, interfaces: [...one.interfaces, { ...down, name: "eth1", index: 3 }] };
  await assert.rejects(plan("203.0.113.7", {}, two), {
    message: "Cannot reach 203.0.113.7: there is no route to it; eth0 and eth1 are down: ip link set eth0 up",
  });
});

Deno.test("an interface that was named is the only one", async () => {
  const on = withSecondUplink();
  assert.deepEqual(inWords(await plan(["8.8.8.8", "203.0.113.7"], { interfaceName: "eth1" }, on)), [
    "2 routed through 198.18.0.1 on eth1, from 198.18.0.5",
  ]);
  assert.deepEqual(inWords(await plan(["8.8.8.8", "203.0.113.7"], { interfaceName: "eth0" }, on)), [
    "2 routed through 192.0.2.1 on eth0, from 192.0.2.10",
  ]);
});

Deno.test("an interface that is missing, down, or leads nowhere", async () => {
  await assert.rejects(plan("203.0.113.7", { interfaceName: "eth7" }), {
    name: "UsageError",
    message: "Cannot use the interface eth7: there is none of that name; this host has lo, eth0",
  });
  const [loopback, cable] = machine().interfaces;
  const unplugged = machine({ interfaces: [loopback!, { ...cable!, up: false }] });
  const down = {
    name: "UsageError",
    message: /^Cannot use the interface eth0: it is down; try: ip link set eth0 up$/,
  };
  await assert.rejects(plan("203.0.113.7", { interfaceName: "eth0" }, unplugged), down);
  await assert.rejects(plan("203.0.113.7", {}, unplugged), down);
  await assert.rejects(plan("203.0.113.7", { interfaceName: "lo" }), {
    message: "Cannot reach 203.0.113.7: there is no route to it through lo; see: ip route",
  });
});

Deno.test("sources that were given, as a list or a block, each for its family", async () => {
  const on = machine({
    localAddresses: [...machine().localAddresses, localAddress("192.0.2.77/24 on 2")],
  });
  const { hops } = await plan("203.0.113.7", { sourceAddresses: "192.0.2.77,192.0.2.10" }, on);
  assert.deepEqual(hops[0]!.sources.map(formatAddress), ["192.0.2.10", "192.0.2.77"]);
  assert.match(hops[0]!.reason, /, from 192\.0\.2\.10 and 1 more$/);
  const both = await plan(["203.0.113.7", "2001:db8:7::1"], {
    sourceAddresses: "192.0.2.77,2001:db8:1::10",
  }, on);
  assert.deepEqual(both.hops.map(({ sources }) => sources.map(formatAddress)), [
    ["192.0.2.77"],
    ["2001:db8:1::10"],
  ]);
  await assert.rejects(plan(["203.0.113.7", "2001:db8:7::1"], { sourceAddresses: "192.0.2.77" }, on), {
    name: "UsageError",
    message:
      "Cannot send to IPv6 targets from 192.0.2.77: that is of the other family; name an IPv6 address " +
      "with -S too, or leave these targets out with -4",
  });
});

Deno.test("sources that this host does not have are answered for, where neighbours ask", async () => {
  const given = { sourceAddresses: "192.0.2.8/30" };
  const found = await plan("203.0.113.7", given);
  assert.deepEqual(found.unownedSources.map(formatAddress), ["192.0.2.8", "192.0.2.9", "192.0.2.11"]);
  assert.deepEqual(found.notes, [
    "This host does not have 192.0.2.8 and 2 more: ARP and neighbor solicitations for them are answered during the run",
  ]);
  assert.deepEqual((await plan("203.0.113.7", { sourceAddresses: "192.0.2.10" })).unownedSources, []);
  await assert.rejects(plan("198.51.100.7", { sourceAddresses: "10.8.0.2,10.8.0.3" }, withTunnel()), {
    name: "UsageError",
    message:
      "Cannot send from 10.8.0.3 through wg0: this host does not have the address, and the link has no ARP " +
      "that would bring answers here; see: ip address",
  });
});

Deno.test("rules by source decide where a given source leaves", async () => {
  const on = withSecondUplink({
    routes: [...withSecondUplink().routes, route("0.0.0.0/0 gateway 3", { via: "198.18.0.9", table: 100 })],
    rules: [...machine().rules, rule("10 lookUp 100", { from: "198.18.0.0/24" })],
  });
  assert.deepEqual(inWords(await plan("8.8.8.8", {}, on)), [
    "1 routed through 192.0.2.1 on eth0, from 192.0.2.10",
  ]);
  assert.deepEqual(inWords(await plan("8.8.8.8", { sourceAddresses: "198.18.0.5" }, on)), [
    "1 routed through 198.18.0.9 on eth1, from 198.18.0.5",
  ]);
  await assert.rejects(plan("8.8.8.8", { sourceAddresses: "192.0.2.10,198.18.0.5" }, on), {
    name: "UsageError",
    message: "Cannot send from 192.0.2.10 and 198.18.0.5 at once: this host routes them differently " +
      "(see: ip rule); name them in runs of their own",
  });
});

Deno.test("a rule that asks for more than addresses is named", async () => {
  const on = machine({ rules: [rule("50 lookUp 100", { conditions: "unknown" }), ...machine().rules] });
  assert.deepEqual((await plan("8.8.8.8", {}, on)).notes, [
    "Passed over the routing rule 50, which asks for more than addresses (see: ip rule)",
  ]);
});

Deno.test("a gateway's MAC that is given is asked for by nobody, and takes neighbours too", async () => {
  const gatewayMac = "02:00:00:00:00:fe";
  const found = await plan(["203.0.113.7", "192.0.2.20"], { gatewayMac });
  assert.deepEqual(inWords(found), ["2 routed through 02:00:00:00:00:fe on eth0, from 192.0.2.10"]);
  assert.deepEqual(found.hops[0]!.gateway, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 254) });
  assert.deepEqual((await plan("127.0.0.1", { gatewayMac })).hops, []);
  await assert.rejects(plan(["8.8.8.8", "203.0.113.7"], { gatewayMac }, withSecondUplink()), {
    name: "UsageError",
    message: "Cannot send to the gateway 02:00:00:00:00:fe through eth0 and eth1: it is on one link; " +
      "name the interface with -i",
  });
  await assert.rejects(plan("198.51.100.7", { gatewayMac }, withTunnel()), {
    name: "UsageError",
    message: "Cannot use --gateway-mac on wg0: its packets have no link header; leave --gateway-mac out",
  });
});

Deno.test("with the interface and the gateway's MAC no route is needed", async () => {
  const on = machine({
    interfaces: [...machine().interfaces, networkInterface("eth1", 3)],
    localAddresses: [localAddress("192.0.2.10/24 on 2"), localAddress("198.18.0.5/24 on 3")],
    routes: [...machine().routes, route("203.0.113.0/25 none 0")],
  });
  const options = { interfaceName: "eth1", gatewayMac: "02:00:00:00:00:fe" };
  assert.deepEqual(inWords(await plan(["203.0.113.0/24", "127.0.0.1", "2001:db8:7::1"], options, on)), [
    "128 routed through 02:00:00:00:00:fe on eth1, from 198.18.0.5",
    "1 by the kernel: addresses of this host, which answer no raw frames",
    "129 unrouted",
  ]);
});

Deno.test("a VLAN's tag is for frames", async () => {
  const found = await plan(["203.0.113.7", "192.0.2.20"], { vlan: 7 });
  assert.deepEqual(inWords(found), [
    "1 routed through 192.0.2.1 on eth0 in VLAN 7, from 192.0.2.10",
    "1 neighbours on eth0 in VLAN 7, from 192.0.2.10",
  ]);
  assert.deepEqual(found.hops.map(({ vlan }) => vlan), [7, 7]);
  await assert.rejects(plan("198.51.100.7", { vlan: 7 }, withTunnel()), {
    name: "UsageError",
    message: "Cannot use --vlan on wg0: its packets have no link header; leave --vlan out",
  });
});

Deno.test("what the kernel's sockets cannot obey is said", async () => {
  const options = { sourceAddresses: "192.0.2.10", sourcePorts: { first: 40_000, last: 40_000 } };
  assert.deepEqual((await plan(["203.0.113.7", "127.0.0.1"], options)).notes, [
    "--source-ip and --source-port cannot apply to targets that go through the kernel's sockets",
  ]);
});

Deno.test("the transport that was asked for, with raw sockets", async () => {
  assert.deepEqual(inWords(await plan(["203.0.113.7", "192.0.2.20"], { transport: "kernel" })), [
    "2 by the kernel: asked for by --transport kernel",
  ]);
  assert.equal((await plan("192.0.2.20", { transport: "wire" })).hops.length, 1);
  await assert.rejects(plan("127.0.0.1", { transport: "wire" }), {
    name: "UsageError",
    message: /^Cannot use the wire transport: .*addresses of this host.*--transport auto$/,
  });
});

Deno.test("without CAP_NET_RAW everything goes through the kernel, and one note says so", async () => {
  const on = machine({ hasRawSockets: false });
  const [first, second, ...others] = inWords(await plan(["127.0.0.1", "203.0.113.7"], {}, on));
  assert.equal(first, "2 by the kernel: no CAP_NET_RAW");
  assert.match(second!, /^No CAP_NET_RAW: .*; for the wire transport run as root$/);
  assert.deepEqual(others, []);
  assert.deepEqual((await plan("203.0.113.7", { transport: "kernel" }, on)).notes, []);
  await assert.rejects(plan("203.0.113.7", { transport: "wire" }, on), {
    name: "MissingPrivilegeError",
    message: /^Cannot use the wire transport: permission denied; run as root, or use --transport kernel$/,
  });
});

Deno.test("without CAP_NET_RAW, what only the wire can do is refused", async () => {
  const on = machine({ hasRawSockets: false });
  const cases: [string, Partial<PlanOptions>][] = [
    ["--interface", { interfaceName: "eth0" }],
    ["--source-ip", { sourceAddresses: "192.0.2.10" }],
    ["--source-port", { sourcePorts: { first: 40_000, last: 40_000 } }],
    ["--gateway-mac", { gatewayMac: "02:00:00:00:00:fe" }],
    ["--vlan", { vlan: 7 }],
  ];
  for (const [name, options] of cases) {
    await assert.rejects(plan("203.0.113.7", options, on), {
      name: "UsageError",
      message: `Cannot use ${name} without CAP_NET_RAW: the kernel routes its sockets itself; ` +
        `run as root, or leave ${name} out`,
    });
  }
});

Deno.test("no target is lost and none is doubled, wherever it goes", async () => {
  const on = withTunnel();
  const asked = [
    "127.0.0.0/24",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24:80-81",
    "2001:db8:1::/120",
  ];
  const { hops, kernel, unroutedCount } = await plan(asked, {}, on);
  const parts = [...hops, ...kernel];
  assert.equal(parts.length, 5);
  const targets = await targetsOf(...asked);
  const counted = parts.reduce((sum, { targetCount }) => sum + targetCount, unroutedCount);
  assert.equal(BigInt(counted), targets.count);
  const all = IntervalSet.union(parts.map(({ addresses }) => addresses));
  assert.equal(parts.reduce((sum, { addresses }) => sum + addresses.addressCount, 0n), all.addressCount);
  assert(targets.addresses.subtract(all).isEmpty);
});
