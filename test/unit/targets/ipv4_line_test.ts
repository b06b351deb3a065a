import assert from "node:assert/strict";
import { Ipv4Line } from "../../../src/targets/ipv4_line.ts";
import { ipv4ToAddress, parseTarget } from "../../../src/targets/mod.ts";
import { seededRandom } from "./random.ts";

const line = new Ipv4Line();

/** `first last port`, or undefined for what is left to the parser. */
function read(text: string): string | undefined {
  return line.read(new TextEncoder().encode(`${text}\n`), 0)
    ? `${line.first} ${line.last} ${line.port}`
    : undefined;
}

/** The same by the parser, which throws for what is wrong. */
function parse(text: string): string {
  const target = parseTarget(text);
  assert.ok(target.kind === "block" && target.serverName === undefined);
  assert.ok(target.ports === undefined || target.ports.first === target.ports.last);
  const [{ first, last }] = target.intervals as [typeof target.intervals[number]];
  const base = ipv4ToAddress(0);
  return `${first - base} ${last - base} ${target.ports?.first ?? 0}`;
}

Deno.test("plain lines are read from their octets", () => {
  const texts =
    "0.0.0.0 255.255.255.255 192.0.2.1 192.0.2.1:443 192.0.2.0/24 0.0.0.0/0 192.0.2.7/32 10.0.0.0/8:65535 " +
    "128.0.0.0/1 192.0.2.1-192.0.2.9 192.0.2.1-192.0.2.9:1 0.0.0.0-255.255.255.255";
  for (const text of texts.split(" ")) assert.equal(read(text), parse(text), text);
});

Deno.test("what is wrong or unusual is left to the parser", () => {
  const texts =
    " |10.0.0|10.0.0.256|010.0.0.1|10.0.0.01|10.0.0.1.|10.0.0.1.1|10.0.0.0/33|10.0.0.1/8|10.0.0.0/|10.0.0.0/08|" +
    "10.0.0.1:|10.0.0.1:0|10.0.0.1:00|10.0.0.1:080|10.0.0.1:65536|10.0.0.1:80-90|10.0.0.9-10.0.0.1|10.0.0.1-9|" +
    "10.0.0.0/8-10.0.0.9|10.0.0.1,a.example|10.0.0.1 443|2001:db8::1|::ffff:1.2.3.4|example.com|1.2.3.4x|-|@a";
  for (const text of texts.split("|")) assert.equal(read(text), undefined, text);
});

Deno.test("whatever is read means the same to the parser (random lines)", () => {
  const random = seededRandom(4);
  const pick = (texts: readonly string[]) => texts[random(texts.length)]!;
  const number = () => pick([`${random(256)}`, `${random(300)}`, "0", "255", "256", "00", "07", "", "1e1"]);
  const address = () => [random(256), random(256), random(256)].join(".") + "." + number();
  let readCount = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const block = pick([address(), `${address()}-${address()}`, `${random(256)}.0.0.0/${random(34)}`]);
    const text = block + pick(["", "", `:${random(70_000)}`, ":", ":080", "/24", "-", ",a.example", "."]);
    const plain = read(text);
    if (plain === undefined) continue;
    readCount += 1;
    assert.equal(plain, parse(text), text);
  }
  assert.ok(readCount > 2_000, `${readCount}`);
});
