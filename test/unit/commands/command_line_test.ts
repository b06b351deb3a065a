import assert from "node:assert/strict";
import { type Invocation, parseCommandLine } from "../../../src/commands/command_line.ts";
import { STARTTLS } from "../../../src/commands/values.ts";
import { fieldsOf, type FormatName } from "../../../src/results/mod.ts";
import type { AskOptions, CommonOptions, ScanOptions, SweepOptions } from "../../../src/scan/options.ts";

import { START_TLS_PROTOCOLS } from "../../../src/tls/starttls/mod.ts";

/** Splits at spaces: no argument of these tests holds one. */
function parse(commandLine: string): Invocation {
  return parseCommandLine(commandLine.split(" ").filter((argument) => argument !== ""));
}

function optionsOf(commandLine: string): ScanOptions {
  const invocation = parse(commandLine);
  assert.equal(invocation.kind, "scan", Deno.inspect(invocation));
  return (invocation as { options: ScanOptions }).options;
}

function shown(commandLine: string): string {
  const invocation = parse(commandLine);
  assert.equal(invocation.kind, "show");
  return (invocation as { text: string }).text;
}

/** What only a scan is asked. */
const ASK_DEFAULTS: AskOptions & Pick<ScanOptions, "format"> = {
  tls: "auto",
  serverName: "given",
  starttls: undefined,
  enumerate: false,
  jarm: false,
  verify: false,
  roots: undefined,
  session: false,
  http: undefined,
  captureTimeoutSeconds: 10,
  captureBytes: 262_144,
  format: "log",
};

const COMMON_DEFAULTS: CommonOptions = {
  targets: ["192.0.2.0/24"],
  allowlist: undefined,
  blocklists: [],
  asDatabase: undefined,
  includeSpecial: false,
  ports: [{ first: 443, last: 443 }],
  maxTargets: undefined,
  maxResults: undefined,
  maxRuntimeSeconds: undefined,
  cooldownSeconds: 8,
  retries: 0,
  seed: undefined,
  rate: 10_000,
  bandwidth: undefined,
  transport: "auto",
  concurrency: 256,
  interfaceName: undefined,
  sourceAddresses: undefined,
  sourcePorts: undefined,
  gatewayMac: undefined,
  vlan: 0,
  family: undefined,
  sample: undefined,
  shard: { index: 0, count: 1 },
  cursor: 0n,
  retryRate: undefined,
  minHitRate: undefined,
  linkTimeoutSeconds: 60,
  synOptions: "linux",
  timeToLive: 64,
  resets: true,
  readers: 1,
  receiveMemoryBytes: undefined,
  dryRun: false,
  quiet: false,
  verbosity: 3,
};

const DEFAULTS: Omit<ScanOptions, "output"> = {
  ...COMMON_DEFAULTS,
  ...ASK_DEFAULTS,
  segmentBytes: undefined,
  gzip: false,
  graph: undefined,
  noGraph: false,
  graphWaitSeconds: 60,
};

Deno.test("a target is enough", () => {
  const { output, ...options } = optionsOf("scan 192.0.2.0/24");
  assert.deepEqual(options, DEFAULTS);
  assert.equal(output, undefined, "the run names its folder");
});

Deno.test("what to ask", () => {
  const { tls, serverName, starttls, captureBytes, roots, http, format, ...asked } = optionsOf(
    "scan 192.0.2.0/24 --tls legacy --sni Example.ORG. --starttls auto --capture-bytes 64K --verify --roots ca.pem " +
      "--session --http /a?b --enumerate --format log",
  );
  assert.deepEqual([tls, serverName, starttls], ["legacy", { name: "example.org" }, "auto"]);
  assert.deepEqual([captureBytes, roots, http, format], [64_000, "ca.pem", "/a?b", "log"]);
  assert.deepEqual([asked.verify, asked.session, asked.enumerate, asked.jarm], [true, true, true, false]);
  assert.equal(optionsOf("scan 192.0.2.1 --jarm").jarm, true);
  assert.equal(optionsOf("scan 192.0.2.1 --sni none").serverName, "none");
  assert.equal(optionsOf("scan 192.0.2.1 --sni reverse").serverName, "reverse");
  assert.equal(optionsOf("scan 192.0.2.1 --format zgrab2").format, "zgrab2");
});

