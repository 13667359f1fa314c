#include <gmock/gmock.h>

#include <algorithm>

#include "mappings/cbp/filing.h"
#include "tests/unit/crosswalk/lineage_walk.h"
#include "tests/unit/crosswalk/shipment_samples.h"

namespace puente::crosswalk {
namespace {

using namespace samples;
using testing::ElementsAre;
using testing::IsEmpty;

InvoiceSample for_alamo() {
  InvoiceSample sample;
  sample.folio = "10453";
  sample.uuid = kUuidB;
  sample.tax_id = "271650093";
  sample.buyer = "ALAMO RACK SUPPLY LLC";
  sample.goods = {{"SHELF", "10000.00", "100", "9403200101", ""}};
  return sample;
}
LoadSample load_for_alamo() { return {kUuidB, "1000.000", "10000.00", "50", "9403200101"}; }

const v1::Lineage* lineage_of(const v1::Draft& draft, const std::string& element) {
  for (const v1::Lineage& row : draft.lineage())
    if (row.element() == element) return &row;
  return nullptr;
}

// The complete shipment under partners that differ in one text.
v1::Draft draft_with(std::string_view partners_text, std::string_view instead) {
  std::string toml = partners_toml();
  for (std::size_t at = 0; (at = toml.find(partners_text, at)) != std::string::npos; at += instead.size())
    toml.replace(at, partners_text.size(), instead);
  DraftContext other = context();
  const auto profiles = Profiles::parse({{"partners.toml", toml}});
  EXPECT_TRUE(profiles) << (profiles ? "" : profiles.error().text);
  if (profiles) other.profiles = *profiles;
  return draft(join({invoice(), carta_porte()}, notice()), other);
}

TEST(Draft, CompleteShipment_IsReadyWithItsLine) {
  const v1::Draft draft = draft_of({invoice(), carta_porte()}, notice());
  ASSERT_EQ(draft.entries_size(), 1);
  const v1::Entry& entry = draft.entries(0);
  EXPECT_EQ(entry.status(), "ready") << entry.reason();
  EXPECT_EQ(entry.importer_of_record(), "74-123456700");
  EXPECT_EQ(entry.port_of_entry(), "2304");
  EXPECT_EQ(entry.trip_number(), "07731");
  ASSERT_EQ(entry.lines_size(), 1);
  EXPECT_EQ(entry.lines(0).gross_weight_kg(), 16320);
  EXPECT_EQ(entry.lines(0).spi(), "");
  EXPECT_EQ(entry.bills(0).manifest_quantity(), 1200);
  EXPECT_EQ(draft.manifest().shipments(0).pieces(), 1200);
}

TEST(Draft, CartaPorteStampedBeforeTheSubstitution_LoadsTheSubstitute) {
  InvoiceSample substitute;
  substitute.folio = "10460";
  substitute.uuid = kUuidB;
  substitute.replaces = kUuidA;
  substitute.fecha = "2026-11-10T20:00:00";
  const v1::Draft draft = draft_of({invoice(), invoice(substitute), carta_porte()}, notice({{kUuidB}}));
  ASSERT_EQ(draft.entries_size(), 1);
  EXPECT_EQ(draft.entries(0).status(), "ready") << draft.entries(0).reason();
  EXPECT_EQ(draft.entries(0).lines(0).gross_weight_kg(), 16320);
  EXPECT_EQ(draft.entries(0).bills(0).manifest_quantity(), 1200);
}

TEST(Draft, LineWithoutClaim_PaysThe232HeadingAndMpf) {
  const v1::Line line = draft_of({invoice(), carta_porte()}, notice()).entries(0).lines(0);
  ASSERT_EQ(line.tariffs_size(), 3);
  EXPECT_EQ(line.tariffs(0).hts(), "9903.05.90");
  EXPECT_EQ(line.tariffs(1).hts(), "9903.94.05");
  EXPECT_EQ(line.tariffs(1).duty_usd(), "22500.00");
  EXPECT_EQ(line.tariffs(2).hts(), "8708.30.5030");
  EXPECT_EQ(line.tariffs(2).duty_usd(), "2250.00");
  ASSERT_EQ(line.fees_size(), 1);
  EXPECT_EQ(line.fees(0).amount_usd(), "311.76");
}

TEST(Draft, EveryElement_HasLineageWithAKnownRule) {
  EXPECT_THAT(lineage_faults(draft_of({invoice(), carta_porte()}, notice())), IsEmpty());
}

TEST(Draft, HeldEntry_KeepsLineageOfWhatIsLeft) {
  InvoiceSample sample;
  sample.goods[0].part = "UNKNOWN";
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).status(), "held");
  EXPECT_THAT(lineage_faults(draft), IsEmpty());
}

