import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type AddressRule, certificateOf, classOf } from "./address_rule.ts";
import { nextLine } from "./lines.ts";
import { isInsideNamespace, withCapabilities } from "./namespace.ts";
import type { Counters } from "./counters.ts";
import { clientHello, fetchChain } from "./plain_client.ts";
import { addressOfNumber, parsePrefix } from "./prefix.ts";
import { runInLab, spawnInLab } from "./run_in_lab.ts";
import { requireTools, runTool } from "./tools.ts";
import { compareWithTruth, type Truth } from "./truth.ts";
import { addBins, averageRate, highestRate, shareAbove, windowRates } from "./windows.ts";
import { type Lab, type LabOptions, withLab } from "./real_servers.ts";

const SMALL: LabOptions = {
  prefix: "10.50.7.0/24",
  certificateCount: 16,
  livePercent: 50,
  silentPercent: 25,
};

/** What a plain socket got from every address of the prefix: the leaf in base64, or what happened instead. */
type Answers = Record<string, string>;

interface Visit {
  readonly answers: Answers;
  readonly rule: AddressRule;
  readonly truth: { certificates: Truth["certificates"] extends ReadonlyMap<number, infer C> ? C[] : never };
  readonly targets: { address: string; port: number; certificate: number }[];
  readonly counters: { kernelResets: number; strayFrames: number };
}

/** Runs inside: connects to every address of a world. */
export function visit(options: LabOptions): Promise<Visit> {
  return withLab(options, async (lab) => {
    const answers = await connectEverywhere(lab);
    const truth = await lab.readTruth();
    return {
      answers,
      rule: lab.rule,
      truth: { certificates: [...truth.certificates.values()] },
      targets: [...truth.targets.values()],
      counters: await lab.readCounters(),
    };
  });
}

async function connectEverywhere(lab: Lab): Promise<Answers> {
  const { first, last } = parsePrefix(lab.prefix);
  const addresses = Array.from({ length: last - first + 1 }, (_, index) => addressOfNumber(first + index));
  const entries = await Promise.all(addresses.map(async (address) => {
    // A silent address takes the kernel minutes to give up; everything else answers at once.
    const silence = delay(5000, "silence", { ref: false });
    return [address, await Promise.race([silence, connectTo(address, lab.port)])] as const;
  }));
  return Object.fromEntries(entries);
}

async function connectTo(address: string, port: number): Promise<string> {
  try {
    const [leaf] = await fetchChain(address, port);
    return btoa(String.fromCharCode(...leaf as Uint8Array));
  } catch (error) {
    return (error as Error).name;
  }
}

function expectedAnswers({ rule, truth }: Visit, prefix: string): Answers {
  const { first, last } = parsePrefix(prefix);
  const answers: Answers = {};
  for (let number = first; number <= last; number++) {
    const address = addressOfNumber(number);
    const leaf = truth.certificates[certificateOf(rule, address)]?.chain[0] as string;
    answers[address] = { live: leaf, closed: "ConnectionRefused", silent: "silence" }[classOf(rule, address)];
  }
  return answers;
}

Deno.test("lab: every address does what the rule says, and serves the certificate of the truth", async () => {
  const visited = await runInLab<Visit>({ module: import.meta.url, name: "visit", argument: SMALL });
  const expected = expectedAnswers(visited, "10.50.7.0/24");
  assert.deepEqual(visited.answers, expected);
  const kinds = Object.values(expected).map((answer) => answer.length > 20 ? "live" : answer);
  for (const kind of ["live", "ConnectionRefused", "silence"]) {
    assert.ok(kinds.filter((other) => other === kind).length > 30, `more than a few addresses are ${kind}`);
  }
  const live = Object.keys(expected).filter((address) => classOf(visited.rule, address) === "live");
  assert.deepEqual(visited.targets.map(({ address }) => address), live);
  for (const { fingerprints, chain } of visited.truth.certificates) {
    const hashes = chain.map((der) => createHash("sha256").update(der, "base64").digest("hex"));
    assert.deepEqual(fingerprints, hashes);
  }
  assert.deepEqual(visited.counters.strayFrames, 0);
});

Deno.test("lab: the same world on loopback", async () => {
  const argument = { ...SMALL, prefix: "127.50.7.0/24", silentPercent: 0 };
  const visited = await runInLab<Visit>({ module: import.meta.url, name: "visit", argument });
  assert.deepEqual(visited.answers, expectedAnswers(visited, argument.prefix));
});

Deno.test("lab: a certificate taken away stays in the truth and is served nowhere", async () => {
  const argument = { ...SMALL, silentPercent: 0, withoutCertificate: 3 };
  const visited = await runInLab<Visit>({ module: import.meta.url, name: "visit", argument });
  const bereft = visited.targets.filter(({ certificate }) => certificate === 3);
  assert.ok(bereft.length > 0);
  for (const { address, certificate } of visited.targets) {
    const leaf = visited.truth.certificates[certificate]?.chain[0];
    assert.equal(visited.answers[address], certificate === 3 ? "ConnectionRefused" : leaf);
  }
});

