// The columns of each row type, once: schema, statements, binding and reading are made from these tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "gateway/ledger/rows.h"

namespace puente::ledger {

enum class ColumnType { text, bytes, number };

template <typename Row, typename T>
struct Field {
  std::string_view name;
  T Row::*member;
  ColumnType type;
};

template <typename Row>
constexpr Field<Row, std::string> text(std::string_view name, std::string Row::*member) {
  return {name, member, ColumnType::text};
}
template <typename Row>
constexpr Field<Row, std::string> bytes(std::string_view name, std::string Row::*member) {
  return {name, member, ColumnType::bytes};
}
template <typename Row, typename T>
constexpr Field<Row, T> number(std::string_view name, T Row::*member) {
  return {name, member, ColumnType::number};
}

// The first field is the key that update statements look for.
template <typename Row>
struct Table;

template <>
struct Table<DocumentRow> {
  using R = DocumentRow;
  static constexpr std::string_view kName = "documents";
  static constexpr auto kFields = std::make_tuple(
      text("id", &R::id), number("sequence", &R::sequence), text("partner", &R::partner), number("kind", &R::kind),
      text("identity", &R::identity), bytes("sha256", &R::sha256), text("folio_fiscal", &R::folio_fiscal),
      text("client_ref", &R::client_ref), text("transport", &R::transport), text("state", &R::state),
      number("received_at", &R::received_at), bytes("receipt", &R::receipt), bytes("report", &R::report),
      text("cause", &R::cause), number("tries", &R::tries), number("state_since", &R::state_since));
};

template <>
struct Table<ShipmentRow> {
  using R = ShipmentRow;
  static constexpr std::string_view kName = "shipments";
  static constexpr auto kFields = std::make_tuple(
      text("id", &R::id), text("state", &R::state), number("revision", &R::revision), text("missing", &R::missing),
      bytes("findings", &R::findings), number("opened_at", &R::opened_at), number("changed_at", &R::changed_at),
      text("cause", &R::cause), text("merged_into", &R::merged_into), number("state_since", &R::state_since));
};

template <>
struct Table<FilingRow> {
  using R = FilingRow;
  static constexpr std::string_view kName = "filings";
  static constexpr auto kFields = std::make_tuple(
      text("id", &R::id), text("token", &R::token), text("shipment", &R::shipment), text("filer", &R::filer),
      text("importer", &R::importer), text("kind", &R::kind), text("action", &R::action),
      number("revision", &R::revision), text("state", &R::state), text("reference", &R::reference),
      text("filer_code", &R::filer_code), text("entry_number", &R::entry_number), bytes("records", &R::records),
      bytes("sha256", &R::sha256), number("created_at", &R::created_at), number("changed_at", &R::changed_at),
      number("deadline", &R::deadline), number("not_before", &R::not_before), number("attempts", &R::attempts),
      text("lease_id", &R::lease_id), text("lease_owner", &R::lease_owner), number("lease_until", &R::lease_until),
      number("possible_duplicate", &R::possible_duplicate), text("replaces", &R::replaces), text("cause", &R::cause),
      number("state_since", &R::state_since), number("due_since", &R::due_since));
};

template <>
struct Table<ChannelRow> {
  using R = ChannelRow;
  static constexpr std::string_view kName = "channels";
  static constexpr auto kFields =
      std::make_tuple(text("id", &R::id), text("state", &R::state), text("cause", &R::cause),
                      text("changed_by", &R::by), text("reason", &R::reason), number("state_since", &R::state_since));
};

template <>
struct Table<EstadoRow> {
  using R = EstadoRow;
  static constexpr std::string_view kName = "estados";
  static constexpr auto kFields =
      std::make_tuple(text("document", &R::document), text("estado", &R::estado), text("cancelable", &R::cancelable),
                      text("cancelacion", &R::cancelacion), number("answered_at", &R::answered_at),
                      number("next_at", &R::next_at), number("failures", &R::failures), text("fault", &R::fault));
};

template <>
struct Table<AttemptRow> {
  using R = AttemptRow;
  static constexpr std::string_view kName = "attempts";
  static constexpr auto kFields =
      std::make_tuple(text("filing", &R::filing), number("number", &R::number), text("channel", &R::channel),
                      text("lease_id", &R::lease_id), number("offered_at", &R::offered_at),
                      number("ended_at", &R::ended_at), text("outcome", &R::outcome), text("detail", &R::detail));
};

template <>
struct Table<AnswerRow> {
  using R = AnswerRow;
  static constexpr std::string_view kName = "answers";
  static constexpr auto kFields =
      std::make_tuple(text("document", &R::document), text("filing", &R::filing), text("application", &R::application),
                      bytes("lines", &R::lines), number("received_at", &R::received_at));
};

template <>
struct Table<EventRow> {
  using R = EventRow;
  static constexpr std::string_view kName = "events";
  static constexpr auto kFields =
      std::make_tuple(number("sequence", &R::sequence), number("at", &R::at), text("object", &R::object),
                      text("object_id", &R::object_id), text("verb", &R::verb), text("from_state", &R::from_state),
                      text("to_state", &R::to_state), text("partner", &R::partner), text("text", &R::text),
                      bytes("hash", &R::hash), bytes("digest", &R::digest));
};

template <>
struct Table<NumberRow> {
  using R = NumberRow;
  static constexpr std::string_view kName = "numbers";
  static constexpr auto kFields = std::make_tuple(text("value", &R::value), text("kind", &R::kind),
                                                  text("object", &R::object), text("object_id", &R::object_id));
};

template <typename Row, typename Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, Table<Row>::kFields);
}

}  // namespace puente::ledger
