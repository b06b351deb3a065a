import type { Connection, EndReason } from "../../../src/transport/transport.ts";
import { Capture, type CaptureOptions, type CaptureResult } from "../../../src/tls/mod.ts";

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

/** Plays a server to one capture: gives it the chunks until it closes, then the end. */
export function play(
  chunks: Iterable<Uint8Array>,
  end: EndReason = "end",
  options: Partial<CaptureOptions> = {},
): { result: CaptureResult; connection: FakeConnection } {
  const results: CaptureResult[] = [];
  const connection = new FakeConnection();
  const capture = new Capture({
    random: new Uint8Array(32),
    receiveBytes: 10_000,
    more: () => true,
    done: (result) => results.push(result),
    ...options,
  });
  capture.attach(connection);
  for (const chunk of chunks) {
    if (connection.closed) break;
    const bytes = chunk.slice();
    capture.onData(bytes);
    bytes.fill(0xee); // Octets are only valid during the call: whatever was kept by reference is spoilt here.
  }
  if (results.length > 0) throw new Error("Cannot accept a result: it came before the end");
  capture.onEnd(connection.closed ? "closed" : end, { bytesSent: 300, bytesReceived: 4000 });
  if (results.length !== 1) throw new Error(`Cannot accept ${results.length} results: one is due`);
  return { result: results[0]!, connection };
}
