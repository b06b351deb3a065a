import assert from "node:assert/strict";
import { formatInterval, formatPorts, parseTarget, TargetError } from "../../../src/targets/mod.ts";

/** A target in one line: what it is, its ports, its server name. */
function describe(text: string): string {
  const target = parseTarget(text);
  if (target.kind === "list") return `list ${target.path}`;
  const what = target.kind === "host"
    ? target.name
    : target.kind === "system"
    ? target.number
    : target.intervals.map(formatInterval).join(" ");
  return `${target.kind} ${what} ports ${
    target.ports ? formatPorts([target.ports]) : "-"
  } name ${target.serverName}`;
}

Deno.test("targets in all their forms", () => {
  const cases: readonly (readonly [text: string, parsed: string])[] = [
    ["192.0.2.1", "block 192.0.2.1 ports - name undefined"],
    ["192.0.2.1:8443", "block 192.0.2.1 ports 8443 name undefined"],
    ["192.0.2.1,Example.COM", "block 192.0.2.1 ports - name example.com"],
    ["192.0.2.1:8443,example.com.", "block 192.0.2.1 ports 8443 name example.com"],
    ["0.0.0.0/0", "block 0.0.0.0/0 ports - name undefined"],
    ["192.0.2.7/32", "block 192.0.2.7 ports - name undefined"],
    ["10.0.0.0/8:9000-9010", "block 10.0.0.0/8 ports 9000-9010 name undefined"],
    ["192.0.2.1-192.0.2.9:443", "block 192.0.2.1-192.0.2.9 ports 443 name undefined"],
    ["2001:db8::1", "block 2001:db8::1 ports - name undefined"],
    ["[2001:db8::1]", "block 2001:db8::1 ports - name undefined"],
    ["[2001:db8::1]:443", "block 2001:db8::1 ports 443 name undefined"],
    ["[2001:db8::/32]:443,a.example", "block 2001:db8::/32 ports 443 name a.example"],
    ["2001:db8::1-2001:db8::9", "block 2001:db8::1-2001:db8::9 ports - name undefined"],
    [
      "2001:db8:0-1::1-1f",
      "block 2001:db8::1-2001:db8::1f 2001:db8:1::1-2001:db8:1::1f ports - name undefined",
    ],
    ["[2001:db8::1-1f]:443", "block 2001:db8::1-2001:db8::1f ports 443 name undefined"],
    // All of IPv6 is nothing of IPv4, which is held in the middle of it.
    [
      "::/0",
      "block ::-::fffe:ffff:ffff ::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ports - name undefined",
    ],
    ["Example.com", "host example.com ports - name example.com"],
    ["my-host", "host my-host ports - name my-host"],
    ["10-0-0-1.example.com:8443", "host 10-0-0-1.example.com ports 8443 name 10-0-0-1.example.com"],
    ["example.com:8443,other.example", "host example.com ports 8443 name other.example"],
    ["AS64500", "system 64500 ports - name undefined"],
    ["as4294967295:8443,a.example", "system 4294967295 ports 8443 name a.example"],
    ["@targets.txt", "list targets.txt"],
    ["@a:b,c", "list a:b,c"],
    ["-", "list -"],
  ];
  for (const [text, parsed] of cases) assert.equal(describe(text), parsed);
});

