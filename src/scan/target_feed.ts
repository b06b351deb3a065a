/** One (address, port). */
export interface Target {
  readonly address: bigint;
  readonly port: number;
}

/** Targets beyond which {@linkcode TargetFeed.isFull}: the packet plane then waits. */
const WAITING_MAX = 4096;

/** Targets on their way from the packet plane's walk to the kernel's sockets. For one reader. */
export class TargetFeed implements AsyncIterable<Target> {
  #waiting: Target[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  /** Whether whoever reads has fallen behind. */
  get isFull(): boolean {
    return this.#waiting.length >= WAITING_MAX;
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
      const taken = this.#waiting;
      this.#waiting = [];
      yield* taken;
      if (this.#waiting.length > 0) continue;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
