import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { withAnyIp } from "../lab/any_ip.ts";
import { IN_WORLD, WORLD_INTERFACE } from "../lab/cable.ts";
import { readCounter } from "../lab/counters.ts";
import { runInLab } from "../lab/mod.ts";
import { runTool } from "../lab/tools.ts";
import { addressesOf } from "../lab/verdicts.ts";
import { until } from "./child.ts";
import { readMetadata, Sweep, sweep, type Swept } from "./sweep_lab.ts";

const WORLD = { prefix: "10.49.0.0/22", port: 443 };
const TARGET_COUNT = 1024;
const ROWS = ["--format", "csv", "--fields", "address,port"];

/** A MAC address on the cable that is nobody's, and an address that nobody has. */
const NOBODY = "02:00:00:00:00:99";
const NOBODY_ADDRESS = "10.99.0.9";

/** From the first probe on, and what a program needs to get there. */
const DIAGNOSIS_SECONDS_MAX = 5 + 1;

function inLab<Result>(name: string, argument?: unknown): Promise<Result> {
  return runInLab<Result>({ module: import.meta.url, name, argument });
}

/** Starts a sweep that would take long, and ends it when it has said why it finds nothing. */
async function waitForDiagnosis(args: readonly string[], cause: RegExp): Promise<Swept> {
  const running = new Sweep([...args, "-r", "100", ...ROWS]);
  const deadline = performance.now() + DIAGNOSIS_SECONDS_MAX * 1000;
  while (!cause.test(running.said) && performance.now() < deadline) await delay(50);
  running.kill("SIGINT");
  return await running.finish();
}

/** Runs inside: gateways that answer nothing. */
export function sweepIntoSilence() {
  return withAnyIp(WORLD, async (world) => {
    const byMac = await waitForDiagnosis([world.prefix, "-G", NOBODY], /MAC/);
    // The kernel's table still knows a gateway that has gone.
    const neighbor = ["ip", "neighbor", "replace", NOBODY_ADDRESS, "lladdr", NOBODY];
    await runTool([...neighbor, "dev", world.interface, "nud", "permanent"]);
    const route = ["ip", "route", "add", "10.60.0.0/22", "via", NOBODY_ADDRESS];
    await runTool([...route, "dev", world.interface, "onlink"]);
    const gone = await waitForDiagnosis(["10.60.0.0/22"], /ARP/);
    // Nobody is wrong here: all that is asked for keeps silent.
    await runTool([...IN_WORLD, "nft", "-f", "-"], SILENCE);
    const silent = await waitForDiagnosis([world.prefix], /in order/);
    return { byMac, gone, silent };
  });
}

const SILENCE = `
table ip silence {
  chain arrive {
    type filter hook prerouting priority raw; policy accept;
    ip daddr ${WORLD.prefix} drop
  }
}
`;

