import { keyName, type SharedKey, sharedKeys, shortFingerprint } from "../graph/mod.ts";
import { formatCount, plural, printable } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { SharedKeysOptions } from "./graph_shared_keys_options.ts";
import { someOf } from "./node_words.ts";
import { cutToScreen } from "./table.ts";

/** `margay graph shared-keys`: resolves to the exit code. */
export function runGraphSharedKeys({ graph, limit, json }: SharedKeysOptions): Promise<number> {
  return askGraph(graph, function* (database) {
    let count = 0;
    for (const key of sharedKeys(database, limit)) {
      if (json) yield JSON.stringify(key);
      else yield* keyLines(key, count > 0);
      count += 1;
    }
    if (count === 0 && !json) yield "No key is in more than one certificate.";
  });
}

function* keyLines(key: SharedKey, isFurther: boolean): Iterable<string> {
  if (isFurther) yield "";
  yield `${shortFingerprint(key.fingerprint)}  ${printable(keyName(key))}, ${counts(key)}`;
  for (const { fingerprint, subject, addresses, some_addresses } of key.used_by) {
    yield cutToScreen(`  ${shortFingerprint(fingerprint)}  ${printable(subject ?? "")}`);
    yield `  ${" ".repeat(16)}  ${
      addresses === 0 ? "shown by no address" : someOf(some_addresses, addresses)
    }`;
  }
  const more = key.certificates - key.used_by.length;
  if (more > 0) yield `  and ${formatCount(more)} more`;
}

function counts({ certificates, subjects, organizations }: SharedKey): string {
  const parts = [plural(certificates, "certificate"), plural(subjects, "subject")];
  if (organizations > 0) parts.push(plural(organizations, "organization"));
  return parts.join(", ");
}
