/**
 * What carries bytes to a verified host: one interface, two implementations.
 *
 * @module
 */
export * from "./connect_error.ts";
export * from "./frame_estimate.ts";
export { type KernelHost, type KernelObserver, KernelTransport } from "./kernel.ts";
export * from "./transport.ts";
export { type WireHost, WireTransport } from "./wire.ts";
