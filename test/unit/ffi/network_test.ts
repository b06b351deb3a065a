import assert from "node:assert/strict";
import { interfaces, localAddresses, resolveNeighbor, routes } from "../../../ffi/mod.ts";
import { fromCidr, parseAddress } from "../../../src/targets/mod.ts";
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

/** What this machine's tables hold after `ip` has written them, with names instead of numbers. */
export async function readTables(): Promise<{ interfaces: string[]; routes: string[]; neighbor: string }> {
  await runTool(
    ["ip", "-batch", "-"],
    [
      "link add cable0 type veth peer name cable1",
      "link set cable0 address 02:00:00:00:00:0a mtu 1400 up",
      "link set cable1 up",
      "link add idle0 type veth peer name idle1",
      "address add 192.0.2.2/24 dev cable0",
      "route add 198.51.100.0/24 via 192.0.2.1 metric 7 src 192.0.2.2",
      "route add default via 192.0.2.1",
      "route add unreachable 203.0.113.0/25",
      "neighbour add 192.0.2.1 lladdr 02:00:00:00:00:0b dev cable0",
    ].join("\n"),
  );
  const links = interfaces();
  const name = (index: number) => links.find((link) => link.index === index)?.name ?? "none";
  const cable = links.find((link) => link.name === "cable0")!;
  const query = { interfaceIndex: cable.index, localHardware: cable.hardwareAddress };
  const neighbor = await resolveNeighbor({
    ...query,
    local: parseAddress("192.0.2.2")!,
    neighbor: parseAddress("192.0.2.1")!,
  });
  return {
    interfaces: links.map(({ name, up, mtu, linkType, hardwareAddress }) =>
      `${name} ${up ? "up" : "down"} ${mtu} ${linkType} ${name === "cable0" ? hardwareAddress.join(".") : ""}`
    ),
    routes: routes().map(({ destination, prefixLength, kind, gateway, source, interfaceIndex, metric }) =>
      [
        `${(destination & 0xffff_ffffn).toString(16)}/${prefixLength - 96} ${kind} on ${
          name(interfaceIndex)
        }`,
        `via ${(gateway & 0xffff_ffffn).toString(16)} from ${(source & 0xffff_ffffn).toString(16)} ${metric}`,
      ].join(" ")
    ),
    neighbor: `${neighbor?.source} ${neighbor?.hardwareAddress.join(".")}`,
  };
}

Deno.test("interfaces, routes and neighbours are those that ip(8) wrote", async () => {
  const tables = await runInLab<Awaited<ReturnType<typeof readTables>>>({
    module: import.meta.url,
    name: "readTables",
  });
  assert.deepEqual(tables.interfaces.filter((line) => /^(cable0|idle0)/.test(line)), [
    "cable0 up 1400 1 2.0.0.0.0.10",
    "idle0 down 1500 1 ",
  ]);
  for (
    const expected of [
      "0/0 gateway on cable0 via c0000201 from 0 0",
      "c6336400/24 gateway on cable0 via c0000201 from c0000202 7",
      "c0000200/24 onLink on cable0 via 0 from c0000202 0",
      "c0000202/32 local on cable0 via 0 from c0000202 0",
      "cb007100/25 none on none via 0 from 0 0",
    ]
  ) {
    assert(tables.routes.includes(expected), `${expected} in\n${tables.routes.join("\n")}`);
  }
  assert.equal(tables.neighbor, "kernelTable 2.0.0.0.0.11");
});
