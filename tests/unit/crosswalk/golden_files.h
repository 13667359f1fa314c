// The golden cases of the reference, where it is present. XML is read with find(), enough for attributes of one
// element.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace puente::crosswalk::golden {

inline constexpr std::string_view kCases[] = {"auto-parts-usmca", "avocados", "heavy-truck", "steel-232"};

inline std::filesystem::path root() { return std::filesystem::path(PUENTE_SHARED_DIR) / "reference/crosswalk/golden"; }
inline bool present() { return std::filesystem::exists(root()); }
inline std::filesystem::path folder(std::string_view name) { return root() / name; }

inline std::string bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline nlohmann::json expected(std::string_view name) {
  return nlohmann::json::parse(bytes(folder(name) / "expected.json"));
}

inline std::vector<std::pair<std::string, std::string>> partner_files(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder(name) / "partners"))
    files.emplace_back(entry.path().filename().string(), bytes(entry.path()));
  return files;
}

// The text of the document whose name begins so: "factura", "carta-porte".
inline std::string document(std::string_view name, std::string_view prefix) {
  for (const auto& entry : std::filesystem::directory_iterator(folder(name) / "documents"))
    if (entry.path().filename().string().starts_with(prefix)) return bytes(entry.path());
  return {};
}

// Start tags of an element, in order.
inline std::vector<std::string> tags(const std::string& xml, const std::string& element) {
  std::vector<std::string> found;
  for (std::size_t at = xml.find("<" + element + " "); at != std::string::npos;
       at = xml.find("<" + element + " ", at + 1))
    found.push_back(xml.substr(at, xml.find('>', at) - at + 1));
  return found;
}

inline std::string attribute(const std::string& tag, const std::string& name) {
  const auto at = tag.find(" " + name + "=\"");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 3;
  return tag.substr(begin, tag.find('"', begin) - begin);
}

}  // namespace puente::crosswalk::golden
