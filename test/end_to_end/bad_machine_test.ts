import assert from "node:assert/strict";
import { readLog } from "../../src/observe/mod.ts";
import { runInLab, withLab } from "../lab/mod.ts";
import { readRunLog } from "../lab/run_log.ts";
import { runTool } from "../lab/tools.ts";
import { type Finished, scan } from "./child.ts";

const WORLD = { prefix: "10.50.7.0/24", certificateCount: 4 };

/** A port that another program listens on. */
const TAKEN = 50_007;

/** Arguments, how margay ends, and what it says. `10.77.0.0/24` has no route, `10.60.0.0/24` a gateway that isn't. */
const REFUSED: readonly (readonly [args: string, code: number, message: string])[] = [
  [
    "10.50.7.0/24 -i nowhere0",
    2,
    "Cannot use the interface nowhere0: there is none of that name; this host has lo, scanner0, down0, up0",
  ],
  ["10.50.7.0/24 -i down0", 2, "Cannot use the interface down0: it is down; try: ip link set down0 up"],
  ["10.50.7.0/24 -i up0", 1, "Cannot reach 10.50.7.0/24: there is no route to it through up0; see: ip route"],
  [
    "10.77.0.0/24",
    1,
    "Cannot reach 10.77.0.0/24: there is no route to it; down0 is down: ip link set down0 up",
  ],
  [
    "2001:db8:77::/120",
    1,
    "Cannot reach 2001:db8:77::/120: there is no route to it; down0 is down: ip link set down0 up",
  ],
  [
    "10.60.0.0/24 -o silent-gateway",
    1,
    "Cannot send through the gateway 10.99.0.9 on scanner0: it does not answer ARP; " +
    "check the route (ip route), or name its MAC with -G",
  ],
  [
    "10.50.7.0/24 -S 10.99.0.9 --transport kernel",
    2,
    "Cannot use --source-ip with --transport kernel: the kernel routes its sockets itself; leave one out",
  ],
  [
    "10.50.7.0/24 -S 127.0.0.1",
    2,
    "Cannot send from 127.0.0.1: no answer finds its way to a loopback or multicast address; " +
    "name one of this host's; see: ip address",
  ],
  [
    "10.50.7.0/24 -S 2001:db8::9",
    2,
    "Cannot send to IPv4 targets from 2001:db8::9: that is of the other family; " +
    "name an IPv4 address with -S too, or leave these targets out with -6",
  ],
  [
    `10.50.7.0/24 -s ${TAKEN} -o taken`,
    2,
    `Cannot send from source port ${TAKEN}: another program has it; choose others with -s, or leave -s out`,
  ],
  [
    `10.50.7.0/24 -s ${TAKEN - 5}-${TAKEN + 5}`,
    2,
    `Cannot send from source ports ${TAKEN - 5}-${TAKEN + 5}: another program has it; ` +
    "choose others with -s, or leave -s out",
  ],
  [
    "127.0.0.1 --transport wire",
    2,
    "Cannot use the wire transport: every target goes another way " +
    "(addresses of this host, which answer no raw frames); use --transport auto",
  ],
  [
    "10.50.7.0/24 -o used",
    1,
    "Cannot start a log in used: the folder is not empty (it holds mine.txt); name another one with -o",
  ],
];

/** Runs inside: what margay says to each of these, which frames left the machine meanwhile, and what is left. */
export function refuse(lines: readonly string[]) {
  return withLab(WORLD, async (lab) => {
    await runTool(["ip", "link", "add", "up0", "type", "veth", "peer", "name", "down0"]);
    await runTool(["ip", "link", "set", "up0", "up"]);
    await runTool(["ip", "route", "add", "10.60.0.0/24", "via", "10.99.0.9", "dev", lab.interface, "onlink"]);
    using _listener = Deno.listen({ hostname: "0.0.0.0", port: TAKEN });
    const folder = await Deno.makeTempDir({ dir: "/run" });
    await Deno.mkdir(`${folder}/used`);
    await Deno.writeTextFile(`${folder}/used/mine.txt`, "mine");

    const wiretap = await lab.startWiretap();
    const finished: Finished[] = [];
    for (const line of lines) finished.push(await scan(line.split(" "), { folder }));
    const { framesSent } = await wiretap.stop();
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return { finished, left, framesSent, mine: await Deno.readTextFile(`${folder}/used/mine.txt`) };
  });
}

