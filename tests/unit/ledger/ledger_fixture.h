// A ledger in a folder of its own, and rows to put into it. Times are small numbers that the tests choose.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <functional>
#include <string>

#include "gateway/ledger/open.h"

namespace puente::ledger {

class LedgerTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  std::filesystem::path file() const { return folder_ / "ledger.db"; }
  SqliteOptions options() const;
  void open();
  void reopen();

  // The closure's own result; a failure of the ledger itself fails the test only where `must` is used.
  Result<void> write(Ledger::WriteBody body) { return ledger_->write_and_wait(std::move(body)); }
  void must(Ledger::WriteBody body);
  void look(const std::function<void(Reader&)>& body);
  std::string fault_of(Ledger::WriteBody body);  // its code, "" when it went well

  void put_document(const std::string& id, std::string_view body = "<cfdi/>");
  void put_shipment(const std::string& id);
  void put_filing(const std::string& id, const std::function<void(FilingRow&)>& change = nullptr);
  FilingRow filing(const std::string& id);
  std::vector<std::string> claim_ids(const std::string& filer, Micros now, std::size_t limit = 10);

  // Ends leases; what they were about may be offered again `wait` later.
  std::vector<std::string> expire_ids(Micros now, Micros wait = 0, std::size_t limit = 10);

  // Changes the closed file behind the ledger's back, without its guards, as somebody with a tool would.
  void tamper(const std::string& statements);
  VerifyReport verify_file();

  std::filesystem::path folder_;
  std::unique_ptr<Ledger> ledger_;
};

DocumentRow document_row(const std::string& id);
FilingRow filing_row(const std::string& id);
EventText by(std::string verb, Micros at = 0);

constexpr Micros kLease = 60;

}  // namespace puente::ledger
