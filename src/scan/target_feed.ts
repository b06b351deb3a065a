/** One (address, port). */
export interface Target {
  readonly address: bigint;
  readonly port: number;
}

/** What a target is found by among others. */
export function targetKey({ address, port }: Target): string {
  return `${address} ${port}`;
}

/** Targets beyond which {@linkcode TargetFeed.isFull}: the packet plane then waits. */
const WAITING_MAX = 4096;

/** Targets on their way from the packet plane's walk to the kernel's sockets. For one reader. */
export class TargetFeed implements AsyncIterable<Target> {
  #waiting: Target[] = [];
  /** Those of them that the reader has taken: one of them, the last, may not have come to it yet. */
  #taken = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;

  /** Whether whoever reads has fallen behind. */
  get isFull(): boolean {
    return this.#waiting.length - this.#taken >= WAITING_MAX;
  }

  /** Those that the reader may not have come to. */
  get waiting(): readonly Target[] {
    return this.#waiting.slice(Math.max(0, this.#taken - 1));
  }

  push(target: Target): void {
    this.#waiting.push(target);
    this.#wake?.();
  }

  /** No target will follow. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Target> {
    while (true) {
      while (this.#taken < this.#waiting.length) yield this.#waiting[this.#taken++]!;
      this.#waiting = [];
      this.#taken = 0;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