Deno.test("what this machine cannot do is said in one line, and no folder is left behind", async (t) => {
  const { finished, left, framesSent, mine } = await runInLab<Awaited<ReturnType<typeof refuse>>>({
    module: import.meta.url,
    name: "refuse",
    argument: REFUSED.map(([args]) => args),
  });
  for (const [index, [args, code, message]] of REFUSED.entries()) {
    await t.step(`margay scan ${args}`, () => {
      assert.deepEqual(finished[index], { code, stdout: "", stderr: `margay: ${message}\n` });
    });
  }
  assert.deepEqual(left, ["used"]);
  assert.equal(mine, "mine");
  assert.ok(framesSent < 16, "the gateways were asked for their addresses, and no target was sent anything");
});

/** Runs inside: scans while every port that margay would choose first is taken. */
export function crowd() {
  return withLab(WORLD, async (lab) => {
    const listeners = Array.from({ length: 16 }, (_, index) => Deno.listen({ port: 65_520 + index }));
    const finished = await scan([lab.prefix, "-c", "0.5", "-o", "/run/crowd", "-q"]);
    for (const listener of listeners) listener.close();
    const { captures } = await readRunLog("/run/crowd");
    return { finished, captured: captures.length, live: (await lab.readTruth()).targets.size };
  });
}

Deno.test("without -s, ports that are taken are passed over", async () => {
  const { finished, captured, live } = await runInLab<Awaited<ReturnType<typeof crowd>>>({
    module: import.meta.url,
    name: "crowd",
  });
  assert.deepEqual(finished, { code: 0, stdout: "", stderr: "" });
  assert.ok(live > 0);
  assert.equal(captured, live);
});

/** Runs inside: scans onto a disk that has room for a part of what there is to say. */
export function fillDisk() {
  return withLab({ ...WORLD, prefix: "10.50.4.0/22" }, async (lab) => {
    await Deno.mkdir("/run/disk");
    await runTool(["mount", "-t", "tmpfs", "-o", "size=64k", "disk", "/run/disk"]);
    // Five seconds' worth of probes; the log is flushed every second.
    const finished = await scan([lab.prefix, "-r", "200", "-o", "/run/disk/run", "--no-graph"]);
    let torn = 0;
    const types = await Array.fromAsync(
      readLog("/run/disk/run", { onTornEnd: () => torn++ }),
      ({ type }) => type,
    );
    return { finished, types, torn };
  });
}

Deno.test("a full disk ends the scan; what is written reads back whole", async () => {
  const { finished, types, torn } = await runInLab<Awaited<ReturnType<typeof fillDisk>>>({
    module: import.meta.url,
    name: "fillDisk",
  });
  assert.equal(finished.code, 1);
  assert.equal(finished.stdout, "");
  assert.match(
    finished.stderr,
    new RegExp(
      "\nmargay: Cannot write /run/disk/run/000001\\.ndjson: No space left on device \\(os error 28\\); " +
        "free space, then go on with margay scan --resume /run/disk/run\n$",
    ),
  );
  const sent = /^ {2}sent +([\d,]+) of 1,024 probes/m.exec(finished.stderr)?.[1];
  assert.ok(sent !== undefined, `sending stopped before all was sent: ${finished.stderr}`);
  assert.equal(types[0], "run");
  assert.ok(types.includes("tls"));
  assert.ok(!types.includes("end"));
  assert.equal(torn, 0);
});
