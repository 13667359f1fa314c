#include "mappings/catalogs/sat_lists.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>

#include "mappings/domain/csv.h"

namespace puente::catalogs {

std::string_view embedded_list(std::string_view file);  // defined by puente_embed

namespace {

constexpr auto kLoaded = Keeping::loaded;
constexpr auto kUnproven = Absence::unproven;

// One list a line. Those that are unproven come to users as snapshots of unknown age (reference sat/catalogs), or lack
// keys that the SAT's schema has: c_MaterialPeligroso those with an M, c_NumAutorizacionNaviero those of 2025.
// clang-format off
constexpr SatListKind kKinds[] = {
    {.name = "c_Aduana"},
    {.name = "c_ClavePedimento"},
    {.name = "c_ClaveProdServ", .keeping = kLoaded, .absence = kUnproven},
    {.name = "c_ClaveProdServCP", .keeping = kLoaded, .kept = {"material_peligroso"}},
    {.name = "c_ClaveTipoCarga"},
    {.name = "c_ClaveUnidad"},
    {.name = "c_ClaveUnidadPeso"},
    {.name = "c_CodigoPostal", .keeping = kLoaded, .absence = kUnproven,
     .kept = {"estado", "municipio", "localidad", "huso"}},
    {.name = "c_CodigoTransporteAereo"},
    {.name = "c_Colonia", .keeping = kLoaded, .absence = kUnproven, .key = {"codigo_postal", "clave"}, .kept = {"nombre"}},
    {.name = "c_CondicionesEspeciales"},
    {.name = "c_ConfigAutotransporte", .kept = {"remolque"}},
    {.name = "c_ConfigMaritima"},
    {.name = "c_Contenedor"},
    {.name = "c_ContenedorMaritimo"},
    {.name = "c_CveTransporte"},
    {.name = "c_DerechosDePaso"},
    {.name = "c_DocumentoAduanero"},
    {.name = "c_Estaciones", .kept = {"clave_transporte", "nombre"}},
    {.name = "c_Estado", .key = {"pais", "estado"}},
    {.name = "c_Exportacion"},
    {.name = "c_FiguraTransporte"},
    {.name = "c_FormaFarmaceutica"},
    {.name = "c_FormaPago"},
    {.name = "c_FraccionArancelaria", .keeping = kLoaded, .kept = {"unidad"}},
    {.name = "c_INCOTERM"},
    {.name = "c_Impuesto", .kept = {"nombre", "retencion", "traslado"}},
    {.name = "c_Localidad", .key = {"estado", "localidad"}, .kept = {"nombre"}},
    {.name = "c_MaterialPeligroso", .absence = kUnproven, .kept = {"clase_o_div"}},
    {.name = "c_Meses"},
    {.name = "c_MetodoPago"},
    {.name = "c_Moneda", .kept = {"decimales"}},
    {.name = "c_MotivoTraslado"},
    {.name = "c_Municipio", .key = {"estado", "municipio"}, .kept = {"nombre"}},
    {.name = "c_NumAutorizacionNaviero", .absence = kUnproven},
    {.name = "c_NumPedimentoAduana", .keeping = kLoaded, .absence = kUnproven,
     .key = {"aduana", "patente", "ejercicio"}, .kept = {"cantidad"}},
    {.name = "c_ObjetoImp"},
    {.name = "c_Pais", .kept = {"patron_codigo_postal", "patron_identidad_tributaria", "agrupaciones"}},
    {.name = "c_ParteTransporte"},
    {.name = "c_PatenteAduanal"},
    {.name = "c_Periodicidad"},
    {.name = "c_RegimenAduanero", .kept = {"impoexpo"}},
    {.name = "c_RegimenFiscal", .kept = {"aplica_fisica", "aplica_moral"}},
    {.name = "c_RegistroISTMO"},
    {.name = "c_SectorCOFEPRIS"},
    {.name = "c_SubTipoRem"},
    {.name = "c_TasaOCuota", .key = {"impuesto", "factor", "valor"}, 
     .kept = {"tipo", "minimo", "valor", "impuesto", "factor", "traslado", "retencion"}},
    {.name = "c_TipoCarro"},
    {.name = "c_TipoDeComprobante"},
    {.name = "c_TipoDeServicio", .kept = {"contenedor"}},
    {.name = "c_TipoDeTrafico"},
    {.name = "c_TipoEmbalaje"},
    {.name = "c_TipoEstacion", .kept = {"claves_transportes"}},
    {.name = "c_TipoFactor"},
    {.name = "c_TipoMateria"},
    {.name = "c_TipoPermiso", .kept = {"clave_transporte"}},
    {.name = "c_TipoRelacion"},
    {.name = "c_UnidadAduana"},
    {.name = "c_UsoCFDI", .kept = {"aplica_fisica", "aplica_moral", "regimenes_fiscales_receptores"}},
};
// clang-format on
static_assert(std::ranges::is_sorted(kKinds, {}, &SatListKind::name));

constexpr std::size_t kLongestKey = 64;
constexpr std::int32_t kOpenFrom = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kOpenTo = std::numeric_limits<std::int32_t>::max();
constexpr char kPart = '\x1F';  // between the parts of a key

std::int32_t day(const Date& date) {
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

// The columns of one CSV by the names of the table.
struct Columns {
  std::vector<std::size_t> key, kept;
  std::size_t from = CsvTable::npos, to = CsvTable::npos;

  // The name of a column that is missing, or "".
  std::string_view find(const SatListKind& kind, std::span<const std::string> header) {
    const auto column = [&](std::string_view name) {
      const auto found = std::ranges::find(header, name);
      return found == header.end() ? CsvTable::npos : static_cast<std::size_t>(found - header.begin());
    };
    for (const auto& [names, columns] : {std::pair(std::span<const std::string_view>(kind.key), &key),
                                         std::pair(std::span<const std::string_view>(kind.kept), &kept)})
      for (const std::string_view name : names) {
        if (name.empty()) continue;
        columns->push_back(column(name));
        if (columns->back() == CsvTable::npos) return name;
      }
    from = column("vigencia_desde");
    to = column("vigencia_hasta");
    return "";
  }
};

}  // namespace

std::span<const SatListKind> sat_list_kinds() { return kKinds; }

std::optional<std::size_t> sat_list_index(std::string_view name) {
  const auto found = std::ranges::lower_bound(kKinds, name, {}, &SatListKind::name);
  if (found == std::end(kKinds) || found->name != name) return std::nullopt;
  return static_cast<std::size_t>(found - std::begin(kKinds));
}

std::string_view SatCode::text(std::string_view column) const {
  if (!known()) return "";
  std::string_view rest = cells_;
  for (const std::string_view name : kind_->kept) {
    const std::size_t end = rest.find('\0');
    if (name == column) return rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  std::fprintf(stderr, "column %.*s of %.*s is not kept\n", static_cast<int>(column.size()), column.data(),
               static_cast<int>(kind_->name.size()), kind_->name.data());
  std::abort();
}

Result<std::shared_ptr<const SatList>> SatList::parse(std::string_view name, std::string_view csv) {
  const auto list = std::make_shared<SatList>();
  list->kind_ = &kKinds[sat_list_index(name).value()];
  list->text_.reserve(csv.size() / 2);
  Columns columns;
  bool header = true;
  const auto refuse = [&](std::size_t line, std::string why) -> Result<void> {
    return permanent("csv_invalid", std::string(name) + ":" + std::to_string(line) + ": " + std::move(why));
  };
  const auto bound = [](std::string_view cell, std::int32_t open) -> std::optional<std::int32_t> {
    if (cell.empty()) return open;
    const auto date = parse_date(cell);
    return date ? std::optional(day(*date)) : std::nullopt;
  };
  const auto read = read_csv(csv, name, [&](std::size_t line, std::span<const std::string> cells) -> Result<void> {
    if (std::exchange(header, false)) {
      const std::string_view missing = columns.find(*list->kind_, cells);
      return missing.empty() ? Result<void>() : refuse(line, "no column " + std::string(missing));
    }
    Row row{static_cast<std::uint32_t>(list->text_.size()), kOpenFrom, kOpenTo, 0, 0};
    bool empty = true;
    for (const std::size_t column : columns.key) {
      if (column != columns.key.front()) list->text_ += kPart;
      list->text_ += cells[column];
      empty = empty && cells[column].empty();
    }
    if (empty || list->text_.size() - row.offset > kLongestKey) return refuse(line, "no key, or one that is too long");
    row.key_size = static_cast<std::uint16_t>(list->text_.size() - row.offset);
    const std::size_t begin = list->text_.size();
    for (const std::size_t column : columns.kept) (list->text_ += cells[column]) += '\0';
    if (list->text_.size() - begin > std::numeric_limits<std::uint16_t>::max()) return refuse(line, "too long a row");
    row.cells_size = static_cast<std::uint16_t>(list->text_.size() - begin);
    for (const auto& [column, to] : {std::pair(columns.from, &row.from), std::pair(columns.to, &row.to)}) {
      if (column == CsvTable::npos) continue;
      const auto value = bound(cells[column], *to);
      if (!value) return refuse(line, "not a date: " + cells[column]);
      *to = *value;
    }
    if (list->text_.size() > std::numeric_limits<std::uint32_t>::max() / 2) return refuse(line, "too large");
    list->rows_.push_back(row);
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  if (list->rows_.empty()) return permanent("csv_invalid", std::string(name) + ": no row");
  list->index();
  return std::shared_ptr<const SatList>(list);
}

std::string_view SatList::key_of(const Row& row) const { return {text_.data() + row.offset, row.key_size}; }

void SatList::index() {
  text_.shrink_to_fit();
  std::ranges::sort(rows_, [&](const Row& a, const Row& b) {
    const int order = key_of(a).compare(key_of(b));
    return order != 0 ? order < 0 : std::pair(a.from, a.to) < std::pair(b.from, b.to);
  });
  rows_.shrink_to_fit();
  first_day_ = kOpenTo;
  for (const Row& row : rows_)
    if (row.from != kOpenFrom) first_day_ = std::min(first_day_, row.from);
  if (first_day_ == kOpenTo) first_day_ = kOpenFrom;  // no row has a date
  std::size_t size = 16;
  while (size < rows_.size() * 2) size *= 2;
  buckets_.assign(size, 0);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string_view key = key_of(rows_[i]);
    if (i > 0 && key_of(rows_[i - 1]) == key) continue;
    std::size_t bucket = std::hash<std::string_view>{}(key) & (size - 1);
    while (buckets_[bucket] != 0) bucket = (bucket + 1) & (size - 1);
    buckets_[bucket] = static_cast<std::uint32_t>(i + 1);
  }
}

SatCode SatList::find(std::initializer_list<std::string_view> key, const Date& date) const {
  std::array<char, kLongestKey> buffer;
  std::size_t size = 0;
  for (const std::string_view part : key) {
    if (size + part.size() + 1 > buffer.size()) return {};
    if (size > 0 || part.data() != key.begin()->data()) buffer[size++] = kPart;
    size = static_cast<std::size_t>(
        std::copy(part.begin(), part.end(), buffer.begin() + static_cast<std::ptrdiff_t>(size)) - buffer.begin());
  }
  const std::string_view wanted(buffer.data(), size);
  const std::size_t mask = buckets_.size() - 1;
  std::size_t bucket = std::hash<std::string_view>{}(wanted)&mask;
  for (; buckets_[bucket] != 0; bucket = (bucket + 1) & mask)
    if (key_of(rows_[buckets_[bucket] - 1]) == wanted) break;
  if (buckets_[bucket] == 0) return {};
  SatCode code;
  for (std::size_t i = buckets_[bucket] - 1; i < rows_.size() && key_of(rows_[i]) == wanted; ++i) {
    code = code_of(rows_[i], day(date));
    if (code.standing() == Standing::in_force) break;
  }
  return code;
}

SatCode SatList::code_of(const Row& row, std::int32_t day) const {
  SatCode code;
  code.kind_ = kind_;
  code.cells_ = std::string_view(text_).substr(row.offset + row.key_size, row.cells_size);
  day = std::max(day, first_day_);
  code.standing_ = row.from <= day && day <= row.to ? Standing::in_force : Standing::out_of_force;
  return code;
}

SatCode SatList::row(std::size_t index, const Date& date) const { return code_of(rows_[index], day(date)); }

std::size_t SatList::memory() const {
  return text_.capacity() + rows_.capacity() * sizeof(Row) + buckets_.capacity() * sizeof(std::uint32_t);
}

std::string_view embedded_sat_list(std::string_view name) { return embedded_list(std::string(name) + ".csv"); }

std::shared_ptr<const SatLists> SatLists::embedded() {
  static const std::shared_ptr<const SatLists> lists = [] {
    const auto made = std::make_shared<SatLists>();
    for (const SatListKind& kind : kKinds) {
      auto& list = made->lists_.emplace_back();
      if (kind.keeping != Keeping::embedded) continue;
      auto parsed = SatList::parse(kind.name, embedded_sat_list(kind.name));
      if (!parsed) {
        std::fprintf(stderr, "embedded list %s\n", parsed.error().text.c_str());
        std::abort();
      }
      list = std::move(*parsed);
    }
    return made;
  }();
  return lists;
}

std::shared_ptr<const SatLists> SatLists::with(std::span<const std::shared_ptr<const SatList>> loaded) {
  const auto made = std::make_shared<SatLists>(*embedded());
  for (const auto& list : loaded) made->lists_[static_cast<std::size_t>(&list->kind() - kKinds)] = list;
  return made;
}

const SatList* SatLists::list(std::string_view name) const {
  const auto index = sat_list_index(name);
  return index ? list(*index) : nullptr;
}

}  // namespace puente::catalogs
