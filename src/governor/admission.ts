import type { AdmissionKind, Governor, Reservation } from "./governor.ts";

/** A verified host's turn: `open` when the budget has room for it, `reject` when it never will. */
export interface Applicant {
  readonly kind?: AdmissionKind;
  open(reservation: Reservation): void;
  reject(): void;
}

/**
 * The queue of verified hosts in front of the budget, first come, first served. It is as long as its producers let it
 * grow: they look at {@linkcode waiting}.
 */
export class Admission {
  readonly #governor: Governor;
  readonly #hasRoom: () => boolean;
  /** Those in front of the head have had their turn. */
  #queue: (Applicant | undefined)[] = [];
  #head = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** `hasRoom` says whether another capture can run beside those that do. */
  constructor(governor: Governor, hasRoom: () => boolean) {
    this.#governor = governor;
    this.#hasRoom = hasRoom;
  }

  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  offer(applicant: Applicant): void {
    if (this.#isClosed) return applicant.reject();
    this.#queue.push(applicant);
    if (this.#timer === undefined) this.pump();
  }

  /** Admits as many as there is room and budget for. To be called when a capture has ended. */
  pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.waiting > 0 && this.#hasRoom()) {
      const admitted = this.#governor.admit(this.#queue[this.#head]!.kind);
      if (typeof admitted === "number") {
        this.#timer = setTimeout(() => this.pump(), Math.ceil(admitted));
        return;
      }
      this.#take().open(admitted);
    }
  }

  /** Rejects whoever waits, and whoever comes. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    while (this.waiting > 0) this.#take().reject();
  }

  #take(): Applicant {
    const applicant = this.#queue[this.#head]!;
    // Nothing is kept of whoever has left: the queue outlives the nursery.
    this.#queue[this.#head++] = undefined;
    if (this.#head === this.#queue.length || this.#head === 4096) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return applicant;
  }
}
