import { connectEndReason } from "./connect_error.ts";
import {
  acknowledgmentFrameBytes,
  dataFrameBytes,
  EMPTY_FRAME_BYTES,
  SYN_FRAME_BYTES,
} from "./frame_estimate.ts";
import type {
  Connection,
  ConnectionHandler,
  ConnectionLimits,
  EndReason,
  Host,
  Transport,
} from "./transport.ts";

/** A host that the kernel has connected to. */
export interface KernelHost extends Host {
  readonly socket: Deno.TcpConn;
}

/** Hears what the sockets do, for the budget and for the bound on their number. */
export interface KernelObserver {
  /** Octets of Ethernet frames, as they move. */
  onTraffic(bytesSent: number, bytesReceived: number): void;
  /** Resolves when there may be another socket, for a host that is opened again. */
  acquire(): Promise<void>;
  /**
   * A socket is closed, or will not be made: once for each host that was opened or rejected, and once for each
   * `acquire`.
   */
  onRelease(): void;
}

/** The kernel's sockets. No privilege is needed; the kernel sees every connection, and frames are only estimated. */
export class KernelTransport implements Transport<KernelHost> {
  readonly #observer: KernelObserver;
  readonly name = "kernel";
  readonly #connections = new Set<KernelConnection>();

  constructor(observer: KernelObserver) {
    this.#observer = observer;
  }

  open(
    host: KernelHost,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    return this.#carry(new KernelConnection(handler, limits, this.#observer, host.socket), firstBytes);
  }

  reopen(
    host: KernelHost,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    const connection = new KernelConnection(handler, limits, this.#observer);
    connection.connect(host);
    return this.#carry(connection, firstBytes);
  }

  /** Leaves every connection. */
  closeAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  reject(host: KernelHost): void {
    host.socket.close();
    this.#observer.onRelease();
  }

  #carry(connection: KernelConnection, firstBytes: Uint8Array): Connection {
    this.#connections.add(connection);
    connection.send(firstBytes);
    void connection.run().finally(() => this.#connections.delete(connection));
    return connection;
  }
}

const READ_SIZE = 16_384;
/** Buffers between two reads: a capture needs one for a few milliseconds only. */
const spareBuffers: Uint8Array<ArrayBuffer>[] = [];

class KernelConnection implements Connection {
  readonly #handler: ConnectionHandler;
  readonly #limits: ConnectionLimits;
  readonly #observer: KernelObserver;
  #socket: Deno.TcpConn | undefined;
  /** Whether one of the sockets that there may be is this connection's. */
  #holdsPlace: boolean;
  #bytesSent = 0;
  #bytesReceived = 0;
  #allowed: number;
  #resume: (() => void) | undefined;
  #reason: EndReason | undefined;
  /** What is to be sent waits for it, and what is to be read for the connection alone. */
  #sending: Promise<void> = Promise.resolve();
  #connecting: Promise<void> | undefined;
  #leaving: AbortController | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  /** Without a socket, `connect` makes one. */
  constructor(
    handler: ConnectionHandler,
    limits: ConnectionLimits,
    observer: KernelObserver,
    socket?: Deno.TcpConn,
  ) {
    this.#handler = handler;
    this.#limits = limits;
    this.#observer = observer;
    this.#socket = socket;
    this.#holdsPlace = socket !== undefined;
    this.#allowed = limits.receiveBytes;
    if (socket !== undefined) this.#startDeadline();
  }

  /** Before anything else is called. */
  connect(host: Host): void {
    this.#leaving = new AbortController();
    this.#connecting = this.#connect(host, this.#leaving.signal);
    this.#sending = this.#connecting;
  }

  send(bytes: Uint8Array): void {
    if (this.#reason !== undefined || bytes.length === 0) return;
    const copy = bytes.slice();
    this.#sending = this.#sending.then(() => this.#write(copy));
  }

  allow(bytes: number): void {
    this.#allowed += bytes;
    this.#resume?.();
  }

  close(): void {
    this.#leave("closed");
  }

  /** Reads until the end, and reports it. */
  async run(): Promise<void> {
    // A handler must not be called before `open` has returned.
    await this.#connecting;
    const buffer = spareBuffers.pop() ?? new Uint8Array(READ_SIZE);
    try {
      while (this.#reason === undefined) {
        if (this.#allowed === 0) {
          await new Promise<void>((resolve) => this.#resume = resolve);
          continue;
        }
        const count = await this.#read(buffer.subarray(0, Math.min(READ_SIZE, this.#allowed)));
        if (count === undefined) break;
        this.#allowed -= count;
        this.#account(acknowledgmentFrameBytes(count), dataFrameBytes(count));
        this.#handler.onData(buffer.subarray(0, count));
      }
    } finally {
      this.#finish(buffer);
    }
  }

  async #connect({ address, port }: Host, leaving: AbortSignal): Promise<void> {
    if (!await this.#acquire(leaving)) return;
    this.#startDeadline();
    this.#account(SYN_FRAME_BYTES, 0);
    try {
      const socket = await Deno.connect({ hostname: address, port, signal: leaving });
      this.#account(0, SYN_FRAME_BYTES);
      if (leaving.aborted) socket.close();
      else this.#socket = socket;
    } catch (error) {
      const reason = connectEndReason(error);
      if (reason === "reset") this.#account(0, EMPTY_FRAME_BYTES);
      this.#leave(reason);
    }
  }

  /** Waits for a place; false when this side has left before there was one. */
  async #acquire(leaving: AbortSignal): Promise<boolean> {
    const left = new Promise<void>((resolve) => leaving.addEventListener("abort", () => resolve()));
    const acquired = this.#observer.acquire().then(() => {
      if (leaving.aborted) this.#observer.onRelease();
      else this.#holdsPlace = true;
    });
    await Promise.race([acquired, left]);
    return this.#holdsPlace;
  }

  #startDeadline(): void {
    this.#deadline = setTimeout(() => this.#leave("timeout"), this.#limits.deadlineMs);
  }

  /** Some octets, or undefined when the connection is over. */
  async #read(buffer: Uint8Array): Promise<number | undefined> {
    try {
      const count = await this.#socket!.read(buffer);
      if (count === null) this.#leave("end");
      if (this.#reason === undefined) return count ?? undefined;
    } catch (error) {
      this.#leave(endReasonOf(error));
    }
    return undefined;
  }

  #finish(buffer: Uint8Array<ArrayBuffer>): void {
    this.#leave("closed");
    spareBuffers.push(buffer);
    clearTimeout(this.#deadline);
    if (this.#socket !== undefined) this.#account(EMPTY_FRAME_BYTES, 0);
    if (this.#holdsPlace) this.#observer.onRelease();
    this.#handler.onEnd(this.#reason ?? "closed", {
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length && this.#reason === undefined) {
        written += await this.#socket!.write(bytes.subarray(written));
      }
      this.#account(dataFrameBytes(written), acknowledgmentFrameBytes(written));
    } catch (error) {
      this.#leave(endReasonOf(error));
    }
  }

  /** Closing the socket makes a pending read fail, which is how `run` learns of it. */
  #leave(reason: EndReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#leaving?.abort();
    this.#socket?.close();
    this.#resume?.();
  }

  #account(sent: number, received: number): void {
    this.#bytesSent += sent;
    this.#bytesReceived += received;
    this.#observer.onTraffic(sent, received);
  }
}

function endReasonOf(error: unknown): EndReason {
  if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) return "reset";
  if (error instanceof Deno.errors.TimedOut) return "timeout";
  return "unreachable";
}
