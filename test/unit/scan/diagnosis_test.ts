import assert from "node:assert/strict";
import {
  diagnose,
  type GatewayAnswer,
  type LinkState,
  type MachineState,
  type Observations,
  observeGateway,
  observeMachine,
  parseTcpResets,
} from "../../../src/scan/diagnosis.ts";

const GATEWAY: GatewayAnswer = {
  interfaceName: "eth0",
  address: "192.0.2.1",
  hardwareAddress: "02:00:00:00:00:01",
  answeredBy: "02:00:00:00:00:01",
};

function link(counted: Partial<LinkState["counters"]> = {}, hasCarrier = true): LinkState {
  const nothing = { framesReceived: 0, receiveDrops: 0, framesSent: 0, sendFailures: 0 };
  return { hasCarrier, counters: { ...nothing, ...counted } };
}

function machine(eth0: LinkState | undefined, tcpResets = 5): MachineState {
  return { tcpResets, links: new Map(eth0 === undefined ? [] : [["eth0", eth0]]) };
}

/** Three seconds of a sweep that nobody answers, through a link and a gateway that work. */
function observed(difference: Partial<Observations> = {}): Observations {
  return {
    elapsedMs: 3_010,
    framesSent: 30_000,
    framesReceived: 0,
    replies: 0,
    ringDrops: 0,
    kernelResets: 0,
    foreignSources: [],
    before: machine(link()),
    after: machine(link({ framesReceived: 12, framesSent: 30_003 })),
    gateways: [GATEWAY],
    ...difference,
  };
}

function causesOf(difference: Partial<Observations>): readonly string[] {
  const [silence, ...causes] = diagnose(observed(difference));
  assert.equal(silence, "Nothing has come back in 3 s to 30,000 frames");
  return causes;
}

Deno.test("diagnose: nothing to say of a sweep that is answered", () => {
  assert.deepEqual(diagnose(observed({ replies: 1, framesReceived: 1 })), []);
});

Deno.test("diagnose: where all is in order here, it says what was looked at", () => {
  assert.deepEqual(diagnose(observed()), [
    "Nothing has come back in 3 s to 30,000 frames",
    "Checked here and found in order: eth0 has received 12 frames, the gateway 192.0.2.1 answers; " +
    "so the targets are silent, or a firewall drops probes or answers: try one that must answer",
  ]);
});

Deno.test("diagnose: one cause each, with what to do", async (test) => {
  const cases: Readonly<Record<string, readonly [Partial<Observations>, RegExp]>> = {
    "link down": [
      { after: machine(link({ framesSent: 30_000, framesReceived: 1 }, false)) },
      /^The link of eth0 is down: .* see: ip link show eth0$/,
    ],
    "interface gone": [
      { framesSent: 30_000, after: machine(undefined), gateways: [] },
      /^The interface eth0 is gone; see: ip link$/,
    ],
    "nothing received": [
      { after: machine(link({ framesSent: 30_000 })) },
      /^eth0 has not received a single frame meanwhile: /,
    ],
    "frames lost inside this host": [
      { after: machine(link({ framesSent: 200, framesReceived: 4, sendFailures: 29_800 })) },
      /^Of 30,000 frames the kernel has taken, eth0 counts 200 as sent and 29,800 as failed: /,
    ],
    "gateway silent": [
      { gateways: [{ ...GATEWAY, answeredBy: undefined }] },
      /^The gateway 192\.0\.2\.1 on eth0 was asked again and does not answer ARP: .* see: ip route$/,
    ],
    "gateway silent, IPv6": [
      { gateways: [{ ...GATEWAY, address: "fe80::1", answeredBy: undefined }] },
      /^The gateway fe80::1 on eth0 .* does not answer neighbor discovery: /,
    ],
    "gateway replaced": [
      { gateways: [{ ...GATEWAY, answeredBy: "02:00:00:00:00:09" }] },
      /answers from 02:00:00:00:00:09, and probes go to 02:00:00:00:00:01: .* start again$/,
    ],
    "gateway by MAC": [
      { gateways: [{ ...GATEWAY, address: undefined, answeredBy: undefined }] },
      /^The gateway's MAC 02:00:00:00:00:01 on eth0 was given and cannot be checked: .* leave -G out/,
    ],
    "ring full": [
      { ringDrops: 1 },
      /^1 frame arrived and found no room to be read from: .* --receive-memory or --readers, .* --rate$/,
    ],
    "interface drops": [
      { after: machine(link({ framesReceived: 100, receiveDrops: 11, framesSent: 30_000 })) },
      /^eth0 has dropped 11 frames on arrival, beside 100 received: /,
    ],
    "guard not effective": [
      {
        kernelResets: 3,
        after: machine(link({ framesReceived: 12, framesSent: 30_000 }), 8),
      },
      /^This host has sent 3 resets .* counts them as its own: the ports are not guarded .* -s, /,
    ],
    "firewall": [
      { kernelResets: 3 },
      /^This host has sent 3 resets .* a firewall rule rejects with a TCP reset; .* nft list ruleset/,
    ],
    "foreign source": [
      { foreignSources: ["192.0.2.77"] },
      /^Probes come from 192\.0\.2\.77, which this host does not have: .* leave -S out/,
    ],
    "strangers": [
      { framesReceived: 7 },
      /^7 frames came to the sweep, and none answered a probe: .* choose other ports with -s$/,
    ],
  };
  for (const [name, [difference, expected]] of Object.entries(cases)) {
    await test.step(name, () => {
      const causes = causesOf(difference);
      assert.equal(causes.length, 1, causes.join("\n"));
      assert.match(causes[0]!, expected);
    });
  }
});

