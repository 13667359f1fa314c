#include "gateway/flow/numbers.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "gateway/flow/identity.h"
#include "mappings/cbp/filing.h"

namespace puente::flow {
namespace {

constexpr std::size_t kSerialDigits = 7;  // before the check digit
constexpr std::size_t kFilerCodeLength = 3;

constexpr auto kNumberKinds = std::to_array<NumberKind>({
    {"folio_fiscal", "folio fiscal", "folio fiscal"},
    {"related", "folio fiscal relacionado", "related folio fiscal"},
    {"id_ccp", "IdCCP", "IdCCP"},
    {"invoice", "serie y folio de factura", "invoice series and folio"},
    {"scn", "número de control del embarque (SCN)", "shipment control number (SCN)"},
    {"trip", "número de viaje", "trip number"},
    {"entry_number", "número de entrada", "entry number"},
    {"plate", "placa de tractor o remolque", "plate of tractor or trailer"},
    {"reference", "referencia CR o del agente", "CR reference or the filer's own"},
    {"token", "token del trámite", "filing token"},
    {"filing", "id de trámite", "filing id"},
    {"shipment", "id de embarque", "shipment id"},
    {"document", "id de documento", "document id"},
    {"sha256", "SHA-256 del documento", "SHA-256 of the document"},
    {"sequence", "secuencia del acuse", "ledger sequence of the receipt"},
});
constexpr std::size_t kUuidDigits = 32;

bool hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The number after this one, of the same length; nothing when it would be longer.
std::optional<std::string> successor(std::string_view digits) {
  std::string next(digits);
  for (auto digit = next.rbegin(); digit != next.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return next;
    }
    *digit = '0';
  }
  return std::nullopt;
}

struct EntryRange {
  std::string first, last;  // 7 digits
  int factor = 0;
};

std::optional<int> factor_of(std::string_view filer_code, std::string_view number) {
  for (int factor = 0; factor < 10; ++factor)
    if (cbp::entry_check_digit(filer_code, number.substr(0, kSerialDigits), factor) == number[kSerialDigits])
      return factor;
  return std::nullopt;
}

std::vector<EntryRange> parse_ranges(std::string_view filer_code, const std::vector<std::string>& ranges) {
  std::vector<EntryRange> parsed;
  for (const std::string_view text : ranges) {
    const auto dots = text.find("..");
    if (dots != kSerialDigits + 1 || text.size() != 2 * (kSerialDigits + 1) + 2) continue;
    const auto first = text.substr(0, kSerialDigits + 1);
    const auto last = text.substr(dots + 2);
    if (!all_digits(first) || !all_digits(last)) continue;
    if (const auto factor = factor_of(filer_code, first))
      parsed.push_back(
          {std::string(first.substr(0, kSerialDigits)), std::string(last.substr(0, kSerialDigits)), *factor});
  }
  return parsed;
}

std::optional<std::string> with_check_digit(std::string_view filer_code, std::string_view serial, int factor) {
  const auto digit = cbp::entry_check_digit(filer_code, serial, factor);
  return digit ? std::optional(std::string(serial) + *digit) : std::nullopt;
}

}  // namespace

std::span<const NumberKind> number_kinds() { return kNumberKinds; }

std::string number_form(std::string_view written) {
  std::string plain;
  for (const char c : written) {
    const auto byte = static_cast<unsigned char>(c);
    // Bytes of letters beyond ASCII (a series may have one) stay.
    if (byte >= 0x80U || std::isalnum(byte) != 0) plain += static_cast<char>(byte < 0x80U ? std::toupper(byte) : byte);
  }
  if (plain.empty()) return std::string(written);
  if (plain.size() == kUuidDigits && std::all_of(plain.begin(), plain.end(), hex_digit))
    for (const std::size_t dash : {20U, 16U, 12U, 8U}) plain.insert(dash, 1, '-');
  return plain;
}

std::vector<std::string> number_forms(std::string_view typed) {
  // What was kept before it had one form is found as it was written then.
  std::vector<std::string> forms{std::string(typed)};
  if (auto form = number_form(typed); form != typed) forms.push_back(std::move(form));
  return forms;
}