TEST(Draft, LineageOfValue_NamesTheAttributeAndItsLine) {
  const v1::Draft draft = draft_of({invoice(), carta_porte()}, notice());
  const v1::Lineage* row = lineage_of(draft, "entries[0].lines[0].tariffs[2].value_usd");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->rule(), "EM097");
  EXPECT_EQ(row->sources(0).kind(), v1::LineageSource::DOCUMENT);
  EXPECT_THAT(row->sources(0).place().path(), testing::HasSubstr("cfdi:Concepto"));
  EXPECT_GT(row->sources(0).place().line(), 0U);
  EXPECT_EQ(row->sources(0).text(), "90000.00");
}

TEST(Draft, DocumentsInAnyOrder_GiveTheSameDraft) {
  std::vector<ShipmentDocument> documents = {invoice(), invoice(for_alamo()),
                                             carta_porte({LoadSample(), load_for_alamo()})};
  std::sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const Notice the_notice = notice({{kUuidA}, {kUuidB}});
  const std::string first = draft_of(documents, the_notice).ShortDebugString();
  while (std::next_permutation(documents.begin(), documents.end(),
                               [](const auto& a, const auto& b) { return a.id < b.id; }))
    EXPECT_EQ(draft_of(documents, the_notice).ShortDebugString(), first);
}

TEST(Draft, MissingPartNumber_HoldsTheEntryAndNamesTheInvoice) {
  InvoiceSample sample;
  sample.goods[0].part.clear();
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).status(), "held");
  EXPECT_EQ(draft.entries(0).reason(), "PART_NO_MISSING");
  EXPECT_EQ(draft.entries(0).entered_value_usd_estimate(), 90000);
  EXPECT_TRUE(says(draft.findings(), "PART_NO_MISSING", "invoice EXP10452"));
}

TEST(Draft, PartNotInCatalog_HoldsTheEntry) {
  InvoiceSample sample;
  sample.goods[0].part = "UNKNOWN";
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).reason(), "CATALOG_MISSING");
  EXPECT_EQ(draft.entries(0).lines_size(), 0);
}

TEST(Draft, EveryDefectOfTheGoods_IsToldAtOnce) {
  InvoiceSample sample;
  sample.goods = {{"UNKNOWN", "10.00", "1", "8708309901", ""}, {"", "10.00", "1", "8708309901", ""}};
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_TRUE(says(draft.findings(), "CATALOG_MISSING"));
  EXPECT_TRUE(says(draft.findings(), "PART_NO_MISSING"));
}

TEST(Draft, TwoImporters_GiveTwoEntriesEachWithItsBill) {
  const v1::Draft draft = draft_of({invoice(), invoice(for_alamo()), carta_porte({LoadSample(), load_for_alamo()})},
                                   notice({{kUuidA}, {kUuidB}}));
  ASSERT_EQ(draft.entries_size(), 2);
  EXPECT_EQ(draft.entries(0).importer_of_record(), "74-123456700");
  EXPECT_EQ(draft.entries(1).importer_of_record(), "27-165009300");
  EXPECT_EQ(draft.entries(0).bills(0).scn(), "TFNB00418820");
  EXPECT_EQ(draft.entries(1).bills(0).scn(), "TFNB00418821");
  EXPECT_EQ(draft.entries(1).bills(0).manifest_quantity(), 50);
  EXPECT_EQ(draft.entries(1).gross_weight_kg(), 1000);
  EXPECT_EQ(draft.manifest().shipments_size(), 2);
  EXPECT_TRUE(says(draft.findings(), "ENTRY_SPLIT_BY_IMPORTER", "manifest"));
  EXPECT_TRUE(says(draft.findings(), "USMCA_NO_CERT_LINE", "entry 2 line 1"));
  EXPECT_EQ(draft.entries(0).totals().charges_usd() + draft.entries(1).totals().charges_usd(), 2099);
}

