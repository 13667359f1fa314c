#include "mappings/crosswalk/notice.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "mappings/catalogs/catalogs.h"
#include "mappings/crosswalk/text_mask.h"

namespace puente::crosswalk {
namespace {

using nlohmann::json;

constexpr std::string_view kSchema = "puente.notice/1";
constexpr std::size_t kMaxBytes = std::size_t{256} * 1024;
constexpr std::size_t kMaxDepth = 16;

// Builds the document and refuses what a plain parse would let pass: too deep, and a key twice in one object (which of
// the two is meant is anybody's guess).
class Builder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t, const string_t& text) override {
    return put(text);
  }  // kept as written, fits no key
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    constexpr std::size_t kNamed = 40;  // a key as long as a notice does not belong in a message
    if (open_.back()->contains(name))
      return refuse((name.size() > kNamed ? "a key" : "the key " + name) + " stands twice");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    position_ = position;
    return refuse("not JSON");
  }

  json root;
  const std::string& why() const { return why_; }
  std::optional<std::size_t> position() const { return position_; }

 private:
  bool refuse(std::string why) {
    why_ = std::move(why);
    return false;
  }

  json* place(json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }

  bool put(json value) {
    place(std::move(value));
    return true;
  }

  // Pointers to open containers stay good: a container gets no sibling before it is closed.
  bool open(json container) {
    if (open_.size() == kMaxDepth) return refuse("nested too deeply");
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<json*> open_;
  std::string key_, why_;
  std::optional<std::size_t> position_;
};

// ---- What each key holds --------------------------------------------------------------------------------------------

enum class Letters { as_written, upper };

// How strict a key is: a value that CBP's numbers are made of is dropped when it is not of its shape; a value that only
// describes is kept.
enum class Strict { drop, keep };

struct TextRule {
  std::string_view name;
  bool (*fits)(std::string_view);
  std::string_view wanted;
  Letters letters = Letters::as_written;
  Strict strict = Strict::keep;
};

bool any_text(std::string_view) { return true; }
bool is_alpha2(std::string_view text) { return fits_mask("AA", text); }
bool is_gender(std::string_view text) { return text == "M" || text == "F"; }
bool is_role(std::string_view text) { return text == "driver" || text == "passenger"; }
bool is_scac(std::string_view text) { return fits_mask("AAAA", text); }
bool is_schedule_d(std::string_view text) { return fits_mask("NNNN", text); }
bool is_vin(std::string_view text) { return text.size() == 17 && only_alphanumeric(text); }
bool is_equipment(std::string_view text) { return catalogs::equipment_type(text) != nullptr; }
bool is_day(std::string_view text) { return parse_date(text).has_value(); }
bool is_uuid(std::string_view text) { return fits_mask("XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX", text); }
bool is_id_ccp(std::string_view text) { return text.size() == 36 && text.starts_with("CCC"); }
bool is_bill_type(std::string_view text) { return text == "PAPS"; }
bool is_document_type(std::string_view text) {
  return text == "passport" || text == "border_crossing_card" || text == "visa" || text == "sentri";
}
// SCAC and 4 to 21 more.
bool is_trip(std::string_view text) {
  return text.size() >= 8 && text.size() <= 25 && is_scac(text.substr(0, 4)) && only_alphanumeric(text.substr(4));
}
// SCAC and 1 to 12 more.
bool is_scn(std::string_view text) {
  return text.size() >= 5 && text.size() <= 16 && is_scac(text.substr(0, 4)) && only_alphanumeric(text.substr(4));
}

template <typename Owner>
struct TextKey {
  TextRule rule;
  std::string Owner::*member;
};

constexpr TextKey<NoticeEquipment> kEquipmentKeys[] = {
    {{"type", is_equipment, "an ACE equipment code", Letters::upper}, &NoticeEquipment::type},
    {{"plate", any_text, "", Letters::upper}, &NoticeEquipment::plate},
    {{"plate_country", is_alpha2, "an alpha-2 country", Letters::upper}, &NoticeEquipment::plate_country},
    {{"plate_state", any_text, "", Letters::upper}, &NoticeEquipment::plate_state},
    {{"number", any_text, "", Letters::upper}, &NoticeEquipment::number},
    {{"vin", is_vin, "17 letters and digits", Letters::upper}, &NoticeEquipment::vin},
};

