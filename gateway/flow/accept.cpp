#include "gateway/flow/accept.h"

#include "gateway/flow/identity.h"
#include "gateway/flow/receipt_signer.h"
#include "gateway/ops/fault_points.h"

namespace puente::flow {
namespace {

constexpr std::size_t kClientRefLength = 64;  // proto/puente/v1/gateway.proto, SubmitRequest

struct Identified {
  std::string identity, folio_fiscal;
};

Identified identify(v1::DocumentKind kind, std::string_view bytes, std::string_view digest, std::string_view partner,
                    const sat::Limits& limits) {
  if (kind == v1::CROSSING_NOTICE) {
    const auto outcome = crosswalk::read_notice("", bytes);
    if (outcome.notice && !outcome.notice->notice_id.empty()) return {notice_identity(*outcome.notice, partner), ""};
  } else {
    const auto identity = sat::identify(bytes, limits);
    if (!identity.folio_fiscal.empty()) return {cfdi_identity(identity.folio_fiscal, partner), identity.folio_fiscal};
  }
  return {bytes_identity(digest, partner), ""};
}

}  // namespace

Findings submission_findings(const Submission& submission, const sat::Limits& limits) {
  Findings findings;
  if (submission.kind != v1::SAT_XML && submission.kind != v1::CROSSING_NOTICE) findings.add("DOCUMENT_KIND_UNKNOWN");
  if (submission.content.empty()) findings.add("DOCUMENT_EMPTY");
  if (submission.content.size() > limits.bytes)
    findings.add("DOCUMENT_TOO_LARGE",
                 {{"size", std::to_string(submission.content.size())}, {"limit", std::to_string(limits.bytes)}});
  if (submission.client_ref.size() > kClientRefLength)
    findings.add("CLIENT_REF_TOO_LONG", {{"limit", std::to_string(kClientRefLength)}});
  return findings;
}

Acceptance::Acceptance(const PartnerScope& scope, Submission submission, const sat::Limits& limits,
                       ledger::Micros now) {
  row_.id = new_id("DOC", now);
  row_.partner = scope.partner;
  row_.kind = submission.kind;
  body_ = ledger::pack(submission.content);
  row_.sha256 = body_.sha256;
  auto identified = identify(submission.kind, submission.content, row_.sha256, scope.partner, limits);
  row_.identity = std::move(identified.identity);
  row_.folio_fiscal = std::move(identified.folio_fiscal);
  row_.client_ref = std::move(submission.client_ref);
  row_.transport = std::move(submission.transport);
  row_.state = "received";
  row_.received_at = now;
  reply_.set_client_ref(row_.client_ref);
}

Result<void> Acceptance::apply(ledger::Writer& writer, const ReceiptSigner& signer, std::string_view durability) {
  reply_.clear_receipt();
  reply_.clear_findings();
  reply_.set_repeat(false);
  auto row = row_;
  row.tries = 1;  // its first reading
  row.sequence = writer.next_sequence();
  auto receipt = make_receipt(row, signer, durability);
  if (!receipt) return tl::unexpected(receipt.error());
  ops::cross(ops::FaultPoint::accept_receipt_signed);
  row.receipt = receipt->SerializeAsString();
  if (auto inserted = writer.insert_document(row, body_, {"accept", row.partner, row.transport}); !inserted)
    return inserted.error().code == ledger::kIdentityTaken ? answer_again(writer) : inserted;
  ops::cross(ops::FaultPoint::accept_inserted);
  *reply_.mutable_receipt() = std::move(*receipt);
  return {};
}

// Known: the same bytes have their first receipt, others are a conflict.
Result<void> Acceptance::answer_again(ledger::Reader& reader) {
  const auto first = reader.document_by_identity(row_.identity);
  if (!first) return permanent("identity_unknown", "the document whose identity is taken is not there");
  if (first->sha256 == row_.sha256) {
    reply_.mutable_receipt()->ParseFromString(first->receipt);
    reply_.set_repeat(true);
  } else {
    // The scope behind the '@' is the partner itself: it need not be told its own name.
    *reply_.add_findings() =
        make_finding("DUPLICATE_ID_CONFLICT", {{"identity", row_.identity.substr(0, row_.identity.rfind('@'))}});
  }
  return {};
}

}  // namespace puente::flow
