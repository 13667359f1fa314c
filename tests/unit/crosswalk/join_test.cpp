#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/crosswalk/shipment_samples.h"

namespace puente::crosswalk {
namespace {

using namespace samples;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> folios(const std::vector<ShipmentDocument>& documents) {
  std::vector<std::string> out;
  for (const auto& one : documents) out.push_back(one.document->serie_folio());
  return out;
}

TEST(Join, CompleteShipment_NamesNothingMissing) {
  const Shipment shipment = join({carta_porte(), invoice()}, notice());
  EXPECT_TRUE(shipment.complete());
  EXPECT_EQ(shipment.invoices.size(), 1U);
  EXPECT_EQ(shipment.cartas_porte.size(), 1U);
  EXPECT_FALSE(says(shipment.findings, "LINK_NONE"));
  EXPECT_FALSE(says(shipment.findings, "LINK_BY_PROFILE"));
}

TEST(Join, NothingGiven_NamesAllThree) {
  EXPECT_THAT(join({}, std::nullopt).missing,
              ElementsAre("MISSING_EXPORT_INVOICE", "MISSING_CARTA_PORTE", "MISSING_NOTICE"));
}

TEST(Join, InvoiceAlone_NamesCartaPorteAndNotice) {
  EXPECT_THAT(join({invoice()}, std::nullopt).missing, ElementsAre("MISSING_CARTA_PORTE", "MISSING_NOTICE"));
}

TEST(Join, FoliosAreNumbers_NineComesBeforeTen) {
  InvoiceSample nine, ten;
  nine.folio = "9";
  nine.uuid = kUuidB;
  ten.folio = "10";
  EXPECT_THAT(folios(join({invoice(ten), invoice(nine)}, std::nullopt).invoices), ElementsAre("EXP9", "EXP10"));
}

TEST(Join, SameDocumentTwice_CountsOnce) { EXPECT_EQ(join({invoice(), invoice()}, std::nullopt).invoices.size(), 1U); }

TEST(Join, LaterInvoiceOfTheIssuer_SubstitutesTheEarlier) {
  InvoiceSample later;
  later.folio = "10460";
  later.uuid = kUuidB;
  later.fecha = "2026-11-09T12:00:00";
  later.replaces = kUuidA;
  for (bool swapped : {false, true}) {
    std::vector<ShipmentDocument> documents = {invoice(), invoice(later)};
    if (swapped) std::swap(documents[0], documents[1]);
    const Shipment shipment = join(documents, std::nullopt);
    EXPECT_THAT(folios(shipment.invoices), ElementsAre("EXP10460"));
    EXPECT_TRUE(says(shipment.findings, "DOCUMENT_SUBSTITUTED", "document " + kUuidA));
  }
}

TEST(Join, SubstitutionByAnotherIssuer_IsNotBelieved) {
  InvoiceSample stranger;
  stranger.folio = "1";
  stranger.uuid = kUuidB;
  stranger.fecha = "2026-11-09T12:00:00";
  stranger.replaces = kUuidA;
  stranger.emisor = "XYZ010101AAA";
  EXPECT_EQ(join({invoice(), invoice(stranger)}, std::nullopt).invoices.size(), 2U);
}

TEST(Join, DocumentsThatReplaceEachOther_LeaveOne) {
  InvoiceSample first, second;
  first.replaces = kUuidB;
  second.folio = "10453";
  second.uuid = kUuidB;
  second.replaces = kUuidA;
  EXPECT_EQ(join({invoice(first), invoice(second)}, std::nullopt).invoices.size(), 1U);
}

TEST(Join, UnstampedCopyOfAStampedInvoice_IsLeftOut) {
  InvoiceSample unstamped;
  unstamped.uuid.clear();
  for (bool swapped : {false, true}) {
    std::vector<ShipmentDocument> documents = {invoice(), invoice(unstamped)};
    if (swapped) std::swap(documents[0], documents[1]);
    const Shipment shipment = join(documents, std::nullopt);
    ASSERT_EQ(shipment.invoices.size(), 1U);
    EXPECT_EQ(shipment.invoices[0].document->folio_fiscal(), kUuidA);
    EXPECT_TRUE(says(shipment.findings, "DOCUMENT_DUPLICATED", "document EXP10452"));
  }
}

TEST(Join, UnstampedCopiesThatDiffer_CountOnceAndAreAskedAboutOnce) {
  InvoiceSample first, second, third;
  for (InvoiceSample* copy : {&first, &second, &third}) copy->uuid.clear();
  second.goods[0].importe = "90001.00";
  third.goods[0].importe = "90002.00";
  std::vector<ShipmentDocument> documents = {invoice(first), invoice(second), invoice(third)};
  std::string counted;
  for (int turn = 0; turn < 3; ++turn) {
    std::rotate(documents.begin(), documents.begin() + 1, documents.end());
    const Shipment shipment = join(documents, std::nullopt);
    ASSERT_EQ(shipment.invoices.size(), 1U);
    if (counted.empty()) counted = shipment.invoices[0].document->bytes();
    EXPECT_EQ(shipment.invoices[0].document->bytes(), counted);  // whatever order they came in
    EXPECT_EQ(std::count_if(shipment.findings.begin(), shipment.findings.end(),
                            [](const Finding& finding) {
                              return finding.code() == "DOCUMENT_COPIES_DIFFER" &&
                                     finding.severity() == v1::SEVERITY_HOLD && finding.where() == "document EXP10452";
                            }),
              1);
  }
  // The stamped one ends the doubt.
  documents.push_back(invoice());
  const Shipment stamped = join(documents, std::nullopt);
  ASSERT_EQ(stamped.invoices.size(), 1U);
  EXPECT_EQ(stamped.invoices[0].document->folio_fiscal(), kUuidA);
  EXPECT_FALSE(says(stamped.findings, "DOCUMENT_COPIES_DIFFER"));
}

TEST(Join, UnstampedInvoiceOfAnotherFolio_IsItsOwn) {
  InvoiceSample other;
  other.uuid.clear();
  other.folio = "10453";
  EXPECT_EQ(join({invoice(), invoice(other)}, std::nullopt).invoices.size(), 2U);
}

TEST(Join, SubstitutionOfTheSameSecond_IsDecidedByTheRelation) {
  for (const std::string& uuid : {std::string(), kUuidB, std::string("00000000-0000-4000-8000-000000000001")}) {
    InvoiceSample later;
    later.folio = "10460";
    later.uuid = uuid;
    later.replaces = kUuidA;
    EXPECT_THAT(folios(join({invoice(), invoice(later)}, std::nullopt).invoices), ElementsAre("EXP10460")) << uuid;
  }
}

TEST(Join, CreditNoteWithComercioExterior_IsNoInvoice) {
  InvoiceSample credit;
  credit.type = "E";
  const Shipment alone = join({invoice(credit), carta_porte()}, notice());
  EXPECT_TRUE(alone.invoices.empty());
  EXPECT_TRUE(says(alone.findings, "DOC_KIND_UNSUPPORTED", "document " + kUuidA));
  EXPECT_THAT(alone.missing, ElementsAre("MISSING_EXPORT_INVOICE"));
}

TEST(Join, CartaPorteWithoutUuid_LinksByProfile) {
  LoadSample load;
  load.uuid.clear();
  Notice silent = notice();
  silent.carta_porte.clear();
  const Shipment shipment = join({invoice(), carta_porte({load})}, silent);
  EXPECT_TRUE(says(shipment.findings, "LINK_BY_PROFILE", "invoice EXP10452"));
}

TEST(Join, NoticeNamesInvoiceAndCartaPorte_LinksSurely) {
  LoadSample load;
  load.uuid.clear();
  const Shipment shipment = join({invoice(), carta_porte({load})}, notice());
  EXPECT_FALSE(says(shipment.findings, "LINK_BY_PROFILE"));
  EXPECT_FALSE(says(shipment.findings, "LINK_NONE"));
}

TEST(Join, NothingInCommon_SaysLinkNone) {
  LoadSample load;
  load.uuid.clear();
  load.fraccion = "0101010101";
  EXPECT_TRUE(says(join({invoice(), carta_porte({load})}, std::nullopt).findings, "LINK_NONE", "invoice EXP10452"));
}

TEST(Join, UnstampedInvoice_LinksByProfile) {
  InvoiceSample sample;
  sample.uuid.clear();
  EXPECT_TRUE(says(join({invoice(sample), carta_porte()}, notice()).findings, "LINK_BY_PROFILE"));
}

TEST(LinkKeys, OfDocuments_NameWhatTheyAreAndReferTo) {
  InvoiceSample sample;
  sample.replaces = kUuidB;
  const LinkKeys of_invoice = link_keys(*invoice(sample).document);
  EXPECT_THAT(of_invoice.own, ElementsAre("uuid:" + kUuidA));
  EXPECT_THAT(of_invoice.replaces, ElementsAre("uuid:" + kUuidB));
  const LinkKeys of_carta_porte = link_keys(*carta_porte().document);
  EXPECT_THAT(of_carta_porte.own, UnorderedElementsAre("uuid:" + kUuidCartaPorte, "idccp:" + kIdCcp));
  EXPECT_THAT(of_carta_porte.refers, ElementsAre("uuid:" + kUuidA));
  EXPECT_THAT(of_carta_porte.replaces, IsEmpty());
}

TEST(LinkKeys, OfNotice_ReferToInvoicesAndCartaPorte) {
  const LinkKeys keys = link_keys(notice());
  EXPECT_THAT(keys.own, UnorderedElementsAre("trip:TFNB07731", "scn:TFNB00418820"));
  EXPECT_THAT(keys.refers, UnorderedElementsAre("uuid:" + kUuidA, "idccp:" + kIdCcp));
}

}  // namespace
}  // namespace puente::crosswalk
