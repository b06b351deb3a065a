/**
 * The simulated Internet as others see it: each thing that a world file can say, the client that shows it, and
 * what the client then prints. None of the clients is margay.
 *
 * @module
 */

/** One thing to see. Each has a prefix of its own, in which every address is a host. */
export interface Sight {
  readonly what: string;
  /** Lines of the prefix's section. */
  readonly world: readonly string[];
  /** The program that looks; the row is left out where it is missing. */
  readonly client: Client;
  /**
   * A shell command, run in the scanner's namespace. `$HOST` and `$OTHER` are hosts of the prefix, `$PREFIX` is
   * the prefix, `$GATEWAY` the gateway's hardware address, `$PINGED` a host of no sight, which answers pings. Its exit
   * status doesn't matter.
   */
  readonly look: string;
  /** All of them must be in what it prints, on either stream. */
  readonly seen: readonly RegExp[];
  /** None of them may be. */
  readonly unseen?: readonly RegExp[];
  readonly family?: "ipv6";
}

export type Client = "nmap" | "curl" | "openssl" | "zmap" | "masscan" | "ping" | "ss" | "nft";

/** What the scanner's kernel knows of a connection in the middle of it: options, timer, octets (tcp(7), TCP_INFO). */
const KERNEL_SIGHT =
  "curl --silent --max-time 4 http://$HOST/ >/dev/null & sleep 1.5; ss -tinoH dst $HOST; wait";

const TRACE = "nmap -sS -Pn -n --packet-trace -p";

/**
 * masscan from an address that nobody has: no kernel resets what its TCP opens. It looks at its clock when a frame
 * comes by and not before, so answers to pings come by until it ends: otherwise it would wait for what a server happens
 * to repeat, with the greetings it has, or for ever.
 */
function masscan(what: string): string {
  return "ping -q -i 0.2 $PINGED >/dev/null 2>&1 & masscan -p22 --adapter scanner0 --adapter-ip 10.98.7.7 " +
    `--adapter-port 60000 --router-mac $GATEWAY --rate 2000 --wait 4 ${what}; kill $!`;
}

const TLS = "openssl s_client -connect $HOST:443 -msg";
const TLS12 = `${TLS} -tls1_2 </dev/null`;