std::vector<ledger::NumberRow> find_number(ledger::Reader& reader, std::string_view form) {
  auto found = reader.find_number(form);
  if (reader.document(form)) found.push_back({std::string(form), "document", "document", std::string(form)});
  for (auto& row : reader.documents_by_identity_prefix(cfdi_identity(form, "")))
    found.push_back({std::string(form), "folio_fiscal", "document", std::move(row.id)});
  return found;
}

Result<void> index_number(ledger::Writer& writer, std::string_view kind, std::string_view written,
                          std::string_view object, std::string_view object_id) {
  if (written.empty()) return {};
  return writer.index_number({number_form(written), std::string(kind), std::string(object), std::string(object_id)});
}

std::optional<std::string> next_entry_number(std::string_view filer_code, const std::vector<std::string>& ranges,
                                             std::string_view previous) {
  const auto parsed = parse_ranges(filer_code, ranges);
  const auto serial = previous.substr(0, kSerialDigits);
  std::size_t at = 0;
  for (std::size_t i = 0; i < parsed.size() && !previous.empty(); ++i) {
    if (serial < parsed[i].first || serial > parsed[i].last) continue;
    if (serial < parsed[i].last)
      if (const auto next = successor(serial)) return with_check_digit(filer_code, *next, parsed[i].factor);
    at = i + 1;
    break;
  }
  if (at >= parsed.size()) return std::nullopt;
  return with_check_digit(filer_code, parsed[at].first, parsed[at].factor);
}

std::optional<std::string> entry_number_digits(std::string_view filer_code, std::string_view written) {
  std::string plain;
  for (const char c : written)
    if (c != '-' && c != ' ') plain += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (plain.size() == kFilerCodeLength + kSerialDigits + 1) {
    if (!plain.starts_with(filer_code)) return std::nullopt;
    plain.erase(0, kFilerCodeLength);
  }
  if (plain.size() != kSerialDigits + 1 || !all_digits(plain)) return std::nullopt;
  return plain;
}

bool entry_number_checks(std::string_view filer_code, std::string_view digits, const std::vector<std::string>& ranges) {
  // CBP's lines may be cut short or damaged.
  if (digits.size() != kSerialDigits + 1 || !all_digits(digits)) return false;
  const auto factor = factor_of(filer_code, digits);
  if (!factor) return false;
  const auto parsed = parse_ranges(filer_code, ranges);
  // Without a range the filer's factor is 0 (CATAIR AE section 7).
  if (parsed.empty()) return *factor == 0;
  return std::any_of(parsed.begin(), parsed.end(), [&](const EntryRange& range) { return range.factor == *factor; });
}

Result<std::string> allocate_entry_number(ledger::Writer& writer, const crosswalk::ProfileSection& broker,
                                          std::string_view object) {
  const std::string filer_code(broker.text("filer_code").value_or(""));
  const auto ranges = broker.list("entry_pool");
  return writer.allocate("entry_number:" + filer_code, object,
                         [&](std::string_view previous) { return next_entry_number(filer_code, ranges, previous); });
}

Result<std::string> allocate_scn(ledger::Writer& writer, const crosswalk::ProfileSection& carrier,
                                 std::string_view object) {
  const std::string scac(carrier.text("scac").value_or(""));
  const std::string first(carrier.text("scn_pool_next").value_or(""));
  if (scac.empty() || !all_digits(first))
    return permanent("numbers_exhausted", "the carrier has no shipment control numbers");
  return writer.allocate("scn:" + scac, object, [&](std::string_view previous) -> std::optional<std::string> {
    const auto digits = previous.size() > scac.size() ? previous.substr(scac.size()) : std::string_view();
    // A pool that was moved ahead goes on from where it was moved to.
    if (digits.size() != first.size() || digits < first) return scac + first;
    const auto next = successor(digits);
    return next ? std::optional(scac + *next) : std::nullopt;
  });
}

}  // namespace puente::flow