Deno.test("how the log is kept", () => {
  const { segmentBytes, gzip } = optionsOf("scan 192.0.2.1 --segment-size 64M --gzip -o run");
  assert.deepEqual([segmentBytes, gzip], [64_000_000, true]);
});

Deno.test("every option, short and long, anywhere", () => {
  const expected: ScanOptions = {
    ...DEFAULTS,
    targets: ["192.0.2.0/24", "@more", "-"],
    allowlist: "allowed",
    blocklists: ["one", "two"],
    asDatabase: "systems",
    includeSpecial: true,
    ports: [{ first: 80, last: 80 }, { first: 443, last: 445 }],
    maxTargets: { share: 0.001 },
    maxResults: 10,
    maxRuntimeSeconds: 60,
    cooldownSeconds: 0.5,
    retries: 2,
    seed: 42,
    sample: 0.25,
    shard: { index: 2, count: 3 },
    linkTimeoutSeconds: 90,
    rate: 20_000,
    bandwidth: 20_000_000,
    transport: "wire",
    concurrency: 256,
    captureTimeoutSeconds: 3,
    interfaceName: "eth0",
    sourceAddresses: "192.0.2.7,192.0.2.8/29",
    vlan: 7,
    family: 4,
    synOptions: "windows",
    timeToLive: 128,
    readers: 2,
    receiveMemoryBytes: 64_000_000,
    sourcePorts: { first: 40_000, last: 40_099 },
    gatewayMac: "02:00:5e:10:00:0a",
    output: "-",
    dryRun: false,
    quiet: true,
    verbosity: 5,
  };
  const common =
    "--include-special --asn-db systems --retries 2 --transport wire --capture-timeout 3 --vlan 7 " +
    "--syn-options windows --ttl 128 --readers 2 --receive-memory 64M --sample 25% --shard 3/3 --link-timeout 90";
  const short = optionsOf(
    `scan -p 444-445,80,443 192.0.2.0/24 -r 20K -B 20M -o - -i eth0 -S 192.0.2.7,192.0.2.8/29 -e 42 -4 ` +
      `-s 40000-40099 -G 02-00-5E-10-00-0A -b one -b two -w allowed @more -n 0.1% -N 10 -t 60 -c 0.5 -q -v 5 ${common} -`,
  );
  assert.deepEqual(short, expected);
  const long = optionsOf(
    `scan --ports=80,443-445 192.0.2.0/24 --rate=0.02M --bandwidth 20000000 --output - --interface eth0 ` +
      `--source-ip 192.0.2.7,192.0.2.8/29 --seed 42 --ipv4 --source-port 40000-40099 ` +
      `--gateway-mac 02:00:5e:10:00:0a --blocklist one --blocklist two --allowlist allowed --max-targets 0.1% ` +
      `--max-results 10 --max-runtime 60 --cooldown 0.5 ` +
      `--quiet --verbosity 5 ${common} @more -`,
  );
  assert.deepEqual(long, expected);
  assert.equal(optionsOf("scan 192.0.2.0/24 -c auto").cooldownSeconds, "auto");
});

function sweepOptionsOf(commandLine: string): SweepOptions {
  const invocation = parse(commandLine);
  assert.equal(invocation.kind, "sweep", Deno.inspect(invocation));
  return (invocation as { options: SweepOptions }).options;
}

Deno.test("a sweep's own options", () => {
  const defaults: SweepOptions = {
    ...COMMON_DEFAULTS,
    cooldownSeconds: "auto",
    output: "-",
    format: "ndjson",
    fields: undefined,
    filter: "open",
    status: undefined,
    metadata: undefined,
  };
  assert.deepEqual(sweepOptionsOf("sweep 192.0.2.0/24"), defaults);
  assert.deepEqual(
    sweepOptionsOf(
      "sweep 192.0.2.0/24 -6 -e 5 --sample 0.1% --shard 2/3 --cursor 12345678901234567890 --retries 1 " +
        "--retry-rate 1K --min-hitrate 0.5% --link-timeout 5 -c 3 --no-reset -o out --format zmap-csv " +
        "-f saddr,timestamp-us --filter rtt<5 --status s --metadata m",
    ),
    {
      ...defaults,
      family: 6,
      seed: 5,
      sample: 0.001,
      shard: { index: 1, count: 3 },
      cursor: 12_345_678_901_234_567_890n,
      retries: 1,
      retryRate: 1000,
      minHitRate: 0.005,
      linkTimeoutSeconds: 5,
      cooldownSeconds: 3,
      resets: false,
      output: "out",
      format: "zmap-csv",
      fields: ["saddr", "timestamp-us"],
      filter: "rtt<5",
      status: "s",
      metadata: "m",
    },
  );
  assert.equal(sweepOptionsOf("sweep x --all").filter, undefined);
});