/** What TCP and ICMP say of a host. */
const HOSTS: readonly Sight[] = [
  {
    what: "open, closed, silent and unreachable ports",
    world: ["port 443 tls", "port 81 silent", "port 82 unreachable", "port other closed"],
    client: "nmap",
    look: "nmap -sS -Pn -n --reason -p 9,81,82,443 $HOST",
    seen: [
      /^9\/tcp +closed .*reset/m,
      /^81\/tcp +filtered .*no-response/m,
      /^82\/tcp +filtered .*port-unreach/m,
      /^443\/tcp +open .*syn-ack/m,
    ],
  },
  {
    what: "an address without a host, of which a router speaks",
    world: ["hosts 0%", "absent unreachable"],
    client: "nmap",
    look: `${TRACE} 443 $HOST`,
    seen: [/RCVD .*ICMP \[10\.99\.0\.2 > 10\.99\.0\.1 Host 10\.40\.\d+\.7 unreachable \(type=3\/code=1\)/],
  },
  {
    what: "every host of a prefix, with its time to live and window",
    world: ["port 443 tls", "ttl 77", "window 12345"],
    client: "zmap",
    look: "zmap -p 443 --config=/dev/null --blacklist-file=/dev/null -i scanner0 -S 10.99.0.1 -G $GATEWAY " +
      "-q -v 0 -c 1 -O csv -f saddr,ttl,window,classification $PREFIX | sort -u | tee /dev/stderr | wc -l",
    // The heading is a line too.
    seen: [/^10\.40\.\d+\.255,77,12345,synack$/m, /^257$/m],
  },
  {
    what: "the options of a SYN-ACK: a maximum segment size alone",
    world: ["port 80 http", "options mss", "behavior never-answers"],
    client: "ss",
    look: KERNEL_SIGHT,
    seen: [/mss:1460/],
    unseen: [/\bts\b|\bsack\b|wscale:\d+,[1-9]/],
  },
  {
    what: "the options of a SYN-ACK: Linux's",
    world: ["port 80 http", "options linux", "behavior never-answers"],
    client: "ss",
    look: KERNEL_SIGHT,
    seen: [/\bts sack\b.*wscale:7,\d+/],
  },
  {
    what: "a page, over a kernel's connection",
    world: ["port 80 http"],
    client: "curl",
    look: "curl --silent --max-time 5 --include http://$HOST/",
    seen: [/^HTTP\/1\.1 200 OK/m, /A host of the simulated Internet/],
  },
  {
    what: "whole pages in spite of loss",
    world: ["port 80 http", "loss 15%"],
    client: "curl",
    look: "for i in 1 2 3 4 5 6 7 8; do " +
      "curl --silent --max-time 25 http://${HOST%.*}.$i/ & done | grep -c 'simulated Internet'",
    seen: [/^8$/m],
  },
  {
    what: "resets for segments that belong to nothing",
    world: ["port 80 http", "port 81 closed"],
    client: "nmap",
    look: "nmap -sA -Pn -n --reason -p 80,81 $HOST",
    seen: [/^80\/tcp +unfiltered .*reset/m, /^81\/tcp +unfiltered .*reset/m],
  },
  {
    what: "a greeting, over masscan's own TCP",
    world: ["port 22 ssh"],
    client: "masscan",
    look: masscan("--banners $PREFIX"),
    seen: [/Banner on port 22\/tcp on 10\.40\.\d+\.\d+: \[ssh\] SSH-2\.0-OpenSSH_9\.2p1/],
  },
  {
    what: "a page and refusals over IPv6",
    family: "ipv6",
    world: ["port 80 http", "port 81 unreachable"],
    client: "nmap",
    look:
      "curl --silent --max-time 5 --include http://[$HOST]/; nmap -6 -sS -Pn -n --reason -p 80,81,82 $HOST",
    seen: [
      /^HTTP\/1\.1 200 OK/m,
      /A host of the simulated Internet/,
      /^80\/tcp +open .*syn-ack/m,
      /^81\/tcp +filtered .*port-unreach/m,
      /^82\/tcp +closed .*reset/m,
    ],
  },
  {
    what: "neighbours with hardware addresses of their own",
    world: ["on-link"],
    client: "ping",
    look: "ping -c 1 -W 2 $HOST; ping -c 1 -W 2 $OTHER; ip neigh show $HOST; ip neigh show $OTHER",
    seen: [/ 0% packet loss/, /lladdr (?!02:00:5e:00:53:01)\S+ (?:REACHABLE|STALE|DELAY)/],
  },
  {
    what: "neighbours by IPv6",
    family: "ipv6",
    world: ["on-link"],
    client: "ping",
    look: "ping -c 1 -W 2 $HOST; ip neigh show $HOST",
    seen: [/ 0% packet loss/, /lladdr (?!02:00:5e:00:53:01)\S+ (?:REACHABLE|STALE|DELAY)/],
  },
];

/** What happens on the way. */
const PATHS: readonly Sight[] = [
  {
    what: "the time to a host and back",
    world: ["round-trip 80ms"],
    client: "ping",
    look: "ping -c 3 -i 0.1 -W 2 $HOST",
    seen: [/3 received/, /time=(?:[89]\d|\d{3,})/],
    unseen: [/time=(?:\d|[1-7]\d)(?:\.\d+)? ms/],
  },
  {
    what: "loss on the way there and back",
    world: ["loss forward 20% back 20%"],
    client: "ping",
    look: "ping -c 400 -i 0.002 -W 1 -q $HOST",
    // 36 percent, give or take four standard deviations.
    seen: [/ (?:2[6-9]|3\d|4[0-6])(?:\.\d+)?% packet loss/],
  },
  {
    what: "packets that come twice",
    world: ["duplicate back 30%"],
    client: "ping",
    look: "ping -c 100 -i 0.002 -W 1 $HOST",
    seen: [/DUP!/, / 0% packet loss/],
  },
  {
    what: "packets that overtake others",
    world: ["round-trip 5ms", "reorder back 20% by 20ms"],
    client: "ping",
    look: "ping -c 100 -i 0.002 -W 1 $HOST | grep -o 'icmp_seq=[0-9]*' | cut -d= -f2 | tee /dev/stderr | " +
      "sort -n -c 2>&1 || echo overtaken",
    seen: [/overtaken/],
  },
  {
    what: "a narrow path with a short queue",
    world: ["bandwidth back 200kbit queue 100ms"],
    client: "ping",
    look: "ping -c 200 -i 0.002 -s 1400 -W 1 -q $HOST",
    // A frame of 1442 octets takes 58 ms, so the second of two close ones waits, and a third is dropped.
    seen: [/ [4-9]\d(?:\.\d+)?% packet loss/, /max\S* = .*\/1[0-9]{2}\./],
  },
  {
    what: "answers from another address",
    world: ["elsewhere 100%"],
    client: "ping",
    look: "ping -c 1 -W 2 $HOST",
    seen: [/from 10\.40\.\d+\.8: icmp_seq=1 .*DIFFERENT ADDRESS/],
  },
  {
    what: "a VLAN tag, by a client that tags its own frames, and silence without it",
    world: ["vlan 100", "port 22 ssh"],
    client: "masscan",
    look: `${masscan("--adapter-vlan 100 $PREFIX")}; echo untagged:; ${masscan("$PREFIX")}`,
    seen: [/Discovered open port 22\/tcp on 10\.40\.[^]*untagged:/],
    unseen: [/untagged:[^]*Discovered/],
  },
  {
    what: "a path that is narrower than the cable",
    world: ["mtu 1300"],
    client: "ping",
    look: "ping -c 2 -i 0.2 -M do -s 1400 -W 1 $HOST; ping -c 1 -M do -s 1200 -W 1 $OTHER",
    seen: [/[Ff]rag needed and DF set \(mtu = 1300\)/, / 0% packet loss/],
  },
  {
    what: "a narrower path by IPv6",
    family: "ipv6",
    world: ["mtu 1300"],
    client: "ping",
    look: "ping -c 2 -i 0.2 -M do -s 1400 -W 1 $HOST",
    seen: [/[Pp]acket too big: mtu=1300/],
  },
];

/** What TLS servers say. */
const TLS_SERVERS: readonly Sight[] = [
  {
    what: "a certificate in TLS 1.2",
    world: ["port 443 tls", "tls-version 1.2"],
    client: "openssl",
    look: TLS12,
    seen: [/<<< TLS 1\.2, Handshake \[length [0-9a-f]+\], Certificate$/m, /CN ?= ?/],
    // A server without TLS 1.3 doesn't announce it (RFC 8446, 4.1.3).
    unseen: [/44 4f 57 4e 47 52 44/],
  },
  {
    what: "TLS 1.3, announced by a server that was asked for 1.2",
    world: ["port 443 tls", "tls-version 1.2+1.3"],
    client: "openssl",
    look: `${TLS12} | tr -d '\\n' | tr -s ' '`,
    seen: [/44 4f 57 4e 47 52 44 01/, /Certificate/],
  },
  {
    what: "a certificate in TLS 1.3",
    world: ["port 443 tls", "tls-version 1.2+1.3"],
    client: "openssl",
    look: `${TLS} -tls1_3 </dev/null`,
    seen: [/<<< TLS 1\.3, Handshake \[length [0-9a-f]+\], Certificate$/m, /CN ?= ?/],
  },
  {
    what: "a server that asks for another group",
    world: ["port 443 tls", "tls-version 1.3", "tls-retry 100%"],
    client: "openssl",
    look: `${TLS} -tls1_3 -groups X25519:P-384 </dev/null`,
    seen: [/(?:ClientHello[^]*){2}/, /<<< TLS 1\.3, Handshake \[length [0-9a-f]+\], Certificate$/m],
  },
  {
    what: "an alert for a version that a server doesn't speak",
    world: ["port 443 tls", "tls-version 1.3"],
    client: "openssl",
    look: TLS12,
    seen: [/alert protocol version/],
    unseen: [/Handshake \[length [0-9a-f]+\], Certificate$/m],
  },
  {
    what: "an alert for a hello without a name, and a certificate for one with",
    world: ["port 443 tls", "tls-name 100%"],
    client: "openssl",
    look: `${TLS12} -noservername 2>&1 | sed 's/^/nameless: /'; ${TLS12} -servername a.example`,
    seen: [/nameless: .*Alert .*fatal unrecognized_name/, /^<<< TLS 1\.2, .*Certificate$/m],
    unseen: [/nameless: .*, Certificate$/m],
  },
  {
    what: "chains of up to five certificates",
    world: ["port 443 tls"],
    client: "openssl",
    look:
      "for i in $(seq 1 40); do openssl s_client -tls1_2 -showcerts -connect ${HOST%.*}.$i:443 </dev/null " +
      "2>/dev/null | grep -c 'BEGIN CERT'; done | sort -n | tail -n 1",
    seen: [/^5$/m],
  },
];

/** What hosts do wrong. */
const BAD_COMPANY: readonly Sight[] = [
  {
    what: "zero-window",
    world: ["port 80 http", "behavior zero-window"],
    client: "ss",
    look: `${KERNEL_SIGHT}; ${TRACE} 80 $HOST`,
    seen: [/timer:\(persist/, /RCVD .* SA .* win=0 /],
  },
  {
    what: "silent-after-syn-ack",
    world: ["port 80 http", "behavior silent-after-syn-ack"],
    client: "ss",
    look: KERNEL_SIGHT,
    seen: [/^ESTAB/m, /timer:\(on/, /unacked:1/],
    unseen: [/bytes_acked:[1-9]\d/],
  },
  {
    what: "never-answers",
    world: ["port 80 http", "behavior never-answers"],
    client: "ss",
    look: KERNEL_SIGHT,
    seen: [/^ESTAB/m, /bytes_acked:[1-9]\d/],
    unseen: [/unacked:|bytes_received:/],
  },
  {
    what: "answers-on-all-ports",
    world: ["behavior answers-on-all-ports"],
    client: "nmap",
    look: "nmap -sS -Pn -n -p 1,7,9999,54321 $HOST",
    seen: [/^1\/tcp +open/m, /^7\/tcp +open/m, /^9999\/tcp +open/m, /^54321\/tcp +open/m],
  },
  {
    what: "resets-after-data",
    world: ["port 80 http", "behavior resets-after-data"],
    client: "curl",
    look: "curl --silent --show-error --max-time 5 http://$HOST/",
    seen: [/[Cc]onnection reset by peer/],
  },
  {
    what: "one-byte-per-second",
    world: ["port 80 http", "behavior one-byte-per-second"],
    client: "ss",
    look: KERNEL_SIGHT,
    seen: [/^ESTAB/m, /bytes_acked:[1-9]\d/, /bytes_received:[1-3]\b/],
  },
  {
    what: "endless-records",
    world: ["port 443 tls", "behavior endless-records"],
    client: "openssl",
    look: TLS12,
    seen: [/ServerHello/, /excessive message size|length too long/],
  },
  {
    what: "wrong-lengths",
    world: ["port 443 tls", "behavior wrong-lengths"],
    client: "openssl",
    look: `for i in 1 2 3 4 5 6; do ${TLS12}; done`,
    seen: [
      /length mismatch|bad length|excessive message size|wrong version|length too|decode error|bad packet/,
    ],
  },
  {
    what: "data-in-syn-ack",
    world: ["port 443 tls", "behavior data-in-syn-ack"],
    client: "nmap",
    look: `${TRACE} 443 $HOST`,
    // 20 octets of IP, 24 of TCP, and data.
    seen: [/RCVD .* SA .*iplen=172 /],
  },
  {
    what: "wrong-acknowledgment",
    world: ["port 80 http", "behavior wrong-acknowledgment"],
    client: "curl",
    look: "curl --silent --show-error --max-time 3 http://$HOST/",
    // The kernel resets what it did not ask for, and goes on waiting (RFC 9293, 3.10.7.3).
    seen: [/timed out/],
    unseen: [/refused|reset/],
  },
  {
    what: "spoofed-replies",
    world: ["port 80 http", "behavior spoofed-replies"],
    client: "nft",
    look:
      "nft add table ip spoofed; nft 'add chain ip spoofed arrive { type filter hook prerouting priority -400; }'; " +
      "nft add rule ip spoofed arrive ip saddr $PREFIX ip saddr != $HOST " +
      "'tcp flags & (syn | ack) == (syn | ack) counter'; " +
      "curl --silent --max-time 2 http://$HOST/; nft list table ip spoofed; nft delete table ip spoofed",
    seen: [/A host of the simulated Internet/, /counter packets [1-9]/],
  },
];

export const SIGHTS: readonly Sight[] = [...HOSTS, ...PATHS, ...TLS_SERVERS, ...BAD_COMPANY];
