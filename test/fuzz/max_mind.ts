/**
 * Fuzz target: AS data in a MaxMind DB. Whatever its octets are, what is taken out of it grows with the file alone, it
 * is refused with a TargetError or in use, and then both ways to ask it agree.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type AsDatabase, AsDatabaseBuilder } from "../../src/targets/as_data/as_database.ts";
import { readMaxMind } from "../../src/targets/as_data/max_mind.ts";
import { TargetError } from "../../src/targets/mod.ts";
import { maxMindFile } from "../unit/targets/as_data/max_mind_file.ts";
import { ipv4, ipv6, sharingFile } from "../unit/targets/as_data/max_mind_samples.ts";
import type { FuzzTarget } from "./target.ts";

/** More than any fault needs to be told. */
const MESSAGE_LENGTH_MAX = 200;

/** AS that are asked for, of those in a file. */
const ASKED_COUNT_MAX = 4;

/** A node has six octets or more and two branches, and is visited at most four times. */
function rangeCountMax(length: number): number {
  return 8 * length / 6;
}

/** A file is read at most sixteen times, and the shortest one a few thousand octets far. */
function textLengthMax(length: number): number {
  return 16 * length + 4096;
}

/** Counts what is taken out of a file. */
class CountingBuilder extends AsDatabaseBuilder {
  rangeCount = 0;
  textLength = 0;
  readonly numbers = new Set<number>();

  override add(first: bigint, last: bigint, origin: number, lineNumber: number): void {
    assert.ok(first <= last && origin > 0);
    this.rangeCount += 1;
    super.add(first, last, origin, lineNumber);
  }

  override originOf(numbers: readonly number[], name: string | undefined): number {
    this.textLength += 2 * numbers.length + (name?.length ?? 0);
    for (const number of numbers) this.numbers.add(number);
    return super.originOf(numbers, name);
  }
}

export const target: FuzzTarget = {
  name: "max_mind",
  seeds: [
    ...([24, 28, 32] as const).map((recordSize) => maxMindFile({ ...ipv6, recordSize })),
    maxMindFile(ipv4),
    maxMindFile({ ...ipv4, aliases: { [`${"0".repeat(8)}`]: "00001011" } }),
    sharingFile(500),
  ],

  /** Ranges taken. */
  run(input: Uint8Array): number {
    const builder = new CountingBuilder("as.mmdb");
    try {
      readMaxMind(input, "as.mmdb", builder);
      assertAgreeing(builder.build(), [...builder.numbers].slice(0, ASKED_COUNT_MAX));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      assert.match(error.message, /^as\.mmdb: Cannot (?:read|use) AS data: [ -~]+$/);
      assert.ok(error.message.length <= MESSAGE_LENGTH_MAX);
    }
    assert.ok(builder.rangeCount <= rangeCountMax(input.length), `${builder.rangeCount} ranges`);
    assert.ok(builder.textLength <= textLengthMax(input.length), `${builder.textLength} octets of text`);
    return builder.rangeCount;
  },
};

/** The addresses of an AS have it, at both ends of every interval. */
function assertAgreeing(database: AsDatabase, numbers: readonly number[]): void {
  for (const number of numbers) {
    assert.ok(number > 0 && number < 2 ** 32);
    for (const { first, last } of database.addressesOf(number)) {
      for (const address of [first, last]) {
        assert.ok(database.find(address).some((system) => system.number === number), `AS${number}`);
      }
    }
  }
}
