import assert from "node:assert/strict";
import { type Machine, type PlanOptions, planScan, type ScanPlan } from "../../../src/scan/plan.ts";
import { formatAddress, formatInterval, parseAddress, type TargetSet } from "../../../src/targets/mod.ts";
import { machine, networkInterface, route, targetsOf } from "./machine.ts";

const nothingSaid: PlanOptions = {
  transport: "auto",
  interfaceName: undefined,
  sourceAddress: undefined,
  sourcePorts: undefined,
  gatewayMac: undefined,
};

async function plan(
  targets: string | readonly string[],
  options: Partial<PlanOptions> = {},
  on: Machine = machine(),
): Promise<ScanPlan> {
  return planScan(await targetsOf(...[targets].flat()), { ...nothingSaid, ...options }, on);
}

function format(targets: TargetSet): string {
  return targets.groups.map(({ ports, intervals }) =>
    `${[...intervals].map(formatInterval).join(" ")} :${ports.join()}`
  ).join(" ");
}

/** A plan in words. */
function inWords({ wire, kernel, unrouted, notes }: ScanPlan): string[] {
  return [
    ...(wire === undefined ? [] : [`wire ${format(wire.targets)}: ${wire.reason}`]),
    ...kernel.map(({ targets, reason }) => `kernel ${format(targets)}: ${reason}`),
    ...(unrouted.count === 0n ? [] : [`unrouted ${format(unrouted)}`]),
    ...notes,
  ];
}

Deno.test("what is routed goes by wire, through its gateway", async () => {
  const found = await plan("198.51.100.0/24");
  assert.deepEqual(inWords(found), [
    "wire 198.51.100.0/24 :443: routed through 192.0.2.1 on eth0, from 192.0.2.10",
  ]);
  const { path } = found.wire!;
  assert.equal(path.interface.name, "eth0");
  assert.deepEqual(path.gateway, { address: parseAddress("192.0.2.1") });
});

Deno.test("addresses of this host and neighbours go through the kernel, and the plan says why", async () => {
  assert.deepEqual(inWords(await plan(["127.0.0.1", "192.0.2.8/30", "198.51.100.7:443-444"])), [
    "wire 198.51.100.7 :443,444: routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "kernel 127.0.0.1 192.0.2.10 :443: addresses of this host, which answer no raw frames",
    "kernel 192.0.2.8/31 192.0.2.11 :443: neighbours on eth0",
  ]);
  assert.deepEqual(inWords(await plan("127.0.0.0/30")), [
    "kernel 127.0.0.0/30 :443: addresses of this host, which answer no raw frames",
  ]);
});

Deno.test("of two gateways, the one of most targets goes by wire", async () => {
  const on = machine({
    routes: [
      ...machine().routes,
      route("198.51.100.0/24 gateway 2", { via: "192.0.2.2" }),
      route("203.0.113.0/25 gateway 2", { via: "192.0.2.2" }),
    ],
  });
  assert.deepEqual(inWords(await plan(["198.51.100.0/24", "203.0.113.0/24"], {}, on)), [
    "wire 198.51.100.0/24 203.0.113.0/25 :443: routed through 192.0.2.2 on eth0, from 192.0.2.10",
    "kernel 203.0.113.128/25 :443: routed another way, through 192.0.2.1 on eth0",
  ]);
  assert.deepEqual(inWords(await plan(["203.0.112.0/24", "198.51.100.0/25"], {}, on)), [
    "wire 203.0.112.0/24 :443: routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "kernel 198.51.100.0/25 :443: routed another way, through 192.0.2.2 on eth0",
  ]);
});

Deno.test("a tunnel carries no frames", async () => {
  const on = machine({
    interfaces: [...machine().interfaces, networkInterface("tun0", 3, { linkType: 65_534 })],
    routes: [...machine().routes, route("198.51.100.0/24 onLink 3"), route("203.0.113.0/24 gateway 3")],
  });
  assert.deepEqual(inWords(await plan(["198.51.100.0/24", "203.0.113.0/24"], {}, on)), [
    "kernel 198.51.100.0/24 203.0.113.0/24 :443: tun0 carries no Ethernet frames",
  ]);
});