Deno.test("the fields of each format can be listed", () => {
  assert.match(shown("sweep --list-fields"), /^\d+ fields of ndjson:\n {2}address +The target's address\.\n/);
  assert.match(shown("sweep --format zmap-csv --list-fields"), /^\d+ fields of zmap-csv:\n {2}saddr /);
});

Deno.test("all fields of a format by one character", () => {
  const fieldsAs = (format: FormatName) => {
    const invocation = parse(`sweep x -f * --format ${format}`);
    assert.ok(invocation.kind === "sweep");
    return invocation.options.fields;
  };
  assert.deepEqual(fieldsAs("zmap-csv"), fieldsOf("zmap-csv").map(({ name }) => name));
  assert.deepEqual(fieldsAs("csv"), fieldsOf("csv").map(({ name }) => name));
});

Deno.test("an allowlist stands for the targets", () => {
  assert.deepEqual(optionsOf("scan -w file").targets, []);
});

Deno.test("a great rate is taken when it is meant", () => {
  assert.equal(optionsOf("scan x -r 500K").rate, 500_000);
  assert.equal(optionsOf("scan x -r 1.5M --yes-fast").rate, 1_500_000);
});

Deno.test("--version, --help", () => {
  assert.equal(shown("--version"), "margay 0.1.0");
  assert.equal(shown("-V"), "margay 0.1.0");
  assert.match(shown("--help"), /^margay sweeps .*\nUsage: margay COMMAND \[OPTION\.\.\.\] ARGUMENT\.\.\.\n/);
  assert.match(shown("sweep -h"), /SIGUSR1 raises the rate by 5% and SIGUSR2 lowers it by 5%\.$/);
  assert.match(shown("scan -h"), /\n {2}-r, --rate RATE .*\[10,000\]\n/);
});

const COMMON = [
  ...[
    "--allowlist",
    "--asn-db",
    "--bandwidth",
    "--blocklist",
    "--concurrency",
    "--cooldown",
    "--dry-run",
    "--gateway-mac",
  ],
  ...[
    "--include-special",
    "--interface",
    "--ipv4",
    "--ipv6",
    "--link-timeout",
    "--max-results",
    "--max-runtime",
    "--max-targets",
  ],
  ...["--output", "--ports", "--quiet", "--rate", "--readers", "--receive-memory", "--retries"],
  ...[
    "--sample",
    "--seed",
    "--shard",
    "--source-ip",
    "--source-port",
    "--syn-options",
    "--transport",
    "--ttl",
    "--verbosity",
    "--vlan",
    "--yes-fast",
  ],
];

const SCAN_ONLY = [
  ...["--tls", "--sni", "--starttls", "--capture-timeout", "--capture-bytes", "--verify", "--roots"],
  ...["--session", "--http", "--jarm", "--enumerate", "--format", "--segment-size", "--gzip", "--resume"],
  ...["--graph", "--no-graph", "--graph-wait"],
];

const SWEEP_ONLY = [
  ...[
    "--all",
    "--cursor",
    "--fields",
    "--filter",
    "--format",
    "--list-fields",
    "--metadata",
  ],
  ...["--min-hitrate", "--no-reset", "--retry-rate", "--status"],
];

Deno.test("help has every option", () => {
  for (const [command, own] of [["scan", SCAN_ONLY], ["sweep", SWEEP_ONLY]] as const) {
    const help = shown(`${command} --help`);
    const names = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1]);
    assert.deepEqual(names.toSorted(), [...COMMON, ...own].toSorted());
  }
});

Deno.test("the formats of graph export stand in columns", () => {
  const invocation = parseCommandLine(["graph", "export", "--help"], { columns: 80 });
  assert(invocation.kind === "show");
  const formats = invocation.text.split("\n\n").at(-1)!.trimEnd().split("\n");
  assert(formats.length > 8);
  for (const line of formats) assert.match(line, /^ {2}(?:\S+ +| {12})\S.{0,64}$/);
});

