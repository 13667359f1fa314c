// The parts of draft(), one file each; nothing outside mappings/crosswalk/draft*.cpp includes this.
//
// A draft is made in passes over Work: facts are gathered (which entries, which goods, what they are worth and weigh),
// then each entry is written element by element, then the manifest. Findings and lineage are collected on the way.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/crosswalk/draft.h"
#include "mappings/crosswalk/finding_book.h"
#include "mappings/crosswalk/lineage.h"
#include "mappings/crosswalk/pairing.h"
#include "mappings/crosswalk/quantity.h"
#include "mappings/domain/decimal.h"

namespace puente::crosswalk::drafting {

constexpr std::string_view kFormal = "01", kInformal = "11";  // entry-types.csv
constexpr int kMaxLines = 998;  // entry summary; the release takes 999 (EM082)

// One line of the entry as far as value is concerned. A good gives one, or two where the U.S. content of an approved
// vehicle is entered apart (mapping section 10, MHDV and vehicle split).
struct LineFacts {
  int number = 0;
  std::string_view value_split;  // "", non_us, us
  std::int64_t value_usd = 0;
  std::int64_t charges_usd = 0;
};

// A Mercancia of a Carta Porte, or the share of it that belongs to one good.
struct Load {
  const sat::Node* mercancia = nullptr;
  Decimal kg;
};

// One Concepto of an export invoice that is goods, not freight.
struct Good {
  const sat::Node* concepto = nullptr;
  std::vector<const sat::Node*> customs;  // its cce20:Mercancia nodes
  bool customs_quantity = false;          // they count this Concepto alone
  std::string part, fraccion;
  std::optional<Decimal> importe;
  const CatalogRow* catalog = nullptr;
  bool usmca = false;  // the claim is made
  std::optional<Sources> usmca_sources;
  Decimal value;  // U.S. dollars before rounding
  std::optional<Sources> value_sources;
  std::vector<LineFacts> lines;
  std::vector<Load> loads;
  std::optional<Traced<std::string>> mid;
};

struct Deduction {
  std::string_view kind;
  Decimal amount_usd;
  const sat::Node* concepto = nullptr;
  std::string part;
};

struct InvoiceFacts {
  const ShipmentDocument* document = nullptr;
  const sat::Node* cfdi = nullptr;
  const sat::Node* cce = nullptr;
  std::string number, uuid;
  const ProfileSection* supplier = nullptr;
  int entry = 0;
  std::string currency;
  std::optional<Traced<Decimal>> rate;  // U.S. dollars for one unit of a foreign currency
  const ProfileSection* rate_section = nullptr;
  std::vector<Good> goods;
  std::vector<Deduction> deductions;
  std::vector<const sat::Node*> packing;  // Conceptos that are packing: added to the value of the goods
};

struct BillFacts {
  std::optional<std::size_t> notice_bill;  // index in notice.bills
  std::optional<Traced<std::string>> scn;
  std::vector<std::size_t> invoices;  // of Work::invoices
  std::optional<PackageCount> packages;
};

struct EntryFacts {
  int index = 0;
  std::string_view type = kFormal;
  const ProfileSection* importer = nullptr;
  std::vector<std::size_t> invoices;  // of Work::invoices
  std::vector<BillFacts> bills;
  int lines = 0;
};

struct Work {
  Work(const Shipment& the_shipment, const DraftContext& the_context, v1::Draft& the_draft);

  const Shipment& shipment;
  const DraftContext& context;
  v1::Draft& draft;
  Recorder recorder;
  FindingBook findings;
  std::optional<Traced<Date>> entry_date;  // selects rules, fees and measures
  std::optional<Traced<LocalTime>> eta;  // local time of the port
  std::optional<Traced<std::string>> port;
  std::optional<Traced<std::string>> scac;
  const ProfileSection* routing = nullptr;
  const ProfileSection* carrier = nullptr;
  std::vector<InvoiceFacts> invoices;
  std::vector<EntryFacts> entries;
  std::optional<Traced<std::int64_t>> charges;  // of the whole truck, whole dollars

