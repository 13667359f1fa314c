#include "mappings/crosswalk/profile.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <tuple>

#include "mappings/crosswalk/shape.h"

namespace puente::crosswalk {
namespace {

constexpr std::string_view kForeign = "x";     // [x.*]: keys of another program
constexpr std::string_view kRates = "cbp_fx";  // [reference.cbp_fx.CUR]
constexpr std::string_view kFault = "profile_invalid";

bool has_object(std::string_view object) {
  return std::any_of(profile_keys().begin(), profile_keys().end(),
                     [&](const ProfileKey& row) { return row.object == object; });
}

const ProfileKey* find_key(std::string_view object, std::string_view key) {
  for (const ProfileKey& row : profile_keys())
    if (row.object == object && key_matches(row.key, key)) return &row;
  return nullptr;
}

bool is_handle(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_currency(std::string_view name) {
  return name.size() == 3 && std::all_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

// Walks one file's tables into sections; the first fault stops it.
class Reader {
 public:
  Reader(const std::string& file, std::vector<ProfileSection>& sections) : file_(file), sections_(sections) {}

  Result<void> read(std::string_view text) {
    toml::table parsed;
    try {
      parsed = toml::parse(text, file_);
    } catch (const toml::parse_error& error) {  // the library's only way to say it
      return fault(error.source().begin.line, "", error.description());
    }
    for (const auto& [key, node] : parsed) {
      const std::string_view object = key.str();
      if (object == kForeign) continue;
      const toml::table* table = node.as_table();
      if (!has_object(object)) return fault(line(node), object, "unknown section");
      if (table == nullptr) return fault(line(node), object, "a section is written [object.name]");
      if (auto done = object == "rules" ? section(object, "", *table) : named_sections(object, *table); !done)
        return done;
    }
    return {};
  }

 private:
  static std::size_t line(const toml::node& node) { return node.source().begin.line; }

  tl::unexpected<Fault> fault(std::size_t at, std::string_view key, std::string_view why) const {
    std::string text = file_ + ":" + std::to_string(at) + ": ";
    if (!key.empty()) text.append(key).append(": ");
    return permanent(std::string(kFault), text.append(why));
  }

  Result<void> named_sections(std::string_view object, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const std::string path = std::string(object) + "." + name;
      const toml::table* inner = node.as_table();
      if (inner == nullptr) return fault(line(node), path, "unknown key; a section is written [object.name]");
      if (object == "reference") {
        if (name != kRates) return fault(line(node), path, "unknown section");
        for (const auto& [currency, rate] : *inner) {
          const std::string rate_path = path + "." + std::string(currency.str());
          const toml::table* rate_table = rate.as_table();
          if (rate_table == nullptr || !is_currency(currency.str())) return fault(line(rate), rate_path, "unknown key");
          if (auto done = section(object, name + "." + std::string(currency.str()), *rate_table); !done) return done;
        }
        continue;
      }
      if (!is_handle(name)) return fault(line(node), path, "a name is of a-z, 0-9 and hyphens");
      if (auto done = section(object, name, *inner); !done) return done;
    }
    return {};
  }

  Result<void> section(std::string_view object, std::string_view name, const toml::table& table) {
    const auto twice = std::find_if(sections_.begin(), sections_.end(), [&](const ProfileSection& other) {
      return other.object == object && other.name == name;
    });
    if (twice != sections_.end())
      return fault(line(table), name.empty() ? std::string(object) : std::string(object) + "." + std::string(name),
                   "the section stands twice, also in " + twice->file);
    ProfileSection read;
    read.object = object;
    read.name = name;
    read.file = file_;
    if (auto done = keys(read, "", table); !done) return done;
    sections_.push_back(std::move(read));
    return {};
  }

  // The keys of a table, those of inner tables behind its name and a dot, those of tables in an array behind their
  // number.
  Result<void> keys(ProfileSection& into, const std::string& prefix, const toml::table& table) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const toml::table* inner = node.as_table()) {
        if (auto done = keys(into, key + ".", *inner); !done) return done;
        continue;
      }
      const toml::array* array = node.as_array();
      if (array != nullptr && !array->empty() && array->is_homogeneous(toml::node_type::table)) {
        for (std::size_t i = 0; i < array->size(); ++i) {
          const std::string item = key + "." + std::to_string(i + 1) + ".";
          if (auto done = keys(into, item, *array->get(i)->as_table()); !done) return done;
        }
        continue;
      }
      if (auto done = value(into, key, node); !done) return done;
    }
    return {};
  }

  Result<void> value(ProfileSection& into, const std::string& key, const toml::node& node) {
    const std::string path = into.path(key);
    const ProfileKey* row = find_key(into.object, key);
    if (row == nullptr) return fault(line(node), path, "unknown key");
    std::vector<std::string> texts;
    if (const toml::array* array = node.as_array(); array != nullptr && is_list(row->shape)) {
      for (const toml::node& item : *array) {
        const auto text = item.value_exact<std::string>();
        if (!text) return fault(line(item), path, wanted(*row));
        texts.push_back(*text);
      }
    } else if (const auto text = node.value_exact<std::string>();
               text && row->shape != Shape::flag && row->shape != Shape::count && !is_list(row->shape)) {
      texts.push_back(*text);
    } else if (const auto flag = node.value_exact<bool>(); flag && row->shape == Shape::flag) {
      texts.emplace_back(*flag ? "true" : "false");
    } else if (const auto count = node.value_exact<std::int64_t>(); count && row->shape == Shape::count) {
      texts.push_back(std::to_string(*count));
    } else {
      return fault(line(node), path, wanted(*row));
    }
    for (const std::string& item : texts) {
      if (item.empty()) return fault(line(node), path, "empty text");
      if (!has_shape(row->shape, row->values, item)) return fault(line(node), path, wanted(*row));
    }
    into.lines.emplace(key, line(node));
    into.values.emplace(key, std::move(texts));
    return {};
  }

