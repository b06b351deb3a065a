import type { Admission, Reservation } from "../governor/mod.ts";
import { Conversation, type ConversationEnd, type Exchange } from "../tls/mod.ts";
import type { Connection, Host, Transport } from "../transport/mod.ts";
import type { Roster } from "./roster.ts";

/** Octets that a server may send within a connection's first reservation: the rest is headers and our side. */
const RECEIVE_BYTES = 8_000;

/** What each connection may take. */
export interface ConnectionAllowance {
  readonly timeoutMs: number;
  /** Octets the server may send. */
  readonly bytesMax: number;
}

/**
 * Connections with one verified host, one at a time. The first goes on with the handshake that verified the host, each
 * further one is a handshake of its own that waits its turn in the budget.
 */
export class HostConnections {
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #admission: Admission;
  readonly #allowance: ConnectionAllowance;
  readonly #open: Roster<Connection>;
  /** For the first connection. */
  #reservation: Reservation | undefined;
  #isAbandoned = false;

  /** `open` holds every connection of the run that is under way, so that it can be left. */
  constructor(
    { transport, host }: { readonly transport: Transport; readonly host: Host },
    reservation: Reservation,
    admission: Admission,
    allowance: ConnectionAllowance,
    open: Roster<Connection>,
  ) {
    this.#transport = transport;
    this.#host = host;
    this.#reservation = reservation;
    this.#admission = admission;
    this.#allowance = allowance;
    this.#open = open;
  }

  /** This side has left: nothing more can be found out. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /**
   * Holds one exchange. Resolves when its connection has ended. Room that was admitted is taken before this returns, so
   * that whoever is admitted next can count on what is left.
   */
  converse(exchange: Exchange): Promise<ConversationEnd> {
    return new Promise((resolve) => {
      const reservation = this.#reservation;
      this.#reservation = undefined;
      if (reservation !== undefined) {
        return this.#connect("open", exchange, reservation, resolve);
      }
      this.#admission.offer({
        kind: "reopening",
        open: (reservation) => this.#connect("reopen", exchange, reservation, resolve),
        reject: () => this.#end({ reason: "closed", traffic: { bytesSent: 0, bytesReceived: 0 } }, resolve),
      });
    });
  }

  #connect(
    way: "open" | "reopen",
    exchange: Exchange,
    reservation: Reservation,
    ended: (end: ConversationEnd) => void,
  ): void {
    const conversation = new Conversation(exchange, {
      receiveBytes: RECEIVE_BYTES,
      bytesMax: this.#allowance.bytesMax,
      more: (bytes) => reservation.extend(bytes),
      done: (end) => {
        this.#open.leave(place);
        reservation.settle(end.traffic);
        this.#end(end, ended);
        this.#admission.pump();
      },
    });
    const limits = { deadlineMs: this.#allowance.timeoutMs, receiveBytes: RECEIVE_BYTES };
    const connection = this.#transport[way](this.#host, exchange.firstBytes, conversation, limits);
    const place = this.#open.join(connection);
    conversation.attach(connection);
  }

  #end(end: ConversationEnd, ended: (end: ConversationEnd) => void): void {
    if (end.reason === "closed") this.#isAbandoned = true;
    ended(end);
  }
}