  bool has_notice() const { return shipment.notice.has_value(); }
  const Notice& notice() const { return *shipment.notice; }
  const Profiles& profiles() const { return *context.profiles; }
  bool rule(std::string_view key, bool otherwise) const { return profiles().rules().flag(key).value_or(otherwise); }

  // A finding on every line of the good.
  void say(const InvoiceFacts& invoice, const Good& good, std::string_view code,
           std::vector<std::pair<std::string, std::string>> params = {}, std::string detail = {});
  void say(const InvoiceFacts& invoice, const Good& good, const Findings& findings);
  // PROFILE_INCOMPLETE for this entry.
  void profile_incomplete(const EntryFacts& entry, std::string key);
};

// draft_goods.cpp: invoices, importers, entries, goods, lines, loads, bills.
void gather(Work& work);
// draft_values.cpp: exchange rates, deductions, values, charges.
void value_goods(Work& work);
// draft_usmca.cpp: whether the good is entered with a USMCA claim; what speaks against it is said.
void decide_usmca(Work& work, const EntryFacts& entry, const InvoiceFacts& invoice, Good& good);
void say_usmca(Work& work, const EntryFacts& entry, const InvoiceFacts& invoice, const Good& good);
void say_certificate_flags(Work& work, const InvoiceFacts& invoice);
// draft_documents.cpp: what the documents of the shipment say against each other, and whether they may be filed from.
void check_documents(Work& work);
// draft_notice.cpp: the notice by itself and against the documents.
void check_notice(Work& work);
using EntryElement = Element<v1::Entry>;

// draft_entry_type.cpp: 01 or 11; bond and fees follow from it.
void draft_entry_type(Work& work, EntryFacts& entry, EntryElement& element);
// draft_header.cpp
void draft_header(Work& work, EntryFacts& entry, Element<v1::Entry>& element);
void draft_entry_number(Work& work, const EntryFacts& entry, Element<v1::Entry>& element);
void draft_bills(Work& work, const EntryFacts& entry, Element<v1::Entry>& element);
// A single bond covers what is due: `covered` is value, duty and fees together (EM027, EM028).
void draft_single_bond(const Work& work, const Decimal& covered, Element<v1::Entry>& element);
// draft_parties.cpp
void draft_parties(Work& work, EntryFacts& entry, Element<v1::Entry>& element);
// Roles that differ by line stand on the lines.
struct LineRoles {
  bool seller = false, manufacturer = false, ship_to = false;
};
LineRoles roles_by_line(const Work& work, const EntryFacts& entry);
void draft_line_parties(Work& work, const LineRoles& roles, const InvoiceFacts& invoice, const Good& good,
                        Element<v1::Line>& line);
// draft_lines.cpp
void draft_lines(Work& work, const EntryFacts& entry, Element<v1::Entry>& element);
// draft_measures.cpp: tariff numbers with duty in filing order, fees, declarations of metals, totals.
void draft_tariffs(Work& work, const InvoiceFacts& invoice, const Good& good, const LineFacts& facts,
                   Element<v1::Line>& line);
void check_declarations(Work& work, const InvoiceFacts& invoice, const Good& good);
void write_declarations(const Work& work, const Good& good, Element<v1::Line>& line);
void draft_totals(Work& work, const EntryFacts& entry, Element<v1::Entry>& element);
// draft_manifest.cpp
void draft_manifest(Work& work);
// draft_corrections.cpp
void apply_corrections(Work& work);

// The text of a profile key with its lineage; nullopt for no section or no key.
std::optional<Traced<std::string>> profile_text(const ProfileSection* section, std::string_view key);
// TEXT_CHARACTERS_LOST with both spellings, where CBP's records cannot carry what is written. Accents are no loss.
void say_lost(Work& work, const Scope& scope, std::string_view written, const SourcePlace& place);
// importer number format: EI, ANI, 34; "" for none of them (EM018).
std::string_view importer_id_qualifier(std::string_view number);
std::string attribute_text(const sat::Node* node, std::string_view attribute);
// The first of the children at `path` below a node that may be null.
const sat::Node* child_at(const sat::Node* node, std::string_view path);

}  // namespace puente::crosswalk::drafting
