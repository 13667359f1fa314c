#include <algorithm>
#include <cctype>

#include "mappings/crosswalk/profile.h"
#include "mappings/crosswalk/shape.h"
#include "mappings/domain/csv.h"

namespace puente::crosswalk {
namespace {

constexpr std::string_view kFault = "catalog_invalid";
constexpr std::string_view kPart = "part";
constexpr std::string_view kSupplier = "supplier_rfc";

const CatalogColumn* find_column(std::string_view name) {
  for (const CatalogColumn& column : catalog_columns())
    if (key_matches(column.column, name)) return &column;
  return nullptr;
}

// Parts and RFCs are compared without regard to case; letters beyond ASCII are compared as they stand.
std::string folded(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::toupper(c) : c); });
  return upper;
}

}  // namespace

std::optional<std::string_view> CatalogRow::text(std::string_view column) const {
  const auto found = cells.find(column);
  if (found == cells.end()) return std::nullopt;
  return found->second;
}

std::optional<Decimal> CatalogRow::decimal(std::string_view column) const {
  const auto cell = text(column);
  return cell ? Decimal::parse(*cell) : std::nullopt;
}

std::optional<Date> CatalogRow::date(std::string_view column) const {
  const auto cell = text(column);
  return cell ? parse_date(*cell) : std::nullopt;
}

Result<std::shared_ptr<const ProductCatalog>> ProductCatalog::parse(std::string_view file, std::string_view csv) {
  const auto fault = [&](std::size_t line, std::string_view column, std::string_view why) {
    std::string text = std::string(file) + ":" + std::to_string(line) + ": ";
    if (!column.empty()) text.append(column).append(": ");
    return permanent(std::string(kFault), text.append(why));
  };

  const auto table = parse_csv(csv, file);
  if (!table) return permanent(std::string(kFault), table.error().text);
  std::vector<const CatalogColumn*> columns;
  for (const std::string& name : table->header) {
    columns.push_back(find_column(name));
    if (columns.back() == nullptr) return fault(1, name, "unknown column");
    if (std::count(table->header.begin(), table->header.end(), name) > 1)
      return fault(1, name, "the column stands twice");
  }
  if (table->header.front() != kPart) return fault(1, kPart, "must be the first column");

  auto catalog = std::make_shared<ProductCatalog>();
  catalog->rows_.reserve(table->rows.size());
  for (const CsvTable::Row& source : table->rows) {
    CatalogRow row;
    row.line = source.line;
    row.file = file;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string& cell = source.cells[i];
      if (cell.empty()) continue;
      if (!has_shape(columns[i]->shape, columns[i]->values, cell)) {
        std::string why = "must be " + std::string(shape_name(columns[i]->shape));
        if (!columns[i]->values.empty()) why.append(" (").append(columns[i]->values).append(")");
        return fault(source.line, table->header[i], why);
      }
      row.cells.emplace(table->header[i], cell);
    }
    if (!row.text(kPart)) return fault(source.line, kPart, "is empty");
    const auto [at, fresh] = catalog->index_.try_emplace(
        {folded(*row.text(kPart)), folded(row.text(kSupplier).value_or(""))}, catalog->rows_.size());
    if (!fresh)
      return fault(source.line, kPart, "stands twice, also in line " + std::to_string(catalog->rows_[at->second].line));
    catalog->rows_.push_back(std::move(row));
  }
  return std::shared_ptr<const ProductCatalog>(std::move(catalog));
}

const CatalogRow* ProductCatalog::find(std::string_view part, std::string_view supplier_rfc) const {
  auto found = index_.find({folded(part), folded(supplier_rfc)});
  if (found == index_.end()) found = index_.find({folded(part), ""});
  return found == index_.end() ? nullptr : &rows_[found->second];
}

}  // namespace puente::crosswalk
