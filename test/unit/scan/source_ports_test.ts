import assert from "node:assert/strict";
import { NativeError } from "../../../ffi/mod.ts";
import { chooseSourcePorts, type PortWindow } from "../../../src/scan/source_ports.ts";

/** Opens windows that touch none of the ports that are taken, and writes down what was tried. */
function opener(
  isTaken: (port: number) => boolean,
): { tried: PortWindow[]; open(window: PortWindow): string } {
  const tried: PortWindow[] = [];
  return {
    tried,
    open(window) {
      tried.push(window);
      for (let port = window.first; port < window.first + window.count; port++) {
        if (isTaken(port)) throw new NativeError("inUse", "prepare the packet plane");
      }
      return `${window.first}+${window.count}`;
    },
  };
}

async function ephemeralRange(): Promise<[first: number, last: number]> {
  const text = await Deno.readTextFile("/proc/sys/net/ipv4/ip_local_port_range");
  return text.trim().split(/\s+/).map(Number) as [number, number];
}

Deno.test("ports that were given are used as they are", () => {
  const { tried, open } = opener(() => false);
  assert.equal(chooseSourcePorts({ first: 40_000, last: 40_063 }, open), "40000+64");
  assert.equal(chooseSourcePorts({ first: 7, last: 7 }, open), "7+1");
  assert.equal(tried.length, 2);
});

Deno.test("ports that were given and are taken are the user's to change", () => {
  const { tried, open } = opener((port) => port === 40_001);
  assert.throws(() => chooseSourcePorts({ first: 40_000, last: 40_063 }, open), {
    name: "UsageError",
    message: "Cannot send from source ports 40000-40063: another program has it; choose others with -s, " +
      "or leave -s out",
  });
  assert.throws(() => chooseSourcePorts({ first: 40_001, last: 40_001 }, open), {
    name: "UsageError",
    message: /^Cannot send from source port 40001: /,
  });
  assert.equal(tried.length, 2);
});

Deno.test("else a free window is found, outside what the kernel gives to others", async () => {
  const [first, last] = await ephemeralRange();
  const { tried, open } = opener((port) => tried.length <= 3 || port % 1024 > 200);
  chooseSourcePorts(undefined, open);
  assert(tried.length > 3);
  for (const window of tried) {
    const end = window.first + window.count;
    assert(window.first >= 1024 && end <= 65_536 && window.count > 1, `${window.first}`);
    assert(end <= first || window.first > last, `${window.first} is in ${first}-${last}`);
  }
  assert.equal(new Set(tried.map((window) => window.first)).size, tried.length);
});

Deno.test("when every window is taken, it says so", () => {
  const { tried, open } = opener(() => true);
  assert.throws(() => chooseSourcePorts(undefined, open), {
    message: /^Cannot find \d+ free source ports in a row: every window is taken; name some with -s$/,
  });
  assert(tried.length > 10);
});

Deno.test("any other failure is not about ports", () => {
  const failing = () => {
    throw new NativeError("noPermission", "prepare the packet plane");
  };
  for (const given of [undefined, { first: 40_000, last: 40_000 }]) {
    assert.throws(() => chooseSourcePorts(given, failing), { status: "noPermission" });
  }
});
