import assert from "node:assert/strict";
import { OctetWriter } from "../../../src/results/octet_writer.ts";
import { formatAddress, ipv4ToAddress, parseAddress } from "../../../src/targets/mod.ts";

function written(write: (out: OctetWriter) => void): string {
  const out = new OctetWriter();
  write(out);
  return new TextDecoder().decode(out.take());
}

Deno.test("whole numbers are written as String writes them", () => {
  const numbers = [0, 9, 10, 99, 100, 999, 1000, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  for (let digits = 1; digits < 16; digits += 1) {
    numbers.push(10 ** digits - 1, 10 ** digits, 10 ** digits + 1);
  }
  for (const number of numbers) assert.equal(written((out) => out.decimal(number)), String(number));
});

Deno.test("decimals stay, zeros too", () => {
  const cases: [number, string][] = [
    ...[[0, "0.000"], [5, "0.005"], [999, "0.999"], [1000, "1.000"], [12_345, "12.345"]] as [
      number,
      string,
    ][],
    [4_294_967_295, "4294967.295"],
  ];
  for (const [value, text] of cases) assert.equal(written((out) => out.fixed(value, 3)), text);
});

Deno.test("addresses of both families are written as formatAddress writes them", () => {
  const addresses = [0, 1, 0x7f000001, 0xc0000201, 0xc6121ebd, 0xffffffff].map(ipv4ToAddress);
  addresses.push(parseAddress("::")!, parseAddress("2001:db8::1")!, 2n ** 128n - 1n);
  for (const address of addresses) {
    assert.equal(written((out) => out.address(address)), formatAddress(address));
  }
});

Deno.test("it grows, and what was taken is left alone", () => {
  const out = new OctetWriter();
  const line = "0123456789".repeat(100);
  for (let count = 0; count < 200; count += 1) out.text(line);
  assert.equal(out.length, 200_000);
  const taken = out.take();
  assert.equal(out.length, 0);
  out.text("more");
  assert.equal(new TextDecoder().decode(taken), line.repeat(200));
  assert.equal(new TextDecoder().decode(out.take()), "more");
});