Deno.test("lab: what goes to the prefix but not to an expected target is stray", async () => {
  const argument = { ...SMALL, silentPercent: 0, expectedTargets: ["10.50.7.0/25"] };
  const visited = await runInLab<Visit>({ module: import.meta.url, name: "visit", argument });
  assert.ok(visited.counters.strayFrames >= 128, "at least a SYN to each address of the other half");
});

/** Runs inside: what the counters and the wiretap say of known traffic. */
export function countTraffic() {
  return withLab(SMALL, async (lab) => {
    const truth = await lab.readTruth();
    const [live] = [...truth.targets.values()];
    assert.ok(live);
    const wiretap = await lab.startWiretap();
    const before = await cableStatistics();
    await fetchChain(live.address, live.port);
    const quiet = await lab.readCounters();
    // 10.99.0.2 is the gateway: on the cable, but not a target.
    const refused = await Deno.connect({ hostname: lab.gateway, port: 443 }).catch((error) => error.name);
    const planted = await lab.readCounters();
    const reset = await provokeReset(lab, live, planted.kernelResets);
    const after = await settledStatistics();
    const record = await wiretap.stop();
    return { quiet, refused, planted, reset, record, octets: octetsBetween(before, after) };
  });
}

/** Closes a connection with data waiting unread, which the kernel does with a reset. */
async function leaveUnread(address: string, port: number): Promise<void> {
  const connection = await Deno.connect({ hostname: address, port });
  await connection.write(clientHello());
  await connection.read(new Uint8Array(1));
  connection.close();
}

/** Leaves connections until a reset was counted: on a busy machine a close now and then draws none. */
async function provokeReset(
  lab: Lab,
  live: { readonly address: string; readonly port: number },
  resetsBefore: number,
): Promise<Counters> {
  let counters = await lab.readCounters();
  for (let attempt = 0; attempt < 20 && counters.kernelResets <= resetsBefore; attempt++) {
    await leaveUnread(live.address, live.port);
    await delay(100);
    counters = await lab.readCounters();
  }
  return counters;
}

/** The kernel's own count of the scanner's end of the cable. */
async function cableStatistics(): Promise<{ sent: number; received: number }> {
  const line = (await readFile("/proc/net/dev", "utf8")).split("\n").find((text) =>
    text.includes("scanner0:")
  );
  const fields = line?.split(":")[1]?.trim().split(/\s+/).map(Number) ?? [];
  return { received: fields[0] ?? Number.NaN, sent: fields[8] ?? Number.NaN };
}

/** The same once nothing moves any more: a socket is closed some time after it was told to. */
async function settledStatistics(): Promise<{ sent: number; received: number }> {
  let last = await cableStatistics();
  for (let quiet = 0; quiet < 5;) {
    await delay(100);
    const next = await cableStatistics();
    quiet = next.sent === last.sent && next.received === last.received ? quiet + 1 : 0;
    last = next;
  }
  return last;
}

function octetsBetween(
  before: { sent: number; received: number },
  after: { sent: number; received: number },
) {
  return { sent: after.sent - before.sent, received: after.received - before.received };
}

Deno.test("lab: the counters and the wiretap see what happened and nothing else", async () => {
  const seen = await runInLab<Awaited<ReturnType<typeof countTraffic>>>({
    module: import.meta.url,
    name: "countTraffic",
  });
  const sum = (bins: readonly number[]) => bins.reduce((octets, bin) => octets + bin, 0);
  assert.deepEqual(seen.quiet.strayFrames, 0);
  assert.equal(seen.refused, "ConnectionRefused");
  assert.equal(seen.planted.strayFrames, 1);
  assert.ok(seen.reset.kernelResets > seen.planted.kernelResets);
  assert.ok(seen.record.resetsSent >= seen.reset.kernelResets);
  assert.ok(seen.record.resetsReceived > 0);
  assert.equal(seen.record.stray, 1);
  assert.equal(seen.record.oversized, 0);
  assert.equal(seen.record.drops, 0);
  assert.equal(sum(seen.record.binsSent), seen.octets.sent);
  assert.equal(sum(seen.record.binsReceived), seen.octets.received);
});

/** Runs inside: what becomes of a connection on a cable that loses every packet. */
export function lose() {
  return withLab({ ...SMALL, lossPercent: 100 }, async (lab) => {
    const wiretap = await lab.startWiretap();
    const [target] = [...(await lab.readTruth()).targets.values()];
    assert.ok(target);
    const silence = delay(1500, "silence");
    const outcome = await Promise.race([silence, connectTo(target.address, target.port)]);
    const { framesSent } = await wiretap.stop();
    return { outcome, framesSent };
  });
}

