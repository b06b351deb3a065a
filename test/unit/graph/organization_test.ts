import assert from "node:assert/strict";
import { FORMS_AT_END, FORMS_IN_FRONT } from "../../../src/graph/legal_forms.ts";
import { normalizeOrganization } from "../../../src/graph/organization.ts";
import { seededRandom } from "../targets/random.ts";

/** What all of the names under it become. */
const same: Readonly<Record<string, readonly string[]>> = {
  "example": [
    ...[
      "Example",
      "EXAMPLE",
      " example ",
      "Ｅｘａｍｐｌｅ",
      "Example, Inc.",
      "Example Inc",
      "Example Incorporated",
    ],
    ...[
      "Example LLC",
      "Example, L.L.C.",
      "Example L. L. C.",
      "Example Ltd.",
      "Example Limited",
      "Example Co., Ltd.",
    ],
    ...[
      "Example Corp.",
      "Example Corporation",
      "Example PLC",
      "Example p.l.c.",
      "Example Public Limited Company",
    ],
    ...[
      "Example Pty Ltd",
      "Example (Pty) Ltd.",
      "Example Pte. Ltd.",
      "Example Pvt. Ltd.",
      "Example Private Limited",
    ],
    ...[
      "Example Sdn. Bhd.",
      "Example & Co.",
      "Example and Company",
      "Example® Inc",
      "Example™",
      "Exam\u00adple",
    ],
    ...[
      "Example GmbH",
      "Example G.m.b.H.",
      "Example Ges.m.b.H.",
      "Example GmbH & Co. KG",
      "Example GmbH und Co KG",
    ],
    ...[
      "Example AG",
      "Example AG & Co. KGaA",
      "Example e.V.",
      "Example UG (haftungsbeschränkt)",
      "Example SE",
    ],
    ...["Example Gesellschaft mit beschränkter Haftung", "Example S.A.", "Example S. A.", "Example SAS"],
    ...[
      "Example S.A.S.",
      "Example S.à r.l.",
      "Example SARL",
      "Example SàRL",
      "Example S.p.A.",
      "Example S.r.l.",
    ],
    ...["Example B.V.", "Example BV", "Example N.V.", "Example Oy", "Example Oyj", "Example AB (publ)"],
    ...[
      "Example A/S",
      "Example ApS",
      "Example AS",
      "Example ASA",
      "Example ehf.",
      "Example OÜ",
      'UAB "Example"',
    ],
    ...["Example Sp. z o.o.", "Example Spółka z ograniczoną odpowiedzialnością", "Example Sp. z o.o. Sp. k."],
    ...[
      "Example s.r.o.",
      "Example, spol. s r.o.",
      "Example a.s.",
      "Example Kft.",
      "Example Zrt.",
      "Example d.o.o.",
    ],
    ...[
      "Example S.A. de C.V.",
      "Example, S. de R.L. de C.V.",
      "Example Ltda.",
      "Example A.Ş.",
      "EXAMPLE LTD. ŞTİ.",
    ],
    ...["Example K.K.", "Example株式会社", "株式会社Example", "(株)Example", "㈱ Example", "㍿Example"],
    ...[
      "Example 有限公司",
      "Example股份有限公司",
      "주식회사 Example",
      "PT Example Tbk",
      "ООО «Example»",
      "АО Example",
    ],
    ...['ПАО "Example"', "JSC Example", "Example JSC", "Example\u0000", "Example\u2029Inc."],
  ],
  "strasse": ["Straße", "STRASSE", "STRAẞE GmbH", "Strasse"],
  "istanbul": ["İstanbul A.Ş.", "ISTANBUL", "istanbul", "ıstanbul"],
  "societe generale": ["Société Générale", "SOCIETE GENERALE SA", "Socie\u0301te\u0301 Ge\u0301ne\u0301rale"],
  "mcdonalds": ["McDonald's", "McDonald’s Corporation", "MCDONALDS"],
  "jp morgan": ["J.P. Morgan", "J. P. Morgan Inc.", "JP Morgan"],
  "procter and gamble": ["Procter & Gamble", "PROCTER AND GAMBLE CO.", "Procter＆Gamble"],
  "яндекс": ["ООО «Яндекс»", "Яндекс, ООО", 'Общество с ограниченной ответственностью "ЯНДЕКС"'],
  "бг": ["БГ ЕООД", "ЕООД БГ"],
  "οδοσ": ["ΟΔΟΣ Α.Ε.", "Οδός".normalize("NFD").replaceAll("\u0301", "")],
  "東京 銀座": ["東京・銀座株式会社", "株式会社　東京　銀座"],
  "阿里巴巴 中国": ["阿里巴巴（中国）有限公司"],
  // Nothing is left of nobody.
  "limited": ["Limited", "LIMITED", "Limited Ltd."],
  "the limited": ["The Limited", "The Limited, Inc."],
  "co": ["Co. Co.", "Co"],
  "株式会社": ["株式会社"],
  "???": ["???"],
  "": ["", "   ", "\u0000\u200b", "®"],
};

