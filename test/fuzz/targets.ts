import type { FuzzTarget } from "./target.ts";
import { target as flow } from "./flow.ts";
import { target as maxMind } from "./max_mind.ts";
import { target as reader } from "./reader.ts";
import { target as serverHelloProbe } from "./server_hello_probe.ts";
import { target as ssl2 } from "./ssl2.ts";
import { target as starttls } from "./starttls.ts";
import { target as tls } from "./tls.ts";
import { target as wire } from "./wire.ts";
import { target as x509 } from "./x509.ts";

/** Every target, in the order in which they run. */
export const targets: readonly FuzzTarget[] = [
  wire,
  reader,
  flow,
  starttls,
  serverHelloProbe,
  ssl2,
  tls,
  x509,
  maxMind,
];
