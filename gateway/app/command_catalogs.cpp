// puente catalogs load, list: the SAT's code lists.
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/configuration.h"
#include "gateway/app/faults.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/reading.h"
#include "gateway/app/sat_lists_folder.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr Option kFolderOption = {"--folder",
                                  "FOLDER",
                                  OptionKind::text,
                                  false,
                                  {"the folder of the lists; default: the one the configuration names",
                                   "la carpeta de los catálogos; por omisión, la que nombra la configuración"}};
constexpr Option kJsonOption = {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}};
constexpr Option kListOptions[] = {kFolderOption, kConfigOption, kJsonOption};
constexpr Option kLoadOptions[] = {
    kFolderOption,
    kConfigOption,
    kJsonOption,
    {"DIR",
     "DIR",
     OptionKind::text,
     true,
     {"folder with c_*.csv, plain or .gz or .zst", "carpeta con c_*.csv, simples o .gz o .zst"}}};

// Where the lists are; nothing where neither option nor configuration says so.
Result<std::optional<std::filesystem::path>> folder_of(const Arguments& arguments) {
  if (const auto folder = arguments.text("--folder")) return std::filesystem::path(*folder);
  const auto file = arguments.text("--config");
  if (!file) return std::nullopt;
  const LoadedConfiguration loaded = load_configuration(*file);
  if (!loaded.usable()) return tl::unexpected(loaded.fault());
  if (loaded.values.lists.empty()) return std::nullopt;
  return loaded.values.lists;
}

nlohmann::ordered_json to_json(const std::vector<ListOnFile>& lists) {
  auto out = nlohmann::ordered_json::array();
  for (const ListOnFile& list : lists)
    out.push_back({{"name", list.name},
                   {"rows", list.rows},
                   {"date", list.date},
                   {"sha256", list.digest},
                   {"embedded", list.embedded},
                   {"memory", list.memory}});
  return out;
}

void print_lists(Terminal& terminal, const std::vector<ListOnFile>& lists) {
  constexpr std::size_t kName = 26, kRows = 8, kShownDigest = 16;
  for (const ListOnFile& list : lists) {
    std::string rows = std::to_string(list.rows);
    if (rows.size() < kRows) rows.insert(0, kRows - rows.size(), ' ');
    terminal.out << padded(list.name, kName) << rows << Text{" rows  ", " filas  "}.in(terminal.language) << list.date
                 << "  " << list.digest.substr(0, kShownDigest) << "  "
                 << (list.embedded ? terminal.out.paint(Tone::faint, Text{"embedded", "incluido"}.in(terminal.language))
                                   : std::string(Text{"loaded", "cargado"}.in(terminal.language)))
                 << "\n";
  }
}

ExitCode list(const Arguments& arguments, Terminal& terminal) {
  const auto folder = folder_of(arguments);
  if (!folder) return report(terminal, folder.error());
  auto lists = *folder ? read_sat_lists(**folder) : Result<ListsOnFile>(embedded_sat_lists());
  if (!lists) return report(terminal, lists.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(to_json(lists->list)) << "\n";
    return ExitCode::done;
  }
  print_lists(terminal, lists->list);
  std::string missing;
  for (const catalogs::SatListKind& kind : catalogs::sat_list_kinds())
    if (lists->lists->list(kind.name) == nullptr) (missing += missing.empty() ? "" : ", ") += kind.name;
  if (!missing.empty())
    terminal.err << Text{"Not loaded: ", "Sin cargar: "}.in(terminal.language) << missing
                 << Text{". Their codes are not checked; `puente catalogs load DIR` loads them.\n",
                         ". Sus claves no se revisan; `puente catalogs load DIR` los carga.\n"}
                        .in(terminal.language);
  return ExitCode::done;
}

ExitCode load(const Arguments& arguments, Terminal& terminal) {
  const auto folder = folder_of(arguments);
  if (!folder) return report(terminal, folder.error());
  if (!*folder)
    return report(terminal, Fault{FaultKind::permanent, "usage",
                                  "where to? --folder FOLDER, or --config FILE with [catalogs] folder"});
  const auto put = load_sat_lists(**folder, *arguments.text("DIR"));
  if (!put) return report(terminal, put.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(to_json(*put)) << "\n";
    return ExitCode::done;
  }
  print_lists(terminal, *put);
  terminal.err << Text{"Loaded. A gateway with this folder takes them at once.\n",
                       "Cargados. Una pasarela con esta carpeta los toma de inmediato.\n"}
                      .in(terminal.language);
  return ExitCode::done;
}

}  // namespace

const Command kCatalogsLoad = {"catalogs load",
                               {"load the SAT's lists from CSV", "carga catálogos del SAT desde CSV"},
                               "puente catalogs load --config demo/puente.toml sat-lists/",
                               kLoadOptions,
                               load};
const Command kCatalogsList = {
    "catalogs list",
    {"the SAT's lists: rows, date and digest of each", "los catálogos del SAT: filas, fecha y huella de cada uno"},
    "puente catalogs list --config demo/puente.toml",
    kListOptions,
    list};

}  // namespace puente::app
