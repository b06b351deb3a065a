import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ipv4ToAddress, loadAsDatabase, parseAddress } from "../../../../src/targets/mod.ts";
import { seededRandom } from "../random.ts";
import { assertFault, loadContent, show } from "./as_data.ts";

const layouts: Readonly<Record<string, string>> = {
  "ranges of addresses":
    '192.0.2.0,192.0.2.255,64500,"Example, ""Inc"""\n2001:db8::,2001:db8::ffff,64501,Other\n',
  "ranges of numbers": '3221225984,3221226239,64500,"Example, ""Inc"""\r\n' +
    "42540766411282592856903984951653826560,42540766411282592856903984951653892095,64501,Other\r\n",
  "ranges between tabs, with a country":
    '192.0.2.0\t192.0.2.255\t64500\tDE\tExample, "Inc"\n2001:db8::\t2001:db8::ffff\t64501\tNone\tOther\n' +
    "192.0.3.0\t192.0.3.255\t0\tNone\tNot routed\n",
  "IP2Location":
    '"0","281470681743359","-","-","-"\n"3221225984","3221226239","192.0.2.0/24","64500","Example, ""Inc"""\n' +
    '"42540766411282592856903984951653826560","42540766411282592856903984951653892095","2001:db8::/112","64501","Other"',
  "GeoLite2": "network,autonomous_system_number,autonomous_system_organization\n" +
    '192.0.2.0/24,64500,"Example, ""Inc"""\n2001:db8::/112,64501,Other\n',
  "IPinfo": "start_ip,end_ip,country,country_name,asn,as_name,as_domain\n" +
    '192.0.2.0,192.0.2.255,DE,Germany,AS64500,"Example, ""Inc""",example.org\n' +
    "2001:db8::,2001:db8::ffff,DE,Germany,AS64501,Other,\n198.51.100.0,198.51.100.255,DE,Germany,,,\n",
};