for (const [key, names] of Object.entries(same)) {
  Deno.test(`organizations that are ${JSON.stringify(key)}`, () => {
    assert.deepEqual(
      names.map((name) => [name, normalizeOrganization(name)]),
      names.map((name) => [name, key]),
    );
  });
}

Deno.test("organizations that differ stay different", () => {
  const names = [
    ...[
      "Alpha Bank",
      "Beta Bank",
      "Alpha Banks",
      "Alpha",
      "Alphabank",
      "Bank Alpha",
      "Alpha Group",
      "Alpha Trust",
    ],
    ...[
      "C",
      "C#",
      "C++",
      "Alpha+",
      "Alpha 1",
      "Alpha 2",
      "Alpha Inc Bank",
      "Alpha NA",
      "Alpha of NA",
      "As Alpha",
    ],
    ...["Край", "Краи", "ガ", "カ", "3M", "3 M"],
  ];
  assert.equal(new Set(names.map(normalizeOrganization)).size, names.length);
});

Deno.test("every legal form is listed in the form that names get", () => {
  for (const form of FORMS_AT_END) assert.equal(normalizeOrganization(`1 ${form.toUpperCase()}`), "1", form);
  for (const form of FORMS_IN_FRONT) {
    assert.equal(normalizeOrganization(`${form.toUpperCase()} 1`), "1", form);
  }
});

Deno.test("the key of a key is itself, and case and spaces never count", () => {
  const random = seededRandom(9);
  const forms = [...FORMS_AT_END, ...FORMS_IN_FRONT];
  const parts = [
    () => forms[random(forms.length)]!,
    () => String.fromCodePoint(random(0x500)),
    () => String.fromCodePoint(random(0x11_0000)),
    () =>
      [" ", " ", ".", ",", "'", "&", "/", "\u0301", "\u00a0", "the", "株式会社", "ß", "İ", "x"][random(14)]!,
  ];
  for (let round = 0; round < 20_000; round += 1) {
    const raw = Array.from({ length: 1 + random(8) }, () => parts[random(parts.length)]!()).join("");
    const key = normalizeOrganization(raw);
    assert.equal(normalizeOrganization(key), key, JSON.stringify(raw));
    assert.equal(normalizeOrganization(` ${raw}\t`), key, JSON.stringify(raw));
  }
});

Deno.test("more marks behind a letter than any language has do not count", () => {
  const marks = "\u0316\u0301";
  const key = normalizeOrganization(`Ж${marks.repeat(15)}`);
  assert.equal([...key].length, 31);
  // What is taken away must not join them again.
  for (const between of ["", "'", "\u200d", "\u2122", "\uff07"]) {
    assert.equal(normalizeOrganization(`Ж${`${marks.repeat(15)}${between}`.repeat(2_000)}`), key, between);
  }
});

Deno.test("a name as long as a certificate can have it ends", () => {
  for (
    const part of ["a", "co ", "ооо ", "株式会社", "a.", "&", "x\u0301", "\u0301", ". ", "the co ltd ", "ﷺ"]
  ) {
    const raw = part.repeat(65_536 / part.length);
    const key = normalizeOrganization(raw);
    assert.equal(normalizeOrganization(key), key);
  }
});
