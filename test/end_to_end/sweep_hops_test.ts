import assert from "node:assert/strict";
import { withAnyIp } from "../lab/any_ip.ts";
import { WORLD_INTERFACE } from "../lab/cable.ts";
import { runInLab, withSimulation } from "../lab/mod.ts";
import { hasTool, runTool } from "../lab/tools.ts";
import { hasTunnels, withTunnel } from "../lab/tunnel.ts";
import { addressesOf, type KnownPrefix, readVerdicts, worldText } from "../lab/verdicts.ts";
import { compareVerdicts, NO_DISCREPANCY, sweep, VERDICT_ROWS } from "./sweep_lab.ts";

/** Silence is certain soon after the last probe: the worlds have no distance. */
const COOLDOWN = ["-c", "1"];
const PORTS = [443, 8080];
const ASKED_PORTS = ["-p", PORTS.join(",")];

function inLab<Result>(name: string): Promise<Result> {
  return runInLab<Result>({ module: import.meta.url, name });
}

/** A scanner's own network, in which some addresses are nobody's. */
const NEIGHBORS: readonly KnownPrefix[] = [
  { prefix: "10.42.0.0/23", rest: "closed", lines: ["on-link", "port 443,8080 open 50% closed"] },
  {
    prefix: "10.42.2.0/24",
    rest: "unreachable",
    lines: ["on-link", "hosts 60%", "port 443,8080 open"],
  },
  { prefix: "2001:db8:50::/119", rest: "closed", lines: ["on-link", "port 443,8080 open 50% closed"] },
  {
    prefix: "2001:db8:51::/120",
    rest: "unreachable",
    lines: ["on-link", "hosts 60%", "port 443,8080 open"],
  },
];

/** As often as an address that keeps silent is asked for (`zig/src/neighbors.zig`). */
const QUESTIONS_MAX = 3;

/** Runs inside. */
export function sweepNeighbors() {
  return withSimulation({ world: { text: worldText(NEIGHBORS) } }, async (internet) => {
    const truth = await readVerdicts(internet, NEIGHBORS, PORTS);
    const targets = [...NEIGHBORS.map(({ prefix }) => prefix), ...ASKED_PORTS];
    const swept = await sweep([...targets, ...COOLDOWN, ...VERDICT_ROWS]);
    const { responder, kernelResets } = await internet.readCounters();
    const reasons = await sweep([
      ...["10.42.2.0/24", ...ASKED_PORTS, ...COOLDOWN],
      ...["--filter", "unreachable", "--format", "csv", "--fields", "address,reason"],
    ]);
    return {
      code: swept.code,
      stderr: swept.stderr,
      discrepancy: compareVerdicts(swept.rows, truth),
      nobodyCount: [...truth].filter(([target, verdict]) =>
        verdict === "unreachable" && target.endsWith(",443")
      ).length,
      addressCount: truth.size / PORTS.length,
      neighborRequests: responder.neighbor_requests,
      misdirected: responder.misdirected,
      kernelResets,
      reasons: [...new Set(reasons.rows.map((row) => row.split(",")[1]))],
    };
  });
}

Deno.test("sweep: neighbors are asked for by ARP and NDP, once for all their ports", async () => {
  const seen = await inLab<Awaited<ReturnType<typeof sweepNeighbors>>>("sweepNeighbors");
  assert.equal(seen.code, 0, seen.stderr);
  assert.deepEqual(seen.discrepancy, NO_DISCREPANCY);
  assert.deepEqual(seen.reasons, ["no_neighbor"]);
  const questionsMax = seen.addressCount + (QUESTIONS_MAX - 1) * seen.nobodyCount;
  assert.ok(
    seen.neighborRequests >= seen.addressCount && seen.neighborRequests <= questionsMax * 1.05,
    `${seen.neighborRequests} questions for ${seen.addressCount} addresses, ${seen.nobodyCount} of them nobody's`,
  );
  assert.equal(seen.misdirected, 0, "each frame went to whom it was for");
  assert.equal(seen.kernelResets, 0);
});

const VLAN = 100;

/** One VLAN with a gateway and one with neighbors: the scanner's kernel knows neither. */
const TAGGED: readonly KnownPrefix[] = [
  { prefix: "10.43.0.0/23", rest: "closed", lines: [`vlan ${VLAN}`, "port 443 open 50% closed"] },
  { prefix: "10.43.2.0/24", rest: "closed", lines: [`vlan ${VLAN}`, "on-link", "port 443 open 50% closed"] },
  { prefix: "2001:db8:52::/120", rest: "closed", lines: [`vlan ${VLAN}`, "port 443 open 50% closed"] },
  {
    prefix: "2001:db8:53::/120",
    rest: "closed",
    lines: [`vlan ${VLAN}`, "on-link", "port 443 open 50% closed"],
  },
];

