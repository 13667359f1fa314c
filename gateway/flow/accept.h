// accept: bytes of a known partner within limits become a durable document with a signed receipt, in one commit.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "gateway/flow/flow.h"

namespace puente::flow {

// What is wrong with a submission before its bytes are looked into; empty: nothing.
Findings submission_findings(const Submission& submission, const sat::Limits& limits);

// One submission on its way into the ledger. Built on the caller's thread (identity, digest, packing), applied on the
// writing one.
class Acceptance {
 public:
  Acceptance(const PartnerScope& scope, Submission submission, const sat::Limits& limits, ledger::Micros now);
  // May run again from the start. Leaves the reply for the time after the commit.
  Result<void> apply(ledger::Writer& writer, const ReceiptSigner& signer, std::string_view durability);
  const v1::SubmitReply& reply() const { return reply_; }
  v1::SubmitReply take_reply() { return std::move(reply_); }
  const std::string& document_id() const { return row_.id; }
  bool repeat() const { return reply_.repeat(); }

 private:
  Result<void> answer_again(ledger::Reader& reader);

  ledger::DocumentRow row_;
  ledger::PackedBody body_;
  v1::SubmitReply reply_;
};

}  // namespace puente::flow
