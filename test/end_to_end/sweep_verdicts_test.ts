import assert from "node:assert/strict";
import { runInLab, withSimulation } from "../lab/mod.ts";
import { type KnownPrefix, readVerdicts, worldText } from "../lab/verdicts.ts";
import { compareVerdicts, NO_DISCREPANCY, sweep, VERDICT_ROWS } from "./sweep_lab.ts";

/** Silence is certain soon after the last probe: the worlds have no distance. */
const COOLDOWN = ["-c", "1"];
const PORTS = [443, 8080];

/** Behind the gateway, both families, and everything that a target can be. */
const PREFIXES: readonly KnownPrefix[] = [
  { prefix: "10.40.0.0/22", rest: "closed", lines: ["port 443,8080 open 50% closed", "window 29200"] },
  { prefix: "10.40.4.0/23", rest: "filtered", lines: ["port 443,8080 open 40% silent"] },
  { prefix: "10.40.6.0/24", rest: "unreachable", lines: ["port 443,8080 open 30% unreachable"] },
  {
    prefix: "10.40.7.0/24",
    rest: "unreachable",
    lines: ["hosts 50%", "absent unreachable", "port 443,8080 open"],
  },
  { prefix: "2001:db8:40::/118", rest: "closed", lines: ["port 443,8080 open 50% closed"] },
  { prefix: "2001:db8:41::/119", rest: "filtered", lines: ["port 443,8080 open 40% silent"] },
  { prefix: "2001:db8:42::/120", rest: "unreachable", lines: ["port 443,8080 open 30% unreachable"] },
  {
    prefix: "2001:db8:43::/120",
    rest: "unreachable",
    lines: ["hosts 50%", "absent unreachable", "port 443,8080 open"],
  },
];

/** The same name for what RFC 792 (IPv4) and RFC 4443 (IPv6) number differently. */
const ICMP_ERRORS: Readonly<Record<string, string>> = {
  "3,3": "port",
  "3,1": "host",
  "1,4": "port",
  "1,3": "host",
};

/** Runs inside. */
export function sweepEverything() {
  return withSimulation({ world: { text: worldText(PREFIXES) } }, async (internet) => {
    const truth = await readVerdicts(internet, PREFIXES, PORTS);
    const asked = [...PREFIXES.map(({ prefix }) => prefix), "-p", PORTS.join(",")];
    const before = await internet.readCounters();
    const swept = await sweep([...asked, ...COOLDOWN, ...VERDICT_ROWS]);
    const after = await internet.readCounters();
    await sweep(["10.40.0.0/22", "-p", "443", ...COOLDOWN, "--no-reset"]);
    const unreset = await internet.readCounters();
    return {
      code: swept.code,
      stderr: swept.stderr,
      discrepancy: compareVerdicts(swept.rows, truth),
      targetCount: truth.size,
      openCount: [...truth.values()].filter((verdict) => verdict === "open").length,
      kernelResets: unreset.kernelResets,
      synchronizes: after.responder.synchronize_received - before.responder.synchronize_received,
      resets: after.responder.reset_received - before.responder.reset_received,
      resetsUnasked: unreset.responder.reset_received - after.responder.reset_received,
      wrongFrames: after.responder.outside + after.responder.misdirected + after.responder.checksum_wrong,
    };
  });
}

Deno.test("sweep: every verdict through the gateway, IPv4 and IPv6, and a reset for every SYN-ACK", async () => {
  const seen = await runInLab<Awaited<ReturnType<typeof sweepEverything>>>({
    module: import.meta.url,
    name: "sweepEverything",
  });
  assert.equal(seen.code, 0, seen.stderr);
  assert.deepEqual(seen.discrepancy, NO_DISCREPANCY);
  assert.ok(seen.openCount > 1_500, `${seen.openCount} open`);
  assert.equal(seen.synchronizes, seen.targetCount, "one probe for each target");
  assert.equal(seen.resets, seen.openCount);
  assert.equal(seen.resetsUnasked, 0, "--no-reset");
  assert.equal(seen.kernelResets, 0);
  assert.equal(seen.wrongFrames, 0);
});

