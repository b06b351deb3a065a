import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("ffi/bindings.ts is what the library's sources say", async () => {
  const tool = fileURLToPath(new URL("../tools/bindings.ts", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", tool, "--check"] });
  const { code, stderr } = await command.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});
