// The lifecycle of documents, shipments and filings as one table: which verb moves which state where, and who must act
// when something stays in a state. The ledger refuses a change that no row allows; status texts and the exception list
// read it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace puente::ledger {

struct Transition {
  std::string_view object, verb, from, to;
};
struct StateRow {
  std::string_view object, state;
  bool terminal;            // nothing more is expected of us
  std::string_view owner;   // who must act while it stays here: gateway, sender, filer, ops; "" = nobody
  bool exception;           // shown in the exception list with its age
  std::string_view es, en;  // in words
};

std::span<const Transition> transitions();
std::span<const StateRow> states();
bool allowed(std::string_view object, std::string_view verb, std::string_view from, std::string_view to);
const StateRow* state_row(std::string_view object, std::string_view state);

// Cause of a dead letter whose last offer was never answered: what came of it is as unknown as of one in doubt.
inline constexpr std::string_view kUnanswered = "FILING_UNANSWERED";
// Cause of a filing that waits for a filer whom the registry does not name; goes when it is offered.
inline constexpr std::string_view kFilerUnknown = "FILER_UNKNOWN";

}  // namespace puente::ledger