Deno.test("lab: a cable that loses everything lets nothing through, yet it was sent", async () => {
  const { outcome, framesSent } = await runInLab<Awaited<ReturnType<typeof lose>>>({
    module: import.meta.url,
    name: "lose",
  });
  assert.equal(outcome, "silence");
  assert.ok(framesSent >= 2, "the address resolution and the SYN arrived at the cable's end");
});

/** Runs inside: the capabilities of a program that was left CAP_NET_RAW alone. */
export async function dropCapabilities() {
  const status = await runTool(withCapabilities(["net_raw"], ["cat", "/proc/self/status"]));
  return /^CapEff:\s*(\w+)$/m.exec(status)?.[1];
}

Deno.test("lab: a program inside can be left with CAP_NET_RAW alone", async () => {
  const effective = await runInLab<string>({ module: import.meta.url, name: "dropCapabilities" });
  assert.equal(Number.parseInt(effective, 16), 1 << 13);
});

/** Runs inside: brings a world up, says which namespaces it is in, and waits to be killed. */
export function linger() {
  return withLab({ ...SMALL, certificateCount: 1 }, async () => {
    const world = (await runTool(["ip", "netns", "exec", "world", "readlink", "/proc/self/ns/net"])).trim();
    const line = `${await readlink("/proc/self/ns/net")} ${world}\n`;
    await Deno.stdout.write(new TextEncoder().encode(line));
    await delay(60_000);
  });
}

/** How many processes there are in any of some network namespaces. */
async function processesIn(namespaces: readonly string[]): Promise<number> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const links = await Promise.all(processes.map((id) => readlink(`/proc/${id}/ns/net`).catch(() => "")));
  return links.filter((link) => namespaces.includes(link)).length;
}

Deno.test("lab: nothing is left after the process outside was killed", async () => {
  const child = spawnInLab({ module: import.meta.url, name: "linger" });
  const namespaces = (await nextLine(child.stdout))?.split(" ") ?? [];
  await child.stderr.cancel();
  assert.equal(namespaces.length, 2);
  assert.ok(await processesIn(namespaces) >= 2, "the program and its servers run");
  child.kill("SIGKILL");
  await child.status;
  for (let attempt = 0; attempt < 100 && await processesIn(namespaces) > 0; attempt++) await delay(100);
  assert.equal(await processesIn(namespaces), 0);
});

Deno.test("lab: a missing tool is named with its package", () => {
  assert.throws(() => requireTools(["/nonexistent"]), /ip, nft, .*apt-get install iproute2 nftables /);
  assert.equal(isInsideNamespace(), false);
});

Deno.test("lab: a world outside the namespaces is refused", async () => {
  await assert.rejects(() => withLab(SMALL, () => {}), /outside the lab's namespaces/);
});

Deno.test("lab: a comparison counts what is missing, unexpected and different", () => {
  const der = new TextEncoder().encode("leaf");
  const leaf = { record: "certificate", index: 0, fingerprints: ["aa"], chain: [btoa("leaf")] } as const;
  const target = (address: string) => ({ record: "target", address, port: 443, certificate: 0 }) as const;
  const truth: Truth = {
    certificates: new Map([[0, leaf]]),
    targets: new Map(
      ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => [`${address}:443`, target(address)]),
    ),
  };
  const capture = (address: string, bytes = der) => ({ address, port: 443, fingerprint: "aa", der: bytes });
  const captures = [
    ...[capture("10.0.0.1"), capture("10.0.0.1"), capture("10.0.0.9")],
    capture("10.0.0.2", new TextEncoder().encode("loaf")),
  ];
  assert.deepEqual(compareWithTruth(truth, captures), {
    live: 3,
    captured: 1,
    uniqueCertificates: 1,
    missing: ["10.0.0.3:443"],
    unexpected: ["10.0.0.9:443"],
    different: ["10.0.0.2:443"],
  });
});

Deno.test("lab: rates in sliding windows", () => {
  // 125 octets in a millisecond are 1 Mbit/s.
  const bins = addBins([125, 125, 0, 0], [0, 0, 250]);
  assert.deepEqual(bins, [125, 125, 250, 0]);
  assert.deepEqual(windowRates(bins, 2), [1e6, 1.5e6, 1e6]);
  assert.deepEqual(windowRates(bins, 100), [40_000]);
  assert.equal(highestRate(windowRates(bins, 2)), 1.5e6);
  assert.equal(shareAbove([1, 2, 3, 4], 3), 0.25);
  assert.equal(averageRate(bins), 1e6);
  assert.equal(averageRate(bins, 2), 1e6);
  assert.equal(averageRate(bins, 3, 3), 0);
});
