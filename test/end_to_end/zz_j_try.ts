import { withServers } from "./interoperation_world.ts";
import { START_TLS_ROWS, WEB_ROWS } from "./interoperation_rows.ts";
import { opensslRows } from "./interoperation_openssl.ts";
import { gnutlsRows } from "./interoperation_gnutls.ts";
import { runOn } from "./interoperation_run.ts";
import { targetOf } from "./interoperation_world.ts";
export async function go(args: string[]) {
  const rows = [...WEB_ROWS, ...START_TLS_ROWS, ...await opensslRows(), ...await gnutlsRows()].filter((r)=>new RegExp(args[0]!).test(r.name));
  return withServers(rows, async ({served, failures}) => {
    const { records } = await runOn(served.map(targetOf), args.slice(1));
    return { failures, records: records.filter(r => r.type !== "certificate" && r.type !== "host") };
  });
}
if (import.meta.main) {
  const { runInLab } = await import("../lab/mod.ts");
  console.log(JSON.stringify(await runInLab({ module: import.meta.url, name: "go", argument: Deno.args }), null, 1));
}