Deno.test("the route's own source is used, else the interface's first address", async () => {
  const [, , onLink, byDefault] = machine().routes;
  const sourceOf = async (on: Machine) =>
    formatAddress((await plan("198.51.100.1", {}, on)).wire!.path.source);
  const preferring = machine({ routes: [onLink!, { ...byDefault!, source: parseAddress("192.0.2.99")! }] });
  assert.equal(await sourceOf(preferring), "192.0.2.99");
  const [, first] = machine().localAddresses;
  const second = { ...first!, address: parseAddress("192.0.2.200")! };
  const sixth = { ...first!, address: parseAddress("2001:db8::1")! };
  assert.equal(await sourceOf(machine({ localAddresses: [sixth, first!, second] })), "192.0.2.10");
  await assert.rejects(sourceOf(machine({ localAddresses: [sixth] })), {
    name: "UsageError",
    message: "Cannot send through eth0: it has no IPv4 address; name one of this host's with -S",
  });
});

Deno.test("targets without a route are set aside; without any, there is nothing to scan", async () => {
  const on = machine({ routes: [route("198.51.100.0/24 gateway 2", { via: "192.0.2.1" })] });
  assert.deepEqual(inWords(await plan(["198.51.100.7", "203.0.113.0/24"], {}, on)), [
    "wire 198.51.100.7 :443: routed through 192.0.2.1 on eth0, from 192.0.2.10",
    "unrouted 203.0.113.0/24 :443",
  ]);
  await assert.rejects(plan("203.0.113.0/24", {}, on), {
    message: "Cannot reach 203.0.113.0/24: there is no route to it; see: ip route",
  });
  const refusing = machine({ routes: [route("0.0.0.0/0 none 0")] });
  await assert.rejects(plan("203.0.113.7", {}, refusing), {
    message: "Cannot reach 203.0.113.7: there is no route to it; see: ip route",
  });
});

Deno.test("an interface that was named is the only one", async () => {
  const on = machine({
    interfaces: [...machine().interfaces, networkInterface("eth1", 3)],
    localAddresses: [
      ...machine().localAddresses,
      { address: parseAddress("198.18.0.5")!, interfaceIndex: 3 },
    ],
    routes: [...machine().routes, route("0.0.0.0/0 gateway 3", { via: "198.18.0.1", metric: 200 })],
  });
  assert.deepEqual(inWords(await plan("203.0.113.7", {}, on)), [
    "wire 203.0.113.7 :443: routed through 192.0.2.1 on eth0, from 192.0.2.10",
  ]);
  assert.deepEqual(inWords(await plan("203.0.113.7", { interfaceName: "eth1" }, on)), [
    "wire 203.0.113.7 :443: routed through 198.18.0.1 on eth1, from 198.18.0.5",
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
    message: /^Cannot use the interface eth0: it is down; try: ip link set/,
  };
  await assert.rejects(plan("203.0.113.7", { interfaceName: "eth0" }, unplugged), down);
  await assert.rejects(plan("203.0.113.7", {}, unplugged), down);
  await assert.rejects(plan("203.0.113.7", { interfaceName: "lo" }), {
    message: "Cannot reach 203.0.113.7: there is no route to it through lo; see: ip route",
  });
});

Deno.test("a source address must be one of this host's", async () => {
  const given = { sourceAddress: "192.0.2.77" };
  await assert.rejects(plan("203.0.113.7", given), {
    name: "UsageError",
    message: "Cannot send from 192.0.2.77: this host does not have the address; see: ip address",
  });
  const address = parseAddress("192.0.2.77")!;
  const on = machine({ localAddresses: [...machine().localAddresses, { address, interfaceIndex: 2 }] });
  assert.equal((await plan("203.0.113.7", given, on)).wire?.path.source, address);
  await assert.rejects(plan("203.0.113.7", { sourceAddress: "127.0.0.1" }), {
    name: "UsageError",
    message: "Cannot send from 127.0.0.1: no answer finds its way to loopback",
  });
});

Deno.test("a gateway's MAC that is given is asked for by nobody, and takes neighbours too", async () => {
  const gatewayMac = "02:00:00:00:00:fe";
  const byGateway = await plan("203.0.113.7", { gatewayMac });
  assert.deepEqual(byGateway.wire?.path.gateway, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 254) });
  assert.deepEqual(inWords(byGateway), [
    "wire 203.0.113.7 :443: routed through 02:00:00:00:00:fe on eth0, from 192.0.2.10",
  ]);
  assert.deepEqual(inWords(await plan("192.0.2.20", { gatewayMac })), [
    "wire 192.0.2.20 :443: routed through 02:00:00:00:00:fe on eth0, from 192.0.2.10",
  ]);
  assert.equal((await plan("127.0.0.1", { gatewayMac })).wire, undefined);
});

