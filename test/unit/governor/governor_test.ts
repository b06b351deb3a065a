import assert from "node:assert/strict";
import { Control } from "../../../ffi/mod.ts";
import { Governor, Reservation, RESERVATION_BYTES } from "../../../src/governor/mod.ts";

/** One octet a second: what is owed is seconds, and the milliseconds that a test takes don't show. */
const octetPerSecond = 8;

function governed(bitsPerSecond: number | undefined): { control: Control; governor: Governor } {
  const control = new Control();
  return { control, governor: new Governor(control, { probesPerSecond: 1_000_000, bitsPerSecond }) };
}

function admitted(governor: Governor): Reservation {
  const answer = governor.admit();
  assert(answer instanceof Reservation);
  return answer;
}

/** What a bucket owes, in octets at one octet a second. */
function owed(bucket: Control["wire"]): number {
  return Math.round(bucket.take(0, 0) / 1_000);
}

Deno.test("without a bandwidth, captures never wait, and probes only for their rate", () => {
  const control = new Control();
  const governor = new Governor(control, { probesPerSecond: 1, bitsPerSecond: undefined });
  for (let turn = 0; turn < 1_000; turn++) admitted(governor);
  assert.equal(governor.admitProbe(74), 0);
  const waitMs = governor.admitProbe(74);
  assert(waitMs > 0 && waitMs <= 1_000, `${waitMs}`);
});

Deno.test("a capture takes its reservation from the commitment, and nothing from the wire", () => {
  const { control, governor } = governed(octetPerSecond);
  admitted(governor);
  assert.equal(owed(control.commitment), RESERVATION_BYTES);
  assert.equal(owed(control.wire), 0);
  const waitMs = governor.admit();
  assert(typeof waitMs === "number" && waitMs > 1_000 * (RESERVATION_BYTES - 10));
});

Deno.test("a reopening takes a SYN from the rate as well, a continuation does not", () => {
  const control = new Control();
  const governor = new Governor(control, { probesPerSecond: 1, bitsPerSecond: undefined });
  admitted(governor);
  assert.equal(owed(control.probes), 0);
  assert(governor.admit("reopening") instanceof Reservation);
  assert.equal(owed(control.probes), 1);
  assert(governor.admit("continuation") instanceof Reservation);
  assert.equal(owed(control.probes), 1);
});

Deno.test("reopenings keep to the rate, and take nothing when they have to wait", () => {
  const { control, governor } = governed(octetPerSecond * RESERVATION_BYTES * 1_000);
  governor.setProbeRate(1);
  let admissions = 0;
  let waitMs: Reservation | number;
  while ((waitMs = governor.admit("reopening")) instanceof Reservation) admissions++;
  // One with credit, and one ahead of the next probe.
  assert.equal(admissions, 2);
  assert(waitMs > 900 && waitMs <= 1_000, `${waitMs}`);
  assert.equal(owed(control.probes), 2);
  assert.equal(owed(control.commitment), 0);
});

Deno.test("a reopening goes before the next probe, whatever the rate is", () => {
  for (const probesPerSecond of [1, 10, 1_000]) {
    const governor = new Governor(new Control(), { probesPerSecond, bitsPerSecond: undefined });
    while (governor.admitProbe(74) === 0);
    assert(governor.admit("reopening") instanceof Reservation);
  }
});

Deno.test("a probe spends its frame from both, and one from the rate", () => {
  const { control, governor } = governed(octetPerSecond);
  assert.equal(governor.admitProbe(74), 0);
  assert.equal(owed(control.commitment), 74);
  assert.equal(owed(control.wire), 74);
});

for (const bucket of ["wire", "commitment"] as const) {
  Deno.test(`a capture goes before the next probe while the ${bucket} is in debt`, () => {
    const { control, governor } = governed(octetPerSecond);
    control[bucket].spend(100);
    // The probe is asked first: time that passes in between makes the difference greater, not smaller.
    const probeWaitMs = governor.admitProbe(74);
    const captureWaitMs = governor.admit();
    assert(typeof captureWaitMs === "number" && captureWaitMs > 0);
    assert(probeWaitMs - captureWaitMs > 19.9, `${probeWaitMs} ms and ${captureWaitMs} ms`);
    // Nobody got anything, so nobody paid.
    assert.equal(owed(control[bucket]), 100);
  });
}

Deno.test("a reservation settles to exactly what moved", () => {
  for (const [bytesSent, bytesReceived] of [[0, 0], [60, 40], [300, 4_000], [1_000, 9_000]] as const) {
    const { control, governor } = governed(octetPerSecond);
    admitted(governor).settle({ bytesSent, bytesReceived });
    assert.equal(owed(control.commitment), bytesSent + bytesReceived);
  }
});

Deno.test("a server's surplus is owed too, up to a second of the rate: it cannot stop the scan", () => {
  const owedMs = (octetsPerSecond: number, surplus: number): number => {
    const { control, governor } = governed(8 * octetsPerSecond);
    admitted(governor).settle({ bytesSent: 0, bytesReceived: RESERVATION_BYTES + surplus });
    return control.commitment.take(0, 0);
  };
  // 600 ms, less what the test itself takes.
  const owed = owedMs(100_000, 50_000);
  assert(owed > 300 && owed <= 600, `${owed}`);
  assert(owedMs(100_000, 1_000_000_000) <= 1_000);
});

Deno.test("all extensions together are bounded, whatever the bandwidth, until their captures end", () => {
  const { governor } = governed(undefined);
  const [first, second] = [admitted(governor), admitted(governor)];
  const gibibyte = 2 ** 30;
  assert.equal(first.extend(gibibyte - 1_000), true);
  assert.equal(second.extend(1_001), false);
  assert.equal(second.extend(1_000), true);
  assert.equal(first.extend(1), false);
  first.settle({ bytesSent: 500, bytesReceived: 50_000 });
  assert.equal(second.extend(gibibyte - 1_000), true);
  assert.equal(second.extend(1), false);
  second.settle({ bytesSent: 500, bytesReceived: 50_000 });
  assert.equal(admitted(governor).extend(gibibyte), true);
});

Deno.test("what a reservation was extended by is settled too", () => {
  const { control, governor } = governed(octetPerSecond);
  const reservation = admitted(governor);
  assert.equal(reservation.extend(5_000), false);
  assert.equal(owed(control.commitment), RESERVATION_BYTES, "a refused extension costs nothing");

  // Time passes: the reservation is paid for.
  control.commitment.refund(RESERVATION_BYTES);
  assert.equal(reservation.extend(5_000), true);
  assert.equal(owed(control.commitment), 5_000);
  reservation.settle({ bytesSent: 1_000, bytesReceived: RESERVATION_BYTES + 1_000 });
  assert.equal(owed(control.commitment), 2_000);
});

Deno.test("what moved without being asked is spent: inside a reservation from the wire only", () => {
  const { control, governor } = governed(octetPerSecond);
  governor.spendWire(1);
  assert.deepEqual([owed(control.wire), owed(control.commitment)], [1, 0]);
  governor.spend(70);
  assert.deepEqual([owed(control.wire), owed(control.commitment)], [71, 70]);
  // What strangers send does not hold the scan up for longer than a second.
  governor.spendWire(1_000_000);
  assert.deepEqual([owed(control.wire), owed(control.commitment)], [71, 70]);
});
