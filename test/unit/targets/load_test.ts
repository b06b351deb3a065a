import assert from "node:assert/strict";
import {
  type Family,
  formatPorts,
  formatSpecialBlock,
  IntervalSet,
  type LoadedTargets,
  loadTargets,
  parseAddress,
  parsePorts,
  parseTarget,
  TARGET_COUNT_MAX,
  TargetError,
  type TargetRequest,
  type TargetSet,
  tooManyTargets,
} from "../../../src/targets/mod.ts";
import { seededRandom } from "./random.ts";

interface World {
  readonly files?: Readonly<Record<string, string>>;
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

type Request = Partial<Omit<TargetRequest, "ports">> & { readonly ports?: string };

function load(
  { ports = "443", ...request }: Request,
  { files = {}, names = {} }: World = {},
): Promise<LoadedTargets> {
  return loadTargets({ targets: [], ...request, ports: parsePorts(ports) }, {
    async *readOctets(path) {
      const content = files[path];
      if (content === undefined) throw new TargetError(`Cannot read ${path}: there is no such file`);
      yield await Promise.resolve(new TextEncoder().encode(content));
    },
    resolveName(name, family) {
      const found = names[name];
      return found
        ? Promise.resolve(found.filter((text) => !family || text.includes(":") === (family === 6)))
        : Promise.reject(Object.assign(new Error(name), { code: "ENOTFOUND" }));
    },
  });
}

/** `443,8443: 192.0.2.0/24` a group. */
function show({ groups }: TargetSet): string[] {
  return groups.map(({ ports, intervals }) => {
    const ranges = parsePorts(ports.join());
    return `${formatPorts(ranges)}: ${intervals.toCidrs().join(" ")}`;
  });
}

async function loadGroups(request: Request, world?: World): Promise<string[]> {
  return show((await load(request, world)).targetSet);
}

async function assertMessage(
  request: Request,
  world: World,
  message: string,
  source?: string,
): Promise<void> {
  await assert.rejects(load(request, world), (error) => {
    assert.ok(error instanceof TargetError);
    assert.equal(error.message, message);
    assert.equal(error.source, source);
    return true;
  });
}

Deno.test("targets that overlap, touch and repeat become one group", async () => {
  const { targetSet } = await load({
    targets: ["8.8.8.0/25", "8.8.8.128/25", "8.8.8.8", "8.8.8.0-8.8.8.9"],
    ports: "443,80",
  });
  assert.deepEqual(show(targetSet), ["80,443: 8.8.8.0/24"]);
  assert.equal(targetSet.count, 512n);
  assert.equal(targetSet.addressCount, 256n);
  assert.equal(targetSet.contains(parseAddress("8.8.8.255")!, 80), true);
  assert.equal(targetSet.contains(parseAddress("8.8.9.0")!, 80), false);
  assert.equal(targetSet.contains(parseAddress("8.8.8.255")!, 81), false);
});

Deno.test("a target with ports of its own does not add to the others", async () => {
  assert.deepEqual(await loadGroups({ targets: ["8.8.8.0/31", "8.8.8.1:8443", "8.8.4.4:443"] }), [
    "443: 8.8.4.4/32 8.8.8.0/31",
    "8443: 8.8.8.1/32",
  ]);
  // Equal addresses at ports that were asked for apart share a group.
  assert.deepEqual(await loadGroups({ targets: ["8.8.8.8:80", "8.8.8.8:443", "8.8.8.8:81-82"] }), [
    "80-82,443: 8.8.8.8/32",
  ]);
});

Deno.test("the target set is an exact cover without duplicates (brute force)", async () => {
  const random = seededRandom(7);
  const size = 24;
  const portCount = 8;
  for (let round = 0; round < 300; round += 1) {
    const expected = new Set<string>();
    const targets: string[] = [];
    for (let remaining = 1 + random(6); remaining > 0; remaining -= 1) {
      const [first, firstPort] = [random(size), 1 + random(portCount)];
      const [last, lastPort] = [first + random(size - first), firstPort + random(portCount + 1 - firstPort)];
      targets.push(`8.8.8.${first}-8.8.8.${last}:${firstPort}-${lastPort}`);
      for (let host = first; host <= last; host += 1) {
        for (let port = firstPort; port <= lastPort; port += 1) expected.add(`8.8.8.${host} ${port}`);
      }
    }
    const blocked = random(size);
    for (let port = 1; port <= portCount; port += 1) expected.delete(`8.8.8.${blocked} ${port}`);
    if (expected.size === 0) continue;

    const world = { files: { b: `8.8.8.${blocked}` } };
    const { targetSet } = await load({ targets, blocklists: ["b"] }, world);
    assert.equal(targetSet.count, BigInt(expected.size), targets.join(" "));
    for (let host = 0; host < size; host += 1) {
      for (let port = 1; port <= portCount; port += 1) {
        const isTarget = targetSet.contains(parseAddress(`8.8.8.${host}`)!, port);
        assert.equal(
          isTarget,
          expected.has(`8.8.8.${host} ${port}`),
          `${targets.join(" ")} at ${host}:${port}`,
        );
      }
    }
    const ports = targetSet.groups.flatMap((group) => group.ports);
    assert.equal(new Set(ports).size, ports.length, "a port is in one group only");
    for (const [index, group] of targetSet.groups.entries()) {
      const others = targetSet.groups.slice(index + 1);
      assert.ok(!others.some((other) => other.intervals.equals(group.intervals)), "equal groups are one");
    }
  }
});

Deno.test("0.0.0.0/0 leaves the special-purpose blocks out and says how much that was", async () => {
  const { targetSet, exclusions, namedSpecialBlocks } = await load({
    targets: ["0.0.0.0/0"],
    ports: "80,443",
  });
  assert.equal(targetSet.contains(parseAddress("10.0.0.1")!, 443), false);
  assert.equal(targetSet.contains(parseAddress("192.0.0.9")!, 443), true);
  assert.equal(targetSet.contains(parseAddress("8.8.8.8")!, 443), true);
  const privateUse = exclusions.find(({ reason }) => reason === "Private-Use 10.0.0.0/8 (RFC 1918)");
  assert.deepEqual(privateUse, {
    kind: "special",
    reason: "Private-Use 10.0.0.0/8 (RFC 1918)",
    targetCount: 2n << 24n,
    addressCount: 1n << 24n,
  });
  const excluded = exclusions.reduce((sum, { addressCount }) => sum + addressCount, 0n);
  assert.equal(excluded + targetSet.addressCount, 1n << 32n);
  assert.deepEqual(namedSpecialBlocks, []);
});

Deno.test("a special-purpose block is scanned when it was named, and only what was named of it", async () => {
  const { targetSet, namedSpecialBlocks, exclusions } = await load({
    targets: ["9.255.255.255-10.0.0.3", "10.0.0.2", "127.0.0.1:8443", "127.0.0.2:8443"],
  });
  assert.deepEqual(show(targetSet), ["443: 9.255.255.255/32 10.0.0.2/32", "8443: 127.0.0.1/32 127.0.0.2/32"]);
  assert.deepEqual(
    namedSpecialBlocks.map(({ block, target }) => `${target} in ${formatSpecialBlock(block)}`),
    ["10.0.0.2 in Private-Use 10.0.0.0/8 (RFC 1918)", "127.0.0.1:8443 in Loopback 127.0.0.0/8 (RFC 1122)"],
  );
  assert.deepEqual(exclusions.map(({ addressCount }) => addressCount), [3n]);
});

Deno.test("includeSpecial makes special-purpose addresses ordinary", async () => {
  const { targetSet, exclusions, namedSpecialBlocks } = await load({
    targets: ["0.0.0.0/0", "10.0.0.1"],
    includeSpecial: true,
  });
  assert.deepEqual(show(targetSet), ["443: 0.0.0.0/0"]);
  assert.deepEqual([exclusions, namedSpecialBlocks], [[], []]);
});

Deno.test("a blocklist takes away from everything, named blocks too", async () => {
  const files = { "b.txt": "# ours\n10.0.0.4/30 # lab\n10.0.0.1\n8.8.8.0-8.8.8.3", "c.txt": "10.0.0.0/29" };
  const request = { targets: ["10.0.0.0/28", "8.8.8.0/29"], blocklists: ["b.txt", "c.txt"] };
  const { targetSet, exclusions } = await load(request, { files });
  assert.deepEqual(show(targetSet), ["443: 8.8.8.4/30 10.0.0.8/29"]);
  assert.deepEqual(exclusions, [
    { kind: "blocklist", reason: "b.txt", targetCount: 9n, addressCount: 9n },
    { kind: "blocklist", reason: "c.txt", targetCount: 3n, addressCount: 3n },
  ]);
});

Deno.test("lists and standard input are read as one target a line", async () => {
  const files = { "t.txt": "# mine\n\n8.8.8.8 # dns\n8.8.4.4:53,dns.example\n", "-": "1.1.1.1" };
  const { targetSet } = await load({ targets: ["@t.txt", "-"] }, { files });
  assert.deepEqual(show(targetSet), ["53: 8.8.4.4/32", "443: 1.1.1.1/32 8.8.8.8/32"]);
  assert.deepEqual(targetSet.serverNames(parseAddress("8.8.4.4")!, 53), ["dns.example"]);
});

Deno.test("server names belong to the targets they came with", async () => {
  const { targetSet } = await load({
    targets: [
      "a.example",
      "b.example:8443",
      "8.8.8.8,c.example",
      "8.8.8.0/24,d.example",
      "8.8.8.8,c.example",
    ],
  }, { names: { "a.example": ["8.8.8.8", "8.8.4.4"], "b.example": ["8.8.8.8"] } });
  const names = (address: string, port: number) => targetSet.serverNames(parseAddress(address)!, port);
  assert.deepEqual(names("8.8.8.8", 443), ["c.example", "a.example", "d.example"]);
  assert.deepEqual(names("8.8.8.8", 8443), ["b.example"]);
  assert.deepEqual(names("8.8.4.4", 443), ["a.example"]);
  assert.deepEqual(names("8.8.8.9", 443), ["d.example"]);
  assert.deepEqual(names("8.8.9.0", 443), []);
});

Deno.test("what was given with a name and without one is asked for both", async () => {
  const { targetSet } = await load({
    targets: [
      "8.8.4.0/30",
      "8.8.4.1,a.example",
      "8.8.4.9,b.example",
      "8.8.4.2:80-90",
      "8.8.4.2:85,c.example",
    ],
  });
  const names = (address: string, port: number) => targetSet.serverNames(parseAddress(address)!, port);
  assert.deepEqual(names("8.8.4.0", 443), []);
  assert.deepEqual(names("8.8.4.1", 443), [undefined, "a.example"]);
  assert.deepEqual(names("8.8.4.9", 443), ["b.example"]);
  assert.deepEqual(names("8.8.4.2", 85), [undefined, "c.example"]);
  assert.deepEqual(names("8.8.4.2", 84), []);
  assert.equal(targetSet.count, 4n + 1n + 11n);
});

Deno.test("an AS stands for what it announces, with ports and server names like any other target", async () => {
  const files = {
    "as.csv": "8.8.4.0/24,64500\n8.8.4.0/26,64501\n8.8.8.0/24,64501\n2001:4860::/32,64500\n10.0.0.0/8,64500",
    "t.txt": "# mine\nas64501:53\n",
  };
  const request = { targets: ["AS64500,a.example", "@t.txt"], asDatabase: "as.csv" };
  const { targetSet, exclusions, namedSpecialBlocks, asDataWarnings } = await load(request, { files });
  assert.deepEqual(show(targetSet), [
    "53: 8.8.4.0/26 8.8.8.0/24",
    "443: 8.8.4.64/26 8.8.4.128/25 2001:4860::/32",
  ]);
  assert.deepEqual(targetSet.serverNames(parseAddress("8.8.4.64")!, 443), ["a.example"]);
  // An AS that announces 10.0.0.0/8 does not make anybody ask for it.
  assert.deepEqual(exclusions.map(({ reason }) => reason), ["Private-Use 10.0.0.0/8 (RFC 1918)"]);
  assert.deepEqual([namedSpecialBlocks, asDataWarnings], [[], []]);

  const missing = { targets: ["8.8.8.8", "@t.txt"] };
  const unknown = "what an AS announces is not known; give AS data with --asn-db FILE";
  await assertMessage(missing, { files }, `t.txt:2: Cannot scan as64501:53: ${unknown}`, "t.txt:2");
  await assertMessage(
    { targets: ["AS1"], asDatabase: "as.csv" },
    { files },
    "Cannot scan AS1: the AS has no address in as.csv",
  );
});

Deno.test("a host name names no special-purpose block, except localhost", async () => {
  const names = { "inside.example": ["10.0.0.1", "8.8.8.8"], localhost: ["127.0.0.1"] };
  const { targetSet, exclusions } = await load({ targets: ["inside.example", "localhost"] }, { names });
  assert.deepEqual(show(targetSet), ["443: 8.8.8.8/32 127.0.0.1/32"]);
  assert.deepEqual(exclusions.map(({ reason }) => reason), ["Private-Use 10.0.0.0/8 (RFC 1918)"]);
});

Deno.test("bad input in a file is named with its line", async () => {
  const files = {
    "t.txt": "8.8.8.8\n\n10.0.0.0/33",
    "port.txt": "8.8.8.8:0",
    "nested.txt": "@t.txt",
    "name.txt": "8.8.8.8\nnosuch.example",
    "-": "10.0.0.9-10.0.0.1",
    "b.txt": "10.0.0.0/8\n10.1.2.3/8",
    "hosts.txt": "example.com",
    "pairs.txt": "10.0.0.1\n10.0.0.2:80",
  };
  const cases: readonly (readonly [request: Request, source: string | undefined, message: string])[] = [
    [
      { targets: ["@t.txt"] },
      "t.txt:3",
      't.txt:3: Cannot parse target "10.0.0.0/33": the prefix length "33" is not a number from 0 to 32',
    ],
    [
      { targets: ["@port.txt"] },
      "port.txt:1",
      'port.txt:1: Cannot parse target "8.8.8.8:0": port 0 is not between 1 and 65535',
    ],
    [
      { targets: ["@nested.txt"] },
      "nested.txt:1",
      'nested.txt:1: Cannot parse target "@t.txt": a list of targets cannot name another list',
    ],
    [
      { targets: ["-"] },
      "standard input:1",
      'standard input:1: Cannot parse target "10.0.0.9-10.0.0.1": the range runs backwards; write 10.0.0.1-10.0.0.9',
    ],
    [
      { targets: ["@name.txt"] },
      "name.txt:2",
      "name.txt:2: Cannot resolve nosuch.example: there is no such name, or it has no address",
    ],
    [
      { targets: ["10.0.0.0/8"], blocklists: ["b.txt"] },
      "b.txt:2",
      'b.txt:2: Cannot parse blocklist entry "10.1.2.3/8": 10.1.2.3 is not the first address of its /8; ' +
      "did you mean 10.0.0.0/8 or 10.1.2.3/32?",
    ],
    [
      { targets: ["10.0.0.0/8"], blocklists: ["hosts.txt"] },
      "hosts.txt:1",
      'hosts.txt:1: Cannot parse blocklist entry "example.com": "example.com" is no IPv4 address ' +
      "(four numbers from 0 to 255, without leading zeros)",
    ],
    [
      { targets: ["10.0.0.0/8"], blocklists: ["pairs.txt"] },
      "pairs.txt:2",
      'pairs.txt:2: Cannot parse blocklist entry "10.0.0.2:80": "10.0.0.2:80" is no IPv6 address',
    ],
    [{ targets: ["@missing.txt"] }, undefined, "Cannot read missing.txt: there is no such file"],
    [
      { targets: ["8.8.8.8"], blocklists: ["missing.txt"] },
      undefined,
      "Cannot read missing.txt: there is no such file",
    ],
  ];
  for (const [request, source, message] of cases) await assertMessage(request, { files }, message, source);
});

Deno.test("names that do not resolve are refused", async () => {
  const names = { "empty.example": [], "six.example": ["2620:fe::fe"], "odd.example": ["x"] };
  const cases: readonly (readonly [target: string, family: Family, message: string])[] = [
    ["no.example", undefined, "Cannot resolve no.example: there is no such name, or it has no address"],
    ["no.example", 4, "Cannot resolve no.example: there is no such name, or it has no IPv4 address"],
    ["empty.example", undefined, "Cannot resolve empty.example: it has no address"],
    ["six.example", 4, "Cannot resolve six.example: it has no IPv4 address"],
    ["empty.example", 6, "Cannot resolve empty.example: it has no IPv6 address"],
    ["odd.example", undefined, 'Cannot resolve odd.example: it became "x"'],
  ];
  for (const [target, family, message] of cases) {
    await assertMessage({ targets: ["8.8.8.8", target], family }, { names }, message);
  }
});

Deno.test("IPv6 targets in all their forms, beside IPv4", async () => {
  const files = { "t.txt": "[2620:fe::9]:53\n2620:fe::10 # more\n8.8.8.8", "b.txt": "2620:fe:0:0-1::1" };
  const names = { "both.example": ["9.9.9.9", "2620:fe::fe"] };
  const targets = ["2620:fe::/126", "2620:fe::5-2620:fe::6", "2620:fe:0:0-1::1-3", "both.example", "@t.txt"];
  const { targetSet, exclusions } = await load({ targets, blocklists: ["b.txt"] }, { files, names });
  assert.deepEqual(show(targetSet), [
    "53: 2620:fe::9/128",
    "443: 8.8.8.8/32 9.9.9.9/32 2620:fe::/128 2620:fe::2/127 2620:fe::5/128 2620:fe::6/128 2620:fe::10/128 " +
    "2620:fe::fe/128 2620:fe:0:1::2/127",
  ]);
  assert.deepEqual(exclusions.map(({ reason, addressCount }) => [reason, addressCount]), [["b.txt", 2n]]);
  assert.deepEqual(targetSet.serverNames(parseAddress("2620:fe::fe")!, 443), ["both.example"]);
});

Deno.test("special-purpose IPv6 is left out unless it was named", async () => {
  const { targetSet, namedSpecialBlocks } = await load({ targets: ["2000::/3", "fe80::1"] });
  assert.equal(targetSet.contains(parseAddress("2001:db8::1")!, 443), false);
  assert.equal(targetSet.contains(parseAddress("2001:4860::1")!, 443), true);
  assert.deepEqual(namedSpecialBlocks.map(({ block }) => block.cidr), ["fe80::/10"]);
});

Deno.test("one family alone: names resolve to it, and the rest is left out and counted", async () => {
  const names = { "both.example": ["9.9.9.9", "2620:fe::fe"] };
  const files = { "t.txt": "8.8.8.8\n8.8.8.8:80\n2620:fe::9\n127.0.0.1" };
  const targets = ["both.example", "@t.txt"];
  const four = await load({ targets, family: 4 }, { names, files });
  assert.deepEqual(show(four.targetSet), ["80: 8.8.8.8/32", "443: 8.8.8.8/32 9.9.9.9/32 127.0.0.1/32"]);
  assert.deepEqual(four.exclusions, [{ kind: "family", reason: "IPv6", targetCount: 1n, addressCount: 1n }]);
  const six = await load({ targets, family: 6 }, { names, files });
  assert.deepEqual(show(six.targetSet), ["443: 2620:fe::9/128 2620:fe::fe/128"]);
  assert.deepEqual(six.exclusions, [{ kind: "family", reason: "IPv4", targetCount: 3n, addressCount: 2n }]);
  await assertMessage(
    { targets: ["8.8.8.8", "9.9.9.9"], family: 6 },
    {},
    "Cannot scan 8.8.8.8 9.9.9.9: there is no IPv6 target in it",
  );
});

Deno.test("groups are the arrays that the library reads", async () => {
  const { targetSet } = await load({ targets: ["8.8.8.0/30", "8.8.8.9", "2620:fe::1-2620:fe::1:0:0:2"] });
  const [group] = targetSet.groups;
  assert.deepEqual(group!.ipv4, Uint32Array.of(0x0808_0800, 0x0808_0803, 0x0808_0809, 0x0808_0809));
  assert.deepEqual(
    group!.ipv6,
    BigUint64Array.of(0x2620_00fe_0000_0000n, 1n, 0x2620_00fe_0000_0000n, 0x1_0000_0000_0002n),
  );
});

Deno.test("targets within a set of addresses are counted", async () => {
  const { targetSet } = await load({ targets: ["8.8.8.0/30:80-81", "8.8.8.2/31:443", "2620:fe::/64"] });
  const within = (text: string) => {
    const target = parseTarget(text);
    assert.ok(target.kind === "block");
    return targetSet.countWithin(IntervalSet.from(target.intervals));
  };
  assert.equal(within("8.8.8.3-8.8.8.9"), 3n);
  assert.equal(within("2620::/16"), 1n << 64n);
  assert.equal(within("9.0.0.0/8"), 0n);
  assert.equal(within("0.0.0.0/0") + within("::/0"), targetSet.count);
});

Deno.test("a set that no walk can order is refused with its count", async () => {
  const { targetSet } = await load({ targets: ["2620::/32"] });
  assert.ok(targetSet.count > TARGET_COUNT_MAX);
  assert.equal(
    tooManyTargets(targetSet.count).message,
    "Cannot scan 79,228,162,514,264,337,593,543,950,336 targets: a walk orders at most " +
      "9,223,372,036,854,775,807; draw some of them with --sample or --max-targets",
  );
});

Deno.test("a long list in any order equals its addresses one by one", async () => {
  const random = seededRandom(17);
  const lines = Array.from({ length: 20_000 }, () => {
    const address = `${[8, 9, 10, 192][random(4)]}.${random(2)}.${random(256)}.${random(256)}`;
    return random(3) === 0 ? `${address}:${80 + random(3)}` : address;
  });
  const { targetSet, exclusions } = await load({ targets: ["-"] }, { files: { "-": lines.join("\n") } });
  const expected = new Set(lines.map((line) => line.includes(":") ? line : `${line}:443`));
  assert.equal(targetSet.count, BigInt(expected.size));
  for (const target of expected) {
    const [address, port] = target.split(":");
    assert.ok(targetSet.contains(parseAddress(address!)!, Number(port)), target);
  }
  for (const { intervals } of targetSet.groups) {
    assert.ok(intervals.equals(IntervalSet.from(intervals)), "groups are in normal form");
  }
  assert.deepEqual(exclusions, []);
});

Deno.test("an empty target set says why it is empty", async () => {
  const files = {
    "empty.txt": "# nothing\n",
    "all.txt": "1.0.0.0/8\n\n8.8.8.0/24",
    "halves.txt": "# both\n8.8.8.0/25\n9.9.9.9\n8.8.8.128/25",
  };
  await assertMessage(
    { targets: [] },
    {},
    "Cannot scan: no target is given; name an address, CIDR, range, host name, AS, @file or -",
  );
  await assertMessage(
    { targets: ["@empty.txt"] },
    { files },
    "Cannot scan @empty.txt: there is no target in it",
  );
  await assertMessage(
    { targets: ["224.0.0.0/3"] },
    {},
    "Cannot scan 224.0.0.0/3: every address is special-purpose, Multicast 224.0.0.0/4 (RFC 5771), " +
      "Reserved 240.0.0.0/4 (RFC 1112); name a target inside one such block, or use --include-special",
  );
  await assertMessage(
    { targets: ["8.8.8.0/25", "8.8.8.200"], blocklists: ["all.txt"] },
    { files },
    "all.txt:3: Cannot scan 8.8.8.0/25 8.8.8.200: the blocklist takes every target away, by its entry 8.8.8.0/24",
    "all.txt:3",
  );
  await assertMessage(
    { targets: ["8.8.8.0/24", "8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.8.4"], blocklists: ["halves.txt"] },
    { files },
    "halves.txt:2: Cannot scan 8.8.8.0/24 8.8.8.1 8.8.8.2 and 2 more: the blocklist takes every target away, " +
      "by its entry 8.8.8.0/25 and 1 more",
    "halves.txt:2",
  );
});
