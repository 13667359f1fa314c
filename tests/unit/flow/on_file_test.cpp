// What was filed is withdrawn for a reason of the documents alone, and is never filed beside itself.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::Contains;

void replace(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

class OnFile : public GatewayTest {
 protected:
  static constexpr std::string_view kOtherCartaPorteUuid = "7C3D0A52-8B66-4D2F-8F8C-3E5B7D2A1B55";
  static constexpr std::string_view kIor = "ior_number = \"74-123456700\"";

  void SetUp() override {
    GatewayTest::SetUp();
    run();
  }
  // The sample profiles with one text of importer.toml written otherwise.
  void reload(std::string_view from, std::string_view to) {
    const auto folder = std::filesystem::path(PUENTE_SOURCE_DIR) / "deploy" / "samples" / "partners";
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::string text{std::istreambuf_iterator<char>(in), {}};
      if (!from.empty()) replace(text, from, to);
      files.emplace_back(entry.path().filename().string(), std::move(text));
    }
    std::sort(files.begin(), files.end());
    auto profiles = crosswalk::Profiles::parse(files);
    ASSERT_TRUE(profiles) << profiles.error().text;
    auto knowledge = flow_->knowledge();
    knowledge.profiles = *profiles;
    flow_->replace_knowledge(std::move(knowledge));
  }
  void file() {
    submit_shipment(sample());
    settle();
  }
  void confirm_both() {
    ASSERT_TRUE(act("broker", confirmation(filing("se").token))->applied());
    ASSERT_TRUE(act("broker", confirmation(filing("ae").token))->applied());
  }
  void send_later_notice() {
    ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
    settle();
  }
  std::size_t count(const std::function<bool(const ledger::FilingRow&)>& condition) {
    const auto rows = filings();
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), condition));
  }
  std::size_t cancellations() {
    return count([](const auto& row) { return row.action == "D"; });
  }
  std::vector<std::string> causes() {
    std::vector<std::string> found;
    const auto rows = delivery_->exceptions();
    EXPECT_TRUE(rows);
    if (rows)
      for (const auto& row : *rows)
        if (row.object() == "shipment") found.push_back(row.cause());
    return found;
  }
};

TEST_F(OnFile, ImporterNumber_ChangedByReload_WithdrawsNothingAndHolds) {
  file();
  confirm_both();
  reload(kIor, "ior_number = \"74-123456800\"");
  send_later_notice();
  EXPECT_EQ(cancellations(), 0U);
  EXPECT_EQ(count([](const auto& row) { return row.state == "ready"; }), 0U);
  EXPECT_EQ(count([](const auto& row) { return row.state == "confirmed"; }), 2U);
  EXPECT_THAT(causes(), Contains("PROFILE_CHANGED_ON_FILE"));
  EXPECT_EQ(status("ops", kInvoiceUuid).shipments(0).state(), "held");
  // The profile as it was: the later notice becomes what it should have been.
  reload("", "");
  wait_until([this] { return status("ops", kInvoiceUuid).shipments(0).state() == "drafted"; });
  EXPECT_EQ(cancellations(), 0U);
  EXPECT_EQ(count([](const auto& row) { return row.state == "ready" && row.action == "R"; }), 2U);
}

TEST_F(OnFile, ImporterNumber_DroppedByReload_WithdrawsNothingAndHolds) {
  file();
  confirm_both();
  reload(kIor, "");
  send_later_notice();
  EXPECT_EQ(cancellations(), 0U);
  EXPECT_EQ(count([](const auto& row) { return row.state == "ready"; }), 0U);
  EXPECT_EQ(count([](const auto& row) { return row.importer == kInvoiceUuid && row.state == "held"; }), 2U);
  EXPECT_THAT(causes(), Contains("PROFILE_CHANGED_ON_FILE"));
  // A report of CBP says nothing about the profile: the shipment stays with who decides.
  ASSERT_TRUE(act("broker", answer("a line of CBP", filing("ae").token)));
  EXPECT_THAT(causes(), Contains("PROFILE_CHANGED_ON_FILE"));
}