constexpr TextKey<NoticeTravelDocument> kDocumentKeys[] = {
    {{"type", is_document_type, "passport, border_crossing_card, visa or sentri", Letters::as_written, Strict::drop},
     &NoticeTravelDocument::type},
    {{"number", any_text, "", Letters::upper}, &NoticeTravelDocument::number},
    {{"country", is_alpha2, "an alpha-2 country", Letters::upper}, &NoticeTravelDocument::country},
    {{"expires", is_day, "a date YYYY-MM-DD"}, &NoticeTravelDocument::expires},
};

constexpr TextKey<NoticeCrew> kCrewKeys[] = {
    {{"role", is_role, "driver or passenger", Letters::as_written, Strict::drop}, &NoticeCrew::role},
    {{"first_name", any_text, ""}, &NoticeCrew::first_name},
    {{"last_name", any_text, ""}, &NoticeCrew::last_name},
    {{"birth_date", is_day, "a date YYYY-MM-DD", Letters::as_written, Strict::drop}, &NoticeCrew::birth_date},
    {{"gender", is_gender, "M or F", Letters::upper, Strict::drop}, &NoticeCrew::gender},
    {{"citizenship", is_alpha2, "an alpha-2 country", Letters::upper, Strict::drop}, &NoticeCrew::citizenship},
    {{"fast", any_text, ""}, &NoticeCrew::fast},
};

constexpr TextKey<NoticeCrew> kLicenceKeys[] = {
    {{"number", any_text, ""}, &NoticeCrew::licence_number},
    {{"country", is_alpha2, "an alpha-2 country", Letters::upper}, &NoticeCrew::licence_country},
    {{"state", any_text, "", Letters::upper}, &NoticeCrew::licence_state},
};

constexpr TextKey<NoticeBill> kBillKeys[] = {
    {{"scn", is_scn, "SCAC and up to 12 letters and digits", Letters::upper, Strict::drop}, &NoticeBill::scn},
    {{"type", is_bill_type, "PAPS", Letters::upper}, &NoticeBill::type},
};

constexpr TextKey<Notice> kNoticeKeys[] = {
    {{"notice_id", any_text, ""}, &Notice::notice_id},
    {{"carrier_scac", is_scac, "four letters", Letters::upper, Strict::drop}, &Notice::carrier_scac},
    {{"trip_number", is_trip, "SCAC and 4 to 21 letters and digits", Letters::upper, Strict::drop},
     &Notice::trip_number},
    {{"port_of_arrival", is_schedule_d, "a Schedule D port of four digits", Letters::as_written, Strict::drop},
     &Notice::port_of_arrival},
};

constexpr TextRule kSeal = {"seals", any_text, "", Letters::upper};
constexpr TextRule kPlate = {"equipment", any_text, "", Letters::upper};
constexpr TextRule kUuid = {"invoices", is_uuid, "a UUID", Letters::upper, Strict::drop};
constexpr TextRule kIdCcp = {"carta_porte", is_id_ccp, "an IdCCP of 36 characters", Letters::as_written, Strict::drop};

