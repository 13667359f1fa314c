// What both suites begin with: a gateway with one transport over it, partners with keys of their own, a clock that only
// the test moves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "door.h"
#include "relay.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::conformance {

class Conformance : public test::GatewayTest, public ::testing::WithParamInterface<Row> {
 protected:
  void SetUp() override;
  void TearDown() override;
  std::string registry_text() const override;
  virtual std::string filer_settings() const { return {}; }  // lines of every filer's section
  virtual std::string limits() const;                        // lines of every partner's section
  virtual std::string routes() const { return "[[route]]\nfiler = \"broker\"\n"; }

  static std::string one_document_a_second();  // limits: the widest but for that

  void start();    // the transport and the workers
  void restart();  // after a drain: everything anew over the same ledger

  // Null, and a failure of the test, when there is no connection.
  std::unique_ptr<SenderDoor> sender(const std::string& partner, const Relay* relay = nullptr);
  std::unique_ptr<FilerDoor> filer(const std::string& partner, const Relay* relay = nullptr);
  std::unique_ptr<Relay> relay() const;  // null where there is no connection

  // "" when the row has it, else the reason why not.
  std::string lack(Ability ability) const;

  static v1::SubmitRequest request(v1::DocumentKind kind, const std::string& content);
  // A shipment like the sample's under numbers of its own; 0 is the sample.
  static test::Sample shipment(int number);
  static std::string invoice_uuid(int number);
  void send_shipments(int count);  // 0 .. count - 1, and until each has been drafted

  // Until it holds; false when that does not happen within two minutes.
  bool eventually(const std::function<bool()>& condition);
  bool offered(FilerDoor& door, std::size_t count);
  std::size_t filings_in(std::string_view state);
  std::size_t times(const std::string& filing, std::string_view state);  // that it came into this state

  std::filesystem::path doors_;
  std::unique_ptr<Transport> transport_;
};

// Skips a test that needs what this row does not have, saying why.
#define NEEDS(ability) \
  if (const auto reason = lack(Ability::ability); !reason.empty()) GTEST_SKIP() << GetParam().name << ": " << reason

// A number with its check digit under the sample broker's filer code.
std::string entry_number(int serial);

}  // namespace puente::conformance
