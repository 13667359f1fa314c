#include "gateway/ledger/statements.h"

#include <array>
#include <cstdlib>
#include <vector>

#include "gateway/ledger/fields.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::ledger {
namespace {

template <typename Row>
std::string columns() {
  std::string out;
  for_each_field<Row>([&](const auto& field) { out.append(out.empty() ? "" : ", ").append(field.name); });
  return out;
}

template <typename Row>
std::string select(std::string_view rest) {
  return "SELECT " + columns<Row>() + " FROM " + std::string(Table<Row>::kName) + " " + std::string(rest);
}

template <typename Row>
std::string insert() {
  std::string values;
  int index = 0;
  for_each_field<Row>([&](const auto&) { values += (index == 0 ? "$" : ", $") + std::to_string(index + 1), ++index; });
  return "INSERT INTO " + std::string(Table<Row>::kName) + " (" + columns<Row>() + ") VALUES (" + values + ")";
}

template <typename Row>
std::string update() {
  std::string assignments, key;
  int index = 0;
  for_each_field<Row>([&](const auto& field) {
    ++index;
    if (index == 1) {
      key = field.name;
    } else {
      assignments.append(index == 2 ? "" : ", ").append(field.name).append(" = $" + std::to_string(index));
    }
  });
  return "UPDATE " + std::string(Table<Row>::kName) + " SET " + assignments + " WHERE " + key + " = $1";
}

// Inserts, or updates what has the key.
template <typename Row>
std::string write() {
  std::string assignments, key;
  for_each_field<Row>([&](const auto& field) {
    if (key.empty()) {
      key = field.name;
    } else {
      assignments.append(assignments.empty() ? "" : ", ").append(field.name).append(" = excluded.").append(field.name);
    }
  });
  return insert<Row>() + " ON CONFLICT (" + key + ") DO UPDATE SET " + assignments;
}

// The states of an object that satisfy a condition, as an SQL list: the lifecycle table stays the only place that names
// them.
template <typename Condition>
std::string states_where(std::string_view object, Condition condition) {
  std::string out;
  for (const StateRow& row : states()) {
    if (row.object == object && condition(row)) {
      out.append(out.empty() ? "('" : ", '").append(row.state).append("'");
    }
  }
  return out + ")";
}

std::string exceptions_of(std::string_view object, std::string_view table) {
  const std::string exceptional = states_where(object, [](const StateRow& row) { return row.exception; });
  const std::string unfinished =
      states_where(object, [](const StateRow& row) { return !row.exception && !row.terminal; });
  const std::string head = "SELECT '" + std::string(object) + "', id, state, cause, state_since AS since FROM " +
                           std::string(table) + " WHERE ";
  // Two arms instead of OR, so that each has its index.
  return head + "state IN " + exceptional + " UNION ALL " + head + "cause <> '' AND state IN " + unfinished;
}

// A digest is anywhere among digests: accepting a document does not wait for its place there, reading it does.
constexpr std::string_view kDigestIndexed = "state <> 'received'";

// What the desk may offer; the index filings_due is made of the same words.
constexpr std::string_view kOfferable = "state IN ('ready', 'in_doubt')";
constexpr std::string_view kWaiting = "('ready', 'in_doubt', 'offered')";
constexpr std::string_view kDeadlineOrder =
    "CASE WHEN deadline = 0 THEN 1 ELSE 0 END, deadline, created_at, id";  // without a deadline last

std::string late_filings(std::string_view cause, std::string_view since, std::string_view condition) {
  return " UNION ALL SELECT 'filing', id, state, '" + std::string(cause) + "', " + std::string(since) +
         " AS since FROM filings WHERE state IN " + std::string(kWaiting) + " AND cause = '' AND deadline > 0 AND " +
         std::string(condition);
}

// $1 now, $2 until when a deadline is near, $3 how many.
std::string exceptions() {
  return "SELECT * FROM (" + exceptions_of("document", "documents") + " UNION ALL " +
         exceptions_of("shipment", "shipments") + " UNION ALL " + exceptions_of("filing", "filings") + " UNION ALL " +
         exceptions_of("channel", "channels") + late_filings("DEADLINE_PASSED", "deadline", "deadline <= $1") +
         late_filings("DEADLINE_NEAR", "deadline - ($2 - $1)", "deadline > $1 AND deadline <= $2") +
         ") AS found ORDER BY since, id LIMIT $3";
}

std::string open_exceptions() {
  const auto exceptional = [](std::string_view object) {
    return states_where(object, [](const StateRow& row) { return row.exception; });
  };
  return "SELECT COUNT(*) FROM (SELECT id FROM documents WHERE state IN " + exceptional("document") +
         " AND partner = $1 UNION SELECT s.id FROM shipments AS s JOIN shipment_documents AS sd ON sd.shipment = s.id "
         "JOIN documents AS d ON d.id = sd.document WHERE s.state IN " +
         exceptional("shipment") + " AND d.partner = $1) AS found";
}

std::string of_same_entry(std::string_view other) {
  const std::string name(other);
  return name + ".shipment = filings.shipment AND " + name + ".importer = filings.importer AND " + name +
         ".kind = filings.kind AND " + name + ".id <> filings.id";
}

// Of one shipment, importer and kind one filing is with the filer at a time. What is in doubt comes before anything
// newer; else the newest revision alone is offered. Shipments that were merged may bring equal revisions: the later one
// counts.
std::string filings_due() {
  const std::string order = "(filings.revision, filings.created_at, filings.id)";
  const std::string other = "(other.revision, other.created_at, other.id)";
  return select<FilingRow>("WHERE filer = $1 AND " + std::string(kOfferable) +
                           " AND not_before <= $2 AND NOT EXISTS (SELECT 1 FROM filings "
                           "AS other WHERE " +
                           of_same_entry("other") + " AND (other.state = 'offered' OR (filings.state = 'ready' AND " +
                           other + " > " + order +
                           ") OR ((other.state = 'in_doubt' OR (other.state = 'dead_letter' AND other.cause = '" +
                           std::string(kUnanswered) + "')) AND " + other + " < " + order + "))) ORDER BY " +
                           std::string(kDeadlineOrder) + " LIMIT $3");
}

// Its last event says that the object is in another state than its row does.
std::string odd_state(std::string_view object, std::string_view table) {
  return "SELECT id FROM " + std::string(table) +
         " AS t WHERE COALESCE((SELECT to_state FROM events AS e WHERE e.object_id = t.id "
         "AND e.object = '" +
         std::string(object) +
         "' AND e.to_state <> '' ORDER BY e.sequence DESC LIMIT 1), '') <> t.state "
         "ORDER BY id LIMIT 1";
}

std::string text_of(Statement statement) {
  using S = Statement;
  switch (statement) {
    case S::document_by_id:
      return select<DocumentRow>("WHERE id = $1");
    case S::document_by_identity:
      return select<DocumentRow>("WHERE identity = $1");
    case S::document_by_sequence:
      return select<DocumentRow>("WHERE sequence = $1");
    case S::documents_by_identity_prefix:  // $2: the first text behind all that begin so
      return select<DocumentRow>("WHERE identity >= $1 AND identity < $2 ORDER BY sequence");
    case S::documents_by_digest:
      return select<DocumentRow>("WHERE (sha256 = $1 AND " + std::string(kDigestIndexed) +
                                 ") OR (state = 'received' AND sha256 = $1) ORDER BY sequence");
    case S::documents_in_state:
      return select<DocumentRow>("WHERE state = $1 ORDER BY sequence LIMIT $2");
    case S::documents_of_others_in_state:
      return select<DocumentRow>("WHERE state = $1 AND $3 NOT LIKE '%|' || partner || '|%' ORDER BY sequence LIMIT $2");
    case S::document_insert:
      return insert<DocumentRow>();
    case S::document_move:
      return "UPDATE documents SET state = $2, state_since = $3, report = $4, cause = $5 WHERE id = $1";
    case S::document_try:
      return "UPDATE documents SET tries = tries + 1 WHERE id = $1";
    case S::body_insert:
      return "INSERT INTO bodies (sequence, codec, size, bytes) VALUES ($1, $2, $3, $4)";
    case S::body_by_document:
      return "SELECT b.codec, b.size, b.bytes, d.sha256 FROM documents AS d LEFT JOIN bodies AS b ON b.sequence = "
             "d.sequence WHERE d.id = $1";

    case S::shipment_by_id:
      return select<ShipmentRow>("WHERE id = $1");
    case S::shipments_in_state:
      return select<ShipmentRow>("WHERE state = $1 ORDER BY opened_at, id LIMIT $2");
    case S::shipment_insert:
      return insert<ShipmentRow>();
    case S::shipment_update:
      return update<ShipmentRow>();
    case S::shipment_documents:
      return "SELECT s.document FROM shipment_documents AS s JOIN documents AS d ON d.id = s.document "
             "WHERE s.shipment = $1 ORDER BY d.sequence";
    case S::shipment_of_document:
      return "SELECT shipment FROM shipment_documents WHERE document = $1";
    case S::document_attach:
      return "INSERT INTO shipment_documents (document, shipment) VALUES ($1, $2)";
    case S::document_detach:
      return "DELETE FROM shipment_documents WHERE document = $1";
    case S::link_insert:
      return "INSERT INTO shipment_links (link, shipment) VALUES ($1, $2) ON CONFLICT (link, shipment) DO NOTHING";
    case S::links_by_key:
      return "SELECT shipment FROM shipment_links WHERE link = $1 ORDER BY shipment";
    case S::merge_documents:
      return "UPDATE shipment_documents SET shipment = $1 WHERE shipment = $2";
    case S::merge_links:
      return "INSERT INTO shipment_links (link, shipment) SELECT link, $1 FROM shipment_links WHERE shipment = $2 "
             "ON CONFLICT (link, shipment) DO NOTHING";
    case S::merge_links_drop:
      return "DELETE FROM shipment_links WHERE shipment = $1";
    case S::merge_numbers:
      return "INSERT INTO numbers (value, kind, object, object_id) SELECT value, kind, object, $1 FROM numbers "
             "WHERE object = 'shipment' AND object_id = $2 ON CONFLICT (value, kind, object, object_id) DO NOTHING";
    case S::merge_numbers_drop:
      return "DELETE FROM numbers WHERE object = 'shipment' AND object_id = $1";
    case S::merge_filings:
      return "UPDATE filings SET shipment = $1 WHERE shipment = $2";

    case S::filing_by_id:
      return select<FilingRow>("WHERE id = $1");
    case S::filing_by_token:
      return select<FilingRow>("WHERE token = $1");
    case S::filing_by_reference:
      return select<FilingRow>("WHERE reference = $1 AND reference <> ''");
    case S::filings_by_entry_number:
      return select<FilingRow>(
          "WHERE entry_number = $2 AND entry_number <> '' AND filer_code = $1 "
          "ORDER BY created_at, revision, id");
    case S::filings_of_shipment:
      return select<FilingRow>("WHERE shipment = $1 ORDER BY importer, kind, revision, created_at, id");
    case S::filings_in_state:
      return select<FilingRow>("WHERE state = $1 ORDER BY created_at, id LIMIT $2");
    case S::filing_insert:
      return insert<FilingRow>();
    case S::filing_update:
      return update<FilingRow>();
    case S::filing_head_insert:
      return "INSERT INTO filing_drafts (filing, draft) VALUES ($1, $2)";
    case S::filing_head_update:
      return "UPDATE filing_drafts SET draft = $2 WHERE filing = $1";
    case S::filing_lineage_write:
      return "INSERT INTO filing_lineage (filing, lineage) VALUES ($1, $2) ON CONFLICT (filing) DO UPDATE SET lineage "
             "= excluded.lineage";
    case S::filing_draft_read:
      return "SELECT d.draft, l.lineage FROM filing_drafts AS d LEFT JOIN filing_lineage AS l ON l.filing = d.filing "
             "WHERE d.filing = $1";
    case S::filing_head_read:
      return "SELECT draft FROM filing_drafts WHERE filing = $1";
    case S::filings_due:
      return filings_due();
    case S::filings_outrun:
      return select<FilingRow>(
          "WHERE shipment = $1 AND importer = $2 AND kind = $3 AND (revision, created_at, id) < ($4, $5, $6) AND "
          "(state IN ('held', 'ready', 'refused') OR (state = 'dead_letter' AND cause <> '" +
          std::string(kUnanswered) + "')) ORDER BY revision, created_at, id");
    case S::filings_next_due:
      return "SELECT COALESCE(MIN(not_before), 0) FROM filings WHERE filer = $1 AND " + std::string(kOfferable) +
             " AND not_before > $2";
    case S::filings_lease_over:
      return select<FilingRow>("WHERE state = 'offered' AND lease_until <= $1 ORDER BY lease_until, id LIMIT $2");
    case S::filings_given_up:
      return select<FilingRow>("WHERE " + std::string(kOfferable) +
                               " AND deadline <= $1 AND due_since <= $1 ORDER BY deadline, created_at, id LIMIT $2");
    case S::filings_selected:
      return "SELECT id FROM filings WHERE state = $1 AND ($2 = '' OR filer = $2) AND ($3 = '' OR cause = $3) AND "
             "state_since >= $4 ORDER BY " +
             std::string(kDeadlineOrder) + " LIMIT $5";
    case S::filings_offerable:
      return select<FilingRow>("WHERE filer = $1 AND " + std::string(kOfferable) + " AND cause = '' ORDER BY " +
                               std::string(kDeadlineOrder) + " LIMIT $2");
    case S::filings_with_cause:
      return select<FilingRow>("WHERE " + std::string(kOfferable) + " AND cause <> '' AND cause = $1 LIMIT $2");
    case S::filer_figures:
      return "SELECT filer, state, COUNT(*), COALESCE(MIN(CASE WHEN deadline = 0 THEN NULL ELSE deadline END), 0) FROM "
             "filings WHERE state IN ('ready', 'in_doubt', 'offered', 'refused', 'dead_letter') GROUP BY filer, state "
             "ORDER BY filer, state";
    case S::attempt_insert:
      return insert<AttemptRow>();
    case S::attempt_end:
      return "UPDATE attempts SET ended_at = $3, outcome = $4, detail = $5 WHERE filing = $1 AND lease_id = $2 AND "
             "ended_at = 0";
    case S::attempts_of_filing:
      return select<AttemptRow>("WHERE filing = $1 ORDER BY number");

    case S::answer_insert:
      return insert<AnswerRow>();
    case S::answer_by_key:
      return select<AnswerRow>("WHERE document = $1 AND filing = $2");
    case S::answer_assign:
      return "UPDATE answers SET filing = $2 WHERE document = $1 AND filing = ''";
    case S::answers_of_filing:
      return select<AnswerRow>("WHERE filing = $1 AND filing <> '' ORDER BY received_at, document");
    case S::answers_unmatched:
      return select<AnswerRow>("WHERE filing = '' ORDER BY received_at, document LIMIT $1");
    case S::number_insert:
      return insert<NumberRow>() + " ON CONFLICT (value, kind, object, object_id) DO NOTHING";
    case S::numbers_by_value:
      return select<NumberRow>("WHERE value = $1 ORDER BY kind, object, object_id");
    case S::allocation_of:
      return "SELECT value FROM allocations WHERE purpose = $1 AND object = $2";
    case S::allocation_last:
      return "SELECT ordinal, value FROM allocations WHERE purpose = $1 ORDER BY ordinal DESC LIMIT 1";
    case S::allocation_taken:
      return "SELECT 1 FROM allocations WHERE purpose = $1 AND value = $2";
    case S::allocation_insert:
      return "INSERT INTO allocations (purpose, ordinal, object, value) VALUES ($1, $2, $3, $4)";

    case S::estado_by_document:
      return select<EstadoRow>("WHERE document = $1");
    case S::estados_due:
      return select<EstadoRow>("WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at, document LIMIT $2");
    case S::documents_without_estado:
      return "SELECT d.id FROM shipments AS s JOIN shipment_documents AS sd ON sd.shipment = s.id JOIN documents AS d "
             "ON d.id = sd.document WHERE s.state IN " +
             states_where("shipment", [](const StateRow& row) { return !row.terminal; }) +
             " AND d.state = 'joined' AND d.kind = $1 AND NOT EXISTS (SELECT 1 FROM estados AS e WHERE e.document = "
             "d.id) ORDER BY d.sequence LIMIT $2";
    case S::estado_write:
      return write<EstadoRow>();

    case S::channel_by_id:
      return select<ChannelRow>("WHERE id = $1");
    case S::channels:
      return select<ChannelRow>("ORDER BY id");
    case S::channel_insert:
      return insert<ChannelRow>();
    case S::channel_update:
      return update<ChannelRow>();

    case S::event_insert:
      return insert<EventRow>();
    case S::events_after:
      return select<EventRow>("WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    case S::events_of_partner:
      return select<EventRow>("WHERE partner = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
    case S::events_of_object:
      return select<EventRow>("WHERE object_id = $1 ORDER BY sequence");
    case S::events_last:
      return select<EventRow>("ORDER BY sequence DESC LIMIT 1");
    case S::last_sequence:
      return "SELECT COALESCE(MAX(sequence), 0) FROM events";
    case S::event_first_partner:
      return "SELECT partner FROM events WHERE object_id = $1 AND partner <> '' ORDER BY sequence LIMIT 1";
    case S::exceptions:
      return exceptions();
    case S::open_exceptions:
      return open_exceptions();
    case S::stored_bytes:
      return "SELECT COALESCE(SUM(b.size), 0) FROM documents AS d JOIN bodies AS b ON b.sequence = d.sequence "
             "WHERE d.partner = $1 AND d.received_at >= $2";
    case S::head_read:
      return "SELECT sequence, hash FROM head";
    case S::head_write:
      return "UPDATE head SET sequence = $1, hash = $2";

    case S::count_documents:
      return "SELECT COUNT(*) FROM documents";
    case S::bodies_after:
      return "SELECT d.id, b.codec, b.size, b.bytes, d.sha256 FROM documents AS d JOIN bodies AS b ON b.sequence = "
             "d.sequence WHERE d.id > $1 ORDER BY d.id LIMIT $2";
    case S::filings_after:
      return "SELECT id, records, sha256 FROM filings WHERE id > $1 ORDER BY id LIMIT $2";
    case S::odd_document_event:
      return "SELECT d.id, d.sequence FROM documents AS d LEFT JOIN events AS e ON e.sequence = d.sequence AND "
             "e.object = 'document' "
             "AND e.object_id = d.id AND e.verb = 'accept' AND e.digest = d.sha256 WHERE e.sequence IS NULL "
             "ORDER BY d.sequence LIMIT 1";
    case S::odd_document_body:
      return "SELECT d.id FROM documents AS d LEFT JOIN bodies AS b ON b.sequence = d.sequence WHERE b.sequence IS "
             "NULL "
             "ORDER BY d.id LIMIT 1";
    case S::odd_document_state:
      return odd_state("document", "documents");
    case S::odd_shipment_state:
      return odd_state("shipment", "shipments");
    case S::odd_filing_state:
      return odd_state("filing", "filings");
    case S::odd_channel_state:
      return odd_state("channel", "channels");
    case S::odd_filing_draft:
      return "SELECT f.id FROM filings AS f WHERE NOT EXISTS (SELECT 1 FROM events AS e WHERE e.object_id = f.id AND "
             "e.object = 'filing' AND e.verb = 'draft' AND e.from_state = '') OR f.sha256 <> (SELECT e.digest FROM "
             "events AS e "
             "WHERE e.object_id = f.id AND e.object = 'filing' AND e.to_state <> '' ORDER BY e.sequence DESC LIMIT 1) "
             "ORDER BY f.id LIMIT 1";
    case S::odd_answer_document:
      return "SELECT a.document FROM answers AS a WHERE NOT EXISTS (SELECT 1 FROM events AS e WHERE e.verb = 'answer' "
             "AND "
             "e.object_id = CASE WHEN a.filing = '' THEN a.document ELSE a.filing END) ORDER BY a.document LIMIT 1";
    case S::odd_event_succession:
      return "SELECT sequence FROM (SELECT sequence, from_state, COALESCE(LAG(to_state) OVER (PARTITION BY object_id "
             "ORDER BY sequence), '') AS before FROM events WHERE to_state <> '') AS succession WHERE from_state <> "
             "before "
             "ORDER BY sequence LIMIT 1";

    case S::begin_read:
      return "BEGIN";
    case S::begin_write:
      return "BEGIN IMMEDIATE";
    case S::savepoint:
      return "SAVEPOINT one_write";
    case S::savepoint_release:
      return "RELEASE SAVEPOINT one_write";
    case S::savepoint_rollback:
      return "ROLLBACK TO SAVEPOINT one_write";
    case S::commit:
      return "COMMIT";
    case S::rollback:
      return "ROLLBACK";

    case S::schema_read:
      return "SELECT COALESCE(MAX(version), 0) FROM ledger_schema";
    case S::schema_write:
      return "INSERT INTO ledger_schema (version) VALUES ($1)";
    case S::kCount:
      break;
  }
  std::abort();
}

constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE documents (
  id TEXT PRIMARY KEY, sequence BIGINT NOT NULL UNIQUE, partner TEXT NOT NULL, kind BIGINT NOT NULL,
  identity TEXT NOT NULL UNIQUE, sha256 BYTEA NOT NULL, folio_fiscal TEXT NOT NULL, client_ref TEXT NOT NULL,
  transport TEXT NOT NULL, state TEXT NOT NULL, received_at BIGINT NOT NULL, receipt BYTEA NOT NULL,
  report BYTEA NOT NULL, cause TEXT NOT NULL, tries BIGINT NOT NULL, state_since BIGINT NOT NULL);
CREATE INDEX documents_by_state ON documents (state, sequence);
CREATE INDEX documents_by_cause ON documents (state) WHERE cause <> '';

CREATE TABLE bodies (
  document TEXT PRIMARY KEY REFERENCES documents (id), codec BIGINT NOT NULL, size BIGINT NOT NULL, bytes BYTEA NOT NULL);

CREATE TABLE shipments (
  id TEXT PRIMARY KEY, state TEXT NOT NULL, revision BIGINT NOT NULL, missing TEXT NOT NULL, findings BYTEA NOT NULL,
  opened_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, cause TEXT NOT NULL, merged_into TEXT NOT NULL,
  state_since BIGINT NOT NULL);
CREATE INDEX shipments_by_state ON shipments (state, opened_at);
CREATE INDEX shipments_by_cause ON shipments (state) WHERE cause <> '';

CREATE TABLE shipment_documents (
  document TEXT PRIMARY KEY REFERENCES documents (id), shipment TEXT NOT NULL REFERENCES shipments (id));
CREATE INDEX shipment_documents_by_shipment ON shipment_documents (shipment);

CREATE TABLE shipment_links (
  link TEXT NOT NULL, shipment TEXT NOT NULL REFERENCES shipments (id), PRIMARY KEY (link, shipment));
CREATE INDEX shipment_links_by_shipment ON shipment_links (shipment);

CREATE TABLE filings (
  id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, shipment TEXT NOT NULL REFERENCES shipments (id),
  filer TEXT NOT NULL, importer TEXT NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL, revision BIGINT NOT NULL,
  state TEXT NOT NULL, reference TEXT NOT NULL, filer_code TEXT NOT NULL, entry_number TEXT NOT NULL,
  draft BYTEA NOT NULL, records BYTEA NOT NULL, sha256 BYTEA NOT NULL, created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL, deadline BIGINT NOT NULL, not_before BIGINT NOT NULL, attempts BIGINT NOT NULL,
  lease_id TEXT NOT NULL, lease_owner TEXT NOT NULL, lease_until BIGINT NOT NULL, possible_duplicate BIGINT NOT NULL,
  replaces TEXT NOT NULL, cause TEXT NOT NULL, state_since BIGINT NOT NULL);
CREATE UNIQUE INDEX filings_by_reference ON filings (reference) WHERE reference <> '';
CREATE INDEX filings_by_entry_number ON filings (entry_number) WHERE entry_number <> '';
CREATE INDEX filings_by_group ON filings (shipment, importer, kind, revision);
CREATE INDEX filings_waiting ON filings (filer, state);
CREATE INDEX filings_by_state ON filings (state, deadline);
CREATE INDEX filings_by_cause ON filings (state) WHERE cause <> '';

CREATE TABLE attempts (
  filing TEXT NOT NULL REFERENCES filings (id), number BIGINT NOT NULL, channel TEXT NOT NULL, lease_id TEXT NOT NULL,
  offered_at BIGINT NOT NULL, ended_at BIGINT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (filing, number));

CREATE TABLE answers (
  document TEXT NOT NULL REFERENCES documents (id), filing TEXT NOT NULL, application TEXT NOT NULL,
  lines BYTEA NOT NULL, received_at BIGINT NOT NULL, PRIMARY KEY (document, filing));
CREATE INDEX answers_by_filing ON answers (filing, received_at);

CREATE TABLE numbers (
  value TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL,
  PRIMARY KEY (value, kind, object, object_id));
CREATE INDEX numbers_by_object ON numbers (object_id);

CREATE TABLE allocations (
  purpose TEXT NOT NULL, ordinal BIGINT NOT NULL, object TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (purpose, ordinal), UNIQUE (purpose, object), UNIQUE (purpose, value));

CREATE TABLE events (
  sequence BIGINT PRIMARY KEY, at BIGINT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL, verb TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, partner TEXT NOT NULL, text TEXT NOT NULL, hash BYTEA NOT NULL,
  digest BYTEA NOT NULL);
CREATE INDEX events_by_object ON events (object_id, sequence);
CREATE INDEX events_by_partner ON events (partner, sequence);

CREATE TABLE head (one BIGINT PRIMARY KEY CHECK (one = 1), sequence BIGINT NOT NULL, hash BYTEA NOT NULL);
)sql";

// Engines write bytes as literals differently; the first hash is 32 zero bytes, said by no event yet: an empty value
// stands for it.
constexpr std::string_view kFirstHead = "INSERT INTO head (one, sequence, hash) VALUES (1, 0, '');";

// Who has a digest finds the document.
constexpr std::string_view kVersion2 = "CREATE INDEX documents_by_digest ON documents (sha256);";

// In doubt and dead letters: what may be offered lies in the order in which it is offered, and leases in the order in
// which they end, so that neither a claim nor a look for ended leases reads more than it takes.
constexpr std::string_view kVersion3 = R"sql(
ALTER TABLE filings ADD COLUMN due_since BIGINT NOT NULL DEFAULT 0;
UPDATE filings SET due_since = state_since;
CREATE INDEX filings_due ON filings
  (filer, (CASE WHEN deadline = 0 THEN 1 ELSE 0 END), deadline, created_at, id, not_before)
  WHERE state IN ('ready', 'in_doubt');
CREATE INDEX filings_leased ON filings (lease_until, id) WHERE state = 'offered';

CREATE TABLE channels (
  id TEXT PRIMARY KEY, state TEXT NOT NULL, cause TEXT NOT NULL, changed_by TEXT NOT NULL, reason TEXT NOT NULL,
  state_since BIGINT NOT NULL);
)sql";

// A draft is fifteen times as long as the rest of its filing's row, and changes least often of it.
constexpr std::string_view kVersion4 = R"sql(
CREATE TABLE filing_drafts (filing TEXT PRIMARY KEY REFERENCES filings (id), draft BYTEA NOT NULL);
INSERT INTO filing_drafts (filing, draft) SELECT id, draft FROM filings;
ALTER TABLE filings DROP COLUMN draft;
)sql";