TEST(Draft, OneOfTwoEntriesHeld_LeavesTheOtherReadyAndWarnsOfTheTruck) {
  InvoiceSample wrong = for_alamo();
  wrong.goods[0].fraccion = "8302429999";
  const v1::Draft draft = draft_of({invoice(), invoice(wrong), carta_porte({LoadSample(), load_for_alamo()})},
                                   notice({{kUuidA}, {kUuidB}}));
  EXPECT_EQ(draft.entries(0).status(), "ready");
  EXPECT_EQ(draft.entries(1).status(), "held");
  EXPECT_EQ(draft.entries(1).reason(), "HS6_MISMATCH");
  EXPECT_EQ(draft.entries(1).bills(0).scn(), "TFNB00418821");
  EXPECT_TRUE(says(draft.findings(), "HS6_MISMATCH", "invoice EXP10453"));
  EXPECT_TRUE(says(draft.findings(), "TRUCK_PARTIAL_READY", "manifest"));
  EXPECT_TRUE(says(draft.findings(), "USMCA_NO_CERT_LINE", "line 1"));
  EXPECT_TRUE(fileable(draft, 0));
  EXPECT_FALSE(fileable(draft, 1));
}

TEST(Draft, UnstampedInvoice_IsDraftedOnTheOnlyBillAndNeverFiled) {
  InvoiceSample sample;
  sample.uuid.clear();
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).status(), "ready") << draft.entries(0).reason();
  EXPECT_EQ(draft.entries(0).bills(0).scn(), "TFNB00418820");
  EXPECT_EQ(draft.entries(0).lines(0).gross_weight_kg(), 16320);
  EXPECT_TRUE(says(draft.findings(), "UUID_MISSING", "invoice EXP10452"));
  EXPECT_FALSE(fileable(draft, 0));
}

TEST(Draft, UnsealedDocument_IsDraftedAndNeverFiled) {
  ShipmentDocument unsealed = invoice();
  unsealed.stages.seal = sat::Stage::absent;
  const v1::Draft draft = draft_of({unsealed, carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).status(), "ready");
  EXPECT_TRUE(says(draft.findings(), "FILING_NEEDS_SEAL", "invoice EXP10452"));
  EXPECT_FALSE(fileable(draft, 0));
}

TEST(Draft, RejectedCartaPorte_IsDraftedAndNeverFiled) {
  ShipmentDocument rejected = carta_porte();
  rejected.accepted = false;
  const v1::Draft draft = draft_of({invoice(), rejected}, notice());
  EXPECT_EQ(draft.entries(0).status(), "ready");
  EXPECT_FALSE(fileable(draft, 0));
}

TEST(Draft, PendingNumber_DoesNotKeepTheEntryFromItsFiler) {
  const v1::Draft draft = draft_of({invoice(), carta_porte()}, notice());
  EXPECT_TRUE(says(draft.findings(), "ENTRY_NUMBER_PENDING", "entry 1"));
  EXPECT_EQ(draft.entries(0).entry_number_assigned_by(), "broker");
  EXPECT_FALSE(draft.entries(0).has_entry_number());
  EXPECT_TRUE(fileable(draft, 0));
  EXPECT_FALSE(fileable(draft, 1));
  EXPECT_FALSE(fileable(draft, -1));
}

