// CBP's answer lines and the filings they belong to.
#pragma once

#include <string>
#include <vector>

#include "gateway/flow/flow.h"

namespace puente::delivery {

// The lines of one report that belong to one filing of the filer, or to none.
struct MatchedAnswer {
  std::string filing;        // "" when no filing of this filer was found
  std::string application;   // SX, SO, AX
  std::string state;         // lifecycle state that the lines decide, "" when they only inform
  std::string entry_number;  // 8 digits, when the lines name it and the check digit holds
  v1::FilingStatus lines;    // only answers

  ledger::AnswerRow row(std::string document, ledger::Micros now) const;
};

// One element per filing, in order of the text; what matches nothing stands together in one. Matched by the token when
// it is given, else by filer code and entry number, else by the reference; never to a filing of another filer, and to
// none when token, entry number and reference name different entries.
std::vector<MatchedAnswer> match_answers(ledger::Reader& reader, const flow::PartnerScope& scope,
                                         std::string_view token, std::string_view text, ledger::Micros now);

}  // namespace puente::delivery
