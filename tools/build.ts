/**
 * Builds the packet plane and the lab's tools into `zig/zig-out`. Arguments go to `zig build`.
 *
 * @module
 */
import { zig } from "./zig.ts";

Deno.exit(await zig(["build", ...Deno.args]));