TEST(Draft, NoNotice_SaysWhatIsMissingAndHolds) {
  const v1::Draft draft = draft_of({invoice(), carta_porte()}, std::nullopt);
  EXPECT_EQ(draft.entries(0).status(), "held");
  for (const std::string_view code : {"MISSING_NOTICE", "ETA_MISSING", "SCN_MISSING", "MANIFEST_CREW_INCOMPLETE"})
    EXPECT_TRUE(says(draft.findings(), code)) << code;
  EXPECT_EQ(draft.manifest().conveyance().plate(), "57AM9K");
}

TEST(Draft, NoInvoice_GivesAManifestAndNoEntry) {
  const v1::Draft draft = draft_of({carta_porte()}, notice());
  EXPECT_EQ(draft.entries_size(), 0);
  EXPECT_EQ(draft.manifest().trip_number(), "TFNB07731");
  EXPECT_TRUE(says(draft.findings(), "MISSING_EXPORT_INVOICE"));
}

TEST(Draft, NothingAtAll_GivesNoEntryAndNoManifest) {
  const v1::Draft draft = draft_of({}, std::nullopt);
  EXPECT_EQ(draft.entries_size(), 0);
  EXPECT_FALSE(draft.has_manifest());
}

TEST(Draft, InvoiceInPesos_IsConvertedAtTheCbpRate) {
  InvoiceSample sample;
  sample.currency = "MXN";
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  const v1::Entry& entry = draft.entries(0);
  EXPECT_EQ(entry.estimated_value_usd(), 4906);  // 90000 x 0.054512 = 4906.08
  EXPECT_EQ(entry.invoices(0).rate_of_exchange(), "0.054512");
  EXPECT_EQ(entry.invoices(0).rate_source(), "cbp_quarterly");
  EXPECT_TRUE(says(draft.findings(), "VAL_FX_SOURCE", "invoice EXP10452"));
}

TEST(Draft, CurrencyWithoutRate_HoldsTheEntry) {
  InvoiceSample sample;
  sample.currency = "EUR";
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).reason(), "CURRENCY_RATE_MISSING");
}

TEST(Draft, TransferOfGoods_IsNoSale) {
  InvoiceSample transfer;
  transfer.type = "T";
  EXPECT_TRUE(says(draft_of({invoice(transfer), carta_porte()}, notice()).findings(), "CUSTOMS_VALUE_NO_SALE",
                   "invoice EXP10452"));
  InvoiceSample unpriced;
  unpriced.currency = "XXX";
  EXPECT_TRUE(says(draft_of({invoice(unpriced), carta_porte()}, notice()).findings(), "CUSTOMS_VALUE_NO_SALE"));
}

TEST(Draft, BuyerWithoutProfile_HoldsWithIorUnknown) {
  InvoiceSample sample;
  sample.tax_id = "999999999";
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).reason(), "IOR_UNKNOWN");
  EXPECT_FALSE(draft.entries(0).has_importer_of_record());
}

TEST(Draft, ZeroValue_HoldsAndNeverDividesByIt) {
  InvoiceSample sample;
  sample.goods[0].importe = "0.00";
  sample.goods[0].cantidad = "0";
  EXPECT_EQ(draft_of({invoice(sample), carta_porte()}, notice()).entries(0).reason(), "VALUE_ZERO");
}

TEST(Draft, LessThanHalfADollar_IsEnteredAsOne) {
  InvoiceSample sample;
  sample.goods[0].importe = "0.20";
  EXPECT_EQ(draft_of({invoice(sample), carta_porte()}, notice()).entries(0).estimated_value_usd(), 1);
}

TEST(Draft, HostileAmounts_AreAFindingNotACrash) {
  const std::string huge = "999999999999999999999999.999999";
  for (const std::string& amount : {huge, std::string("-1"), std::string("1e9"), std::string("NaN"), std::string()}) {
    InvoiceSample sample;
    sample.goods[0].importe = amount;
    sample.goods[0].cantidad = amount;
    LoadSample load;
    load.kg = load.value = load.cantidad = amount;
    const v1::Draft draft = draft_of({invoice(sample), carta_porte({load})}, notice());
    ASSERT_EQ(draft.entries_size(), 1);
    EXPECT_EQ(draft.entries(0).status(), "held") << amount;
    if (amount == huge) {
      EXPECT_TRUE(says(draft.findings(), "DRAFT_VALUE_OUT_OF_RANGE"));
    }
  }
}

