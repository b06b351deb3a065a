import { acknowledgmentFrameBytes, dataFrameBytes, EMPTY_FRAME_BYTES } from "./frame_estimate.ts";
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
  /** A host's socket is closed. Once for each host that was opened or rejected. */
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
    const connection = new KernelConnection(host.socket, handler, limits, this.#observer);
    this.#connections.add(connection);
    connection.send(firstBytes);
    void connection.run().finally(() => this.#connections.delete(connection));
    return connection;
  }

  /** Leaves every connection. */
  closeAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  reject(host: KernelHost): void {
    host.socket.close();
    this.#observer.onRelease();
  }
}

const READ_SIZE = 16_384;
/** Buffers between two reads: a capture needs one for a few milliseconds only. */
const spareBuffers: Uint8Array<ArrayBuffer>[] = [];

class KernelConnection implements Connection {
  readonly #socket: Deno.TcpConn;
  readonly #handler: ConnectionHandler;
  readonly #observer: KernelObserver;
  #bytesSent = 0;
  #bytesReceived = 0;
  #allowed: number;
  #resume: (() => void) | undefined;
  #reason: EndReason | undefined;
  #sending: Promise<void> = Promise.resolve();
  readonly #deadline: ReturnType<typeof setTimeout>;

  constructor(
    socket: Deno.TcpConn,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
    observer: KernelObserver,
  ) {
    this.#socket = socket;
    this.#handler = handler;
    this.#observer = observer;
    this.#allowed = limits.receiveBytes;
    this.#deadline = setTimeout(() => this.#leave("timeout"), limits.deadlineMs);
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
    await Promise.resolve();
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

  /** Some octets, or undefined when the connection is over. */
  async #read(buffer: Uint8Array): Promise<number | undefined> {
    try {
      const count = await this.#socket.read(buffer);
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
    this.#account(EMPTY_FRAME_BYTES, 0);
    this.#observer.onRelease();
    this.#handler.onEnd(this.#reason ?? "closed", {
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length && this.#reason === undefined) {
        written += await this.#socket.write(bytes.subarray(written));
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
    this.#socket.close();
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