Deno.test("sweep: when nothing comes back, it says within five seconds what it could find out", async () => {
  const { byMac, gone, silent } = await inLab<Awaited<ReturnType<typeof sweepIntoSilence>>>(
    "sweepIntoSilence",
  );
  for (const { code, stderr, rows } of [byMac, gone, silent]) {
    assert.equal(code, 130);
    assert.deepEqual(rows, []);
    assert.match(stderr, /Nothing has come back in \d s to \d+ frames/);
  }
  assert.match(byMac.stderr, /The gateway's MAC 02:00:00:00:00:99 on scanner0 was given/);
  assert.match(gone.stderr, /The gateway 10\.99\.0\.9 on scanner0 was asked again and does not answer ARP/);
  assert.match(silent.stderr, /Checked here and found in order: .* the gateway 10\.99\.0\.2 answers/);
});

const REJECTING = `
table ip firewall {
  chain arrive {
    type filter hook input priority filter; policy accept;
    iifname "scanner0" meta l4proto tcp reject with tcp reset
  }
}
`;

/** Runs inside: a firewall of this host's own that answers SYN-ACKs. */
export function sweepBehindFirewall() {
  return withAnyIp(WORLD, async ({ prefix }) => {
    const before = await sweep([prefix, "-r", "1000", ...ROWS]);
    await runTool(["nft", "-f", "-"], REJECTING);
    const behind = await sweep([prefix, "-r", "300", ...ROWS]);
    return { before, behind };
  });
}

Deno.test("sweep: a local firewall that rejects with a reset is named", async () => {
  const { before, behind } = await inLab<Awaited<ReturnType<typeof sweepBehindFirewall>>>(
    "sweepBehindFirewall",
  );
  for (const { code, stderr, rows } of [before, behind]) {
    assert.equal(code, 0, stderr);
    assert.equal(rows.length, TARGET_COUNT);
  }
  assert.doesNotMatch(before.stderr, /of its own accord/, "the guard works");
  assert.match(behind.stderr, /This host has sent [\d,]+ resets .* a firewall rule rejects with a TCP reset/);
});

type Cut = "switched off" | "unplugged";

/** Takes the link down: this end of it, or the other one. */
async function setLink(cut: Cut, state: "up" | "down"): Promise<void> {
  const end = cut === "switched off"
    ? ["ip", "link", "set", "scanner0"]
    : [...IN_WORLD, "ip", "link", "set", WORLD_INTERFACE];
  await runTool([...end, state]);
}

/** Runs inside: a link that goes down half-way and comes back. */
export function sweepOverCutLink(cut: Cut) {
  return withAnyIp(WORLD, async ({ prefix }) => {
    const running = new Sweep([prefix, "-r", "300", ...ROWS]);
    await until(() => running.rowCount > 100, "a hundred results");
    await setLink(cut, "down");
    await delay(1_000);
    const saidMeanwhile = running.said;
    await setLink(cut, "up");
    const finished = await running.finish();
    return { finished, saidMeanwhile };
  });
}

for (const cut of ["switched off", "unplugged"] as const) {
  Deno.test(`sweep: a link that is ${cut} half-way is waited for, and what comes behind is not lost`, async () => {
    const { finished, saidMeanwhile } = await inLab<Awaited<ReturnType<typeof sweepOverCutLink>>>(
      "sweepOverCutLink",
      cut,
    );
    assert.equal(finished.code, 0, finished.stderr);
    const found = new Set(finished.rows).size;
    // Of 300 in a second, one or two may be on their way when the other end goes.
    if (cut === "unplugged") assert.ok(found >= TARGET_COUNT - 2, finished.stderr);
    else assert.equal(found, TARGET_COUNT, finished.stderr);
    assert.match(saidMeanwhile, /scanner0/, "it is noticed at once");
  });
}

const ASKED = { family: "ip", table: "asked", counter: "probes" } as const;

const COUNTING = `
table ip ${ASKED.table} {
  counter ${ASKED.counter} { }
  chain arrive {
    type filter hook prerouting priority raw; policy accept;
    ip daddr ${WORLD.prefix} tcp flags & (syn | ack) == syn counter name ${ASKED.counter}
  }
}
`;

/** Runs inside: a link that stays down, and the sweep that goes on when it is back. */
export function sweepOverDeadLink() {
  return withAnyIp(WORLD, async ({ prefix }) => {
    await runTool([...IN_WORLD, "nft", "-f", "-"], COUNTING);
    const metadata = "/run/dead.meta.json";
    const asked = [prefix, "--seed", "7", ...ROWS];
    const running = new Sweep([...asked, "-r", "300", "--link-timeout", "1", "--metadata", metadata]);
    await until(() => running.rowCount > 100, "a hundred results");
    await setLink("unplugged", "down");
    const dead = await running.finish();
    const arrived = await readCounter(IN_WORLD, ASKED);
    await setLink("unplugged", "up");
    const left = await readMetadata(metadata);
    const rest = await sweep([...asked, "--cursor", left.cursor]);
    return { dead, rest, left, arrived };
  });
}

Deno.test("sweep: a link that stays down ends it with exit 1, and --cursor goes on from there", async () => {
  const { dead, rest, left, arrived } = await inLab<Awaited<ReturnType<typeof sweepOverDeadLink>>>(
    "sweepOverDeadLink",
  );
  assert.equal(dead.code, 1, dead.stderr);
  assert.match(dead.stderr, /scanner0/);
  assert.deepEqual([left.outcome, left.limit], ["limit", "link_timeout"]);
  assert.equal(left.counters.sent, arrived, "what has not left is not counted as sent");
  // An answer that was on the cable when it was cut is lost; the cursor stands before its target.
  assert.ok(dead.rows.length <= arrived, `${dead.rows.length} of ${arrived} that were asked`);
  assert.ok(dead.rows.length > 100 && dead.rows.length < TARGET_COUNT, `${dead.rows.length} before`);
  assert.equal(rest.code, 0, rest.stderr);
  const whole = [...addressesOf(WORLD.prefix)].map((address) => `${address},443`).sort();
  assert.deepEqual([...new Set([...dead.rows, ...rest.rows])].sort(), whole);
  assert.ok(dead.rows.length + rest.rows.length < TARGET_COUNT + 200, "little is done twice");
});
