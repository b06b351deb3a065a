import type { FuzzTarget } from "./target.ts";
import { target as flow } from "./flow.ts";
import { target as reader } from "./reader.ts";
import { target as tls } from "./tls.ts";
import { target as wire } from "./wire.ts";
import { target as x509 } from "./x509.ts";

/** Every target, in the order in which they run. */
export const targets: readonly FuzzTarget[] = [wire, reader, flow, tls, x509];
