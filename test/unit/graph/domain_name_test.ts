import assert from "node:assert/strict";
import { domainOf } from "../../../src/graph/domain_name.ts";
import { seededRandom } from "../targets/random.ts";

const label63 = "a".repeat(63);
const name253 = `${label63}.${label63}.${label63}.${"a".repeat(61)}`;

/** `name registrable`, the second a hyphen where there is none. */
const names: Readonly<Record<string, string>> = {
  "www.Example.ORG": "www.example.org example.org",
  "example.org.": "example.org example.org",
  "www.example.co.uk": "www.example.co.uk example.co.uk",
  "*.Example.org": "*.example.org example.org",
  "*.example.org.": "*.example.org example.org",
  "*.a.example.org": "*.a.example.org example.org",
  "_dmarc.example.org": "_dmarc.example.org example.org",
  // Nobody registered these.
  "localhost": "localhost -",
  "router": "router -",
  "*.router": "*.router -",
  "co.uk": "co.uk -",
  "*.com": "*.com -",
  // Names of one's own, outside of the public list.
  "printer.office.internal": "printer.office.internal office.internal",
  // Private suffixes.
  "me.github.io": "me.github.io me.github.io",
  "a.me.github.io": "a.me.github.io me.github.io",
  "*.github.io": "*.github.io github.io",
  // Exceptions and wildcards of the list.
  "www.city.kobe.jp": "www.city.kobe.jp city.kobe.jp",
  "a.b.c.kobe.jp": "a.b.c.kobe.jp b.c.kobe.jp",
  // U-labels.
  "M\u00dcNCHEN.example": "xn--mnchen-3ya.example xn--mnchen-3ya.example",
  "stra\u00dfe.de": "xn--strae-oqa.de xn--strae-oqa.de",
  "*.\u4f8b\u5b50.\u4e2d\u56fd": "*.xn--fsqu00a.xn--fiqs8s xn--fsqu00a.xn--fiqs8s",
  "www.\u98df\u72ee.\u516c\u53f8.cn": "www.xn--85x722f.xn--55qx5d.cn xn--85x722f.xn--55qx5d.cn",
  "xn--mnchen-3ya.example": "xn--mnchen-3ya.example xn--mnchen-3ya.example",
  [name253]: `${name253} ${name253.slice(-125)}`,
};

for (const [raw, expected] of Object.entries(names)) {
  Deno.test(`the domain of ${raw.slice(0, 40)}`, () => {
    const [name, registrable] = expected.split(" ");
    assert.deepEqual(domainOf(raw), {
      name,
      wildcard: raw.startsWith("*."),
      registrable: registrable === "-" ? null : registrable,
    });
  });
}

const refused: readonly string[] = [
  ...["", ".", "*", "*.", "*.*.example.org", "a.*.example.org", "f*.example.org", "**.example.org"],
  ...["192.0.2.1", "*.192.0.2.1", "2001:db8::1", "[2001:db8::1]", "127.1", "0x7f000001", "10.in-addr.1"],
  ...[
    "Example, Inc.",
    "Jane Doe",
    "jane@example.org",
    "https://example.org",
    "example.org:443",
    "example.org/",
  ],
  ...["a..example.org", ".example.org", "example.org..", "-a.example.org", "a-.example.org"],
  ...[
    "example.org\0",
    "exa\u0007mple.org",
    "example.org\n",
    " example.org",
    "ex\u200bample.org",
    "m\u00fcn chen.de",
  ],
  ...[
    "m\u00fcn\u202echen.de",
    "m\u00fc@example.org",
    "\u{d800}.example.org",
    "a%41.example.org",
    "xn--a.\u00fc.org",
  ],
  ...[
    `${"a".repeat(64)}.example.org`,
    `a${name253}`,
    `*.${name253}`,
    "x.".repeat(32_768),
    "\u00fc".repeat(65_536),
  ],
];

for (const [index, raw] of refused.entries()) {
  Deno.test(`no domain: ${index} ${JSON.stringify(raw.slice(0, 40))}`, () => {
    assert.equal(domainOf(raw), null);
  });
}

Deno.test("a domain is in its own form, and so is what it was registered as", () => {
  const random = seededRandom(5);
  const parts = [
    "*",
    ".",
    "example",
    "co.uk",
    "github.io",
    "\u00dc",
    "\u0130",
    "xn--",
    "-",
    "_",
    "A",
    "1",
    "\u3002",
    "\u00df",
  ];
  let found = 0;
  for (let round = 0; round < 5000; round += 1) {
    const raw = Array.from({ length: 1 + random(6) }, () => parts[random(parts.length)]!).join("");
    const domain = domainOf(raw);
    if (domain === null) continue;
    found += 1;
    assert.deepEqual(domainOf(domain.name), domain, raw);
    assert.match(domain.name, /^(?:\*\.)?[a-z0-9_.-]+$/);
    if (domain.registrable === null) continue;
    assert.ok(`.${domain.name}`.endsWith(`.${domain.registrable}`), raw);
    assert.equal(domainOf(domain.registrable)!.registrable, domain.registrable, raw);
  }
  assert.ok(found > 500, `${found} names`);
});
