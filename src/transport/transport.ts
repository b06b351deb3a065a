/**
 * What carries bytes to a verified host. Protocols see only this interface, so a capture runs unchanged over
 * user-space TCP in the packet plane (`wire`) and over sockets (`kernel`).
 *
 * @module
 */

/** A TCP endpoint that answered: a target whose SYN-ACK echoed the run's cookie, or one the kernel connected. */
export interface Host {
  /** Canonical text of the address: dotted quad, or RFC 5952 for IPv6. */
  readonly address: string;
  readonly port: number;
}

/** Why a connection ended. Exactly one is reported for each connection that was opened. */
export type EndReason =
  /** This side closed it. */
  | "closed"
  /** The peer closed its sending side (FIN). */
  | "end"
  /** The peer reset the connection, or refused it. */
  | "reset"
  /** The deadline passed, or the peer stopped acknowledging. */
  | "timeout"
  /** The peer sent more than the receive limit allowed it to. */
  | "overflow"
  /** The path to the peer broke (ICMP unreachable, interface down). */
  | "unreachable"
  /** This side ran out of room (flow table, descriptors): nothing is known about the peer. */
  | "exhausted";

/** What moved on the wire for one connection, in octets of Ethernet frames (header included, FCS not). */
export interface Traffic {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Receives what happens on one connection. Calls never overlap, and none follows `onEnd`. */
export interface ConnectionHandler {
  /** In-order octets from the peer. `bytes` is only valid during the call: copy what must outlive it. */
  onData(bytes: Uint8Array): void;
  onEnd(reason: EndReason, traffic: Traffic): void;
}

export interface ConnectionLimits {
  /** From open to end, in milliseconds. */
  readonly deadlineMs: number;
  /**
   * How many octets the peer may send before {@linkcode Connection.allow} is called. A transport may round it down to
   * 128, the window's unit.
   */
  readonly receiveBytes: number;
}

export interface Connection {
  /**
   * Queues octets behind those already sent. Ignored once the connection has ended. A transport need not hold more than
   * 2,048 octets that the peer has not acknowledged: protocols here say little.
   */
  send(bytes: Uint8Array): void;
  /**
   * Lets the peer send `bytes` more octets than it was allowed so far. While it is allowed none, its end may go unheard
   * until the deadline.
   */
  allow(bytes: number): void;
  /** Leaves at once, with a RST where the transport can. `onEnd` follows with `closed`, never from inside this call. */
  close(): void;
}

/** One way to reach verified hosts. `H` carries what this way needs to go on where the sweep left off. */
export interface Transport<H extends Host = Host> {
  readonly name: "wire" | "kernel";

  /**
   * Goes on with the connection that verified the host: `firstBytes` leave with the acknowledgment of its SYN-ACK
   * where the transport can. Never calls the handler before it has returned.
   */
  open(host: H, firstBytes: Uint8Array, handler: ConnectionHandler, limits: ConnectionLimits): Connection;

  /**
   * Another connection to a host that `open` was called for, with a handshake of its own. It ends with `reset` where
   * the peer refuses, with `timeout` where it keeps silent; the deadline counts from the start of the handshake. A
   * transport may carry one connection to a host at a time: while there is one, another ends with `exhausted`.
   */
  reopen(host: H, firstBytes: Uint8Array, handler: ConnectionHandler, limits: ConnectionLimits): Connection;

  /** Lets go of a verified host that will not be opened: nothing is left half-open on it. */
  reject(host: H): void;
}
