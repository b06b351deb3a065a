import assert from "node:assert/strict";
import {
  type Interface,
  interfaces,
  type LocalAddress,
  localAddresses,
  type Route,
  routes,
  rules,
} from "../../../ffi/mod.ts";
import { routeAddresses, type Sender } from "../../../src/scan/routing.ts";
import { defaultSource } from "../../../src/scan/source_addresses.ts";
import { formatAddress, IntervalSet, parseAddress } from "../../../src/targets/mod.ts";
import { runInLab } from "../../lab/mod.ts";
import { runTool } from "../../lab/tools.ts";

/** A host with two uplinks, a tunnel, and rules of every kind that can be told apart by addresses. */
const configuration = `
link set lo up
link add one0 type veth peer name one1
link add two0 type veth peer name two1
link set one0 up
link set one1 up
link set two0 up
link set two1 up
tuntap add dev tun0 mode tun
link set tun0 up
address add 192.0.2.2/24 dev one0
address add 192.0.2.66/28 dev one0
address add 198.18.0.2/24 dev two0
address add 198.18.9.2/24 dev two0
address add 10.8.0.2/32 dev tun0
address add 2001:db8:1::2/64 dev one0 nodad
address add fd00:1::2/64 dev one0 nodad
address add 2001:db8:2::2/64 dev two0 nodad
route add default via 192.0.2.1
route add default via 198.18.0.1 metric 50
route add 203.0.113.0/24 via 192.0.2.65
route add 203.0.113.64/26 via 198.18.9.1
route add 203.0.113.128/27 dev tun0
route add unreachable 203.0.113.160/27
route add 203.0.113.192/27 via inet6 fe80::7 dev two0
route add 198.51.100.0/24 via 198.18.0.9 src 198.18.9.2 table 100
route add throw 198.51.100.128/25 table 100
route add default via 198.18.0.5 table 200
route add 10.0.0.0/9 dev tun0 table 300
rule add priority 100 to 198.51.100.0/24 lookup 100
rule add priority 200 from 198.18.9.0/24 lookup 200
rule add priority 210 oif two0 lookup 200
rule add priority 300 to 10.0.0.0/8 lookup main suppress_prefixlength 0
rule add priority 310 not fwmark 7 lookup 300
rule add priority 400 to 100.64.0.0/10 prohibit
rule add priority 500 fwmark 9 unreachable
`;

const ipv6Configuration = `
route add default via 2001:db8:1::1 metric 10
route add default via 2001:db8:2::1 metric 20
route add 2001:db8:9::/48 via fe80::9 dev two0
route add fd00:9::/48 via fd00:1::1
route add blackhole 2001:db8:9:9::/64
rule add priority 100 from 2001:db8:2::/64 lookup 100
route add default via 2001:db8:2::5 table 100
`;

const destinations = [
  [
    "127.0.0.1",
    "192.0.2.2",
    "192.0.2.9",
    "192.0.2.70",
    "192.0.2.80",
    "192.0.2.255",
    "198.18.9.77",
    "8.8.8.8",
  ],
  ["203.0.113.1", "203.0.113.65", "203.0.113.130", "203.0.113.170", "203.0.113.200", "203.0.113.255"],
  [
    "198.51.100.1",
    "198.51.100.127",
    "198.51.100.128",
    "198.51.100.255",
    "10.8.0.2",
    "10.1.2.3",
    "100.64.0.1",
  ],
  ["::1", "2001:db8:1::2", "2001:db8:1::77", "2001:db8:2::77", "2001:db8:9::1", "2001:db8:9:9::1"],
  ["fd00:1::77", "fd00:9::1", "2001:db8:ffff::1"],
].flat();

/** What somebody may ask for, as `ip route get` takes it and as margay does. */
const senders: readonly { readonly words: string; readonly from?: string; readonly through?: string }[] = [
  { words: "" },
  { words: "from 192.0.2.66", from: "192.0.2.66" },
  { words: "from 198.18.9.2", from: "198.18.9.2" },
  { words: "from 2001:db8:2::2", from: "2001:db8:2::2" },
  { words: "oif two0", through: "two0" },
];

interface Ways {
  readonly kernel: string[];
  readonly ours: string[];
}

/** Asks the kernel and margay for each destination. */
export async function askBoth(): Promise<Ways> {
  await runTool(["ip", "-batch", "-"], configuration);
  await runTool(["ip", "-6", "-batch", "-"], ipv6Configuration);
  const machine = { routes: routes(), rules: rules() };
  const links = interfaces();
  const addresses = localAddresses();
  const ways: Ways = { kernel: [], ours: [] };
  for (const { words, from, through } of senders) {
    const sender: Sender = {
      from: from === undefined ? [] : [parseAddress(from)!],
      interface: links.find(({ name }) => name === through),
    };
    for (const destination of destinations) {
      if (from !== undefined && from.includes(":") !== destination.includes(":")) continue;
      const address = parseAddress(destination)!;
      const asked = IntervalSet.from([{ first: address, last: address }]);
      const route = routeAddresses(asked, machine, sender).routed[0]?.route;
      // Bound to an interface, the kernel would send to its own addresses, too.
      if (route?.kind === "local" && through !== undefined) continue;
      const question = `${destination} ${words}`.trim();
      ways.ours.push(`${question}: ${wayOf(route, links)}${sourceOf(route, from, addresses)}`);
      ways.kernel.push(`${question}: ${await kernelWay(question)}`);
    }
  }
  return ways;
}

function wayOf(route: Route | undefined, links: readonly Interface[]): string {
  if (route === undefined) return "none";
  if (route.kind === "local") return "local";
  const via = route.kind === "gateway" ? ` via ${formatAddress(route.gateway)}` : "";
  return `${links.find(({ index }) => index === route.interfaceIndex)?.name}${via}`;
}

function sourceOf(route: Route | undefined, from: string | undefined, addresses: LocalAddress[]): string {
  if (route === undefined || route.kind === "local" || from !== undefined) return "";
  const source = defaultSource(route, addresses);
  return ` from ${source === undefined ? "nobody" : formatAddress(source)}`;
}

/** Reads `203.0.113.1 via 192.0.2.65 dev one0 src 192.0.2.66 uid 0`. */
async function kernelWay(question: string): Promise<string> {
  const args = ["-o", "route", "get", ...question.split(" ")];
  const { success, stdout } = await new Deno.Command("ip", { args, stderr: "null" }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success || /^(unreachable|blackhole|prohibit|broadcast|multicast) /.test(text)) return "none";
  if (text.startsWith("local ")) return "local";
  const word = (name: string) => new RegExp(` ${name} (?:inet6 )?(\\S+)`).exec(text)?.[1];
  const via = word("via") === undefined ? "" : ` via ${word("via")}`;
  return `${word("dev")}${via}${/ from /.test(question) ? "" : ` from ${word("src")}`}`;
}

Deno.test("every address goes where the kernel would send it, from the address that it would choose", async () => {
  const { kernel, ours } = await runInLab<Ways>({ module: import.meta.url, name: "askBoth" });
  assert(kernel.length > 60);
  assert(kernel.some((line) => line.endsWith(": none")) && kernel.some((line) => line.endsWith(": local")));
  assert.deepEqual(ours, kernel);
});
