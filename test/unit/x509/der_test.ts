import assert from "node:assert/strict";
import { formatAddress } from "../../../src/x509/address.ts";
import { DerReader } from "../../../src/x509/der.ts";
import { integerBits, integerHex, smallInteger } from "../../../src/x509/integer.ts";
import { readObjectIdentifier } from "../../../src/x509/oid.ts";
import { element, objectIdentifier, octets } from "./build.ts";

function readIdentifier(der: Uint8Array): string {
  return readObjectIdentifier(new DerReader(der), der.length);
}

Deno.test("an element is found where it is", () => {
  const reader = new DerReader(octets(0x30, 0x05, 0x02, 0x01, 0x2a, 0x05, 0x00));
  assert.equal(reader.enter(0x30, 7), 7);
  assert.equal(reader.peek(7), 0x02);
  assert.equal(reader.measure(7), 5);
  assert.equal(reader.read(7), 0x02);
  assert.deepEqual([reader.head, reader.start, reader.end, reader.position], [2, 4, 5, 5]);
  assert.equal(reader.read(7), 0x05);
  assert.equal(reader.peek(7), -1);
  assert.equal(reader.steps, 4);
});

Deno.test("lengths in the long form", () => {
  for (const length of [127, 128, 255, 256, 65535, 65536]) {
    const der = element(0x04, new Uint8Array(length));
    const reader = new DerReader(der);
    reader.read(der.length);
    assert.equal(reader.end - reader.start, length);
  }
});

Deno.test("what DER does not allow", () => {
  const refused: readonly [Uint8Array, string][] = [
    [octets(), "element missing at octet 0"],
    [octets(0x04), "length missing at octet 1"],
    [octets(0x1f, 0x81, 0x00, 0x00), "tag number above 30 at octet 0"],
    [octets(0x24, 0x80, 0x00, 0x00), "indefinite length at octet 1"],
    [octets(0x04, 0x81, 0x7f), "length not minimal at octet 1"],
    [octets(0x04, 0x82, 0x00, 0xff), "length not minimal at octet 1"],
    [octets(0x04, 0x82, 0x01), "length cut short at octet 1"],
    [octets(0x04, 0x85, 1, 0, 0, 0, 0), "length of 5 octets at octet 1"],
    [octets(0x04, 0xff), "length of 127 octets at octet 1"],
    [
      octets(0x04, 0x84, 0xff, 0xff, 0xff, 0xff),
      "element at octet 0 reaches 4294967295 octets beyond its container",
    ],
  ];
  for (const [der, message] of refused) {
    assert.throws(() => new DerReader(der).read(der.length), { name: "DerError", message });
  }
});

Deno.test("an element must end where its container ends", () => {
  const reader = new DerReader(octets(0x04, 0x02, 0x00, 0x00));
  assert.throws(() => reader.read(3), {
    message: "element at octet 0 reaches 1 octets beyond its container",
  });
});

Deno.test("object identifiers", () => {
  for (
    const dotted of [
      "0.9.2342",
      "1.2.840.113549.1.1.11",
      "1.39",
      "2.5.29.17",
      "2.100.3",
      "1.3.6.1.4.1.311.60",
    ]
  ) {
    assert.equal(readIdentifier(objectIdentifier(dotted)), dotted);
    assert.equal(readIdentifier(objectIdentifier(dotted)), dotted, "from the cache");
  }
  const uuid = octets(0x69, 0x83, ...new Array<number>(17).fill(0xff), 0x7f);
  assert.equal(readIdentifier(element(0x06, uuid)), `2.25.${2n ** 128n - 1n}`);
});

Deno.test("malformed object identifiers", () => {
  assert.throws(() => readIdentifier(element(0x06)), { message: "object identifier empty at octet 2" });
  assert.throws(() => readIdentifier(element(0x06, octets(0x2a, 0x86))), {
    message: "object identifier cut short at octet 4",
  });
  assert.throws(() => readIdentifier(element(0x06, octets(0x2a, 0x80, 1))), {
    message: "object identifier arc not minimal at octet 3",
  });
  assert.throws(() => readIdentifier(element(0x06, new Uint8Array(100).fill(0xff))), {
    message: "object identifier arc too long at octet 2",
  });
});

Deno.test("many identifiers share the cache without being mistaken for each other", () => {
  for (let round = 0; round < 2; round += 1) {
    for (let arc = 0; arc < 5000; arc += 1) {
      assert.equal(readIdentifier(objectIdentifier(`1.3.${arc}.${arc * 7}`)), `1.3.${arc}.${arc * 7}`);
    }
  }
});

Deno.test("integers", () => {
  const expected: readonly [number[], string, number, number | null][] = [
    [[0x00], "00", 0, 0],
    [[0x01], "01", 1, 1],
    [[0x00, 0x80], "80", 8, 128],
    [[0x7f, 0xff, 0xff, 0xff], "7fffffff", 31, 0x7fffffff],
    [[0x00, 0x80, 0x00, 0x00, 0x00], "80000000", 32, null],
  ];
  for (const [content, hex, bits, value] of expected) {
    const bytes = octets(...content);
    assert.equal(integerHex(bytes, 0, bytes.length), hex);
    assert.equal(integerBits(bytes, 0, bytes.length), bits);
    assert.equal(smallInteger(bytes, 0, bytes.length), value);
  }
});

Deno.test("negative integers", () => {
  const hexOf = (...content: number[]) => integerHex(octets(...content), 0, content.length);
  assert.equal(hexOf(0xff), "-01");
  assert.equal(hexOf(0x80), "-80");
  assert.equal(hexOf(0xff, 0x7f), "-81");
  assert.equal(hexOf(0x80, 0x00), "-8000");
  assert.equal(smallInteger(octets(0xff), 0, 1), null);
});

Deno.test("addresses in canonical text", () => {
  const textOf = (...groups: number[]) => {
    const bytes = octets(...groups.flatMap((group) => [group >> 8, group & 0xff]));
    return formatAddress(bytes, 0, bytes.length);
  };
  assert.equal(formatAddress(octets(9, 192, 0, 2, 255, 9), 1, 5), "192.0.2.255");
  assert.equal(textOf(0, 0, 0, 0, 0, 0, 0, 0), "::");
  assert.equal(textOf(0, 0, 0, 0, 0, 0, 0, 1), "::1");
  assert.equal(textOf(0xfe80, 0, 0, 0, 0, 0, 0, 0), "fe80::");
  assert.equal(textOf(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), "2001:db8:0:1:1:1:1:1");
  assert.equal(textOf(0x2001, 0, 0, 1, 0, 0, 0, 1), "2001:0:0:1::1");
  assert.equal(textOf(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1), "2001:db8::1:0:0:1");
  assert.equal(textOf(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201), "::ffff:192.0.2.1");
  assert.equal(formatAddress(octets(1, 2, 3, 4, 5), 0, 5), null);
});