Deno.test("diagnose: resets by this host are told of a sweep that is answered as well", () => {
  const [reset, ...rest] = diagnose(observed({ replies: 900, framesReceived: 900, kernelResets: 900 }));
  assert.match(reset!, /^This host has sent 900 resets .* a firewall rule/);
  assert.deepEqual(rest, []);
});

Deno.test("diagnose: a few drops of foreign frames are no cause", () => {
  const after = machine(link({ framesReceived: 100, receiveDrops: 10, framesSent: 30_000 }));
  assert.match(causesOf({ after })[0]!, /^Checked here and found in order/);
});

Deno.test("diagnose: no probe has left", () => {
  const after = machine(link({}, false));
  const [silence, cause] = diagnose(observed({ framesSent: 0, after }));
  assert.equal(silence, "No probe has left this host in 3 s");
  assert.match(cause!, /^The link of eth0 is down/);
});

Deno.test("parseTcpResets: by the name of its column", () => {
  const text =
    "Icmp: InMsgs OutRsts\nIcmp: 1 2\nTcp: RtoAlgorithm MaxConn OutRsts InCsumErrors\nTcp: 1 -1 42 0\n";
  assert.equal(parseTcpResets(text), 42);
  assert.equal(parseTcpResets("Tcp: RtoAlgorithm\nTcp: 1\n"), 0);
});

Deno.test("observeMachine: counts connections that this host refuses, knows no interface that is gone", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const before = observeMachine(new Set(["lo", "nowhere0"]));
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
  const after = observeMachine(new Set(["lo"]));
  assert.deepEqual([...before.links.keys()], ["lo"]);
  assert.ok(after.tcpResets > before.tcpResets);
  assert.equal(after.links.get("lo")!.hasCarrier, true);
  assert.ok(after.links.get("lo")!.counters.framesSent > before.links.get("lo")!.counters.framesSent);
});

Deno.test("observeGateway: who answers, and no longer than a user waits", async () => {
  const { answeredBy: _, ...gateway } = GATEWAY;
  assert.deepEqual(await observeGateway(gateway, () => Promise.resolve("02:00:00:00:00:09")), {
    ...gateway,
    answeredBy: "02:00:00:00:00:09",
  });
  const start = performance.now();
  const silent = await observeGateway(gateway, () => new Promise(() => {}));
  assert.equal(silent.answeredBy, undefined);
  assert.ok(performance.now() - start < 2_000);
  const asked = () => assert.fail("nobody can be asked without an address");
  assert.equal((await observeGateway({ ...gateway, address: undefined }, asked)).answeredBy, undefined);
});