TEST(Draft, MoreLinesThanASummaryHolds_AreRefusedUndrafted) {
  InvoiceSample sample;
  sample.goods.assign(999, GoodSample{"BR-320V", "1.00", "1", "8708309901", ""});
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  EXPECT_EQ(draft.entries(0).reason(), "LINE_COUNT_EXCEEDED");
  EXPECT_EQ(draft.entries(0).lines_size(), 0);
}

TEST(Draft, OneMercanciaForTwoLines_IsSharedByValue) {
  InvoiceSample sample;
  sample.goods = {{"BR-320V", "75000.00", "1", "8708309901", ""}, {"BR-320V", "25000.00", "1", "8708309901", ""}};
  LoadSample load;
  load.kg = "1000";
  load.value = "100000.00";
  const v1::Entry entry = draft_of({invoice(sample), carta_porte({load})}, notice()).entries(0);
  ASSERT_EQ(entry.lines_size(), 2) << entry.reason();
  EXPECT_EQ(entry.lines(0).gross_weight_kg(), 750);
  EXPECT_EQ(entry.lines(1).gross_weight_kg(), 250);
  EXPECT_EQ(entry.bills(0).manifest_quantity(), 1200);
}

TEST(Draft, PlateOfAnotherTruck_IsAnErrorOfTheManifestOnly) {
  Notice other = notice();
  other.conveyance.plate = "99ZZ9Z";
  const v1::Draft draft = draft_of({invoice(), carta_porte()}, other);
  EXPECT_TRUE(says(draft.findings(), "PLATE_DIFFERS", "manifest"));
  EXPECT_EQ(draft.entries(0).status(), "ready");
}

TEST(Draft, EtaOfAnotherOffset_IsTheClockOfThePort) {
  Notice utc = notice();
  utc.eta = parse_local_time("2026-11-12T02:30:00Z");
  const v1::Draft draft = draft_of({invoice(), carta_porte()}, utc);
  EXPECT_EQ(draft.entries(0).estimated_arrival_date(), "2026-11-11");
  EXPECT_EQ(draft.entries(0).date_of_exportation(), "2026-11-11");
  EXPECT_EQ(draft.entries(0).estimated_entry_date(), "2026-11-11");
  EXPECT_EQ(draft.manifest().estimated_arrival(), "2026-11-11T20:30:00");
  EXPECT_THAT(lineage_faults(draft), IsEmpty());
}

TEST(Draft, EtaAtAPortWithoutZone_StaysAsWritten) {
  Notice inland = notice();
  inland.port_of_arrival = "3901";
  inland.eta = parse_local_time("2026-11-12T02:30:00Z");
  EXPECT_EQ(draft_of({invoice(), carta_porte()}, inland).manifest().estimated_arrival(), "2026-11-12T02:30:00");
}

TEST(Draft, SingleBond_StandsInTheBondAndInNoReference) {
  const v1::Draft draft = draft_with("bond_type = \"8\"", "bond_type = \"9\"");
  EXPECT_EQ(draft.entries(0).bond().type(), "9");
  EXPECT_EQ(draft.entries(0).bond().surety_code(), "891");
  EXPECT_EQ(draft.entries(0).bond().amount_usd(), 115062);
  EXPECT_EQ(draft.entries(0).references_size(), 0);
  EXPECT_THAT(lineage_faults(draft), IsEmpty());
}

TEST(Draft, EntryDate_SelectsTheLimitsOfMpf) {
  DraftContext day = context();
  day.entry_date = Date{std::chrono::year{2026} / 9 / 30};
  const v1::Draft before = draft(join({invoice(), carta_porte()}, notice()), day);
  const v1::Draft after = draft_of({invoice(), carta_porte()}, notice());
  EXPECT_THAT(before.entries(0).totals().mpf_limits_usd(), ElementsAre("33.58", "651.50"));
  EXPECT_THAT(after.entries(0).totals().mpf_limits_usd(), ElementsAre("34.58", "670.86"));
}