Deno.test("the transport that was asked for, with raw sockets", async () => {
  assert.deepEqual(inWords(await plan("203.0.113.7", { transport: "kernel" })), [
    "kernel 203.0.113.7 :443: as asked for",
  ]);
  assert.notEqual((await plan("203.0.113.7", { transport: "wire" })).wire, undefined);
  await assert.rejects(plan("192.0.2.20", { transport: "wire" }), {
    name: "UsageError",
    message: /^Cannot use the wire transport: .*neighbours on eth0.*--transport auto/,
  });
});

Deno.test("without CAP_NET_RAW everything goes through the kernel, and one note says so", async () => {
  const on = machine({ hasRawSockets: false });
  const [first, second, ...others] = inWords(await plan(["127.0.0.1", "203.0.113.7"], {}, on));
  assert.equal(first, "kernel 127.0.0.1 203.0.113.7 :443: no CAP_NET_RAW");
  assert.match(second!, /^No CAP_NET_RAW: .*setcap cap_net_raw\+ep$/);
  assert.deepEqual(others, []);
  assert.deepEqual((await plan("203.0.113.7", { transport: "kernel" }, on)).notes, []);
  await assert.rejects(plan("203.0.113.7", { transport: "wire" }, on), {
    name: "MissingPrivilegeError",
    message: /^Cannot use the wire transport: permission denied; run as root, .* --transport kernel$/,
  });
});

Deno.test("without CAP_NET_RAW, what only the wire can do is refused", async () => {
  const on = machine({ hasRawSockets: false });
  const cases: [string, Partial<PlanOptions>][] = [
    ["--interface", { interfaceName: "eth0" }],
    ["--source-ip", { sourceAddress: "192.0.2.10" }],
    ["--source-port", { sourcePorts: { first: 40_000, last: 40_000 } }],
    ["--gateway-mac", { gatewayMac: "02:00:00:00:00:fe" }],
  ];
  for (const [name, options] of cases) {
    await assert.rejects(plan("203.0.113.7", options, on), {
      name: "UsageError",
      message: `Cannot use ${name} without CAP_NET_RAW: the kernel routes its sockets itself; ` +
        `run as root or with CAP_NET_RAW, or leave ${name} out`,
    });
  }
});

Deno.test("no target is lost and none is doubled, wherever it goes", async () => {
  const on = machine({
    interfaces: [...machine().interfaces, networkInterface("tun0", 3, { linkType: 65_534 })],
    routes: [
      ...machine().routes.slice(0, 3),
      route("198.51.100.0/24 gateway 2", { via: "192.0.2.1" }),
      route("203.0.113.0/25 gateway 2", { via: "192.0.2.2" }),
      route("203.0.113.64/26 onLink 3"),
    ],
  });
  const asked = ["127.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24:80-81"];
  const { wire, kernel, unrouted } = await plan(asked, {}, on);
  const parts = [wire!.targets, ...kernel.map(({ targets }) => targets), unrouted];
  assert.equal(parts.length, 6);
  assert.equal(parts.reduce((sum, { count }) => sum + count, 0n), (await targetsOf(...asked)).count);
  for (const [index, part] of parts.entries()) {
    for (const other of parts.slice(index + 1)) {
      assert(part.addresses.intersect(other.addresses).isEmpty);
    }
  }
});
