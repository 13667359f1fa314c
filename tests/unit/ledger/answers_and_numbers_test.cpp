#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

using Answers = LedgerTest;
using Numbers = LedgerTest;

AnswerRow answer(const char* document, const char* filing, Micros at) {
  return {document, filing, "SX", std::string("\0lines", 6), at};
}

TEST_F(Answers, Unmatched_FindsItsFilingLater) {
  put_document("DOC1");
  put_filing("FIL1");
  must([](Writer& writer) { return writer.insert_answer(answer("DOC1", "", 50), by("answer")); });
  look([](Reader& reader) {
    ASSERT_EQ(reader.unmatched_answers(5).size(), 1U);
    EXPECT_TRUE(reader.answers_of_filing("FIL1").empty());
    EXPECT_TRUE(reader.answers_of_filing("").empty());
    EXPECT_EQ(reader.events_of("DOC1").back().verb, "answer");
  });
  must([](Writer& writer) { return writer.assign_answer("DOC1", "FIL1", by("answer", 60)); });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.assign_answer("DOC1", "FIL1", by("answer")); }),
            "row_conflict");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.assign_answer("DOC9", "FIL1", by("answer")); }), "row_unknown");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.assign_answer("DOC1", "FIL9", by("answer")); }), "row_unknown");
  look([](Reader& reader) {
    EXPECT_TRUE(reader.unmatched_answers(5).empty());
    ASSERT_EQ(reader.answers_of_filing("FIL1").size(), 1U);
    EXPECT_EQ(reader.answers_of_filing("FIL1")[0].lines, std::string("\0lines", 6));
    const EventRow event = reader.events_of("FIL1").back();
    EXPECT_EQ(event.verb, "answer");
    EXPECT_EQ(event.at, 60);
    EXPECT_EQ(event.from_state, event.to_state);
  });
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Answers, OneDocument_MayAnswerSeveralFilingsEachOnce) {
  put_document("DOC1");
  put_filing("FIL1");
  put_filing("FIL2");
  must([](Writer& writer) { return writer.insert_answer(answer("DOC1", "FIL1", 50), by("answer")); });
  must([](Writer& writer) { return writer.insert_answer(answer("DOC1", "FIL2", 50), by("answer")); });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.insert_answer(answer("DOC1", "FIL1", 51), by("answer")); }),
            "row_conflict");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.insert_answer(answer("DOC9", "FIL1", 51), by("answer")); }),
            "row_unknown");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.insert_answer(answer("DOC1", "FIL9", 51), by("answer")); }),
            "row_unknown");
}

TEST_F(Numbers, Find_IgnoresCaseAndBlanks) {
  must([](Writer& writer) -> Result<void> {
    EXPECT_TRUE(writer.index_number({"ab-12 cd", "invoice", "shipment", "SHP1"}));
    EXPECT_TRUE(writer.index_number({"AB-12CD", "invoice", "shipment", "SHP1"}));
    EXPECT_TRUE(writer.index_number({"AB-12CD", "plate", "shipment", "SHP2"}));
    return writer.index_number({"  ", "plate", "shipment", "SHP3"});
  });
  look([](Reader& reader) {
    const std::vector<NumberRow> found = reader.find_number(" Ab-12\tcD ");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].kind, "invoice");
    EXPECT_EQ(found[1].object_id, "SHP2");
    EXPECT_TRUE(reader.find_number("").empty());
    EXPECT_TRUE(reader.find_number("AB-12").empty());
  });
}

std::optional<std::string> up_to_five(std::string_view previous) {
  if (previous.empty()) return "1";
  if (previous == "5") return std::nullopt;
  return std::string(1, static_cast<char>(previous[0] + 1));
}

Ledger::WriteBody allocating(std::string purpose, std::string object, std::string& given) {
  return [purpose = std::move(purpose), object = std::move(object), &given](Writer& writer) -> Result<void> {
    Result<std::string> number = writer.allocate(purpose, object, up_to_five);
    if (!number) return tl::unexpected(number.error());
    given = *number;
    return {};
  };
}

TEST_F(Numbers, Allocate_GivesEachObjectItsOwnForEver) {
  std::string given;
  must(allocating("entry:ABC", "SHP1", given));
  EXPECT_EQ(given, "1");
  must(allocating("entry:ABC", "SHP2", given));
  EXPECT_EQ(given, "2");
  reopen();
  must(allocating("entry:ABC", "SHP1", given));
  EXPECT_EQ(given, "1");
  must(allocating("entry:XYZ", "SHP1", given));
  EXPECT_EQ(given, "1");
  must(allocating("entry:ABC", "SHP3", given));
  EXPECT_EQ(given, "3");
}

TEST_F(Numbers, Allocate_OfAFailedWrite_IsFreeAgain) {
  std::string given;
  EXPECT_EQ(fault_of([&](Writer& writer) -> Result<void> {
              EXPECT_TRUE(writer.allocate("scn", "A", up_to_five));
              return permanent("no", "");
            }),
            "no");
  must(allocating("scn", "B", given));
  EXPECT_EQ(given, "1");
}

TEST_F(Numbers, Allocate_PastTheEnd_IsExhausted) {
  std::string given;
  for (const char* object : {"A", "B", "C", "D", "E"}) must(allocating("scn", object, given));
  EXPECT_EQ(given, "5");
  EXPECT_EQ(fault_of(allocating("scn", "F", given)), "numbers_exhausted");
  must(allocating("scn", "C", given));
  EXPECT_EQ(given, "3");
}

TEST_F(Numbers, Allocate_SkipsWhatWasGivenWhenTheListBeginsAnew) {
  std::string given;
  must(allocating("scn", "A", given));
  must([](Writer& writer) -> Result<void> {
    // Another range, laid over the first.
    const Result<std::string> number =
        writer.allocate("scn", "B", [](std::string_view previous) -> std::optional<std::string> {
          if (previous == "1") return "0";
          if (previous == "0") return "01";
          return std::string(previous) + "1";
        });
    EXPECT_EQ(number.value(), "0");
    return {};
  });
  must([](Writer& writer) -> Result<void> {
    const Result<std::string> number = writer.allocate(
        "scn", "C",
        [](std::string_view previous) -> std::optional<std::string> { return previous == "0" ? "1" : "7"; });
    EXPECT_EQ(number.value(), "7");
    return {};
  });
}

}  // namespace
}  // namespace puente::ledger