// A document costs as few trees as it can: rows lie in the order in which they came, numbers and links in their own,
// and what a document's own columns say (its id, its folio fiscal) is not said again as a number. Engines leave
// CLUSTERED out or say in their words that the table is kept by its key.
constexpr std::string_view kVersion5 = R"sql(
CREATE TABLE documents_new (
  sequence BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, partner TEXT NOT NULL, kind BIGINT NOT NULL,
  identity TEXT NOT NULL UNIQUE, sha256 BYTEA NOT NULL, folio_fiscal TEXT NOT NULL, client_ref TEXT NOT NULL,
  transport TEXT NOT NULL, state TEXT NOT NULL, received_at BIGINT NOT NULL, receipt BYTEA NOT NULL,
  report BYTEA NOT NULL, cause TEXT NOT NULL, tries BIGINT NOT NULL, state_since BIGINT NOT NULL);
INSERT INTO documents_new SELECT sequence, id, partner, kind, identity, sha256, folio_fiscal, client_ref, transport,
  state, received_at, receipt, report, cause, tries, state_since FROM documents ORDER BY sequence;
CREATE TABLE bodies_new (
  sequence BIGINT PRIMARY KEY REFERENCES documents (sequence), codec BIGINT NOT NULL, size BIGINT NOT NULL,
  bytes BYTEA NOT NULL);
