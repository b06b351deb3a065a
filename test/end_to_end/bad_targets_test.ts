import assert from "node:assert/strict";
import { runInLab } from "../lab/mod.ts";
import { type Finished, scan } from "./child.ts";

/** What lies in the folder that margay runs in. */
const FILES: Readonly<Record<string, string>> = {
  "targets.txt": "10.50.0.0/30\n# more\n\n10.50.0.0/40\n",
  "ports.txt": "10.50.0.1\n10.50.0.2:99999\n",
  "names.txt": "10.50.0.1\nnowhere.invalid\n",
  "nested.txt": "@targets.txt\n",
  "long.txt": `10.50.0.1\n${"1".repeat(5000)}\n`,
  "zeros.txt": "\0".repeat(100_000),
  "empty.txt": "# nothing\n\n",
  "blocked.txt": "# ours\n192.0.2.0/24\n10.50.0.0/16\n10.50.0.0/17\n",
  "broken.txt": "10.50.0.1\nten.fifty/8\n",
  "as.csv": "10.50.0.0,10.50.0.255,64500,Example\n",
  "wide.txt": "192.169.0.0\n",
};

const notAddress = "is no IPv4 address (four numbers from 0 to 255, without leading zeros)";

/** Arguments, separated by spaces, and what margay says to them, all of it bad usage. */
const REFUSED: readonly (readonly [args: string, message: string | RegExp])[] = [
  // Addresses, CIDRs and ranges.
  ["256.1.1.1", `Cannot parse target "256.1.1.1": "256.1.1.1" ${notAddress}`],
  ["010.1.1.1", `Cannot parse target "010.1.1.1": "010.1.1.1" ${notAddress}`],
  [
    "10.50.0.0/33",
    'Cannot parse target "10.50.0.0/33": the prefix length "33" is not a number from 0 to 32',
  ],
  ["10.50.0.0/", 'Cannot parse target "10.50.0.0/": the prefix length "" is not a number from 0 to 32'],
  ["10.50/24", `Cannot parse target "10.50/24": "10.50" ${notAddress}`],
  [
    "10.50.0.1/24",
    'Cannot parse target "10.50.0.1/24": 10.50.0.1 is not the first address of its /24; ' +
    "did you mean 10.50.0.0/24 or 10.50.0.1/32?",
  ],
  [
    "10.50.0.9-10.50.0.1",
    'Cannot parse target "10.50.0.9-10.50.0.1": the range runs backwards; write 10.50.0.1-10.50.0.9',
  ],
  ["10.50.0.1-300", `Cannot parse target "10.50.0.1-300": "300" ${notAddress}`],
  ["2001:db8:::1", 'Cannot parse target "2001:db8:::1": "2001:db8:::1" is no IPv6 address'],
  [
    "2001:db8::/129",
    'Cannot parse target "2001:db8::/129": the prefix length "129" is not a number from 0 to 128',
  ],
  [
    "2001:db8::1/64",
    'Cannot parse target "2001:db8::1/64": 2001:db8::1 is not the first address of its /64; ' +
    "did you mean 2001:db8::/64 or 2001:db8::1/128?",
  ],
  [
    "2001:db8::9-2001:db8::1",
    'Cannot parse target "2001:db8::9-2001:db8::1": the range runs backwards; write 2001:db8::1-2001:db8::9',
  ],
  [
    "[2001:db8::1:443",
    'Cannot parse target "[2001:db8::1:443": an IPv6 address with a port is written [2001:db8::1]:443',
  ],
  [
    "::ffff:10.50.0.1",
    'Cannot parse target "::ffff:10.50.0.1": an IPv4-mapped IPv6 address is not one to send to; write 10.50.0.1',
  ],

  // Ports.
  ["10.50.0.1:0", 'Cannot parse target "10.50.0.1:0": port 0 is not between 1 and 65535'],
  [
    "10.50.0.1:",
    'Cannot parse target "10.50.0.1:": "" is no port (1 to 65535) and no range such as 9000-9010',
  ],
  ["10.50.0.1 -p 70000", 'Cannot parse ports "70000": port 70000 is not between 1 and 65535'],
  ["10.50.0.1 -p 9-1", 'Cannot parse ports "9-1": the range 9-1 runs backwards; write 1-9'],
  [
    "10.50.0.1 -p 443,https",
    'Cannot parse ports "443,https": "https" is no port (1 to 65535) and no range such as 9000-9010',
  ],

  // Files, with the line.
  [
    "@targets.txt",
    'targets.txt:4: Cannot parse target "10.50.0.0/40": the prefix length "40" is not a number from 0 to 32',
  ],
  [
    "-w ports.txt",
    'ports.txt:2: Cannot parse target "10.50.0.2:99999": port 99999 is not between 1 and 65535',
  ],
  [
    "-",
    'standard input:2: Cannot parse target "10.50.0.1/": the prefix length "" is not a number from 0 to 32',
  ],
  [
    "@nested.txt",
    'nested.txt:1: Cannot parse target "@targets.txt": a list of targets cannot name another list',
  ],
  ["@long.txt", "long.txt:2: Cannot read the line: it is longer than 4096 octets"],
  ["@zeros.txt", "zeros.txt:1: Cannot read the line: it is longer than 4096 octets"],
  ["@missing.txt", "Cannot read missing.txt: there is no such file"],
  ["@", 'Cannot parse target "@": the name of a file is missing after @'],
  [
    "10.50.0.1 -b broken.txt",
    `broken.txt:2: Cannot parse blocklist entry "ten.fifty/8": "ten.fifty" ${notAddress}`,
  ],
  ["10.50.0.1 -b missing.txt", "Cannot read missing.txt: there is no such file"],

  // Host names. No name server can be reached from here; the system may word that in two ways.
  [
    "nowhere.invalid",
    /^Cannot resolve nowhere\.invalid: (there is no such name, or it has no IPv4 address|the name server did not answer)$/,
  ],
  ["@names.txt", /^names\.txt:2: Cannot resolve nowhere\.invalid: /],
  [
    "https://nowhere.invalid/",
    'Cannot parse target "https://nowhere.invalid/": a URL is no target; write the host name and port alone',
  ],

  // AS.
  ["AS65000", "Cannot scan AS65000: what an AS announces is not known; give AS data with --asn-db FILE"],
  ["AS65000 --asn-db as.csv", "Cannot scan AS65000: the AS has no address in as.csv"],
  ["AS65000 --asn-db missing.csv", "Cannot read missing.csv: there is no such file"],
  [
    "AS65000 --asn-db names.txt",
    'names.txt:1: Cannot read AS data "10.50.0.1": the AS number is missing; one more line is wrong',
  ],

  // Target sets with nothing in them.
  ["", "Cannot scan without a target: name an address, CIDR, range, host name, AS or @file, or give -w FILE"],
  ["@empty.txt", "Cannot scan @empty.txt: there is no target in it"],
  [
    "10.50.0.0/24 -b blocked.txt",
    "blocked.txt:3: Cannot scan 10.50.0.0/24: the blocklist takes every target away, " +
    "by its entry 10.50.0.0/16 and 1 more",
  ],
  [
    "192.168.255.0-192.169.0.0 -b wide.txt",
    "wide.txt:1: Cannot scan 192.168.255.0-192.169.0.0: the blocklist takes every target away, " +
    "by its entry 192.169.0.0",
  ],
  [
    "224.0.0.0/3",
    /^Cannot scan 224\.0\.0\.0\/3: every address is special-purpose, Multicast .*; name a target inside one such block, or use --include-special$/,
  ],

  // Too fast.
  [
    "10.50.0.0/24 -r 500001",
    "Cannot send 500,001 probes/s: more than 500,000 can hurt networks on the way; " +
    "lower --rate, or add --yes-fast if yours can take it",
  ],
];