for (const [name, content] of Object.entries(layouts)) {
  Deno.test(`AS data: ${name}`, async () => {
    for (const database of [await loadContent(content), await loadContent(gzipSync(content), 7)]) {
      assert.deepEqual(
        show(database, "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "198.51.100.1"),
        ["", '64500 Example, "Inc"', '64500 Example, "Inc"', "", ""],
      );
      assert.deepEqual(
        show(database, "2001:db7:ffff::", "2001:db8::", "2001:db8::ffff", "2001:db8::1:0"),
        ["", "64501 Other", "64501 Other", ""],
      );
    }
  });
}

Deno.test("AS data: pfx2as, with several origins and AS sets, the most specific prefix first", async () => {
  const database = await loadContent(
    "10.0.0.0\t8\t64500\n10.1.0.0\t16\t64501_64502\n10.1.2.0\t24\t{64503,64504}\n10.1.3.0\t24\t64505_64506,64505\n" +
      "10.2.0.0\t16\t0\n2001:db8::\t32\t64507\n2001:db8:1::\t48\t64508\n",
  );
  assert.deepEqual(
    show(
      database,
      "10.255.255.255",
      "10.1.0.0",
      "10.1.2.0",
      "10.1.3.255",
      "10.1.4.0",
      "10.2.0.0",
      "11.0.0.0",
    ),
    ["64500", "64501; 64502", "64503; 64504", "64505; 64506", "64501; 64502", "64500", ""],
  );
  assert.deepEqual(
    show(database, "2001:db8::1", "2001:db8:1::", "2001:db8:1:ffff::", "2001:db8:2::", "2001:db9::"),
    ["64507", "64508", "64508", "64507", ""],
  );
});

Deno.test("AS data: one range on several lines has several origins, in their order and each once", async () => {
  const database = await loadContent(
    "10.0.0.0,10.0.0.255,64500,A\n10.0.0.0,10.0.0.255,64499,B\n10.0.0.0,10.0.0.255,64500\n",
  );
  assert.deepEqual(show(database, "10.0.0.9"), ["64500 A; 64499 B"]);
  assert.equal(database.find(parseAddress("10.0.0.1")!), database.find(parseAddress("10.0.0.2")!));
});

Deno.test("AS data: a prefix with more AS than any real one is refused", async () => {
  const lines = Array.from({ length: 65 }, (_, index) => `192.0.2.0/24,${index + 1}\n`);
  const database = await loadContent(lines.slice(1).join(""));
  assert.equal(show(database, "192.0.2.1")[0]!.split("; ").length, 64);
  await assertFault(
    lines.join(""),
    "as.csv: Cannot use AS data: more than 64 AS have the same prefix; leave some of them out",
  );
});

Deno.test("AS data: the first and the last address of each family", async () => {
  const database = await loadContent("0.0.0.0/0,64500\n::/0,64501\n255.255.255.255/32,64502\n");
  const { find } = { find: show.bind(undefined, database) };
  assert.deepEqual(find("0.0.0.0", "255.255.255.254", "255.255.255.255"), ["64500", "64500", "64502"]);
  assert.deepEqual(find("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ["64501", "64501"]);
  assert.equal(database.addressesOf(64502).addressCount, 1n);
});

Deno.test("AS data: all addresses of an AS, less what more specific prefixes take", async () => {
  const database = await loadContent(
    "10.0.0.0/24,64500\n10.0.0.128/25,64501\n10.0.0.192/26,64500\n2001:db8::/32,64500\n",
  );
  assert.deepEqual(database.addressesOf(64500).toCidrs(), ["10.0.0.0/25", "10.0.0.192/26", "2001:db8::/32"]);
  assert.deepEqual(database.addressesOf(64501).toCidrs(), ["10.0.0.128/26"]);
  assert.equal(database.addressesOf(64502).isEmpty, true);
});

Deno.test("AS data: an IPv6 prefix around IPv4-mapped addresses says nothing of IPv4", async () => {
  const database = await loadContent("::/0,64500\n192.0.2.0/24,64500\n");
  assert.deepEqual(show(database, "::", "192.0.2.1", "198.51.100.1"), ["64500", "64500", ""]);
  const ofIpv4 = database.addressesOf(64500).toCidrs().filter((text) => !text.includes(":"));
  assert.deepEqual(ofIpv4, ["192.0.2.0/24"]);
});

Deno.test("AS data: nested prefixes in any order give what a search through all of them gives", async () => {
  const random = seededRandom(11);
  for (let round = 0; round < 60; round += 1) {
    const isIpv6 = round % 2 === 1;
    const prefixes = Array.from({ length: 1 + random(30) }, () => {
      const hostBits = random(9);
      return { first: random(256) >> hostBits << hostBits, size: 1 << hostBits, number: 1 + random(5) };
    });
    const base = isIpv6 ? parseAddress("2001:db8::ffff:ff80")! : ipv4ToAddress(0x0a00_0000);
    // Numbers, so that IPv6 blocks cross the words that addresses are kept in.
    const decimal = (offset: number) => isIpv6 ? base + BigInt(offset) : 0x0a00_0000 + offset;
    const lines = prefixes.map(({ first, size, number }) =>
      `${decimal(first)},${decimal(first + size - 1)},${number}`
    );
    const database = await loadContent(lines.join("\n"));
    for (let offset = -1; offset <= 256; offset += 1) {
      const around = prefixes.filter(({ first, size }) => first <= offset && offset < first + size);
      const innermost = Math.min(...around.map(({ size }) => size));
      const numbers = new Set(around.filter(({ size }) => size === innermost).map(({ number }) => number));
      const found = database.find(base + BigInt(offset)).map(({ number }) => number);
      assert.deepEqual(found, [...numbers], `${lines.join(" ")} at ${offset}`);
    }
  }
});

Deno.test("AS data: wrong lines are named, the first of them with what is wrong", async () => {
  const faults: Readonly<Record<string, string>> = {
    "10.0.0.0,10.0.0.9": "the AS number is missing",
    "10.0.0.0,10.0.0.9,64500x,A": '"64500x" is no AS number',
    "10.0.0.0,10.0.0.9,4294967296": '"4294967296" is no AS number',
    "10.0.0.0,10.0.0.256,64500": '"10.0.0.256" is no address',
    "340282366920938463463374607431768211456,1,64500":
      '"340282366920938463463374607431768211456" is no address',
    "10.0.0.9,10.0.0.0,64500": "the range runs backwards",
    "10.0.0.0,2001:db8::,64500": "the range mixes IPv4 and IPv6",
    "10.0.0.0/33,64500": 'the prefix length "33" is not a number from 0 to 32',
    "10.0.0.0\t129\t64500": 'the prefix length "129" is not a number from 0 to 32',
    '10.0.0.0,10.0.0.9,64500,"A': "a quotation mark is not where a field starts or ends",
  };
  for (const [line, fault] of Object.entries(faults)) {
    await assertFault(
      `# made up\n\n192.0.2.0,192.0.2.255,64500\n${line}\n`,
      `as.csv:4: Cannot read AS data "${line.replace("\t", "\\u{9}").replace("\t", "\\u{9}")}": ${fault}`,
    );
  }
  await assertFault(
    "192.0.2.0,192.0.2.255,64500\n\u001b[2J,1,2\nx,y,z\n",
    'as.csv:2: Cannot read AS data "\\u{1b}[2J,1,2": "\\u{1b}[2J" is no address; one more line is wrong',
  );
  await assertFault(
    `192.0.2.0,192.0.2.255,64500\n${"x".repeat(100)}\n${"y,1,2\n".repeat(1234)}`,
    `as.csv:2: Cannot read AS data "${
      "x".repeat(80)
    }...": the AS number is missing; 1,234 more lines are wrong`,
  );
  await assertFault(
    "z".repeat(10_000_000),
    `as.csv:1: Cannot read AS data "${"z".repeat(80)}...": the line is longer than 4096 characters`,
  );
});

Deno.test("AS data: ranges that overlap are an error, and one among ten thousand is a warning", async () => {
  await assertFault(
    "10.0.0.5,10.0.0.20,64500\n192.0.2.0,192.0.2.255,64501\n10.0.0.0,10.0.0.9,64502\n",
    "as.csv:3: Cannot use AS data: 10.0.0.0-10.0.0.9 overlaps 10.0.0.5-10.0.0.20 of line 1, and neither holds the " +
      "other; leave one of them out",
  );
  const others = Array.from({ length: 9_998 }, (_, index) => `${index * 2},${index * 2},64501\n`).join("");
  const overlap = "10.0.0.0,10.0.0.9,64500\n10.0.0.5,10.0.0.20,64502\n";
  const database = await loadContent(others + overlap);
  assert.deepEqual(show(database, "10.0.0.4", "10.0.0.5", "10.0.0.20", "10.0.0.21"), [
    "64500",
    "64502",
    "64502",
    "",
  ]);
  assert.deepEqual(database.warnings, [
    "as.csv:10000: 10.0.0.5-10.0.0.20 overlaps 10.0.0.0-10.0.0.9 of line 9999, and neither holds the other; " +
    "the one that starts later counts where both are",
  ]);
});

Deno.test("AS data: files that are none", async () => {
  await assertFault("", "as.csv: Cannot use AS data: no address in it has an AS");
  await assertFault("10.0.0.0,10.0.0.9,0\n", "as.csv: Cannot use AS data: no address in it has an AS");
  await assertFault(
    gzipSync(new Uint8Array(9)).subarray(0, 15),
    "as.csv: Cannot read AS data: its gzip compression is damaged, unexpected end of file",
  );
  await assertFault(
    new Uint8Array(5000),
    "as.csv: Cannot read AS data: it is neither text nor a whole MaxMind DB, which ends in its metadata",
  );
  await assert.rejects(loadAsDatabase("/no/such/file"), {
    message: "Cannot read /no/such/file: there is no such file",
  });
});

Deno.test("AS data: gzip members that follow each other are one file", async () => {
  const members = [gzipSync("10.0.0.0/24,64500\n"), gzipSync("10.0.1.0/24,64501\n")];
  const database = await loadContent(Uint8Array.from(members.flatMap((member) => [...member])));
  assert.deepEqual(show(database, "10.0.0.1", "10.0.1.1"), ["64500", "64501"]);
});