INSERT INTO bodies_new SELECT d.sequence, b.codec, b.size, b.bytes FROM bodies AS b JOIN documents AS d ON d.id = b.document
  ORDER BY d.sequence;
DROP TABLE bodies;
DROP TABLE documents;
ALTER TABLE documents_new RENAME TO documents;
ALTER TABLE bodies_new RENAME TO bodies;
CREATE INDEX documents_by_state ON documents (state, sequence);
CREATE INDEX documents_by_cause ON documents (state) WHERE cause <> '';
CREATE INDEX documents_by_digest ON documents (sha256) WHERE state <> 'received';

CREATE TABLE events_new (
  sequence BIGINT PRIMARY KEY, at BIGINT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL, verb TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, partner TEXT NOT NULL, text TEXT NOT NULL, hash BYTEA NOT NULL,
  digest BYTEA NOT NULL);
INSERT INTO events_new SELECT sequence, at, object, object_id, verb, from_state, to_state, partner, text, hash, digest
  FROM events ORDER BY sequence;
DROP TABLE events;
ALTER TABLE events_new RENAME TO events;
CREATE INDEX events_by_object ON events (object_id, sequence);
CREATE INDEX events_by_partner ON events (partner, sequence);

CREATE TABLE numbers_new (
  value TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, object_id TEXT NOT NULL,
  PRIMARY KEY (value, kind, object, object_id)) CLUSTERED;
