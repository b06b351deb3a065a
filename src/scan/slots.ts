/** A number of places, and those who wait for one, first come, first served. */
export class Slots {
  #free: number;
  readonly #waiters: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
