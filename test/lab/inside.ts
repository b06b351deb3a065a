// The program that `runInLab` starts inside the namespaces: MODULE FUNCTION ARGUMENT.
const [moduleUrl, name, argument] = Deno.args as [string, string, string];
const exports: Record<string, unknown> = await import(moduleUrl);
const run = exports[name];
if (typeof run !== "function") throw new Error(`Cannot run ${name}: ${moduleUrl} exports no such function`);
const result = await run(JSON.parse(argument));
const line = new TextEncoder().encode(`\n${JSON.stringify(result ?? null)}\n`);
for (let written = 0; written < line.length;) written += await Deno.stdout.write(line.subarray(written));
// What the function left running must not keep the lab up.
Deno.exit(0);