INSERT INTO numbers_new SELECT value, kind, object, object_id FROM numbers WHERE kind NOT IN ('document', 'folio_fiscal')
  ORDER BY value, kind, object, object_id;
DROP TABLE numbers;
ALTER TABLE numbers_new RENAME TO numbers;
CREATE INDEX numbers_by_object ON numbers (object_id);

CREATE TABLE shipment_documents_new (
  document TEXT PRIMARY KEY REFERENCES documents (id), shipment TEXT NOT NULL REFERENCES shipments (id)) CLUSTERED;
INSERT INTO shipment_documents_new SELECT document, shipment FROM shipment_documents ORDER BY document;
DROP TABLE shipment_documents;
ALTER TABLE shipment_documents_new RENAME TO shipment_documents;
CREATE INDEX shipment_documents_by_shipment ON shipment_documents (shipment);

CREATE TABLE shipment_links_new (
  link TEXT NOT NULL, shipment TEXT NOT NULL REFERENCES shipments (id), PRIMARY KEY (link, shipment)) CLUSTERED;
INSERT INTO shipment_links_new SELECT link, shipment FROM shipment_links ORDER BY link, shipment;
DROP TABLE shipment_links;
ALTER TABLE shipment_links_new RENAME TO shipment_links;
CREATE INDEX shipment_links_by_shipment ON shipment_links (shipment);
)sql";