v1::Draft draft_on(const Notice& the_notice) { return draft_of({invoice(), carta_porte()}, the_notice); }

TEST(DraftNotice, RequiredKeys_AreNamedWhenMissing) {
  Notice bare = notice();
  bare.notice_id.clear();
  bare.sent_at.reset();
  bare.trip_number.clear();
  const v1::Draft draft = draft_on(bare);
  EXPECT_EQ(draft.entries(0).status(), "ready");
  for (const Finding& finding : draft.findings()) {
    if (finding.code() != "NOTICE_KEY_MISSING") continue;
    EXPECT_EQ(finding.where(), "manifest");
    EXPECT_THAT(finding.en(), testing::HasSubstr("/notice_id, /sent_at, /trip_number"));
  }
  EXPECT_TRUE(says(draft.findings(), "NOTICE_KEY_MISSING", "manifest"));
  EXPECT_FALSE(says(draft_on(notice()).findings(), "NOTICE_KEY_MISSING"));
}

TEST(DraftNotice, RefusedKey_IsNotMissingToo) {
  Notice refused = notice();
  refused.trip_number.clear();
  refused.refused = {"/trip_number"};
  EXPECT_FALSE(says(draft_on(refused).findings(), "NOTICE_KEY_MISSING"));
}

TEST(DraftNotice, WithoutPortOrCarrier_HoldsEvenIfAProfileCouldFillIt) {
  Notice no_port = notice(), no_carrier = notice();
  no_port.port_of_arrival.clear();
  no_carrier.carrier_scac.clear();
  EXPECT_EQ(draft_on(no_port).entries(0).reason(), "PORT_MISSING");
  EXPECT_EQ(draft_on(no_carrier).entries(0).reason(), "CARRIER_UNKNOWN");
}

TEST(DraftNotice, OtherWaybill_IsSaidOfBoth) {
  Notice other = notice();
  other.carta_porte = {"CCC00000-0000-4000-8000-000000000000"};
  const v1::Draft draft = draft_on(other);
  EXPECT_TRUE(says(draft.findings(), "CARTA_PORTE_NOT_ON_NOTICE", "document " + kUuidCartaPorte));
  EXPECT_TRUE(says(draft.findings(), "NOTICE_CARTA_PORTE_UNKNOWN", "manifest"));
}

TEST(DraftNotice, InvoiceOnNoBill_IsSaidOfTheInvoice) {
  const v1::Draft draft = draft_on(notice({{kUuidB}}));
  EXPECT_EQ(draft.entries(0).reason(), "INVOICE_NOT_ON_NOTICE");
  EXPECT_TRUE(says(draft.findings(), "INVOICE_NOT_ON_NOTICE", "invoice EXP10452"));
  EXPECT_TRUE(says(draft.findings(), "NOTICE_INVOICE_UNKNOWN", "bill TFNB00418820"));
  EXPECT_FALSE(says(draft.findings(), "SCN_MISSING"));
}

TEST(DraftNotice, BillOfTwoImporters_HoldsTheSecond) {
  const v1::Draft draft = draft_of(
      {invoice(), invoice(for_alamo()), carta_porte({LoadSample(), load_for_alamo()})}, notice({{kUuidA, kUuidB}}));
  EXPECT_EQ(draft.entries(0).status(), "ready");
  EXPECT_EQ(draft.entries(1).reason(), "BILL_OF_TWO_IMPORTERS");
}

TEST(DraftNotice, LabelTwice_HoldsTheEntriesOnIt) {
  Notice twice = notice({{kUuidA}, {}});
  twice.bills[1].scn = twice.bills[0].scn;
  const v1::Draft draft = draft_on(twice);
  EXPECT_EQ(draft.entries(0).reason(), "SCN_TWICE");
  EXPECT_TRUE(says(draft.findings(), "SCN_TWICE", "bill TFNB00418820"));
  EXPECT_TRUE(says(draft.findings(), "BILL_WITHOUT_INVOICES", "bill TFNB00418820"));
}

