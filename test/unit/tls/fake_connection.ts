import type { Connection, EndReason } from "../../../src/transport/transport.ts";
import {
  captureExchange,
  type CaptureResult,
  captureResult,
  Conversation,
  type ConversationEnd,
  type ConversationOptions,
} from "../../../src/tls/mod.ts";

/** A connection that only writes down what is asked of it. */
export class FakeConnection implements Connection {
  readonly calls: string[] = [];
  get closed(): boolean {
    return this.calls.includes("close");
  }
  send(bytes: Uint8Array): void {
    this.calls.push(`send ${bytes.length}`);
  }
  allow(bytes: number): void {
    this.calls.push(`allow ${bytes}`);
  }
  close(): void {
    this.calls.push("close");
  }
}

/** Plays a server to a capture with one hello: gives it the chunks until it closes, then the end. */
export function play(
  chunks: Iterable<Uint8Array>,
  end: EndReason = "end",
  options: Partial<Pick<ConversationOptions, "receiveBytes" | "more" | "bytesMax">> = {},
): { result: CaptureResult; connection: FakeConnection } {
  const { bytesMax = 256 * 1024 } = options;
  const exchange = captureExchange("tls12", { random: new Uint8Array(32), bytesMax });
  const ends: ConversationEnd[] = [];
  const connection = new FakeConnection();
  const conversation = new Conversation(exchange, {
    receiveBytes: 10_000,
    more: () => true,
    ...options,
    bytesMax,
    done: (end) => ends.push(end),
  });
  conversation.attach(connection);
  for (const chunk of chunks) {
    if (connection.closed) break;
    const bytes = chunk.slice();
    conversation.onData(bytes);
    bytes.fill(0xee); // Octets are only valid during the call: whatever was kept by reference is spoilt here.
  }
  if (ends.length > 0) throw new Error("Cannot accept an end: the connection has not ended");
  conversation.onEnd(connection.closed ? "closed" : end, { bytesSent: 300, bytesReceived: 4000 });
  if (ends.length !== 1) throw new Error(`Cannot accept ${ends.length} ends: one is due`);
  return { result: captureResult(exchange, ends[0]!), connection };
}
