import assert from "node:assert/strict";
import { formatAddress, ipv4ToAddress, isIpv4, parseAddress } from "../../../src/targets/mod.ts";
import { seededRandom } from "./random.ts";

Deno.test("IPv4 is held IPv4-mapped and keeps its order", () => {
  assert.equal(parseAddress("0.0.0.0"), 0xffff_0000_0000n);
  assert.equal(parseAddress("192.0.2.1"), 0xffff_c000_0201n);
  assert.equal(parseAddress("255.255.255.255"), 0xffff_ffff_ffffn);
  assert.equal(ipv4ToAddress(0xc000_0201), 0xffff_c000_0201n);
  assert.equal(parseAddress("::ffff:192.0.2.1"), parseAddress("192.0.2.1"));
  assert.equal(isIpv4(0xffff_0000_0000n), true);
  assert.equal(isIpv4(0xfffe_ffff_ffffn), false);
  assert.equal(isIpv4(0x1_0000_0000_0000n), false);
});

Deno.test("addresses are written as dotted quads and as RFC 5952 says", () => {
  const cases: readonly (readonly [text: string, written: string])[] = [
    ["1.2.3.4", "1.2.3.4"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    // A single zero group stays (4.2.2); of two equal runs the first is shortened (4.2.3).
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0001:0002:0003:0004:0005:0006:0007:0008", "1:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ];
  for (const [text, written] of cases) {
    const address = parseAddress(text);
    assert.ok(address !== undefined, text);
    assert.equal(formatAddress(address), written);
    assert.equal(parseAddress(written), address);
  }
});

Deno.test("every address is read back from what is written of it (random)", () => {
  const random = seededRandom(6);
  const group = () => [0n, 0n, 1n, 0xffffn, BigInt(random(0x1_0000))][random(5)]!;
  for (let round = 0; round < 5000; round += 1) {
    let address = 0n;
    const groups: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      const value = group();
      address = address << 16n | value;
      groups.push(value.toString(16));
    }
    assert.equal(parseAddress(formatAddress(address)), address);
    assert.equal(parseAddress(groups.join(":").toUpperCase()), address);
  }
});

Deno.test("what only looks like an address is none", () => {
  const texts = [
    ..."|1|1.2.3|1.2.3.4.5|256.0.0.1|1.2.3.256|01.2.3.4|1.2.3.00|1.2.3.4 | 1.2.3.4|1.2.3.4x|0x1.2.3.4".split(
      "|",
    ),
    ..."1..2.3|.1.2.3|1.2.3.|1,2.3.4|+1.2.3.4|1.2.3.1e1|٣.2.3.4|1111111111111111111111.2.3.4".split("|"),
    ..."|:|:::|1:|:1|1::2::3|12345::|g::|1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|1:2:3:4::5:6:7:8".split("|"),
    ..."fe80::1%eth0|::1 |::1.2.3|::1.2.3.04|1.2.3.4::|::1.2.3.4:5|[::1]|::-1|1:2:3:4:5:6:7:1.2.3.4".split(
      "|",
    ),
  ];
  for (const text of texts) assert.equal(parseAddress(text), undefined, JSON.stringify(text));
});