Deno.test("errors say what is wrong with a target and what to write instead", () => {
  const quad = "(four numbers from 0 to 255, without leading zeros)";
  const cases: readonly (readonly [text: string, reason: string])[] = [
    ["10.0.0.0/33", 'the prefix length "33" is not a number from 0 to 32'],
    ["10.0.0.0/", 'the prefix length "" is not a number from 0 to 32'],
    ["10.0.0.0/08", 'the prefix length "08" is not a number from 0 to 32'],
    ["10.0.0.0/8/8", 'the prefix length "8/8" is not a number from 0 to 32'],
    ["10.0.0.0/255.0.0.0", 'the prefix length "255.0.0.0" is not a number from 0 to 32'],
    ["2001:db8::/129", 'the prefix length "129" is not a number from 0 to 128'],
    [
      "10.1.2.3/8",
      "10.1.2.3 is not the first address of its /8; did you mean 10.0.0.0/8 or 10.1.2.3/32?",
    ],
    [
      "2001:db8::1/32",
      "2001:db8::1 is not the first address of its /32; did you mean 2001:db8::/32 or 2001:db8::1/128?",
    ],
    ["10.0.0", `"10.0.0" is no IPv4 address ${quad}`],
    ["10.0.0.256", `"10.0.0.256" is no IPv4 address ${quad}`],
    ["010.0.0.1", `"010.0.0.1" is no IPv4 address ${quad}`],
    ["example.com/24", `"example.com" is no IPv4 address ${quad}`],
    ["127.1", `"127.1" is no IPv4 address ${quad}`],
    ["0x7f000001", `"0x7f000001" is no IPv4 address ${quad} and no host name`],
    ["10.0.0.1-20", `"20" is no IPv4 address ${quad}`],
    ["10.0.0.1-", `"" is no IPv4 address ${quad}`],
    ["10.0.0.9-10.0.0.1", "the range runs backwards; write 10.0.0.1-10.0.0.9"],
    ["10.0.0.9-2001:db8::1", "a range cannot mix IPv4 and IPv6"],
    ["2001:db8::g", '"2001:db8::g" is no IPv6 address'],
    ["fe80::1%eth0", '"fe80::1%eth0" is no IPv6 address'],
    ["::ffff:192.0.2.1", "an IPv4-mapped IPv6 address is not one to send to; write 192.0.2.1"],
    ["::ffff:10.0.0.0/104", "an IPv4-mapped IPv6 address is not one to send to; write 10.0.0.0/8"],
    ["::ffff:a00:1-9", "an IPv4-mapped IPv6 address is not one to send to; write 10.0.0.1-10.0.0.9"],
    [
      "::ffff:0-1:1-9",
      "an IPv4-mapped IPv6 address is not one to send to; write 0.0.0.1-0.0.0.9 and so on",
    ],
    ["2001:db8::9-1", "the range 9-1 runs backwards; write 1-9"],
    ["2001:db8::1-12345", '"12345" is no IPv6 address'],
    ["2001:db8:0-1::/64", '"2001:db8:0-1::" is no IPv6 address'],
    ["[2001:db8::1", "an IPv6 address with a port is written [2001:db8::1]:443"],
    ["[2001:db8::1]443", "an IPv6 address with a port is written [2001:db8::1]:443"],
    ["[example.com]:443", "an IPv6 address with a port is written [2001:db8::1]:443"],
    ["192.0.2.1:", '"" is no port (1 to 65535) and no range such as 9000-9010'],
    ["192.0.2.1:https", '"https" is no port (1 to 65535) and no range such as 9000-9010'],
    ["192.0.2.1:0", "port 0 is not between 1 and 65535"],
    ["192.0.2.1:65536", "port 65536 is not between 1 and 65535"],
    ["192.0.2.1:90-80", "the range 90-80 runs backwards; write 80-90"],
    ["https://example.com/", "a URL is no target; write the host name and port alone"],
    ["", "the address is missing"],
    [":443", '"" is no host name'],
    [",example.com", "the address is missing"],
    ["192.0.2.1,", '"" is no host name'],
    ["192.0.2.1,192.0.2.2", `"192.0.2.2" is no IPv4 address ${quad} and no host name`],
    ["192.0.2.1,a.example,b.example", '"a.example,b.example" is no host name'],
    ["192.0.2.1 443", '"192.0.2.1 443" is no host name'],
    ["-rf", '"-rf" is no host name'],
    ["a..b", '"a..b" is no host name'],
    ["bücher.example", '"bücher.example" is not in ASCII; write the name in its xn-- form'],
    ["AS0", '"AS0" is no AS number (1 to 4294967295)'],
    ["as4294967296:443", '"as4294967296" is no AS number (1 to 4294967295)'],
    ["@", "the name of a file is missing after @"],
  ];
  for (const [text, reason] of cases) {
    assert.throws(() => parseTarget(text), new TargetError(`Cannot parse target "${text}": ${reason}`));
  }
  assert.throws(() => parseTarget("a".repeat(64)), TargetError);
  assert.throws(() => parseTarget(`${"a.".repeat(127)}a`), TargetError);
});