Deno.test("help fits the terminal, and is left alone where nothing would fit", () => {
  for (const columns of [1, 39, 40, 80, 200]) {
    const invocation = parseCommandLine(["scan", "--help"], { columns });
    assert.equal(invocation.kind, "show");
    const lines = (invocation as { text: string }).text.split("\n");
    if (columns >= 80) assert.deepEqual(lines.filter((line) => line.trimEnd().length > columns), []);
  }
});

Deno.test("margay log: what each command is asked", () => {
  assert.deepEqual(parse("log check one two"), {
    kind: "log",
    command: "check",
    options: { folders: ["one", "two"] },
  });
  assert.deepEqual(parse("log cat --type host,tls one"), {
    kind: "log",
    command: "cat",
    options: { folders: ["one"], types: ["host", "tls"] },
  });
  assert.deepEqual(parse("log stats one --json"), {
    kind: "log",
    command: "stats",
    options: { folder: "one", json: true },
  });
});

Deno.test("the shell completes options, words and files", () => {
  assert.match(shown("completion bash"), /complete -F/);
  assert.equal(shown("completion bash scan --tra"), "--transport");
  assert.equal(shown("completion bash scan --transport k"), "kernel");
  assert.match(shown("completion bash scan --blocklist x"), /__FILE__/);
});

Deno.test("--starttls takes every protocol that is spoken", () => {
  assert.deepEqual(STARTTLS, ["auto", ...START_TLS_PROTOCOLS]);
});