TEST(DraftNotice, LabelOfAnotherCarrier_IsAWarning) {
  Notice other = notice();
  other.bills[0].scn = "ABCD00418820";
  const v1::Draft draft = draft_on(other);
  EXPECT_TRUE(says(draft.findings(), "SCN_OTHER_CARRIER", "bill ABCD00418820"));
  EXPECT_EQ(draft.entries(0).status(), "ready");
}

TEST(DraftNotice, TrailerTheNoticeDoesNotList_IsNamedByItsPlate) {
  Notice bobtail = notice();
  bobtail.equipment.clear();
  const v1::Draft draft = draft_on(bobtail);
  EXPECT_TRUE(says(draft.findings(), "TRAILER_NOT_ON_NOTICE", "manifest"));
  EXPECT_FALSE(says(draft.findings(), "PLATE_DIFFERS"));
}

TEST(Draft, FreightInACurrencyWithoutRate_AsksForTheRate) {
  const v1::Draft draft = draft_with("[reference.cbp_fx.MXN]", "[reference.cbp_fx.EUR]");
  EXPECT_EQ(draft.entries(0).reason(), "CURRENCY_RATE_MISSING");
  EXPECT_TRUE(says(draft.findings(), "CURRENCY_RATE_MISSING", "entry 1"));
  EXPECT_FALSE(says(draft.findings(), "CHARGES_MISSING"));
}

TEST(Draft, TwoBrokersWithoutRoute_AreAmbiguous) {
  const v1::Draft draft = draft_with("[broker.laredo]", "[broker.other]\nfiler_code = \"C8Q\"\n[broker.laredo]");
  EXPECT_EQ(draft.entries(0).reason(), "BROKER_AMBIGUOUS");
  EXPECT_FALSE(says(draft.findings(), "PROFILE_INCOMPLETE"));
}

TEST(Draft, NameThatLosesCharacters_IsSaidWithBothSpellings) {
  InvoiceSample sample;
  sample.buyer = "株式会社 RIO GRANDE";
  const v1::Draft draft = draft_of({invoice(sample), carta_porte()}, notice());
  ASSERT_TRUE(says(draft.findings(), "TEXT_CHARACTERS_LOST", "entry 1"));
  for (const Finding& finding : draft.findings())
    if (finding.code() == "TEXT_CHARACTERS_LOST") {
      EXPECT_EQ(finding.detail(), "株式会社 RIO GRANDE -> RIO GRANDE");
    }
  EXPECT_FALSE(says(draft_of({invoice(), carta_porte()}, notice()).findings(), "TEXT_CHARACTERS_LOST"));
}

TEST(Draft, CrewNameThatLosesCharacters_IsNotSpelledOut) {
  Notice other = notice();
  other.crew[0].last_name = "Гомес Ruiz";
  const v1::Draft draft = draft_on(other);
  ASSERT_TRUE(says(draft.findings(), "TEXT_CHARACTERS_LOST", "manifest.crew"));
  for (const Finding& finding : draft.findings())
    if (finding.where() == "manifest.crew") {
      EXPECT_EQ(finding.ShortDebugString().find("RUIZ"), std::string::npos);
    }
}

class DraftNumbers : public testing::Test {
 protected:
  v1::Draft with_number(const std::string& number) {
    DraftContext numbered = context();
    numbered.numbers.entry_number = [&](std::string_view filer, std::string_view importer) {
      EXPECT_EQ(filer, "B7P");
      EXPECT_EQ(importer, "74-123456700");
      return std::optional(GivenNumbers::EntryNumber{number, "argument"});
    };
    return draft(join({invoice(), carta_porte()}, notice()), numbered);
  }
  const std::string good_ = "1234567" + std::string(1, cbp::entry_check_digit("B7P", "1234567").value_or('?'));
};

