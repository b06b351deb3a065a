import { deepEqual, equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { type HttpAnswer, HttpAnswerReader } from "../../../../src/tls/session/http_answer.ts";

const octetsOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const textOf = (octets: Uint8Array) => String.fromCharCode(...octets);

interface Read extends Omit<HttpAnswer, "body" | "bodySha256"> {
  readonly body: string;
}

/** What is read of `text` when it comes in pieces of `size` octets and the connection ends behind it. */
function readInPieces(text: string, size: number, bodyBytesMax: number): Read {
  const reader = new HttpAnswerReader(bodyBytesMax);
  const octets = octetsOf(text);
  for (let start = 0; start < octets.length; start += size) {
    const piece = octets.slice(start, start + size);
    const isOver = reader.feed(piece);
    piece.fill(0);
    if (isOver) break;
  }
  reader.end();
  const { body, bodySha256, ...rest } = reader.answer();
  const digest = body.length === 0 ? undefined : createHash("sha256").update(body).digest("hex");
  equal(bodySha256, digest);
  return { ...rest, body: textOf(body) };
}

/** The answer, which must not depend on how it is cut. */
function read(text: string, bodyBytesMax = 100): Read {
  const whole = readInPieces(text, text.length, bodyBytesMax);
  for (const size of [1, 2, 3, 7]) deepEqual(readInPieces(text, size, bodyBytesMax), whole);
  return whole;
}

const OK = "HTTP/1.1 200 OK\r\n";
const FINE = {
  protocol: "HTTP/1.1",
  status: 200,
  statusText: "OK",
  headers: [],
  isTruncated: false,
  error: undefined,
};

Deno.test("a body goes as far as its length says", () => {
  deepEqual(read(`${OK}Content-Length: 5\r\n\r\nhello, and what does not belong to it`), {
    ...FINE,
    headers: [["Content-Length", "5"]],
    body: "hello",
  });
  equal(read(`${OK}Content-Length: 5, 5\r\ncontent-length: 5\r\n\r\nhello`).body, "hello");
});

Deno.test("a body without a length ends with the connection", () => {
  deepEqual(read(`${OK}\r\nhello`), { ...FINE, body: "hello" });
});

Deno.test("chunks are put together, their extensions and trailers left out", () => {
  const head = "Transfer-Encoding: gzip, Chunked\r\n\r\n";
  const chunks =
    "5;name=value\r\nhello\r\n0B  \r\n, 10 more..\r\n0\r\nTrailer: field\r\n\r\nwhat does not belong to it";
  deepEqual(read(OK + head + chunks), {
    ...FINE,
    headers: [["Transfer-Encoding", "gzip, Chunked"]],
    body: "hello, 10 more..",
  });
  equal(read(`${OK}${head}4\r\nhello\r\n0\r\n\r\n`).error, "a chunk is longer than it says");
});

Deno.test("some answers have no body, whatever their head says", () => {
  for (const status of ["204 No Content", "304 Not Modified", "101 Switching Protocols"]) {
    const answer = read(`HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\nhello`);
    equal(answer.body, "");
    equal(answer.error, undefined);
  }
});

Deno.test("an interim answer is passed over", () => {
  deepEqual(read(`HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`), {
    ...FINE,
    headers: [["Content-Length", "2"]],
    body: "hi",
  });
});

Deno.test("header fields keep their order, case, repetitions and octets", () => {
  const head =
    "Set-Cookie: a=1\r\nset-cookie:b=2  \r\nX-Folded: one\r\n\t two\r\nno field\r\nX-\x80: \xff\x1b[2J\r\n\r\n";
  deepEqual(read(OK + head).headers, [
    ["Set-Cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["X-Folded", "one two"],
    ["X-\x80", "\xff\x1b[2J"],
  ]);
});

Deno.test("a server need not send what nobody reads", () => {
  deepEqual(read("HTTP/1.0 404\nContent-Length: 0\n\n"), {
    protocol: "HTTP/1.0",
    status: 404,
    statusText: "",
    headers: [["Content-Length", "0"]],
    body: "",
    isTruncated: false,
    error: undefined,
  });
});

Deno.test("a body is kept up to the limit", () => {
  equal(read(`${OK}\r\n0123456789`, 10).isTruncated, false);
  deepEqual(read(`${OK}\r\n0123456789A`, 10), { ...FINE, body: "0123456789", isTruncated: true });
  equal(read(`${OK}Content-Length: 11\r\n\r\n0123456789A`, 10).isTruncated, true);
  equal(
    read(`${OK}Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n6789A\r\n0\r\n\r\n`, 10).body,
    "0123456789",
  );
  deepEqual(read(`${OK}Content-Length: 1\r\n\r\n0`, 0).isTruncated, true);
});

Deno.test("an answer that breaks off says where", () => {
  equal(read("HTTP/1.1 200").error, "the server closed within the head");
  equal(read(`${OK}Content-Length: 6\r\n\r\nhello`).error, "the server closed within the body");
  equal(read(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello`).error, "the server closed within the body");
  equal(read("").error, "the server closed within the head");
});

Deno.test("what is no HTTP/1 is said to be none", () => {
  equal(
    read("SSH-2.0-OpenSSH_9.2\r\n").error,
    'the first line is none of HTTP/1: "SSH-2.0-OpenSSH_9.2"',
  );
  equal(read("HTTP/1.1 20 OK\r\n\r\n").status, undefined);
});

Deno.test("lengths that are none end the answer with its head", () => {
  for (const length of ["-1", "5, 6", "0x5", "1e3", "9".repeat(16)]) {
    const answer = read(`${OK}Content-Length: ${length}\r\n\r\nhello`);
    equal(answer.status, 200);
    equal(answer.body, "");
    equal(answer.error, `Content-Length is no number: ${JSON.stringify(length)}`);
  }
  const chunk = read(`${OK}Transfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n`);
  equal(chunk.error, 'no size of a chunk: "5x"');
});

Deno.test("a head, and what stands between chunks, cannot grow without end", () => {
  const head = readInPieces(`${OK}${"X: y\r\n".repeat(20_000)}`, 4_096, 100);
  equal(head.error, "a head of more than 65536 octets");
  const interim = readInPieces("HTTP/1.1 100 Continue\r\n\r\n".repeat(5_000), 4_096, 100);
  equal(interim.error, "a head of more than 65536 octets");
  const crumbs = readInPieces(
    `${OK}Transfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(20_000)}`,
    4_096,
    1_000_000,
  );
  equal(crumbs.error, "the chunks are mostly framing");
  equal(crumbs.body.length, 13_107);
  const line = readInPieces(`${OK}Transfer-Encoding: chunked\r\n\r\n5;${"x".repeat(70_000)}`, 4_096, 100);
  equal(line.error, "the chunks are mostly framing");
});