/** What was typed behind `margay`, and what it is answered with. */
const REFUSED: readonly [commandLine: string, message: string][] = [
  ["", "Cannot start: no command given; try margay scan TARGET, or margay --help"],
  ["scna x", "Cannot run scna: margay has no such command; try margay scan TARGET, or margay --help"],
  ["192.0.2.1", "Cannot run 192.0.2.1: margay has no such command; try margay scan TARGET, or margay --help"],
  [
    "scan",
    "Cannot scan without a target: name an address, CIDR, range, host name, AS or @file, or give -w FILE",
  ],
  ["scan x --rte 5", "Cannot use --rte: there is no such option; did you mean --rate?"],
  ["scan x --frobnicate", "Cannot use --frobnicate: there is no such option; margay scan --help lists them"],
  ["scan x -p443", "Cannot use -p443: a short option and its value need a space between; write -p 443"],
  ["scan x -r=5", "Cannot use -r=5: a short option and its value need a space between; write -r 5"],
  ["scan -- -x", "Cannot scan a target that starts with a dash: it looks like an option"],
  ["scan x -r", "Cannot use --rate: it needs a value, RATE"],
  ["scan x -r 1 --rate 2", "Cannot use --rate twice: leave one out"],
  ["scan x -q -q", "Cannot use --quiet twice: leave one out"],
  ["scan x --quiet=yes", "Cannot use --quiet=yes: --quiet takes no value"],
  [
    "scan x -r 10X",
    "Cannot use --rate 10X: not a number, with K, M or G behind it for thousands, millions, billions",
  ],
  ["scan x -r 0", "Cannot use --rate 0: below 1"],
  ["scan x -r 0.5", "Cannot use --rate 0.5: not a whole number that fits 53 bits"],
  [
    "scan x -r 600K",
    "Cannot send 600,000 probes/s: more than 500,000 can hurt networks on the way; " +
    "lower --rate, or add --yes-fast if yours can take it",
  ],
  ["scan x -B 10", "Cannot use --bandwidth 10: below 1000"],
  ["scan x -n 101%", "Cannot use --max-targets 101%: a share lies above 0% and up to 100%"],
  ["scan x -n 0%", "Cannot use --max-targets 0%: a share lies above 0% and up to 100%"],
  ["scan x -N 0", "Cannot use --max-results 0: below 1"],
  ["scan x -t 0", "Cannot use --max-runtime 0: below 0.001 seconds"],
  ["scan x -c soon", "Cannot use --cooldown soon: neither a number of seconds nor auto"],
  ["scan x -c 1e9", "Cannot use --cooldown 1e9: not a number of seconds"],
  ["scan x -c 99999999", "Cannot use --cooldown 99999999: longer than a year"],
  ["scan x --capture-timeout 601", "Cannot use --capture-timeout 601: above 600"],
  ["scan x --capture-bytes 1", "Cannot use --capture-bytes 1: below 1024"],
  [
    "scan x --tls 1.7",
    "Cannot use --tls 1.7: it is auto, max, pq, legacy, 1.3, 1.2, 1.1, 1.0, ssl3 or ssl2",
  ],
  ["scan x --sni -no-name-", 'Cannot use --sni -no-name-: "-no-name-" is no host name'],
  [
    "scan x --sni 192.0.2.1",
    "Cannot use --sni 192.0.2.1: an address is no server name (RFC 6066, 3); leave it out, or write none",
  ],
  [
    "scan x --starttls gopher",
    "Cannot use --starttls gopher: it is auto, smtp, imap, pop3, ftp, postgres, mysql, ldap or xmpp",
  ],
  [
    "scan x --http / ",
    "Cannot use --http without --session: the request travels in the session; add --session",
  ],
  [
    "scan x --session --http index.html",
    "Cannot use --http index.html: a path starts with / and has no spaces; write others as %20",
  ],
  [
    "scan x --session --http / --starttls imap",
    "Cannot use --http with --starttls imap: such servers do not speak HTTP; leave one out",
  ],
  [
    "scan x --roots ca.pem",
    "Cannot use --roots without --verify or --session: nothing else looks at them; add one of the two",
  ],
  [
    "scan x --jarm --starttls auto",
    "Cannot use --jarm with --starttls: JARM is defined for servers that speak TLS at once; leave one out",
  ],
  [
    "scan x --session -i eth0",
    "Cannot use --interface with --session: a session goes through the kernel's sockets, which the kernel routes " +
    "itself; leave one out",
  ],
  ["scan x --format xml", "Cannot use --format xml: it is log or zgrab2"],
  [
    "scan x --format zgrab2 --jarm",
    "Cannot use --jarm with --format zgrab2: ZGrab2's records have no place for it; leave one out",
  ],
  [
    "scan x --format zgrab2 --enumerate",
    "Cannot use --enumerate with --format zgrab2: ZGrab2's records have no place for it; leave one out",
  ],
  [
    "scan x --format zgrab2 --session",
    "Cannot use --session without --http with --format zgrab2: ZGrab2's records have no place for it; leave one out",
  ],
  ["scan x --segment-size 10K", "Cannot use --segment-size 10K: below 100000"],
  [
    "scan x --gzip --format zgrab2",
    "Cannot use --gzip with --format zgrab2: only a log has files and a graph; leave one out",
  ],
  [
    "scan x --graph g --no-graph",
    "Cannot use --graph with --no-graph: one asks for a graph, one for none; leave one out",
  ],
  [
    "scan x --graph g -o -",
    "Cannot use --graph with -o -: a stream has no files and no graph; leave one out",
  ],
  ["scan x --gzip -o -", "Cannot use --gzip with -o -: a stream has no files and no graph; leave one out"],
  [
    "scan x --segment-size 1M -o -",
    "Cannot use --segment-size with -o -: a stream has no files and no graph; leave one out",
  ],
  ["scan x --retries 11", "Cannot use --retries 11: above 10"],
  [
    "scan x --seed 9007199254740993",
    "Cannot use --seed 9007199254740993: not a whole number that fits 53 bits",
  ],
  ["scan x -v 6", "Cannot use --verbosity 6: a level is a number from 0 to 5"],
  ["scan x -o=", "Cannot use -o=: a short option and its value need a space between; write -o "],
  ["scan x --output=", "Cannot use --output : the name is empty"],
  ["scan x --transport udp", "Cannot use --transport udp: it is auto, wire or kernel"],
  [
    "scan x -i eth0:1",
    "Cannot use --interface eth0:1: an interface's name has 1 to 15 characters, none of them a space, a slash or a colon",
  ],
  [
    "scan x -S 192.0.2.1,192.0.2.256",
    'Cannot use --source-ip 192.0.2.1,192.0.2.256: "192.0.2.256" is no IPv4 or IPv6 address and no CIDR',
  ],
  [
    "scan x -S 2001:db8::/129",
    'Cannot use --source-ip 2001:db8::/129: the prefix length "129" is not a number from 0 to 128',
  ],
  [
    "scan x -G 02:00:5e:10:00",
    "Cannot use --gateway-mac 02:00:5e:10:00: a MAC address is six pairs of hexadecimal digits, as 02:00:5e:10:00:01",
  ],
  [
    "scan x -G 01:00:5e:10:00:01",
    "Cannot use --gateway-mac 01:00:5e:10:00:01: it is a group's address, and a gateway is one machine",
  ],
  [
    "scan x -s 40010-40000",
    "Cannot use --source-port 40010-40000: the range 40010-40000 runs backwards; write 40000-40010",
  ],
  ["scan x -p 443,70000", 'Cannot parse ports "443,70000": port 70000 is not between 1 and 65535'],
  [
    "scan x --transport kernel -S 192.0.2.1",
    "Cannot use --source-ip with --transport kernel: the kernel routes its sockets itself; leave one out",
  ],
  [
    "scan x --transport kernel -G 02:00:5e:10:00:01",
    "Cannot use --gateway-mac with --transport kernel: the kernel routes its sockets itself; leave one out",
  ],
  [
    "scan x --transport wire --concurrency 8",
    "Cannot use --concurrency with --transport wire: it bounds the kernel transport's sockets; leave one out",
  ],
  [
    "scan x --dry-run -o out",
    "Cannot use --output with --dry-run: a dry run prints targets and nothing else; leave one out",
  ],
  [
    "scan x --shard 1/2",
    "Cannot use --shard without --seed: parts fit together only in one order; give every machine the same --seed",
  ],
  [
    "scan x -e 1 --cursor 5",
    "Cannot use --cursor: there is no such option; margay scan --help lists them",
  ],
  ["scan x -4 -6", "Cannot use --ipv4 with --ipv6: nothing is both; leave both out for either"],
  ["scan x --vlan 4095", "Cannot use --vlan 4095: above 4,094"],
  ["scan x --vlan 0", "Cannot use --vlan 0: below 1"],
  ["scan x --ttl 256", "Cannot use --ttl 256: above 255"],
  ["scan x --syn-options os2", "Cannot use --syn-options os2: it is linux, windows, bsd, mss or none"],
  [
    "sweep",
    "Cannot sweep without a target: name an address, CIDR, range, host name, AS or @file, or give -w FILE",
  ],
  ["sweep x --rte 5", "Cannot use --rte: there is no such option; did you mean --rate?"],
  [
    "sweep x --capture-timeout 5",
    "Cannot use --capture-timeout: there is no such option; margay sweep --help lists them",
  ],
  ["sweep x -e 1 --shard 0/0", "Cannot use --shard 0/0: a whole has at least one part: 1/1"],
  ["sweep x -e 1 --shard 5/4", "Cannot use --shard 5/4: shards of 4 go from 1/4 to 4/4"],
  ["sweep x -e 1 --shard 0/4", "Cannot use --shard 0/4: shards of 4 go from 1/4 to 4/4"],
  [
    "sweep x -e 1 --shard 3",
    "Cannot use --shard 3: a shard is its number and how many there are, as 1/3, 2/3 and 3/3",
  ],
  ["sweep x -e 1 --shard 1/9999999999", "Cannot use --shard 1/9999999999: more than 4,294,967,295 shards"],
  [
    "sweep x --shard 1/2",
    "Cannot use --shard without --seed: parts fit together only in one order; give every machine the same --seed",
  ],
  [
    "sweep x --cursor 7",
    "Cannot use --cursor without --seed: it is a place in one order; give the seed of the sweep that ended there",
  ],
  ["sweep x --cursor -7", "Cannot use --cursor -7: not a number, as a sweep's metadata has it"],
  ["sweep x --sample 0.1", "Cannot use --sample 0.1: a share lies above 0% and up to 100%"],
  ["sweep x -c soon", "Cannot use --cooldown soon: neither a number of seconds nor auto"],
  ["sweep x --format xml", "Cannot use --format xml: it is ndjson, csv, zmap-csv or zmap-json"],
  [
    "sweep x -f address,saddr",
    "Cannot use --fields saddr: ndjson has no such field; margay sweep --format ndjson --list-fields lists them",
  ],
  ["sweep x -f *,port", "Cannot use --fields *,port: * is every field: it stands alone"],
  ["sweep x -f address,,port", "Cannot use --fields address,,port: a name is empty"],
  ["sweep x -f port,port", "Cannot use --fields port,port: port stands there twice"],
  ["sweep x --filter rtt<x", 'Cannot filter by "rtt<x": column 5, rtt is a number, not x'],
  [
    "sweep x --all --filter open",
    "Cannot use --all with --filter: one asks for everything, the other for a part; leave one out",
  ],
  [
    "sweep x --dry-run --metadata m",
    "Cannot use --metadata with --dry-run: a dry run prints targets and nothing else; leave one out",
  ],
];

