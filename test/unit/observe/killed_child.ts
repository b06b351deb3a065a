/** Writes hosts into the log at a path, on from the last that is there; says after each flush which was the last. */
import { LogWriter, type Observation } from "../../../src/observe/mod.ts";
import { host, run } from "./sample_log.ts";

const [folder, isFirst] = Deno.args as [string, string];
const options = { segmentBytes: 20_000, compresses: true };

let next = 0;
let log: LogWriter;
if (isFirst === "first") {
  log = await LogWriter.create(folder, options);
  log.append(run);
} else {
  const onRecords = (records: readonly Observation[]) => {
    next += records.filter(({ type }) => type === "host").length;
  };
  ({ log } = await LogWriter.reopen(folder, { ...options, onRecords }));
}
for (;; next += 1) {
  log.append(host(next));
  if (next % 20 !== 0) continue;
  await log.flush();
  console.log(next);
}
