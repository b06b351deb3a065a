import assert from "node:assert/strict";
import { parseTarget } from "../../../src/targets/mod.ts";
import {
  namedSpecialBlock,
  SPECIAL_ADDRESSES,
  SPECIAL_BLOCKS,
  SPECIAL_PURPOSE_REGISTRIES_DATE,
} from "../../../src/targets/special_purpose.ts";

function interval(text: string) {
  const target = parseTarget(text);
  assert.ok(target.kind === "block");
  return target.intervals[0]!;
}

/** First and last address of `text` are special, their neighbours outside are not. */
function assertEdges(text: string): void {
  const { first, last } = interval(text);
  assert.deepEqual(
    [first - 1n, first, last, last + 1n].map((address) => SPECIAL_ADDRESSES.contains(address)),
    [false, true, true, false],
    text,
  );
}

Deno.test("the registries' blocks are excluded exactly to their edges", () => {
  const ipv4 =
    "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.2.0/24 192.88.99.0/24 " +
    "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24";
  const ipv6 =
    "64:ff9b::/96 64:ff9b:1::/48 100::-100::1:ffff:ffff:ffff:ffff 2001:db8::/32 2002::/16 3fff::/20 " +
    "5f00::/16 fc00::/7 fe80::/10";
  for (const text of `${ipv4} ${ipv6}`.split(" ")) assertEdges(text);
  for (const text of "0.0.0.0 0.255.255.255 224.0.0.0 255.255.255.255 :: ::1 ff00::".split(" ")) {
    assert.ok(SPECIAL_ADDRESSES.contains(interval(text).first), text);
  }
  for (const text of "1.0.0.0 223.255.255.255 8.8.8.8 ::2 2001:4860::8888 feff::".split(" ")) {
    assert.ok(!SPECIAL_ADDRESSES.contains(interval(text).first), text);
  }
  assert.equal(SPECIAL_PURPOSE_REGISTRIES_DATE, "2025-10-09");
});

Deno.test("what the registries call globally reachable is an ordinary target, inside a special block too", () => {
  const texts =
    "192.0.0.9 192.0.0.10 192.31.196.1 192.52.193.1 192.175.48.1 2001:1::1 2001:3::1 2001:20::1 2620:4f:8000::1";
  for (const text of texts.split(" ")) {
    assert.ok(!SPECIAL_ADDRESSES.contains(interval(text).first), text);
    assert.equal(namedSpecialBlock(interval(text)), undefined, text);
  }
  for (const text of "192.0.0.8 192.0.0.11 2001:1:: 2001:1::4".split(" ")) {
    assert.ok(SPECIAL_ADDRESSES.contains(interval(text).first), text);
  }
});

Deno.test("an interval names the smallest special block around it", () => {
  const cases: readonly (readonly [text: string, cidr: string | undefined])[] = [
    ["127.0.0.1", "127.0.0.0/8"],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["10.1.0.0/16", "10.0.0.0/8"],
    ["10.0.0.0-10.255.255.255", "10.0.0.0/8"],
    ["255.255.255.255", "255.255.255.255/32"],
    ["192.0.0.1", "192.0.0.0/29"],
    ["192.0.0.10-192.0.0.20", "192.0.0.0/24"],
    ["fe80::1", "fe80::/10"],
    ["0.0.0.0/0", undefined],
    ["10.0.0.0/7", undefined],
    ["10.0.0.0-11.0.0.0", undefined],
    ["224.0.0.0/3", undefined],
    ["8.8.8.8", undefined],
  ];
  for (const [text, cidr] of cases) assert.equal(namedSpecialBlock(interval(text))?.cidr, cidr, text);
});

Deno.test("a block stands before the blocks inside it", () => {
  for (const [index, inner] of SPECIAL_BLOCKS.entries()) {
    const isAround = (outer: typeof inner) => outer.first <= inner.first && inner.last <= outer.last;
    assert.ok(!SPECIAL_BLOCKS.slice(index + 1).some(isAround), inner.cidr);
  }
});
