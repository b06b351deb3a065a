/**
 * Observations: what a run saw, and the append-only log that keeps it.
 *
 * @module
 */

export * from "./observation.ts";
export * from "./certificate.ts";
export * from "./sink.ts";
export * from "./log.ts";
export { FileLock } from "./file_lock.ts";
export { LogSize } from "./log_size.ts";
export * from "./stream.ts";
export * from "./file.ts";
export * from "./read_error.ts";
export * from "./follow.ts";
export * from "./reader.ts";
export * from "./survey.ts";
