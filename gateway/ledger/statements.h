// Every statement of the ledger, written once in the SQL that SQLite and PostgreSQL share: parameters are $1, $2 ...;
// bytes are BYTEA (which SQLite takes as a column without conversion of blobs), numbers BIGINT; ON CONFLICT, window
// functions and LIMIT mean the same in both.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace puente::ledger {

enum class Statement {
  // documents
  document_by_id,
  document_by_identity,
  document_by_sequence,
  documents_by_identity_prefix,
  documents_by_digest,
  documents_in_state,
  documents_of_others_in_state,
  document_insert,
  document_move,
  document_try,
  body_insert,
  body_by_document,
  // shipments
  shipment_by_id,
  shipments_in_state,
  shipment_insert,
  shipment_update,
  shipment_documents,
  shipment_of_document,
  document_attach,
  document_detach,
  link_insert,
  links_by_key,
  merge_documents,
  merge_links,
  merge_links_drop,
  merge_numbers,
  merge_numbers_drop,
  merge_filings,
  // filings
  filing_by_id,
  filing_by_token,
  filing_by_reference,
  filings_by_entry_number,
  filings_of_shipment,
  filings_in_state,
  filing_insert,
  filing_update,
  filing_head_insert,
  filing_head_update,
  filing_lineage_write,
  filing_draft_read,
  filing_head_read,
  filings_due,
  filings_outrun,
  filings_next_due,
  filings_lease_over,
  filings_given_up,
  filings_selected,
  filings_offerable,
  filings_with_cause,
  filer_figures,
  attempt_insert,
  attempt_end,
  attempts_of_filing,
  // answers, numbers
  answer_insert,
  answer_by_key,
  answer_assign,
  answers_of_filing,
  answers_unmatched,
  number_insert,
  numbers_by_value,
  allocation_of,
  allocation_last,
  allocation_taken,
  allocation_insert,
  // what the SAT says of documents
  estado_by_document,
  estados_due,
  documents_without_estado,
  estado_write,
  // channels
  channel_by_id,
  channels,
  channel_insert,
  channel_update,
  // events
  event_insert,
  events_after,
  events_of_partner,
  events_of_object,
  events_last,
  last_sequence,
  event_first_partner,
  exceptions,
  open_exceptions,
  stored_bytes,
  head_read,
  head_write,
  // verification: each finds what must not be there
  count_documents,
  bodies_after,
  filings_after,
  odd_document_event,
  odd_document_body,
  odd_document_state,
  odd_shipment_state,
  odd_filing_state,
  odd_filing_draft,
  odd_channel_state,
  odd_answer_document,
  odd_event_succession,
  // transactions; how one begins is the engine's own
  begin_read,
  begin_write,
  savepoint,
  savepoint_release,
  savepoint_rollback,
  commit,
  rollback,
  // schema
  schema_read,
  schema_write,
  kCount
};

const std::string& sql(Statement statement);

// One forward step of the schema. A step, once released, never changes; a new column is a new step.
struct Migration {
  int version;
  std::string sql;  // one or more statements
};

// In order, versions 1, 2, 3 ... without gaps.
std::span<const Migration> migrations();

// The table that holds the version, made before any step.
std::string_view schema_table();

}  // namespace puente::ledger