TEST_F(OnFile, Importer_UnknownThenKnown_CancelsOnlyWhatNobodySaw) {
  reload(kIor, "");
  file();
  EXPECT_EQ(count([](const auto& row) { return row.importer == kInvoiceUuid && row.state == "held"; }), 2U);
  reload("", "");
  wait_until([this] { return count([](const auto& row) { return row.state == "ready"; }) == 2; });
  EXPECT_EQ(count([](const auto& row) { return row.state == "cancelled"; }), 2U);
  EXPECT_EQ(cancellations(), 0U);
}

TEST_F(OnFile, Substitution_OfTheInvoice_StillWithdraws) {
  file();
  confirm_both();
  reload(kIor, "ior_number = \"74-123456800\"");
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, domestic_invoice())->has_receipt());
  settle();
  EXPECT_EQ(cancellations(), 2U);
}

TEST_F(OnFile, TwoFiledShipments_NamedByOneDocument_AreNotMergedAndBothHeld) {
  file();
  confirm_both();
  // A second crossing: its own invoice, Carta Porte and notice.
  auto invoice = sample().invoice;
  replace(invoice, "Folio=\"10452\"", "Folio=\"10999\"");
  auto carta_porte = sample().carta_porte;
  replace(carta_porte, kInvoiceUuid, kSecondUuid);
  replace(carta_porte, "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e6");
  replace(carta_porte, "Folio=\"88120\"", "Folio=\"88999\"");
  auto notice = sample().notice;
  replace(notice, kInvoiceUuid, kSecondUuid);
  replace(notice, "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e6");
  replace(notice, kCartaPorteUuid, kOtherCartaPorteUuid);
  replace(notice, "TFNB07731", "TFNB07799");
  replace(notice, "TFNB00418827", "TFNB00418999");
  pass(std::chrono::hours(1));
  submit_shipment({reseal(invoice, kSecondUuid, "2026-11-09T09:20:00"),
                   reseal(carta_porte, kOtherCartaPorteUuid, "2026-11-10T15:50:00"), notice});
  settle();
  const auto first = filing("se").shipment;
  const auto rows = filings();
  ASSERT_EQ(rows.size(), 4U);
  for (const auto& row : rows)
    if (row.state == "ready") {
      ASSERT_TRUE(act("broker", confirmation(row.token))->applied());
    }
  ASSERT_EQ(count([](const auto& row) { return row.state == "confirmed"; }), 4U);

  // One Carta Porte that substitutes the first and names the second invoice too.
  auto both = substituted_carta_porte();
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, both)->has_receipt());
  settle();
  look([](ledger::Reader& reader) { EXPECT_EQ(reader.shipments_in_state("held", 10).size(), 2U); });
  look([](ledger::Reader& reader) { EXPECT_TRUE(reader.shipments_in_state("merged", 10).empty()); });
  EXPECT_EQ(causes(), (std::vector<std::string>{"SHIPMENTS_ON_FILE_TWICE", "SHIPMENTS_ON_FILE_TWICE"}));
  EXPECT_EQ(count([](const auto& row) { return row.state == "ready"; }), 0U);
  EXPECT_EQ(cancellations(), 0U);
  const auto told = status("ops", "7C3D0A52-8B66-4D2F-8F8C-3E5B7D2A1B44");
  ASSERT_EQ(told.shipments_size(), 1);
  EXPECT_EQ(told.shipments(0).shipment_id(), std::min(rows.front().shipment, rows[1].shipment)) << first;
}

// The same trip told by another partner.
TEST_F(OnFile, NoticeConflict_AfterConfirmation_FilesNothingMore) {
  file();
  confirm_both();
  auto other = later_notice();
  ASSERT_TRUE(submit("stranger", v1::CROSSING_NOTICE, other)->has_receipt());
  send_later_notice();
  EXPECT_EQ(count([](const auto& row) { return row.state == "ready"; }), 0U);
  EXPECT_EQ(count([](const auto& row) { return row.state == "held"; }), 2U);
  EXPECT_THAT(causes(), Contains("NOTICE_CONFLICT"));
}

TEST_F(OnFile, NoticeConflict_BeforeAnythingIsFiled_IsFiledFromTheFirst) {
  file();
  ASSERT_TRUE(submit("stranger", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  EXPECT_EQ(count([](const auto& row) { return row.state == "ready"; }), 2U);
}

}  // namespace
}  // namespace puente::test
