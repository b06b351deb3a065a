import assert from "node:assert/strict";
import { expandPorts, formatPorts, parsePorts, TargetError } from "../../../src/targets/mod.ts";

Deno.test("ports are a list of ports and ranges, sorted and merged", () => {
  assert.equal(formatPorts(parsePorts("443,8443,9000-9010")), "443,8443,9000-9010");
  assert.equal(formatPorts(parsePorts("8443,443,443,442,440-445,446")), "440-446,8443");
  assert.equal(formatPorts(parsePorts("65535")), "65535");
  assert.equal(formatPorts(parsePorts("*")), "1-65535");
  assert.deepEqual(expandPorts(parsePorts("443,9000-9002")), [443, 9000, 9001, 9002]);
});

Deno.test("errors name the part that is wrong", () => {
  const cases: readonly (readonly [text: string, message: string])[] = [
    ["", 'Cannot parse ports "": "" is no port (1 to 65535) and no range such as 9000-9010'],
    ["443,", 'Cannot parse ports "443,": "" is no port (1 to 65535) and no range such as 9000-9010'],
    [
      "443,https",
      'Cannot parse ports "443,https": "https" is no port (1 to 65535) and no range such as 9000-9010',
    ],
    ["443, 80", 'Cannot parse ports "443, 80": " 80" is no port (1 to 65535) and no range such as 9000-9010'],
    ["1-2-3", 'Cannot parse ports "1-2-3": "1-2-3" is no port (1 to 65535) and no range such as 9000-9010'],
    ["-1", 'Cannot parse ports "-1": "-1" is no port (1 to 65535) and no range such as 9000-9010'],
    ["0", 'Cannot parse ports "0": port 0 is not between 1 and 65535'],
    ["443,0-10", 'Cannot parse ports "443,0-10": port 0 is not between 1 and 65535'],
    ["65536", 'Cannot parse ports "65536": port 65536 is not between 1 and 65535'],
    ["90-80", 'Cannot parse ports "90-80": the range 90-80 runs backwards; write 80-90'],
  ];
  for (const [text, message] of cases) assert.throws(() => parsePorts(text), new TargetError(message));
});