/** Runs inside, where no route leads anywhere: what margay says to each, and what it leaves in its folder. */
export async function refuse(
  lines: readonly string[],
): Promise<{ readonly finished: Finished[]; readonly left: string[] }> {
  const folder = await Deno.makeTempDir({ dir: "/run" });
  for (const [name, text] of Object.entries(FILES)) await Deno.writeTextFile(`${folder}/${name}`, text);
  const finished: Finished[] = [];
  for (const line of lines) {
    const args = line.split(" ").filter((word) => word !== "");
    finished.push(await scan(args, { folder, input: "10.50.0.0/24\n10.50.0.1/\n" }));
  }
  const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  return { finished, left: left.filter((name) => !(name in FILES)) };
}

Deno.test("bad targets are one line on standard error that says what to change, and nothing is left", async (t) => {
  const { finished, left } = await runInLab<Awaited<ReturnType<typeof refuse>>>({
    module: import.meta.url,
    name: "refuse",
    argument: REFUSED.map(([args]) => args),
  });
  for (const [index, [args, message]] of REFUSED.entries()) {
    await t.step(`margay scan ${args}`, () => {
      const { code, stdout, stderr: written } = finished[index]!;
      // Deno 2.4 warns of a module of its own when it resolves a name.
      const stderr = written.replace(/^\(node:\d+\) \[DEP0040\].*\n/, "");
      assert.match(stderr, /^margay: .*\n$/, "one line");
      const said = stderr.slice("margay: ".length, -1);
      if (typeof message === "string") assert.equal(said, message);
      else assert.match(said, message);
      assert.equal(code, 2);
      assert.equal(stdout, "");
    });
  }
  assert.deepEqual(left, []);
});
