/** Fills a disk with the `log` or the `file` at a path, as its arguments have it, and prints how that ended. */
import { FileSink, LogWriter, timestamp } from "../../../src/observe/mod.ts";

const [path, kind] = Deno.args as [string, string];
const log = kind === "file" ? await FileSink.create(path) : await LogWriter.create(path);
const time = timestamp();
log.append({
  type: "run",
  time,
  id: "fill",
  log_version: 1,
  margay_version: "0",
  config: {},
  seed: 1,
  targets: 1,
});
try {
  for (let index = 0; index < 2_000; index += 1) {
    log.append({ type: "host", time, address: "192.0.2.1", port: 443, verdict: "open", transport: "wire" });
    if (index % 50 === 0) await log.flush();
  }
  await log.flush();
  await Deno.stdout.write(new TextEncoder().encode("the disk took everything\n"));
} catch (error) {
  await Deno.stdout.write(new TextEncoder().encode(`${error}\n`));
} finally {
  await log.close();
}