const GRAPH_REFUSED: readonly (readonly [commandLine: string, message: string])[] = [
  ["log", "Cannot start: margay log needs a command; margay log --help lists them"],
  ["log print x", "Cannot run log print: there is no such command; margay log --help lists them"],
  ["log check", "Cannot start: no FOLDER given; name the folder of a run"],
  ["log stats", "Cannot start: no FOLDER given; name the folder of a run"],
  ["log stats a b", "Cannot use b: log stats takes no more arguments; leave it out"],
  ["log cat x --tpye tls", "Cannot use --tpye: there is no such option; did you mean --type?"],
  [
    "log cat x --type tsl",
    "Cannot use --type tsl: it is run, name, host, tls, jarm, tls_support, session, certificate, checkpoint, resume " +
    "or end",
  ],
  ["log cat x --type tls,tls", "Cannot use --type tls,tls: tls stands there twice"],
  [
    "log check -- -x",
    "Cannot read a folder that starts with a dash: it looks like an option; write ./ before it",
  ],
  ["graph", "Cannot start: margay graph needs a command; margay graph --help lists them"],
  ["graph paint", "Cannot run graph paint: there is no such command; margay graph --help lists them"],
  ["graph build", "Cannot start: no RUN given; name the folder of a run"],
  ["graph build --rebuild --graph g", "Cannot start: no RUN given; name the folder of a run"],
  ["graph build a b", "Cannot choose where the graph of several runs goes: say it with --graph FILE"],
  ["graph build a --follow b", "Cannot use --follow with other runs: leave them out, or fold them first"],
  ["graph build --follow b --rebuild", "Cannot use --follow with --rebuild: leave one out"],
  ["graph build a --fllow b", "Cannot use --fllow: there is no such option; did you mean --follow?"],
  ["graph merge a", "Cannot merge into nothing: name a graph with -o"],
  ["graph merge -o g", "Cannot start: nothing to merge; name folders of runs or graphs"],
  ["graph stats a b", "Cannot use b: graph stats takes no more arguments; leave it out"],
  ["graph show", "Cannot show nothing: name a node"],
  ["graph show x y z", "Cannot use z: graph show takes no more arguments; leave it out"],
  ["graph show x --format png", "Cannot use --format png: it is text, json, dot or svg"],
  ["graph show x --format dot --json", "Cannot use --json with --format dot: leave one out"],
  ["graph show x --depth 6", "Cannot use --depth 6: above 5"],
  ["graph hubs --by names", "Cannot use --by names: it is certificates or keys"],
  ["graph hubs --limit 0", "Cannot use --limit 0: below 1"],
  [
    "graph expiring --within 30",
    "Cannot use --within 30: a span is a number of hours, days or weeks, as 12h, 30d or 8w",
  ],
  [
    "graph expiring --at 2026-02-31",
    "Cannot use --at 2026-02-31: no date as 2026-12-31, nor with a time as 2026-12-31T18:00:00Z",
  ],
  [
    "graph expiring --within 1d --expired",
    "Cannot use --within with --expired: one asks for what is to come, the other for what has been; leave one out",
  ],
  ["graph query", "Cannot ask nothing: write a statement such as 'SELECT count(*) FROM ip'"],
  ["graph query x --format xml", "Cannot use --format xml: it is table, ndjson or csv"],
  ["graph query x --format csv --json", "Cannot use --json with --format csv: leave one out"],
  ["graph stats --jsn", "Cannot use --jsn: there is no such option; did you mean --json?"],
];

for (const [commandLine, message] of [...REFUSED, ...GRAPH_REFUSED]) {
  Deno.test(`margay ${commandLine}`, () => {
    assert.deepEqual(parse(commandLine), { kind: "refuse", message });
  });
}

Deno.test("completion for no shell or an unknown one is refused", () => {
  assert.equal(parse("completion").kind, "refuse");
  assert.equal(parse("completion tcsh").kind, "refuse");
});
