/**
 * Measures two or more sides in turn (ours, peer, ours, peer and so on): whatever else runs on the machine comes and
 * goes, and hits all of them.
 *
 * @returns each side's samples in the order taken.
 */
export async function interleave<Side extends string, Sample>(
  rounds: number,
  sides: Readonly<Record<Side, () => Sample | Promise<Sample>>>,
): Promise<Record<Side, Sample[]>> {
  const names = Object.keys(sides) as Side[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, Sample[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) samples[name].push(await sides[name]());
  }
  return samples;
}

/** The middle one; the mean of the middle two when there is an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** The median of one field of samples. */
export function medianOf<Field extends string>(
  samples: readonly Readonly<Record<Field, number>>[],
  field: Field,
): number {
  return median(samples.map((sample) => sample[field]));
}

/** How many items a second `work` gets through when it is called over and over for a third of a second. */
export function itemsPerSecond(itemCount: number, work: () => void): number {
  const minimumMs = 333;
  let calls = 0;
  let elapsedMs = 0;
  const start = performance.now();
  do {
    work();
    calls++;
    elapsedMs = performance.now() - start;
  } while (elapsedMs < minimumMs);
  return calls * itemCount * 1000 / elapsedMs;
}
