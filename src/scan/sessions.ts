import type { Admission, Governor, Reservation } from "../governor/mod.ts";
import { startTlsPrelude } from "../tls/mod.ts";
import { holdSession, type SessionResult, type Trust } from "../tls/session/mod.ts";
import type { Traffic } from "../transport/mod.ts";
import type { Finding } from "./finding.ts";
import { httpRequest } from "./http_request.ts";
import type { AskOptions } from "./options.ts";
import { Slots } from "./slots.ts";

/** What of the question concerns sessions. */
export type SessionOptions = Pick<AskOptions, "http" | "captureTimeoutSeconds">;

/** Whole handshakes at once: each takes a millisecond of the thread that everything else runs on. */
const CONCURRENCY = 32;

/** Holds whole handshakes through the kernel's sockets, inside the budget and never too many at once. */
export class Sessions {
  readonly #trust: Trust;
  readonly #options: SessionOptions;
  readonly #admission: Admission;
  readonly #governor: Governor;
  readonly #slots = new Slots(CONCURRENCY);
  readonly #leaving = new AbortController();
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(trust: Trust, options: SessionOptions, admission: Admission, governor: Governor) {
    this.#trust = trust;
    this.#options = options;
    this.#admission = admission;
    this.#governor = governor;
  }

  /** What all sessions moved, estimated. */
  get traffic(): Traffic {
    return { bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived };
  }

  /** Breaks off every session that is being held. */
  leave(): void {
    this.#leaving.abort();
  }

  /** Undefined where this side leaves before it comes to it. */
  async hold(finding: Finding): Promise<SessionResult | undefined> {
    await this.#slots.acquire();
    try {
      const reservation = await this.#admit();
      return reservation && await this.#holdWithin(finding, reservation);
    } finally {
      this.#slots.release();
    }
  }

  async #holdWithin(finding: Finding, reservation: Reservation): Promise<SessionResult> {
    const { http, captureTimeoutSeconds } = this.#options;
    const { address, port, serverName, starttls, telling } = finding;
    const server = { address, port, serverName };
    const session = await holdSession({
      ...server,
      trust: this.#trust,
      chain: telling.result.chain,
      prelude: starttls && startTlsPrelude(starttls, server),
      http: http === undefined ? undefined : httpRequest(http, finding),
      deadlineMs: captureTimeoutSeconds * 1000,
      signal: this.#leaving.signal,
      onTraffic: (bytesSent, bytesReceived) => this.#count(bytesSent, bytesReceived),
    });
    reservation.settle(session.traffic);
    this.#admission.pump();
    return session;
  }

  #count(bytesSent: number, bytesReceived: number): void {
    this.#bytesSent += bytesSent;
    this.#bytesReceived += bytesReceived;
    this.#governor.spendWire(bytesSent + bytesReceived);
  }

  #admit(): Promise<Reservation | undefined> {
    return new Promise((resolve) =>
      this.#admission.offer({ kind: "reopening", open: resolve, reject: () => resolve(undefined) })
    );
  }
}
