import type { HttpAnswer, HttpRequest } from "../../tls/session/mod.ts";
import { jsonObject, jsonText } from "./json.ts";

/** What was asked for by HTTP behind the capture, and what came of it. */
export interface ZgrabHttp {
  readonly request: Pick<HttpRequest, "path" | "host">;
  /** Absent when there was no session to ask in. */
  readonly answer: HttpAnswer | undefined;
  /** Why there is no answer. */
  readonly error: string | undefined;
}

/** The fields that have a member of their own; others are listed under `unknown` (ZGrab2's `lib/http/header.go`). */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...["accept", "accept_charset", "accept_encoding", "accept_language", "accept_patch", "accept_ranges"],
  ...["access_control_allow_origin", "age", "allow", "alt_svc", "alternate_protocol", "authorization"],
  ...["cache_control", "connection", "content_disposition", "content_encoding", "content_language"],
  ...["content_length", "content_location", "content_md5", "content_range", "content_security_policy"],
  ...["content_type", "cookie", "date", "etag", "expect", "expires", "from", "host", "if_match"],
  ...["if_modified_since", "if_none_match", "if_unmodified_since", "last_modified", "link", "location"],
  ...["max_forwards", "p3p", "pragma", "proxy_agent", "proxy_authenticate", "proxy_authorization"],
  ...["public_key_pins", "range", "referer", "refresh", "retry_after", "server", "set_cookie", "status"],
  ...["strict_transport_security", "trailer", "transfer_encoding", "upgrade", "user_agent", "vary", "via"],
  ...["warning", "www_authenticate", "x_content_duration", "x_content_security_policy"],
  ...["x_content_type_options", "x_forwarded_for", "x_frame_options", "x_powered_by", "x_real_ip"],
  ...["x_ua_compatible", "x_webkit_csp", "x_xss_protection"],
]);

/** From this length on a value is cut, to one character less. */
const VALUE_LENGTH_CUT = 8_192;

/** What a URL's host doesn't say for `https`. */
const DEFAULT_PORT = /:443$/;

/**
 * A response as ZGrab2's `http.Response`, JSON text.
 *
 * @param log the TLSLog that goes with it, JSON text
 */
export function httpResponse(
  request: ZgrabHttp["request"],
  answer: HttpAnswer,
  log: string | undefined,
): string {
  const { protocol = "", status, statusText = "", headers, body, bodySha256 } = answer;
  const fields = fieldsByName(headers);
  const isChunked = fields.get("transfer_encoding")?.at(-1)?.toLowerCase() === "chunked";
  // Go takes the field away once it has dealt with it.
  if (isChunked) fields.delete("transfer_encoding");
  const length = contentLength(isChunked, fields);
  return jsonObject({
    status_line: jsonText(`${status} ${statusText}`.trimEnd()),
    status_code: status === undefined ? undefined : jsonText(status),
    protocol: jsonText(protocolFields(protocol)),
    headers: jsonText(headersFields(fields)),
    body: body.length > 0 ? jsonText(bodyText(body, fields.get("content_type")?.[0])) : undefined,
    body_sha256: bodySha256 === undefined ? undefined : jsonText(bodySha256),
    content_length: length === undefined ? undefined : jsonText(length),
    transfer_encoding: isChunked ? jsonText(["chunked"]) : undefined,
    request: jsonObject({
      url: jsonText(urlFields(request)),
      method: jsonText("GET"),
      host: jsonText(request.host.replace(DEFAULT_PORT, "")),
      tls_log: log,
    }),
  });
}

/** Values by name, names in the form that ZGrab2 gives them, in order of arrival. */
function fieldsByName(headers: HttpAnswer["headers"]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase().replaceAll("-", "_");
    const text = value.length >= VALUE_LENGTH_CUT ? value.slice(0, VALUE_LENGTH_CUT - 1) : value;
    const values = fields.get(key);
    if (values === undefined) fields.set(key, [text]);
    else values.push(text);
  }
  return fields;
}

/** Names sorted, as Go writes a map. */
function headersFields(fields: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  const sorted = [...fields].sort(byName);
  const unknown = sorted.filter(([name]) => !KNOWN_FIELDS.has(name)).map(([key, value]) => ({ key, value }));
  const members: (readonly [name: string, value: unknown])[] = sorted.filter(([name]) =>
    KNOWN_FIELDS.has(name)
  );
  if (unknown.length > 0) members.push(["unknown", unknown]);
  return Object.fromEntries(members.sort(byName));
}

function byName(member: readonly [name: string, value: unknown], other: readonly [string, unknown]): number {
  return member[0] < other[0] ? -1 : 1;
}

function protocolFields(name: string): object {
  const [, major, minor] = /^HTTP\/(\d)\.(\d)$/.exec(name) ?? [];
  return { name, major: Number(major ?? 0), minor: Number(minor ?? 0) };
}

function urlFields({ path, host }: ZgrabHttp["request"]): object {
  const query = path.indexOf("?");
  return {
    scheme: "https",
    host: host.replace(DEFAULT_PORT, ""),
    path: query < 0 ? path : path.slice(0, query),
    raw_query: query < 0 ? undefined : path.slice(query + 1) || undefined,
  };
}

/** -1 for what is not known beforehand; zero is left out. */
function contentLength(
  isChunked: boolean,
  fields: ReadonlyMap<string, readonly string[]>,
): number | undefined {
  const text = isChunked ? undefined : fields.get("content_length")?.[0];
  if (text === undefined || !/^\d{1,15}$/.test(text)) return -1;
  return Number(text) || undefined;
}

/** In the character set that the server names, else in UTF-8; what does not fit becomes U+FFFD. */
function bodyText(body: Uint8Array, contentType: string | undefined): string {
  const label = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1];
  return decoder(label).decode(body);
}

function decoder(label: string | undefined): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder();
    throw error;
  }
}
