/**
 * Compresses one segment on a thread of its own, so that the run's never waits for it.
 *
 * @module
 */
import { compressSegment } from "./compress_segment.ts";
import { reasonOf } from "../text/mod.ts";

/** What the thread is asked. */
export interface CompressionTask {
  readonly folder: string;
  readonly number: number;
}

/** What it answers. */
export interface CompressionAnswer {
  /** Why the segment stays as it was; undefined when it is compressed. */
  readonly failure: string | undefined;
}

self.addEventListener("message", async (event) => {
  const { folder, number } = (event as MessageEvent<CompressionTask>).data;
  const failure = await compressSegment(folder, number).then(() => undefined, reasonOf);
  (self as unknown as Worker).postMessage({ failure } satisfies CompressionAnswer);
});