/** Runs inside: the fields beside a verdict. */
export function describeAnswers() {
  return withSimulation({ world: { text: worldText(PREFIXES) } }, async () => {
    const fields = (names: string) => ["--format", "csv", "--fields", names, ...COOLDOWN];
    const open = await sweep(["10.40.0.0/22", "-p", "443", ...fields("window,mss,rtt")]);
    const refused = await sweep([
      ...["10.40.6.0/23", "2001:db8:42::/120", "2001:db8:43::/120", "-p", "443"],
      ...fields("address,icmp_type,icmp_code,icmp_responder"),
      ...["--filter", "unreachable"],
    ]);
    return { open, refused };
  });
}

Deno.test("sweep: what a SYN-ACK says, and which ICMP error came from whom", async () => {
  const { open, refused } = await runInLab<Awaited<ReturnType<typeof describeAnswers>>>({
    module: import.meta.url,
    name: "describeAnswers",
  });
  assert.equal(open.code, 0, open.stderr);
  assert.ok(open.rows.length > 400);
  for (const row of open.rows) assert.match(row, /^29200,1460,/);
  // A few round trips are forgotten: the packet plane keeps no memory per target.
  const timed = open.rows.filter((row) => /,\d+\.\d+$/.test(row));
  assert.ok(
    timed.length > 0.9 * open.rows.length,
    `${timed.length} of ${open.rows.length} have a round trip`,
  );

  assert.equal(refused.code, 0, refused.stderr);
  const kinds = new Map<string, number>();
  for (const row of refused.rows) {
    const [address = "", type, code, responder] = row.split(",");
    const error = ICMP_ERRORS[`${type},${code}`];
    const isOwn = responder === address ? "itself" : "another";
    const key = `${address.includes(":") ? "IPv6" : "IPv4"} ${error} by ${isOwn}`;
    kinds.set(key, (kinds.get(key) ?? 0) + 1);
  }
  const expected = [
    "IPv4 host by another",
    "IPv4 port by itself",
    "IPv6 host by another",
    "IPv6 port by itself",
  ];
  assert.deepEqual([...kinds.keys()].sort(), expected);
  for (const [kind, count] of kinds) assert.ok(count > 50, `${count} of ${kind}`);
});

/** Hosts whose answers don't echo the cookie, and hosts beside which others answer that nobody asked. */
const LIARS: readonly KnownPrefix[] = [
  {
    prefix: "10.41.0.0/24",
    rest: "filtered",
    lines: ["port 443 open 50% silent", "behavior spoofed-replies"],
  },
  { prefix: "10.41.1.0/24", rest: "filtered", lines: ["port 443 open", "behavior wrong-acknowledgment"] },
  { prefix: "10.41.2.0/24", rest: "closed", lines: ["port 443 open 50% closed", "behavior spoofed-replies"] },
];

/** Runs inside. */
export function sweepLiars() {
  return withSimulation({ world: { text: worldText(LIARS) } }, async (internet) => {
    const truth = await readVerdicts(internet, LIARS, [443]);
    // What acknowledges something else proves nothing.
    for (const target of truth.keys()) if (target.startsWith("10.41.1.")) truth.set(target, "filtered");
    const swept = await sweep([...LIARS.map(({ prefix }) => prefix), ...COOLDOWN, ...VERDICT_ROWS]);
    return { code: swept.code, stderr: swept.stderr, discrepancy: compareVerdicts(swept.rows, truth) };
  });
}

Deno.test("sweep: an answer without the cookie is no answer", async () => {
  const { code, stderr, discrepancy } = await runInLab<Awaited<ReturnType<typeof sweepLiars>>>({
    module: import.meta.url,
    name: "sweepLiars",
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(discrepancy, NO_DISCREPANCY);
});

/** Runs inside, without a world: addresses of this host answer no raw frames. */
export async function sweepThisHost() {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { code, stderr, rows } = await sweep(["127.0.0.1-127.0.0.3", "-p", `${port}`, ...VERDICT_ROWS]);
  return { code, stderr, rows: rows.toSorted(), port };
}

Deno.test("sweep: this host's own addresses, through the kernel", async () => {
  const { code, stderr, rows, port } = await runInLab<Awaited<ReturnType<typeof sweepThisHost>>>({
    module: import.meta.url,
    name: "sweepThisHost",
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(rows, [`127.0.0.1,${port},open`, `127.0.0.2,${port},closed`, `127.0.0.3,${port},closed`]);
});