std::string raised(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// Reads the members of one object; each complaint names its JSON pointer (RFC 6901).
class Reader {
 public:
  Reader(std::string_view name, Findings& findings) : name_(name), findings_(findings) {}

  Notice read(const json& root) {
    Notice notice;
    notice.name = name_;
    texts(root, "", kNoticeKeys, notice);
    notice.sent_at = moment(root, "", "sent_at");
    notice.eta = moment(root, "", "eta");
    notice.carta_porte = list(root, "", kIdCcp);
    if (const json* conveyance = member(root, "", "conveyance", json::value_t::object))
      notice.conveyance = equipment(*conveyance, "/conveyance");
    each(root, "", "equipment",
         [&](const json& item, const std::string& at) { notice.equipment.push_back(equipment(item, at)); });
    each(root, "", "crew", [&](const json& item, const std::string& at) { notice.crew.push_back(crew(item, at)); });
    each(root, "", "bills", [&](const json& item, const std::string& at) { notice.bills.push_back(bill(item, at)); });
    notice.refused = std::move(refused_);
    return notice;
  }

  void complain(std::string_view pointer, std::string_view wanted, Severity severity) {
    Finding& finding =
        findings_.add("NOTICE_KEY_INVALID", {{"key", std::string(pointer)}, {"wanted", std::string(wanted)}});
    finding.set_severity(severity);
    if (severity == Severity::SEVERITY_ERROR) refused_.emplace_back(pointer);
    finding.mutable_source()->set_document(name_);
    finding.mutable_source()->set_path(std::string(pointer));
  }

 private:
  // The member of that type; absent and null are the same, another type is a finding.
  const json* member(const json& object, const std::string& at, std::string_view key, json::value_t type) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return nullptr;
    if (found->type() == type) return &*found;
    complain(at + "/" + std::string(key), type_name(type), Severity::SEVERITY_ERROR);
    return nullptr;
  }

  static std::string_view type_name(json::value_t type) {
    switch (type) {
      case json::value_t::object:
        return "an object";
      case json::value_t::array:
        return "an array";
      case json::value_t::boolean:
        return "true or false";
      default:
        return "text";
    }
  }

  std::string checked(const TextRule& rule, std::string text, const std::string& pointer) {
    text = trimmed(text);
    if (rule.letters == Letters::upper) text = raised(std::move(text));
    if (text.empty() || rule.fits(text)) return text;
    const bool drop = rule.strict == Strict::drop;
    complain(pointer, rule.wanted, drop ? Severity::SEVERITY_ERROR : Severity::SEVERITY_WARNING);
    return drop ? std::string() : text;
  }

  template <typename Owner, std::size_t N>
  void texts(const json& object, const std::string& at, const TextKey<Owner> (&keys)[N], Owner& into) {
    for (const auto& [rule, target] : keys)
      if (const json* value = member(object, at, rule.name, json::value_t::string))
        into.*target = checked(rule, value->get<std::string>(), at + "/" + std::string(rule.name));
  }

  std::optional<LocalTime> moment(const json& object, const std::string& at, std::string_view key) {
    const json* value = member(object, at, key, json::value_t::string);
    if (value == nullptr) return std::nullopt;
    auto time = parse_local_time(value->get_ref<const std::string&>());
    if (time && time->utc_offset_minutes) return time;
    complain(at + "/" + std::string(key), "a date and time with zone", Severity::SEVERITY_ERROR);
    return std::nullopt;
  }

  std::vector<std::string> list(const json& object, const std::string& at, const TextRule& rule) {
    std::vector<std::string> values;
    const json* array = member(object, at, rule.name, json::value_t::array);
    if (array == nullptr) return values;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string pointer = at + "/" + std::string(rule.name) + "/" + std::to_string(i);
      if (!(*array)[i].is_string()) {
        complain(pointer, "text", Severity::SEVERITY_ERROR);
        continue;
      }
      if (std::string value = checked(rule, (*array)[i].get<std::string>(), pointer); !value.empty())
        values.push_back(std::move(value));
    }
    return values;
  }

  template <typename Visit>
  void each(const json& object, const std::string& at, std::string_view key, Visit visit) {
    const json* array = member(object, at, key, json::value_t::array);
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string pointer = at + "/" + std::string(key) + "/" + std::to_string(i);
      if ((*array)[i].is_object()) {
        visit((*array)[i], pointer);
      } else {
        complain(pointer, "an object", Severity::SEVERITY_ERROR);
      }
    }
  }

  NoticeEquipment equipment(const json& object, const std::string& at) {
    NoticeEquipment read;
    texts(object, at, kEquipmentKeys, read);
    read.seals = list(object, at, kSeal);
    return read;
  }

  NoticeCrew crew(const json& object, const std::string& at) {
    NoticeCrew read;
    texts(object, at, kCrewKeys, read);
    if (const json* charge = member(object, at, "person_in_charge", json::value_t::boolean))
      read.person_in_charge = charge->get<bool>();
    if (const json* licence = member(object, at, "licence", json::value_t::object))
      texts(*licence, at + "/licence", kLicenceKeys, read);
    each(object, at, "documents", [&](const json& item, const std::string& pointer) {
      NoticeTravelDocument document;
      texts(item, pointer, kDocumentKeys, document);
      read.documents.push_back(std::move(document));
    });
    return read;
  }

  NoticeBill bill(const json& object, const std::string& at) {
    NoticeBill read;
    texts(object, at, kBillKeys, read);
    read.invoices = list(object, at, kUuid);
    read.equipment = list(object, at, kPlate);
    each(object, at, "packages", [&](const json& item, const std::string& pointer) {
      if (auto line = packages(item, pointer)) read.packages.push_back(*std::move(line));
    });
    return read;
  }

  // A count is a whole number above zero, as a JSON number or as text.
  std::optional<NoticePackages> packages(const json& object, const std::string& at) {
    constexpr std::size_t kMaxDigits = 9;
    NoticePackages read;
    if (const auto count = object.find("count"); count != object.end()) {
      if (count->is_number_unsigned()) read.count = std::to_string(count->get<std::uint64_t>());
      if (count->is_string()) read.count = count->get<std::string>();
    }
    if (const json* unit = member(object, at, "unit", json::value_t::string))
      read.unit = raised(trimmed(unit->get<std::string>()));
    const bool whole =
        !read.count.empty() && read.count.size() <= kMaxDigits && only_digits(read.count) && read.count.front() != '0';
    if (!whole) complain(at + "/count", "a whole number above zero", Severity::SEVERITY_ERROR);
    if (read.unit.empty()) complain(at + "/unit", "a code of c_ClaveUnidad", Severity::SEVERITY_ERROR);
    if (!whole || read.unit.empty()) return std::nullopt;
    return read;
  }

  std::string name_;
  Findings& findings_;
  std::vector<std::string> refused_;
};

