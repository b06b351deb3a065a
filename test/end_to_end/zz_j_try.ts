import { withServers } from "/work/main/test/end_to_end/interoperation_world.ts";
import { makeRows } from "/work/main/test/end_to_end/interoperation_rows.ts";
import { scan } from "/work/main/test/end_to_end/child.ts";
export async function go(args: {mode: string, transport: string}[]) {
  const t0 = performance.now();
  const rows = await makeRows();
  return withServers(rows, async ({served, failures}) => {
    const t1 = performance.now();
    await Deno.writeTextFile("/run/t", served.map(({row,address}) => `${address}:${row.port}${row.askedName ? ","+row.askedName : ""}`).join("\n")+"\n");
    const out = [];
    for (const {mode, transport} of args) {
      const s = performance.now();
      const r = await scan(["@/run/t","--transport",transport,"--tls",mode,"--starttls","auto","-c","2","-o","-"]);
      out.push({mode, transport, ms: performance.now()-s, code: r.code, stderr: r.stderr, stdout: r.stdout});
    }
    return { start: t1-t0, failures, rows: served, out };
  });
}
if (import.meta.main) {
  const { runInLab } = await import("/work/main/test/lab/mod.ts");
  const t = performance.now();
  const r: any = await runInLab({ module: import.meta.url, name: "go", argument: [{mode:"auto",transport:"wire"},{mode:"max",transport:"wire"},{mode:"auto",transport:"kernel"}] });
  console.log("total", performance.now()-t, "start", r.start, r.failures);
  for (const o of r.out) console.log(o.mode, o.transport, o.ms, o.code, o.stderr.slice(0,1500));
  await Deno.writeTextFile("/tmp/house/J-out.json", JSON.stringify(r));
}
