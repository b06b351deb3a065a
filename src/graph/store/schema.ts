/**
 * The graph on disk: one SQLite file.
 *
 * What is stored are facts, each as a row that is there or is not: adding a fact a second time changes nothing, and the
 * order in which facts come does not matter. That is what lets logs be folded twice, in any order, and graphs be
 * merged. Everything that follows from facts is a view or is worked out when it is asked for: first and last runs
 * (from the runs in which a thing was seen), who issued a certificate (from the chains it was served in), history.
 * The two counters, `certificate.addresses` and `public_key.certificates`, are kept so that hubs are found at once.
 *
 * @module
 */

/** In the file's header (`PRAGMA application_id`): "MGRY". A file with another one is no graph. */
export const APPLICATION_ID = 0x4d475259;

/** In the file's header (`PRAGMA user_version`). A greater one is refused, a smaller one is migrated. */
export const SCHEMA_VERSION = 1;

/** The first key of an IPv6 address. An IPv4 address is its own key. */
export const IPV6_KEY_FIRST = 2 ** 32;

/** `serves.server_name` of a server that was asked under no name. */
export const NO_SERVER_NAME = 0;

/** What makes an empty file a graph of {@linkcode SCHEMA_VERSION}. */
export const SCHEMA = `
-- Nodes

CREATE TABLE run (
  id INTEGER PRIMARY KEY,            -- in the order of arrival, which says nothing: runs are ordered by name
  name TEXT NOT NULL UNIQUE,         -- sorts by start time
  digest BLOB NOT NULL,              -- SHA-256 of the log's first record: tells two runs with one name apart
  started TEXT NOT NULL,
  ended TEXT,                        -- NULL while no end was seen
  outcome TEXT,
  margay_version TEXT NOT NULL,
  targets INTEGER NOT NULL,
  config TEXT NOT NULL               -- JSON
);

CREATE TABLE ip (
  id INTEGER PRIMARY KEY,            -- IPv4: the address as a number; IPv6: counted from 2^32
  ipv6 TEXT,                         -- RFC 5952; NULL for IPv4
  address TEXT GENERATED ALWAYS AS (
    coalesce(ipv6, (id >> 24) || '.' || ((id >> 16) & 255) || '.' || ((id >> 8) & 255) || '.' || (id & 255))
  ) VIRTUAL
);
CREATE UNIQUE INDEX ip_by_ipv6 ON ip (ipv6) WHERE ipv6 IS NOT NULL;

-- Details are NULL until the certificate itself was seen; a chain names it before.
CREATE TABLE certificate (
  id INTEGER PRIMARY KEY,
  fingerprint BLOB NOT NULL UNIQUE,  -- SHA-256
  addresses INTEGER NOT NULL DEFAULT 0,
  serial_number TEXT,
  subject TEXT,
  issuer INTEGER REFERENCES distinguished_name,
  organization INTEGER REFERENCES organization,
  public_key INTEGER REFERENCES public_key,
  not_before INTEGER,                -- seconds since 1970
  not_after INTEGER,
  self_signed INTEGER,               -- as it claims; NULL only without details
  authority INTEGER,                 -- by its basic constraints; NULL without
  subject_key_identifier BLOB,
  authority_key_identifier BLOB,
  signature_algorithm TEXT,
  validation_level TEXT
);
CREATE INDEX certificate_by_addresses ON certificate (addresses) WHERE addresses > 1;
CREATE INDEX certificate_by_issuer ON certificate (issuer, self_signed);
CREATE INDEX certificate_by_organization ON certificate (organization) WHERE organization IS NOT NULL;
CREATE INDEX certificate_by_public_key ON certificate (public_key);
CREATE INDEX certificate_of_authority ON certificate (subject, subject_key_identifier, public_key)
  WHERE authority = 1;

CREATE TABLE public_key (
  id INTEGER PRIMARY KEY,
  fingerprint BLOB NOT NULL UNIQUE,  -- SHA-256 of the SubjectPublicKeyInfo
  certificates INTEGER NOT NULL DEFAULT 0,
  algorithm TEXT,
  bits INTEGER,
  curve TEXT
);
CREATE INDEX public_key_by_certificates ON public_key (certificates) WHERE certificates > 1;

CREATE TABLE domain (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,         -- lower case, A-labels; a wildcard begins with *.
  registrable_length INTEGER,        -- how much of the end is the registrable domain; NULL without
  registrable TEXT GENERATED ALWAYS AS (substr(name, -registrable_length)) VIRTUAL,
  wildcard INTEGER GENERATED ALWAYS AS (substr(name, 1, 2) = '*.') VIRTUAL
);

CREATE TABLE organization (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE          -- normalised
);
CREATE TABLE organization_form (     -- as certificates spell it
  organization INTEGER NOT NULL REFERENCES organization,
  form TEXT NOT NULL,
  PRIMARY KEY (organization, form)
) WITHOUT ROWID;

CREATE TABLE autonomous_system (
  number INTEGER PRIMARY KEY,
  name TEXT
);

-- Names of issuers; a CA is one of these with a key.
CREATE TABLE distinguished_name (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  organization TEXT                  -- as it is spelt
);

CREATE TABLE server_name (           -- what servers were asked for
  id INTEGER PRIMARY KEY,            -- from 1: 0 is no name
  name TEXT NOT NULL UNIQUE
);

-- Edges

CREATE TABLE serves (
  ip INTEGER NOT NULL REFERENCES ip,
  certificate INTEGER NOT NULL REFERENCES certificate,
  port INTEGER NOT NULL,
  server_name INTEGER NOT NULL,
  run INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (ip, certificate, port, server_name, run)
) WITHOUT ROWID;
CREATE INDEX serves_by_certificate ON serves (certificate);

CREATE TABLE belongs_to (
  certificate INTEGER NOT NULL REFERENCES certificate,
  domain INTEGER NOT NULL REFERENCES domain,
  PRIMARY KEY (certificate, domain)
) WITHOUT ROWID;
CREATE INDEX belongs_to_by_domain ON belongs_to (domain);

CREATE TABLE in_asn (
  ip INTEGER NOT NULL REFERENCES ip,
  number INTEGER NOT NULL REFERENCES autonomous_system,
  PRIMARY KEY (ip, number)
) WITHOUT ROWID;
CREATE INDEX in_asn_by_number ON in_asn (number);

-- SEEN_IN_RUN, of addresses with the ports that were open and of certificates in any place of a chain. There is no
-- address and no certificate without a row here: first and last runs of everything come from these.
CREATE TABLE ip_in_run (
  ip INTEGER NOT NULL REFERENCES ip,
  run INTEGER NOT NULL REFERENCES run,
  port INTEGER NOT NULL,
  PRIMARY KEY (ip, run, port)
) WITHOUT ROWID;
CREATE TABLE certificate_in_run (
  certificate INTEGER NOT NULL REFERENCES certificate,
  run INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (certificate, run)
) WITHOUT ROWID;

-- Which certificate came behind which in a chain. Whether it is the issuer's is another matter.
CREATE TABLE chained (
  certificate INTEGER NOT NULL REFERENCES certificate,
  next INTEGER NOT NULL REFERENCES certificate,
  PRIMARY KEY (certificate, next)
) WITHOUT ROWID;

-- Bookkeeping of the builder, no part of the graph: how far it has come in the log of each folder.
CREATE TABLE source (
  folder TEXT PRIMARY KEY,           -- absolute
  run INTEGER NOT NULL REFERENCES run,
  segment INTEGER NOT NULL,          -- as observe's LogPosition
  offset INTEGER NOT NULL
) WITHOUT ROWID;

-- Certificates with the CA that issued them, which is a name with a key. By what certificates claim, signatures are not
-- looked at: itself, where it says so; else what came behind it in a chain and bears the issuer's name; else the
-- authorities seen elsewhere that bear it and have the key identifier asked for, if all have one key; else a key that
-- is unknown. Anybody can copy a name and an identifier: that many do must neither make a CA of each for those who ask
-- for it, nor take longer. A row can come twice where an authority has several certificates.
CREATE VIEW issued_by (certificate, issuer, public_key) AS
  SELECT id, issuer, public_key FROM certificate WHERE self_signed = 1
  UNION ALL
  SELECT child.id, child.issuer, parent.public_key
  FROM certificate AS child
  JOIN distinguished_name ON distinguished_name.id = child.issuer
  JOIN chained ON chained.certificate = child.id
  JOIN certificate AS parent ON parent.id = chained.next AND parent.subject = distinguished_name.text
  WHERE child.self_signed = 0
  UNION ALL
  SELECT child.id, child.issuer, authority.public_key
  FROM certificate AS child
  JOIN distinguished_name ON distinguished_name.id = child.issuer
  LEFT JOIN certificate AS authority
    ON authority.id = (
      SELECT id FROM certificate AS one
      WHERE one.authority = 1 AND one.subject = distinguished_name.text
        AND one.subject_key_identifier = child.authority_key_identifier
      ORDER BY one.public_key DESC LIMIT 1
    )
    AND NOT EXISTS (
      SELECT 1 FROM certificate AS other
      WHERE other.authority = 1 AND other.subject = distinguished_name.text
        AND other.subject_key_identifier = child.authority_key_identifier
        AND other.public_key < authority.public_key
    )
  WHERE child.self_signed = 0 AND NOT EXISTS (
    SELECT 1 FROM chained JOIN certificate AS parent
      ON parent.id = chained.next AND parent.subject = distinguished_name.text
    WHERE chained.certificate = child.id
  );
`;