  static std::string wanted(const ProfileKey& row) {
    std::string text = "must be " + std::string(shape_name(row.shape));
    if (!row.values.empty()) text.append(" (").append(row.values).append(")");
    return text;
  }

  const std::string& file_;
  std::vector<ProfileSection>& sections_;
};

}  // namespace

std::optional<std::string_view> ProfileSection::text(std::string_view key) const {
  const auto found = values.find(key);
  if (found == values.end() || found->second.empty()) return std::nullopt;
  return found->second.front();
}

std::optional<bool> ProfileSection::flag(std::string_view key) const {
  const auto value = text(key);
  if (!value) return std::nullopt;
  return *value == "true";
}

std::vector<std::string> ProfileSection::list(std::string_view key) const {
  const auto found = values.find(key);
  return found == values.end() ? std::vector<std::string>{} : found->second;
}

std::string ProfileSection::path(std::string_view key) const {
  std::string path = object;
  if (!name.empty()) path.append(".").append(name);
  return path.append(".").append(key);
}

std::vector<const ProfileKey*> ProfileSection::missing_keys() const {
  std::vector<const ProfileKey*> missing;
  for (const ProfileKey& row : profile_keys())
    if (row.object == object && !row.missing.empty() && !values.contains(row.key)) missing.push_back(&row);
  return missing;
}

Result<std::shared_ptr<const Profiles>> Profiles::parse(const std::vector<std::pair<std::string, std::string>>& files) {
  auto profiles = std::make_shared<Profiles>();
  for (const auto& [file, text] : files) {
    if (auto done = Reader(file, profiles->sections_).read(text); !done) return tl::unexpected(std::move(done).error());
  }
  std::sort(profiles->sections_.begin(), profiles->sections_.end(),
            [](const ProfileSection& a, const ProfileSection& b) {
              return std::tie(a.object, a.name) < std::tie(b.object, b.name);
            });
  profiles->no_rules_.object = "rules";
  return std::shared_ptr<const Profiles>(std::move(profiles));
}

std::vector<const ProfileSection*> Profiles::of(std::string_view object) const {
  std::vector<const ProfileSection*> found;
  for (const ProfileSection& section : sections_)
    if (section.object == object) found.push_back(&section);
  return found;
}

const ProfileSection* Profiles::importer_by_tax_id(std::string_view digits, std::size_t* matches) const {
  // The importer number carries a suffix of two that the Mexican side does not write.
  constexpr std::size_t kSuffixed = 12;
  constexpr std::size_t kSuffix = 2;
  const std::string wanted = digits_of(digits);
  const ProfileSection* first = nullptr;
  std::size_t count = 0;
  for (const ProfileSection* importer : of("importer")) {
    bool same = false;
    if (const auto view = importer->text("tax_id_mx_view")) {
      same = same_ignoring_case(*view, digits) || (!wanted.empty() && digits_of(*view) == wanted);
    } else if (auto number = importer->text("ior_number"); number && !wanted.empty()) {
      const bool employer = number->size() == kSuffixed && (*number)[2] == '-';
      same = digits_of(employer ? number->substr(0, kSuffixed - kSuffix) : *number) == wanted;
    }
    if (same && count++ == 0) first = importer;
  }
  if (matches != nullptr) *matches = count;
  return first;
}

namespace {

const ProfileSection* first_where(const std::vector<const ProfileSection*>& sections, std::string_view key,
                                  std::string_view value) {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const ProfileSection* section) {
    const auto text = section->text(key);
    return text && same_ignoring_case(*text, value);
  });
  return found == sections.end() ? nullptr : *found;
}

const ProfileSection* only(const std::vector<const ProfileSection*>& sections) {
  return sections.size() == 1 ? sections.front() : nullptr;
}

}  // namespace

const ProfileSection* Profiles::supplier_by_rfc(std::string_view rfc) const {
  return first_where(of("supplier"), "rfc", rfc);
}

const ProfileSection* Profiles::carrier_by_rfc(std::string_view rfc) const {
  return first_where(of("carrier"), "rfc", rfc);
}

const ProfileSection* Profiles::carrier_by_scac(std::string_view scac) const {
  return first_where(of("carrier"), "scac", scac);
}

const ProfileSection* Profiles::routing_by_port(std::string_view port) const {
  return port.empty() ? only(of("routing")) : first_where(of("routing"), "port_of_entry", port);
}

const ProfileSection* Profiles::broker() const { return only(of("broker")); }

const ProfileSection& Profiles::rules() const {
  const ProfileSection* rules = only(of("rules"));
  return rules == nullptr ? no_rules_ : *rules;
}

const ProfileSection* Profiles::currency(std::string_view currency) const {
  const std::string name = std::string(kRates) + "." + std::string(currency);
  for (const ProfileSection* section : of("reference"))
    if (section->name == name) return section;
  return nullptr;
}

}  // namespace puente::crosswalk