/** Runs inside. */
export function sweepVlan() {
  return withSimulation({ world: { text: worldText(TAGGED) } }, async (internet) => {
    // Where the kernel knows VLANs, it would lead into this one through an interface that tags.
    for (const { prefix, lines } of TAGGED) {
      const gateway = prefix.includes(":") ? internet.gatewayIpv6 : internet.gateway;
      const way = lines.includes("on-link") ? [] : ["via", gateway];
      await runTool(["ip", "route", "replace", prefix, ...way, "dev", internet.interface]);
    }
    const truth = await readVerdicts(internet, TAGGED, [443]);
    const targets = [...TAGGED.map(({ prefix }) => prefix), "-i", internet.interface];
    const swept = await sweep([...targets, "--vlan", `${VLAN}`, ...COOLDOWN, ...VERDICT_ROWS]);
    const untagged = await sweep(["10.43.0.0/28", "-i", internet.interface, ...COOLDOWN, ...VERDICT_ROWS]);
    return {
      code: swept.code,
      stderr: swept.stderr,
      discrepancy: compareVerdicts(swept.rows, truth),
      untaggedCount: untagged.rows.length,
      answeredUntagged: untagged.rows.filter((row) => !row.endsWith(",filtered")),
    };
  });
}

Deno.test("sweep: into a VLAN, through its gateway and to its neighbors", async () => {
  const seen = await inLab<Awaited<ReturnType<typeof sweepVlan>>>("sweepVlan");
  assert.equal(seen.code, 0, seen.stderr);
  assert.deepEqual(seen.discrepancy, NO_DISCREPANCY);
  assert.equal(seen.untaggedCount, 16);
  assert.deepEqual(seen.answeredUntagged, [], "without the tag nobody is there");
});

/** Addresses that no host has: whoever answers to them asks for them by ARP. */
const BORROWED = "10.96.0.0/29";

/** Runs inside: a sweep from the scanner's own address and from others. */
export function sweepFromMany() {
  return withAnyIp({ prefix: "10.44.0.0/22", port: 443 }, async (world) => {
    await runTool(["ip", "-netns", "world", "route", "add", BORROWED, "dev", WORLD_INTERFACE]);
    const { code, stderr, rows } = await sweep([
      ...[world.prefix, "-S", `${world.sourceAddress},${BORROWED}`, ...COOLDOWN],
      ...["--format", "csv", "--fields", "local_address,address"],
    ]);
    const sources = new Map<string, number>();
    for (const row of rows) {
      const source = row.split(",")[0]!;
      sources.set(source, (sources.get(source) ?? 0) + 1);
    }
    return { code, stderr, sources: [...sources], found: new Set(rows.map((row) => row.split(",")[1])).size };
  });
}

Deno.test("sweep: from several source addresses, those that the host doesn't have among them", async () => {
  const seen = await inLab<Awaited<ReturnType<typeof sweepFromMany>>>("sweepFromMany");
  assert.equal(seen.code, 0, seen.stderr);
  assert.equal(seen.found, 1024);
  const expected = ["10.99.0.1", ...addressesOf(BORROWED)].sort();
  assert.deepEqual(seen.sources.map(([source]) => source).sort(), expected);
  // 1024 targets fall on nine sources by chance: 114 each, give or take ten.
  for (const [source, count] of seen.sources) {
    assert.ok(count > 60 && count < 170, `${count} targets from ${source}`);
  }
});

/** Runs inside: every batch and every large segment that a veth can make. */
export function sweepWithOffloads() {
  return withAnyIp({ prefix: "10.45.0.0/16", port: 443, hasOffloads: true }, async ({ prefix }) => {
    const { code, stderr, rows } = await sweep([
      ...[prefix, "-r", "40000", "--format", "csv", "--fields", "address,port"],
    ]);
    return { code, stderr, found: new Set(rows).size };
  });
}

Deno.test({
  name: "sweep: loses nothing through an interface with GRO and TSO",
  ignore: !hasTool("ethtool"),
  async fn() {
    const seen = await inLab<Awaited<ReturnType<typeof sweepWithOffloads>>>("sweepWithOffloads");
    assert.equal(seen.code, 0, seen.stderr);
    assert.equal(seen.found, 2 ** 16);
  },
});

const TUNNELED = ["10.46.0.0/24", "2001:db8:54::/120"];

/** Runs inside: nobody on a tunnel has a hardware address. */
export function sweepTunnel() {
  return withTunnel({ prefixes: TUNNELED, port: 443 }, async () => {
    const { code, stderr, rows } = await sweep([
      ...[...TUNNELED, ...ASKED_PORTS, "-r", "2000", ...COOLDOWN, ...VERDICT_ROWS],
    ]);
    const truth = new Map(
      TUNNELED.flatMap((prefix) =>
        [...addressesOf(prefix)].flatMap((address) => [
          [`${address},443`, "open"] as const,
          [`${address},8080`, "closed"] as const,
        ])
      ),
    );
    return { code, stderr, discrepancy: compareVerdicts(rows, truth) };
  });
}

Deno.test({
  name: "sweep: through a tun device, IPv4 and IPv6",
  ignore: !hasTunnels(),
  async fn() {
    const seen = await inLab<Awaited<ReturnType<typeof sweepTunnel>>>("sweepTunnel");
    assert.equal(seen.code, 0, seen.stderr);
    assert.deepEqual(seen.discrepancy, NO_DISCREPANCY);
  },
});
