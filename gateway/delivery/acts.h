// What a filer says about its filings: confirmation, refusal, correction, answer. Each is kept as a document with a
// receipt and applied in the same commit; said again it changes nothing and gets its first receipt.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/delivery/delivery.h"
#include "gateway/ledger/packing.h"

namespace puente::delivery {

// Everything an act is applied with, taken once when it arrives.
struct ActContext {
  flow::Knowledge knowledge;
  std::shared_ptr<const partners::Registry> registry;
  std::shared_ptr<const flow::ReceiptSigner> signer;
  std::string durability;
  DeliveryOptions options;
  flow::FlowOptions flow_options;
};

class Act {
 public:
  Act(flow::PartnerScope scope, v1::FilerAct act, std::string_view transport, ActContext context);
  // Computes what a confirmation with an entry number will write, so that apply() finds it. On the caller's thread,
  // before; changes nothing.
  void prepare(ledger::Reader& reader) const;
  // May run again from the start. A fault with code kRefused means: nothing was changed, the result's findings say why.
  Result<void> apply(ledger::Writer& writer);
  // What was refused is kept too, once for each reason, and changes nothing else: an act whose token nobody has waits
  // for operators to find out what it belongs to.
  Result<void> keep_refused(ledger::Writer& writer) const;
  const v1::FilerActResult& result() const { return result_; }
  v1::FilerActResult take_result() { return std::move(result_); }
  const std::string& filer() const { return scope_.partner; }
  // The filings whose offers this act ended.
  const std::vector<std::string>& ended() const { return ended_; }
  // What it says of the channel: the filer answered an offer, or put one off.
  enum class Word { none, answered, put_off };
  Word word() const;

  static constexpr std::string_view kRefused = "act_refused";

 private:
  Result<void> confirm(ledger::Writer& writer, ledger::FilingRow row);
  Result<void> confirm_replaced(ledger::Writer& writer, ledger::FilingRow row, std::string_view number);
  Result<void> stands_after_all(ledger::Writer& writer, ledger::FilingRow row, std::string_view number);
  Result<void> refuse(ledger::Writer& writer, ledger::FilingRow row);
  Result<void> correct(ledger::Writer& writer, ledger::FilingRow row);
  Result<void> answer(ledger::Writer& writer);

  // The act as a document: true when it was kept before, and the result tells so.
  Result<bool> keep(ledger::Writer& writer, v1::DocumentKind kind, std::string identity);
  Result<ledger::DocumentRow> insert(ledger::Writer& writer, v1::DocumentKind kind, std::string identity) const;
  Result<void> applied(ledger::Writer& writer, const ledger::FilingRow& row);
  Result<void> end_offer(ledger::Writer& writer, ledger::FilingRow& row, std::string_view outcome,
                         std::string_view detail);
  Result<void> stands_confirmed(ledger::Writer& writer, ledger::FilingRow row);
  Result<void> take_back(ledger::Writer& writer, ledger::FilingRow row, std::string_view why);
  Result<void> give_number(ledger::Writer& writer, ledger::FilingRow row, std::string_view number);
  Result<void> share_number(ledger::Writer& writer, const ledger::FilingRow& row);
  Result<void> match_kept_answers(ledger::Writer& writer, const ledger::FilingRow& row);
  // The number that this confirmation gives the entry; "" for none. Findings when it cannot be.
  Result<std::string> confirmed_number(ledger::Writer& writer, const ledger::FilingRow& row);
  Result<void> apply_answer(ledger::Writer& writer, const struct MatchedAnswer& answer);
  tl::unexpected<Fault> refused(std::string_view code, const FindingParams& params = {});
  std::string document_id() const { return result_.receipt().body().document_id(); }

  const flow::PartnerScope scope_;
  const v1::FilerAct act_;
  const std::string transport_;
  const ActContext context_;
  const ledger::Micros now_;
  const std::string body_;           // the act serialized
  const ledger::PackedBody packed_;  // what is kept of it: a report's lines, else all of it
  v1::FilerActResult result_;
  std::vector<std::string> ended_;
};

}  // namespace puente::delivery
