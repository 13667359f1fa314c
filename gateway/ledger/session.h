// What the ledger asks of an engine: run a known statement, give its rows. sqlite/ implements it. Not thread-safe: a
// session is used by one thread at a time.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/ledger/fields.h"
#include "gateway/ledger/statements.h"
#include "mappings/domain/result.h"

namespace puente::ledger {

// A fault of the store met inside a closure. Thrown by Reader and Writer, caught where the closure is run.
class StoreFault : public std::exception {
 public:
  explicit StoreFault(Fault fault) : fault_(std::move(fault)) {}
  const Fault& fault() const { return fault_; }
  const char* what() const noexcept override { return fault_.code.c_str(); }

 private:
  Fault fault_;
};

// A parameter. Text and bytes are views: they live at least as long as the call they are given to.
struct Value {
  ColumnType type = ColumnType::number;
  std::int64_t number = 0;
  std::string_view chars;

  Value(std::integral auto n) : number(static_cast<std::int64_t>(n)) {}
  Value(std::string_view s) : type(ColumnType::text), chars(s) {}
  Value(const std::string& s) : Value(std::string_view(s)) {}
  Value(const char* s) : Value(std::string_view(s)) {}
  static Value bytes(std::string_view s) {
    Value value(s);
    value.type = ColumnType::bytes;
    return value;
  }
};

class RowView {
 public:
  virtual ~RowView() = default;
  virtual std::int64_t number(int column) const = 0;
  virtual std::string_view chars(int column) const = 0;  // valid until the next row
};

class Session {
 public:
  using RowSink = std::function<void(const RowView&)>;
  virtual ~Session() = default;
  // Returns how many rows were changed (0 for a query). Throws StoreFault.
  virtual std::uint64_t run(Statement statement, std::span<const Value> values, const RowSink& sink) = 0;

  std::uint64_t run(Statement statement, std::initializer_list<Value> values) {
    return run(statement, std::span(values.begin(), values.size()), nullptr);
  }
  std::uint64_t run(Statement statement, std::initializer_list<Value> values, const RowSink& sink) {
    return run(statement, std::span(values.begin(), values.size()), sink);
  }

  template <typename Row>
  std::uint64_t run_with_row(Statement statement, const Row& row) {
    std::vector<Value> values;
    for_each_field<Row>([&](const auto& field) {
      const auto& member = row.*(field.member);
      if constexpr (std::integral<std::remove_cvref_t<decltype(member)>>) {
        values.emplace_back(member);
      } else {
        values.push_back(field.type == ColumnType::bytes ? Value::bytes(member) : Value(member));
      }
    });
    return run(statement, values, nullptr);
  }

  template <typename Row>
  std::vector<Row> rows(Statement statement, std::initializer_list<Value> values) {
    std::vector<Row> out;
    run(statement, values, [&](const RowView& view) {
      Row& row = out.emplace_back();
      int column = 0;
      for_each_field<Row>([&](const auto& field) {
        auto& member = row.*(field.member);
        using Member = std::remove_cvref_t<decltype(member)>;
        if constexpr (std::integral<Member>) {
          member = static_cast<Member>(view.number(column));
        } else {
          member = view.chars(column);
        }
        ++column;
      });
    });
    return out;
  }

  template <typename Row>
  std::optional<Row> row(Statement statement, std::initializer_list<Value> values) {
    std::vector<Row> found = rows<Row>(statement, values);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }

  // The first column of every row, as text.
  std::vector<std::string> texts(Statement statement, std::initializer_list<Value> values) {
    std::vector<std::string> out;
    run(statement, values, [&](const RowView& view) { out.emplace_back(view.chars(0)); });
    return out;
  }
};

}  // namespace puente::ledger