TEST_F(DraftNumbers, GivenNumber_IsTakenWithOrWithoutTheFiler) {
  for (const std::string& number : {good_, "B7P" + good_, "B7P-1234567-" + good_.substr(7)}) {
    const v1::Draft draft = with_number(number);
    EXPECT_EQ(draft.entries(0).entry_number(), good_);
    EXPECT_EQ(draft.entries(0).entry_number_assigned_by(), "argument");
    EXPECT_FALSE(says(draft.findings(), "ENTRY_NUMBER_PENDING"));
    EXPECT_THAT(lineage_faults(draft), IsEmpty());
  }
}

TEST_F(DraftNumbers, GivenWrong_IsNotTakenAndTheEntryStaysDrafted) {
  const char wrong = good_.back() == '9' ? '0' : static_cast<char>(good_.back() + 1);
  for (const std::string& number : {good_.substr(0, 7) + wrong, std::string("12"), std::string("ABCDEFGH")}) {
    const v1::Draft draft = with_number(number);
    const bool shaped = number.size() == good_.size() && number[0] == '1';
    EXPECT_TRUE(says(draft.findings(), shaped ? "ENTRY_NUMBER_CHECK_DIGIT" : "ENTRY_NUMBER_FORMAT", "entry 1")) << number;
    EXPECT_EQ(draft.entries(0).status(), "ready");
    EXPECT_EQ(draft.entries(0).lines_size(), 1);
    EXPECT_FALSE(draft.entries(0).has_entry_number());
    EXPECT_FALSE(fileable(draft, 0));
    EXPECT_THAT(lineage_faults(draft), IsEmpty());
  }
}

TEST_F(DraftNumbers, HeldEntry_TakesNoNumber) {
  DraftContext numbered = context();
  int asked = 0;
  numbered.numbers.entry_number = [&](std::string_view, std::string_view) {
    ++asked;
    return std::optional<GivenNumbers::EntryNumber>();
  };
  InvoiceSample sample;
  sample.goods[0].part = "UNKNOWN";
  draft(join({invoice(sample), carta_porte()}, notice()), numbered);
  EXPECT_EQ(asked, 0);
}

class DraftCorrections : public testing::Test {
 protected:
  v1::Draft corrected(const std::string& element, const std::string& value) {
    DraftContext with = context();
    with.corrections = {{"74-123456700", element, value, "broker"}};
    return draft(join({invoice(), carta_porte()}, notice()), with);
  }
};

TEST_F(DraftCorrections, NamedElement_TakesTheFilersValueAndSaysSo) {
  const v1::Draft draft = corrected("lines[0].manufacturer_id", "MXOTHER123RAM");
  EXPECT_EQ(draft.entries(0).lines(0).manufacturer_id(), "MXOTHER123RAM");
  const v1::Lineage* row = lineage_of(draft, "entries[0].lines[0].manufacturer_id");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->rule(), "EM208");
  EXPECT_EQ(row->sources(0).kind(), v1::LineageSource::ARGUMENT);
  EXPECT_THAT(lineage_faults(draft), IsEmpty());
}

TEST_F(DraftCorrections, WhatIsNoElement_IsReportedAndChangesNothing) {
  const std::string before = draft_of({invoice(), carta_porte()}, notice()).entries(0).ShortDebugString();
  for (const char* element : {"lines[7].spi", "lines[x].spi", "nothing", "", "lines", "lines[0]", "status", "bond.",
                              "entry_number", "lines[0].line", "lines[-1].spi", "gross_weight_kg.x"}) {
    const v1::Draft draft = corrected(element, "9x");
    EXPECT_TRUE(says(draft.findings(), "CORRECTION_INVALID", "entry 1")) << element;
    EXPECT_EQ(draft.entries(0).ShortDebugString(), before) << element;
  }
}

TEST_F(DraftCorrections, WholeNumber_MustBeOne) {
  EXPECT_EQ(corrected("gross_weight_kg", "17000").entries(0).gross_weight_kg(), 17000);
  EXPECT_TRUE(says(corrected("gross_weight_kg", "17,000").findings(), "CORRECTION_INVALID"));
}

}  // namespace
}  // namespace puente::crosswalk