// Line and column (in characters) of a byte of the text.
void set_place(SourcePlace& place, std::string_view bytes, std::size_t position) {
  const std::string_view before = bytes.substr(0, std::min(position == 0 ? 0 : position - 1, bytes.size()));
  const auto line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto characters = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  place.set_line(static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1));
  place.set_column(static_cast<std::uint32_t>(characters + 1));
  place.set_byte_offset(before.size());
}

}  // namespace

NoticeOutcome read_notice(std::string_view name, std::string_view bytes) {
  NoticeOutcome outcome;
  const auto refuse = [&](std::string why) -> Finding& {
    Finding& finding = outcome.findings.add("NOTICE_INVALID", {{"why", std::move(why)}});
    finding.mutable_source()->set_document(std::string(name));
    return finding;
  };

  if (bytes.size() > kMaxBytes) {
    refuse("larger than " + std::to_string(kMaxBytes) + " bytes");
    return outcome;
  }
  Builder builder;
  if (!json::sax_parse(bytes, &builder)) {
    Finding& finding = refuse(builder.why());
    if (builder.position()) set_place(*finding.mutable_source(), bytes, *builder.position());
    return outcome;
  }
  if (!builder.root.is_object()) {
    refuse("not an object");
    return outcome;
  }
  const auto schema = builder.root.find("schema");
  if (schema == builder.root.end() || !schema->is_string() || schema->get_ref<const std::string&>() != kSchema) {
    refuse("schema is not " + std::string(kSchema)).mutable_source()->set_path("/schema");
    return outcome;
  }
  outcome.notice = Reader(name, outcome.findings).read(builder.root);
  return outcome;
}

}  // namespace puente::crosswalk
