// encode: one entry as one transmission. The envelope and what both filings have in common; the records between B and Y
// are written in encode_se.cpp and encode_ae.cpp.
#include <utility>

#include "mappings/cbp/catair/records/envelope.h"
#include "mappings/cbp/encode_parts.h"
#include "mappings/cbp/filing.h"

namespace puente::cbp {
namespace {

using namespace catair::records;

constexpr Placement kASources[] = {
    {"sender_receiver_site_code", "filer.transmitter_site"},
    {"sender_receiver_id_code", "filer.transmitter_id"},
    {"communication_password", "", Shape::as_is, When::later},  // the transmitter's own, never ours to hold
    {"transmission_date", "filer.date"},
    {"application_identifier_code", "computed.application"},
    {"transmitters_user_data_text", "filer.user_text"},
};
constexpr Placement kBSources[] = {
    {"processing_district_port_code", "filer.abi_port"},
    {"processing_filer_code", "entry.filer_code"},
    {"application_identifier_code", "computed.application"},
    {"filer_preparers_user_data_text", "filer.block_text"},
};
constexpr Placement kYSources[] = {
    {"processing_district_port_code", "filer.abi_port"},
    {"processing_filer_code", "entry.filer_code"},
    {"application_identifier_code", "computed.application"},
};
constexpr Placement kZSources[] = {
    {"sender_receiver_site_code", "filer.transmitter_site"},
    {"sender_receiver_id_code", "filer.transmitter_id"},
    {"transmission_date", "filer.date"},
};
constexpr RecordPlan kAPlan = plan(kA, kASources);
constexpr RecordPlan kBPlan = plan(kB, kBSources);
constexpr RecordPlan kYPlan = plan(kY, kYSources);
constexpr RecordPlan kZPlan = plan(kZ, kZSources);

std::string_view action_letter(Action action) {
  switch (action) {
    case Action::add:
      return "A";
    case Action::replace:
      return "R";
    case Action::update:
      return "U";
    case Action::cancel:
      return "D";
  }
  return "A";
}

void give_or(Sources& sources, std::string_view name, const std::string& value, const std::string& other,
             std::string other_origin) {
  if (value.empty()) {
    sources.give(name, other, std::move(other_origin));
  } else {
    sources.give(name, value, std::string(name));
  }
}

Sources common_sources(FilingKind kind, const v1::Entry& entry, const FilerFacts& facts) {
  Sources sources;
  sources.bind("entry", entry, "");
  give_or(sources, "filer.abi_port", facts.abi_port, entry.port_of_entry(), "port_of_entry");
  give_or(sources, "filer.transmitter_site", facts.transmitter_site,
          facts.abi_port.empty() ? entry.port_of_entry() : facts.abi_port,
          facts.abi_port.empty() ? "port_of_entry" : "filer.abi_port");
  give_or(sources, "filer.transmitter_id", facts.transmitter_id, entry.filer_code(), "filer_code");
  if (facts.date.ok()) sources.give("filer.date", to_string(facts.date), "filer.date");
  for (const auto& [name, value] : {std::pair<std::string_view, const std::string&>{"filer.user_text", facts.user_text},
                                    {"filer.block_text", facts.block_text},
                                    {"filer.reference", facts.reference},
                                    {"filer.contact_name", facts.contact_name},
                                    {"filer.contact_phone", facts.contact_phone}})
    sources.give(name, value, std::string(name));
  if (facts.action == Action::cancel) sources.give("filer.cancel_reason", facts.cancel_reason, "filer.cancel_reason");
  sources.give("computed.application", kind == FilingKind::cargo_release ? "SE" : "AE", "constant");
  sources.give("computed.action", std::string(action_letter(facts.action)), "filer.action");
  return sources;
}

// A number given by hand or by a range must be eight digits, the last of them the check digit of the first seven.
void check_entry_number(const v1::Entry& entry, const FilerFacts& facts, Findings& findings) {
  if (entry.entry_number().empty()) return;
  const std::string& number = entry.entry_number();
  const std::optional<char> digit =
      entry_check_digit(entry.filer_code(), std::string_view(number).substr(0, 7), facts.check_digit_factor);
  Finding* finding = nullptr;
  if (!digit || number.size() != 8) {
    finding = &findings.add("ENTRY_NUMBER_MALFORMED");
  } else if (*digit != number[7]) {
    finding = &findings.add("ENTRY_NUMBER_CHECK_DIGIT", {{"n", number}});
  }
  if (finding != nullptr) {
    finding->mutable_target()->set_element("entry_number");
    finding->mutable_source()->set_path("entry_number");
  }
}

// CBP refuses a batch whose block stands in another district than an entry's port (X18; reference cbp/ae.md, section
// 2).
void check_district(const v1::Entry& entry, const FilerFacts& facts, Findings& findings) {
  constexpr std::size_t kDistrict = 2;  // first digits of a Schedule D port
  const std::string& port = entry.port_of_entry();
  if (facts.abi_port.size() < kDistrict || port.size() < kDistrict) return;
  if (facts.abi_port.compare(0, kDistrict, port, 0, kDistrict) == 0) return;
  Finding& finding = findings.add("ABI_PORT_DISTRICT", {{"abi_port", facts.abi_port}, {"port", port}});
  finding.mutable_target()->set_record("B");
  finding.mutable_target()->set_element("processing_district_port_code");
  finding.mutable_source()->set_path("port_of_entry");
}

}  // namespace

std::string_view kind_name(FilingKind kind) { return kind == FilingKind::cargo_release ? "se" : "ae"; }

std::string EncodedFiling::text() const {
  std::string lines;
  lines.reserve(records.size() * 81);
  for (const EncodedRecord& record : records) lines += record.text + "\n";
  return lines;
}

EncodedFiling encode(FilingKind kind, const v1::Entry& entry, const FilerFacts& facts) {
  EncodedFiling filing;
  if (kind == FilingKind::entry_summary && facts.action == Action::update) {
    filing.findings.add("AE_ACTION_NOT_ALLOWED");
    return filing;
  }
  check_entry_number(entry, facts, filing.findings);
  check_district(entry, facts, filing.findings);
  RecordWriter writer(filing);
  Assembly assembly{entry, facts, writer, common_sources(kind, entry, facts), filing.findings};
  writer.write(kAPlan, assembly.sources);
  writer.write(kBPlan, assembly.sources);
  if (kind == FilingKind::cargo_release) {
    write_cargo_release(assembly);
  } else {
    write_entry_summary(assembly);
  }
  writer.write(kYPlan, assembly.sources);
  writer.write(kZPlan, assembly.sources);
  return filing;
}

}  // namespace puente::cbp
