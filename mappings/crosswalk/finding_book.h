// What a draft has to say, with the place each finding has in it; one finding per code and place comes out (golden
// README).
//
// While an entry is drafted nobody knows yet whether it will be held, nor how many entries will be ready: places are
// kept as Scope and written as text ("lines 1,2", "entry 2 line 3", "invoice EXP10452") at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/findings/findings.h"

namespace puente::crosswalk {

struct Scope {
  enum class Kind : std::uint8_t { entry, line, goods, invoice, bill, manifest, crew, equipment, document };

  Kind kind = Kind::manifest;
  int entry = -1;    // index; -1: the whole truck
  int line = 0;      // number in the entry, from 1
  std::string name;  // invoice (Serie + Folio), SCN or UUID

  static Scope of_entry(int entry) { return {Kind::entry, entry, 0, {}}; }
  static Scope of_line(int entry, int line, std::string invoice) {
    return {Kind::line, entry, line, std::move(invoice)};
  }
  // About the goods of an invoice as a whole: named by the invoice, dropped with the lines when the entry is held.
  static Scope of_goods(int entry, std::string invoice) { return {Kind::goods, entry, 0, std::move(invoice)}; }
  static Scope of_invoice(int entry, std::string invoice) { return {Kind::invoice, entry, 0, std::move(invoice)}; }
  static Scope of_bill(int entry, std::string scn) { return {Kind::bill, entry, 0, std::move(scn)}; }
  static Scope of_manifest() { return {Kind::manifest, -1, 0, {}}; }
  static Scope of_crew() { return {Kind::crew, -1, 0, {}}; }
  static Scope of_equipment() { return {Kind::equipment, -1, 0, {}}; }
  static Scope of_document(std::string uuid) { return {Kind::document, -1, 0, std::move(uuid)}; }
};

class FindingBook {
 public:
  void add(Scope scope, std::string_view code, std::vector<std::pair<std::string, std::string>> params = {},
           std::string detail = {}, const SourcePlace& place = {});
  // Findings of a pure module, which know their code and texts but not their place in the draft.
  void add(const Scope& scope, const Findings& findings, const SourcePlace& place = {});

  // The first error that blocks this entry: its own, or one of a document it stands on.
  std::optional<std::string> blocking_code(int entry) const;

  // One finding per code and place, the gravest first. Of a held entry only errors speak of lines, named by invoice.
  Findings resolve(const std::set<int>& held, int entries) const;

 private:
  struct Note {
    Scope scope;
    Finding finding;
  };
  std::vector<Note> notes_;
};

}  // namespace puente::crosswalk
