import { deepEqual, equal } from "node:assert/strict";
import {
  type Attempt,
  type HelloKind,
  nextOffer,
  tellingAttempt,
  type TlsMode,
} from "../../../src/tls/mod.ts";

/** What a server answers to a hello: an outcome, or the code of an alert. */
type Answers = Partial<Record<HelloKind, Attempt["outcome"] | number>>;

/** The hellos that such a server is sent. */
function offered(mode: TlsMode, answers: Answers, alpn = false): string[] {
  const attempts: Attempt[] = [];
  for (let offer = nextOffer(mode, attempts, alpn); offer; offer = nextOffer(mode, attempts, alpn)) {
    const answer = answers[offer.kind] ?? "captured";
    const refusesAlpn = answer === NO_APPLICATION_PROTOCOL && !offer.alpn;
    attempts.push(
      typeof answer === "string" || refusesAlpn
        ? { ...offer, outcome: refusesAlpn ? "captured" : answer as Attempt["outcome"] }
        : {
          ...offer,
          outcome: answer === 70 && offer.kind === "tls12" ? "tls13_only" : "alert",
          alert: answer,
        },
    );
    if (attempts.length > 20) throw new Error("Cannot go on: it never ends");
  }
  return attempts.map(({ kind, alpn }) => alpn ? `${kind}+alpn` : kind);
}

const NO_APPLICATION_PROTOCOL = 120;

Deno.test("auto: 1.2 first; who refuses it is asked in 1.3", () => {
  deepEqual(offered("auto", {}), ["tls12"]);
  for (const alert of [70, 40, 47, 71]) deepEqual(offered("auto", { tls12: alert }), ["tls12", "modern"]);
  for (const alert of [112, 80, 0]) deepEqual(offered("auto", { tls12: alert }), ["tls12"]);
  for (const end of ["reset", "timeout", "not_tls", "malformed"] as const) {
    deepEqual(offered("auto", { tls12: end }), ["tls12"]);
  }
});

Deno.test("auto: who leaves without a word is asked again, who leaves in the middle of an answer is not", () => {
  deepEqual(offered("auto", { tls12: "closed" }), ["tls12", "modern"]);
  const midway: Attempt = { kind: "tls12", alpn: false, outcome: "closed", hasAnswered: true };
  equal(nextOffer("auto", [midway], false), undefined);
});

Deno.test("auto: who speaks only 1.3, and likes no group of ours, is asked for the one that we did not name", () => {
  deepEqual(offered("auto", { tls12: 70, modern: 40, pq_probe: "pq_only" }), ["tls12", "modern", "pq_probe"]);
  deepEqual(offered("auto", { tls12: 70, modern: 40, pq_probe: 40 }), ["tls12", "modern", "pq_probe"]);
  deepEqual(offered("auto", { tls12: 40, modern: 40, pq_probe: 40 }), ["tls12", "modern", "pq_probe"]);
  deepEqual(offered("auto", { tls12: 70, modern: 70 }), ["tls12", "modern"]);
});

Deno.test("max and pq begin with the most and step down for those who refuse it", () => {
  deepEqual(offered("max", {}), ["modern"]);
  deepEqual(offered("max", { modern: 70 }), ["modern", "tls12"]);
  deepEqual(offered("max", { modern: 40, tls12: 70 }), ["modern", "tls12", "pq_probe"]);
  deepEqual(offered("pq", {}), ["pq"]);
  deepEqual(offered("pq", { pq: 47, modern: 40 }), ["pq", "modern", "tls12"]);
});

Deno.test("legacy goes down to SSL 2.0, whatever old servers make of newer hellos", () => {
  deepEqual(offered("legacy", {}), ["tls12"]);
  const all = ["tls12", "modern", "tls12_rare", "tls10", "ssl3", "ssl2"];
  deepEqual(
    offered("legacy", {
      tls12: "closed",
      modern: "reset",
      tls12_rare: 40,
      tls10: 40,
      ssl3: "not_tls",
      ssl2: "closed",
    }),
    all,
  );
  deepEqual(offered("legacy", { tls12: "timeout" }), ["tls12"]);
});

Deno.test("one version alone is all that is tried", () => {
  const kinds = {
    "1.3": "tls13",
    "1.2": "tls12",
    "1.1": "tls11",
    "1.0": "tls10",
    ssl3: "ssl3",
    ssl2: "ssl2",
  } as const;
  for (const [mode, kind] of Object.entries(kinds)) {
    deepEqual(offered(mode as TlsMode, { [kind]: 40 }), [kind]);
  }
});

Deno.test("a server that knows none of the application protocols is asked again without them", () => {
  deepEqual(offered("auto", { tls12: NO_APPLICATION_PROTOCOL }, true), ["tls12+alpn", "tls12"]);
  deepEqual(offered("auto", { tls12: 70, modern: NO_APPLICATION_PROTOCOL }, true), [
    ...["tls12+alpn", "modern+alpn", "modern"],
  ]);
});

Deno.test("the attempt that tells most: a chain, a demand, our own failure, else the first", () => {
  const telling = (...outcomes: Attempt["outcome"][]) =>
    tellingAttempt(outcomes.map((outcome): Attempt => ({ kind: "tls12", alpn: false, outcome }))).outcome;
  equal(telling("tls13_only", "captured"), "captured");
  equal(telling("tls13_only", "alert", "pq_only"), "pq_only");
  equal(telling("alert", "exhausted"), "exhausted");
  equal(telling("tls13_only", "timeout"), "tls13_only");
  equal(telling("not_tls", "closed", "alert"), "alert");
  equal(telling("closed", "reset"), "closed");
});