// Lineage is most of a draft, and stays when a number or a finding comes. A draft of before has its own within it.
constexpr std::string_view kVersion6 = R"sql(
CREATE TABLE filing_lineage (filing TEXT PRIMARY KEY REFERENCES filings (id), lineage BYTEA NOT NULL);
)sql";

// What the SAT says of documents: few trees, and none where nobody asks.
constexpr std::string_view kVersion7 = R"sql(
CREATE TABLE estados (
  document TEXT PRIMARY KEY REFERENCES documents (id), estado TEXT NOT NULL, cancelable TEXT NOT NULL,
  cancelacion TEXT NOT NULL, answered_at BIGINT NOT NULL, next_at BIGINT NOT NULL, failures BIGINT NOT NULL,
  fault TEXT NOT NULL) CLUSTERED;
CREATE INDEX estados_due ON estados (next_at, document) WHERE next_at > 0;
)sql";

}  // namespace

const std::string& sql(Statement statement) {
  static const auto texts = [] {
    std::array<std::string, static_cast<std::size_t>(Statement::kCount)> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = text_of(static_cast<Statement>(i));
    return out;
  }();
  return texts.at(static_cast<std::size_t>(statement));
}

std::span<const Migration> migrations() {
  static const std::vector<Migration> steps = {{1, std::string(kVersion1) + std::string(kFirstHead)},
                                               {2, std::string(kVersion2)},
                                               {3, std::string(kVersion3)},
                                               {4, std::string(kVersion4)},
                                               {5, std::string(kVersion5)},
                                               {6, std::string(kVersion6)},
                                               {7, std::string(kVersion7)}};
  return steps;
}

std::string_view schema_table() { return "CREATE TABLE IF NOT EXISTS ledger_schema (version BIGINT PRIMARY KEY)"; }

}  // namespace puente::ledger
