#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

using Shipments = LedgerTest;
using Ids = std::vector<std::string>;

TEST_F(Shipments, Update_ChangesColumnsAndFollowsTheLifecycle) {
  put_shipment("SHP1");
  must([](Writer& writer) {
    ShipmentRow row = writer.shipment("SHP1").value();
    row.state = "held";
    row.revision = 3;
    row.missing = "NOTICE";
    row.findings = std::string("\0f", 2);
    row.changed_at = 2000;
    return writer.update_shipment(row, by("draft"));
  });
  EXPECT_EQ(fault_of([](Writer& writer) {
              ShipmentRow row = writer.shipment("SHP1").value();
              row.state = "closed";
              return writer.update_shipment(row, by("draft"));
            }),
            "transition_refused");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.update_shipment(ShipmentRow{}, by("draft")); }), "row_unknown");
  look([](Reader& reader) {
    const ShipmentRow row = reader.shipment("SHP1").value();
    EXPECT_EQ(row.state, "held");
    EXPECT_EQ(row.revision, 3U);
    EXPECT_EQ(row.missing, "NOTICE");
    EXPECT_EQ(row.findings, std::string("\0f", 2));
    EXPECT_EQ(row.state_since, 2000);
    EXPECT_EQ(reader.shipments_in_state("held", 5).size(), 1U);
    EXPECT_TRUE(reader.shipments_in_state("gathering", 5).empty());
  });
}

TEST_F(Shipments, Update_WithoutVerb_RecordsNothingAndKeepsTheState) {
  put_shipment("SHP1");
  must([](Writer& writer) {
    ShipmentRow row = writer.shipment("SHP1").value();
    row.revision = 2;
    return writer.update_shipment(row, {});
  });
  EXPECT_EQ(fault_of([](Writer& writer) {
              ShipmentRow row = writer.shipment("SHP1").value();
              row.state = "held";
              return writer.update_shipment(row, {});
            }),
            "event_missing");
  look([](Reader& reader) {
    EXPECT_EQ(reader.shipment("SHP1").value().revision, 2U);
    EXPECT_EQ(reader.last_sequence(), 1U);
  });
}

TEST_F(Shipments, Attach_ADocumentBelongsToOneShipmentInOrderOfArrival) {
  put_shipment("SHP1");
  put_shipment("SHP2");
  put_document("DOC2");
  put_document("DOC1");
  const auto attach = [](const char* shipment, const char* document) {
    return [=](Writer& writer) { return writer.attach_document(shipment, document); };
  };
  must(attach("SHP1", "DOC1"));
  must(attach("SHP1", "DOC2"));
  must(attach("SHP1", "DOC1"));
  EXPECT_EQ(fault_of(attach("SHP2", "DOC1")), "document_attached");
  EXPECT_EQ(fault_of(attach("SHP9", "DOC1")), "row_unknown");
  EXPECT_EQ(fault_of(attach("SHP1", "DOC9")), "row_unknown");
  look([](Reader& reader) {
    EXPECT_EQ(reader.documents_of_shipment("SHP1"), (Ids{"DOC2", "DOC1"}));
    EXPECT_EQ(reader.shipment_of_document("DOC1").value(), "SHP1");
    EXPECT_FALSE(reader.shipment_of_document("DOC9"));
  });
  must([](Writer& writer) { return writer.detach_document("DOC1"); });
  must(attach("SHP2", "DOC1"));
  look([](Reader& reader) { EXPECT_EQ(reader.documents_of_shipment("SHP2"), Ids{"DOC1"}); });
}

TEST_F(Shipments, ByLink_FindsEveryShipmentOnce) {
  put_shipment("SHP1");
  put_shipment("SHP2");
  must([](Writer& writer) { return writer.add_link_keys("SHP1", {"uuid:a", "uuid:b", "uuid:a"}); });
  must([](Writer& writer) { return writer.add_link_keys("SHP2", {"uuid:b", "trip:7"}); });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.add_link_keys("SHP9", {"x"}); }), "row_unknown");
  look([](Reader& reader) {
    EXPECT_EQ(reader.shipments_by_link({"uuid:a", "uuid:b"}), (Ids{"SHP1", "SHP2"}));
    EXPECT_EQ(reader.shipments_by_link({"trip:7"}), Ids{"SHP2"});
    EXPECT_TRUE(reader.shipments_by_link({"none"}).empty());
    EXPECT_TRUE(reader.shipments_by_link({}).empty());
  });
}

TEST_F(Shipments, Merge_MovesEverythingAndMarksTheOther) {
  put_shipment("SHP1");
  put_shipment("SHP2");
  put_document("DOC1");
  put_document("DOC2");
  put_filing("FIL1", [](FilingRow& row) { row.shipment = "SHP2"; });
  must([](Writer& writer) -> Result<void> {
    EXPECT_TRUE(writer.attach_document("SHP1", "DOC2"));
    EXPECT_TRUE(writer.attach_document("SHP2", "DOC1"));
    EXPECT_TRUE(writer.add_link_keys("SHP1", {"a", "b"}));
    EXPECT_TRUE(writer.add_link_keys("SHP2", {"b", "c"}));
    EXPECT_TRUE(writer.index_number({"TRIP7", "trip", "shipment", "SHP2"}));
    EXPECT_TRUE(writer.index_number({"TRIP7", "trip", "shipment", "SHP1"}));
    return writer.merge_shipments("SHP1", "SHP2", by("join", 5000));
  });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.merge_shipments("SHP1", "SHP1", by("join")); }),
            "row_conflict");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.merge_shipments("SHP1", "SHP9", by("join")); }), "row_unknown");
  look([](Reader& reader) {
    EXPECT_EQ(reader.documents_of_shipment("SHP1"), (Ids{"DOC1", "DOC2"}));
    EXPECT_TRUE(reader.documents_of_shipment("SHP2").empty());
    EXPECT_EQ(reader.shipments_by_link({"a", "b", "c"}), Ids{"SHP1"});
    EXPECT_EQ(reader.filings_of_shipment("SHP1").size(), 1U);
    const ShipmentRow merged = reader.shipment("SHP2").value();
    EXPECT_EQ(merged.state, "merged");
    EXPECT_EQ(merged.merged_into, "SHP1");
    EXPECT_EQ(merged.state_since, 5000);
    EXPECT_EQ(reader.events_of("SHP2").back().from_state, "gathering");
    const std::vector<NumberRow> numbers = reader.find_number("trip 7");
    ASSERT_EQ(numbers.size(), 1U);
    EXPECT_EQ(numbers[0].object_id, "SHP1");
  });
  EXPECT_TRUE(ledger_->verify().value().intact);
}

}  // namespace
}  // namespace puente::ledger
