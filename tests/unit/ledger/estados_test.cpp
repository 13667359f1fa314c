#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

using Estados = LedgerTest;

EstadoRow estado_row(const std::string& document, Micros next_at) {
  EstadoRow row;
  row.document = document;
  row.next_at = next_at;
  return row;
}

std::vector<std::string> due(Reader& reader, Micros now, std::size_t limit = 10) {
  std::vector<std::string> ids;
  for (const auto& row : reader.estados_due(now, limit)) ids.push_back(row.document);
  return ids;
}

TEST_F(Estados, Put_InsertsAndThenChangesEveryColumn) {
  put_document("DOC1");
  must([](Writer& writer) { return writer.put_estado(estado_row("DOC1", 5), {}); });
  const auto before = [&] {
    std::uint64_t last = 0;
    look([&](Reader& reader) { last = reader.last_sequence(); });
    return last;
  }();
  must([](Writer& writer) {
    return writer.put_estado({"DOC1", "Vigente", "No cancelable", "En proceso", 7, 9, 2, "late"},
                             {"estado", "shipper", "Vigente", 7});
  });
  look([&](Reader& reader) {
    const auto row = reader.estado("DOC1").value();
    EXPECT_EQ(row.estado, "Vigente");
    EXPECT_EQ(row.cancelable, "No cancelable");
    EXPECT_EQ(row.cancelacion, "En proceso");
    EXPECT_EQ(row.answered_at, 7);
    EXPECT_EQ(row.next_at, 9);
    EXPECT_EQ(row.failures, 2U);
    EXPECT_EQ(row.fault, "late");
    EXPECT_EQ(reader.last_sequence(), before + 1);
    const auto event = reader.events_of("DOC1").back();
    EXPECT_EQ(event.verb, "estado");
    EXPECT_EQ(event.from_state, event.to_state);
    EXPECT_EQ(event.at, 7);
  });
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Estados, Put_OfNoDocument_IsRefused) {
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.put_estado(estado_row("DOC9", 5), {}); }), "row_unknown");
  look([](Reader& reader) { EXPECT_FALSE(reader.estado("DOC9")); });
}

TEST_F(Estados, Due_TheLongestDueFirstAndNoneThatIsOver) {
  for (const auto* id : {"DOC1", "DOC2", "DOC3", "DOC4"}) put_document(id, id);
  must([](Writer& writer) -> Result<void> {
    for (const auto& row :
         {estado_row("DOC1", 30), estado_row("DOC2", 10), estado_row("DOC3", 0), estado_row("DOC4", 31)})
      if (auto put = writer.put_estado(row, {}); !put) return put;
    return {};
  });
  look([](Reader& reader) {
    EXPECT_EQ(due(reader, 30), (std::vector<std::string>{"DOC2", "DOC1"}));
    EXPECT_EQ(due(reader, 30, 1), (std::vector<std::string>{"DOC2"}));
    EXPECT_TRUE(due(reader, 9).empty());
  });
}

TEST_F(Estados, DocumentsWithout_AreThoseJoinedToShipmentsThatAreNotFinished) {
  put_shipment("SHP1");
  put_shipment("SHP2");
  for (const auto* id : {"DOC1", "DOC2", "DOC3", "DOC4"}) put_document(id, id);
  must([](Writer& writer) -> Result<void> {
    for (const auto* id : {"DOC1", "DOC2", "DOC3"}) {
      if (auto moved = writer.move_document(id, "read", "", "", by("read")); !moved) return moved;
      if (auto moved = writer.move_document(id, "joined", "", "", by("join")); !moved) return moved;
    }
    for (const auto& [shipment, id] : {std::pair{"SHP1", "DOC1"}, {"SHP1", "DOC2"}, {"SHP2", "DOC3"}})
      if (auto attached = writer.attach_document(shipment, id); !attached) return attached;
    auto shipment = writer.shipment("SHP2").value();
    shipment.state = "cancelled";
    if (auto updated = writer.update_shipment(shipment, by("draft")); !updated) return updated;
    return writer.put_estado(estado_row("DOC2", 5), {});
  });
  look([](Reader& reader) {
    const int kind = reader.document("DOC1").value().kind;
    EXPECT_EQ(reader.documents_without_estado(kind, 10), (std::vector<std::string>{"DOC1"}));
    EXPECT_TRUE(reader.documents_without_estado(kind + 1, 10).empty());
  });
}

TEST_F(Estados, Cancelled_IsAStateThatTheSatsWordGivesAndNothingTakes) {
  put_document("DOC1");
  must([](Writer& writer) -> Result<void> {
    if (auto moved = writer.move_document("DOC1", "read", "", "", by("read")); !moved) return moved;
    return writer.move_document("DOC1", "joined", "", "", by("join"));
  });
  must([](Writer& writer) { return writer.move_document("DOC1", "cancelled", "", "", by("estado")); });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.move_document("DOC1", "joined", "", "", by("estado")); }),
            "transition_refused");
}

}  // namespace
}  // namespace puente::ledger
