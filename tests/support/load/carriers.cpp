#include "tests/support/load/carriers.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include "tests/support/load/journal.h"
#include "tests/support/load/proof.h"
#include "tests/support/load/stopping.h"

namespace puente::load {
namespace {

constexpr std::int64_t kFirstWait = 50'000, kLongestWait = 1'000'000;  // microseconds, before another connection
constexpr std::size_t kShuffleBlock = 1024;                            // documents are shuffled within so many

struct Totals {
  std::atomic<std::uint64_t> sent{0}, receipts{0}, repeats{0}, conflicts{0}, refused{0}, lost{0}, lines{0};
  // What must never be.
  std::atomic<std::uint64_t> bad_receipts{0}, different_receipts{0}, conflicts_taken{0}, repeats_unmarked{0};
  Latencies latency;
};

// How many documents may have left by now, over all connections.
class Pace {
 public:
  explicit Pace(double rate) : rate_(rate), began_(now_us()) {}
  bool take() {
    if (rate_ <= 0) return true;
    const auto due = static_cast<std::uint64_t>(rate_ * static_cast<double>(now_us() - began_) / 1e6) + 1;
    auto taken = taken_.load();
    while (taken < due)
      if (taken_.compare_exchange_weak(taken, taken + 1)) return true;
    return false;
  }

 private:
  const double rate_;
  const std::int64_t began_;
  std::atomic<std::uint64_t> taken_{0};
};

struct Sending {
  std::size_t document = 0;
  std::size_t unit = 0;
  const char* act = "first";
  std::int64_t at = 0;
  bool of_unit = true;  // repeats and conflicts are beside the order
};

class Connection {
 public:
  Connection(Wire& wire, const Corpus& corpus, const CarrierPlan& plan, const ReceiptCheck& check, Journal& journal,
             Totals& totals, Pace& pace, std::string carrier, std::vector<std::vector<std::size_t>> units,
             std::uint32_t seed)
      : wire_(wire),
        corpus_(corpus),
        plan_(plan),
        check_(check),
        journal_(journal),
        totals_(totals),
        pace_(pace),
        carrier_(std::move(carrier)),
        units_(std::move(units)),
        next_of_(units_.size(), 0),
        random_(seed) {}
  ~Connection() {
    std::unique_ptr<SenderLine> old;
    {
      const std::scoped_lock lock(mutex_);
      broken_ = true;
      old = std::move(line_);
    }
    old.reset();  // its callbacks come while it ends
  }

  // From the ticking thread alone: the line is made and thrown away here.
  void tick(bool stopping) {
    bool fresh = false;
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = stopping;
      fresh = broken_ && leaving_ == 0 && now_us() >= not_before_ && !stopping;
    }
    if (fresh) {
      std::unique_ptr<SenderLine> old;
      {
        const std::scoped_lock lock(mutex_);
        old = std::move(line_);
      }
      old.reset();  // what is unanswered on it comes back as lost
      {
        const std::scoped_lock lock(mutex_);
        broken_ = false;  // the new one may end before it is known here
      }
      auto line = wire_.sender({plan_.address, plan_.certificates, carrier_},
                               {[this](const v1::SubmitReply& reply) { answered(reply); },
                                [this](const NoAnswer& lost) { unanswered(lost); }});
      const std::scoped_lock lock(mutex_);
      line_ = std::move(line);
      ++totals_.lines;
    }
    pump();
  }

  bool done() {
    const std::scoped_lock lock(mutex_);
    return in_flight_.empty() && again_.empty() && extra_.empty() && open_.empty() && next_unit_ >= units_.size();
  }
  bool quiet() {
    const std::scoped_lock lock(mutex_);
    return in_flight_.empty() || broken_;
  }

 private:
  // Sends while the window, the pace and the documents allow. Requests leave outside of the lock.
  void pump() {
    while (true) {
      v1::SubmitRequest request;
      SenderLine* line = nullptr;
      {
        const std::scoped_lock lock(mutex_);
        if (broken_ || stopping_ || !line_ || in_flight_.size() >= plan_.window) return;
        const auto sending = next_locked();
        if (!sending) return;
        const auto& document = corpus_.documents()[sending->document];
        request.set_kind(document.kind);
        request.set_content(std::string(document.content) + (conflict(*sending) ? "\n" : ""));
        request.set_client_ref(std::to_string(++last_tag_));
        line = line_.get();
        in_flight_.emplace(last_tag_, *sending).first->second.at = now_us();
        ++totals_.sent;
        ++leaving_;
      }
      line->submit(request);
      const std::scoped_lock lock(mutex_);
      --leaving_;
    }
  }

  static bool conflict(const Sending& sending) { return sending.act == kConflict; }

  std::optional<Sending> next_locked() {
    if (again_.empty() && extra_.empty() && open_.empty() && next_unit_ >= units_.size()) return std::nullopt;
    if (!pace_.take()) return std::nullopt;
    for (auto* queue : {&again_, &extra_}) {
      if (queue->empty()) continue;
      auto sending = queue->front();
      queue->pop_front();
      return sending;
    }
    std::size_t unit = 0;
    if (open_.empty()) {
      unit = next_unit_++;
    } else {
      unit = open_.front();
      open_.pop_front();
    }
    return Sending{units_[unit][next_of_[unit]++], unit, kFirst, 0, true};
  }

  void after_locked(const Sending& sending) {
    if (sending.of_unit && next_of_[sending.unit] < units_[sending.unit].size()) open_.push_back(sending.unit);
  }

  void answered(const v1::SubmitReply& reply) {
    const auto at = now_us();
    Sending sending;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = in_flight_.find(std::stoull(reply.client_ref()));
      if (found == in_flight_.end()) return;
      sending = found->second;
      in_flight_.erase(found);
      after_locked(sending);
      wait_ = kFirstWait;
    }
    note(sending, reply, at);
    pump();
  }

  void note(const Sending& sending, const v1::SubmitReply& reply, std::int64_t at) {
    const auto& document = corpus_.documents()[sending.document];
    const auto digest = conflict(sending) ? sha256(std::string(document.content) + "\n") : sha256(document.content);
    std::string receipt, receipt_digest;
    if (reply.has_receipt()) {
      receipt = reply.receipt().SerializeAsString();
      receipt_digest = sha256(receipt);
      if (!check_.good(reply.receipt(), digest)) ++totals_.bad_receipts;
    }
    std::vector<std::string> findings;
    for (const auto& finding : reply.findings()) findings.push_back(finding.code());
    {
      const std::scoped_lock lock(mutex_);
      auto& first = first_receipt_[sending.document];
      if (conflict(sending)) {
        ++totals_.conflicts;
        if (reply.has_receipt() || findings != std::vector<std::string>{"DUPLICATE_ID_CONFLICT"})
          ++totals_.conflicts_taken;
      } else if (reply.has_receipt()) {
        if (first.empty()) {
          ++totals_.receipts;
          first = receipt_digest;
          add_extra_locked(sending.document);
        } else {
          ++totals_.repeats;
          if (first != receipt_digest) ++totals_.different_receipts;
          if (!reply.repeat()) ++totals_.repeats_unmarked;
        }
      } else {
        ++totals_.refused;
      }
    }
    totals_.latency.add(at - sending.at);
    journal_.write(json_line({{"at", at},
                              {"carrier", carrier_},
                              {"ref", document.ref},
                              {"act", std::string(sending.act)},
                              {"sha256", hex(digest)},
                              {"kind", v1::DocumentKind_Name(document.kind)},
                              {"repeat", reply.repeat()},
                              {"document_id", reply.receipt().body().document_id()},
                              {"sequence", static_cast<std::int64_t>(reply.receipt().body().ledger_sequence())},
                              {"receipt_sha256", hex(receipt_digest)},
                              {"receipt_b64", base64(receipt)},
                              {"findings", findings},
                              {"latency_us", at - sending.at},
                              {"transport", std::string(wire_.name())}}));
  }

  void add_extra_locked(std::size_t document) {
    std::uniform_real_distribution<double> share;
    if (share(random_) < plan_.repeats) extra_.push_back({document, 0, kRepeat, 0, false});
    if (share(random_) < plan_.conflicts) extra_.push_back({document, 0, kConflict, 0, false});
  }

  void unanswered(const NoAnswer& lost) {
    const std::scoped_lock lock(mutex_);
    const auto give_back = [&](Sending sending) {
      ++totals_.lost;
      if (!lost.retry) {
        ++totals_.refused;
        std::fprintf(stderr, "puente-load: %s: not sent again: %s\n", carrier_.c_str(), lost.cause.c_str());
        after_locked(sending);
        return;
      }
      if (sending.act == kFirst) sending.act = kAgain;
      again_.push_back(sending);
    };
    if (lost.client_ref.empty()) {
      for (const auto& [tag, sending] : in_flight_) give_back(sending);
      in_flight_.clear();
    } else if (const auto found = in_flight_.find(std::stoull(lost.client_ref)); found != in_flight_.end()) {
      give_back(found->second);
      in_flight_.erase(found);
    }
    if (broken_) return;
    broken_ = true;
    not_before_ = now_us() + wait_;
    wait_ = std::min(wait_ * 2, kLongestWait);
  }

  static constexpr const char *kFirst = "first", *kAgain = "again", *kRepeat = "repeat", *kConflict = "conflict";

  Wire& wire_;
  const Corpus& corpus_;
  const CarrierPlan& plan_;
  const ReceiptCheck& check_;
  Journal& journal_;
  Totals& totals_;
  Pace& pace_;
  const std::string carrier_;
  const std::vector<std::vector<std::size_t>> units_;

  std::mutex mutex_;
  std::vector<std::size_t> next_of_;  // place in each unit
  std::size_t next_unit_ = 0;
  std::deque<std::size_t> open_;  // units whose next document may leave
  std::deque<Sending> again_, extra_;
  std::map<std::uint64_t, Sending> in_flight_;
  std::map<std::size_t, std::string> first_receipt_;
  std::uint64_t last_tag_ = 0;
  std::size_t leaving_ = 0;  // requests on their way into the line
  bool broken_ = true, stopping_ = false;
  std::int64_t not_before_ = 0, wait_ = kFirstWait;
  std::mt19937 random_;
  std::unique_ptr<SenderLine> line_;
};

// The documents of each connection, as they are to leave: whole shipments in order, or single documents shuffled.
std::map<std::pair<std::string, std::size_t>, std::vector<std::vector<std::size_t>>> shares(const Corpus& corpus,
                                                                                            const CarrierPlan& plan) {
  std::map<std::pair<std::string, std::size_t>, std::vector<std::vector<std::size_t>>> units;
  const auto& documents = corpus.documents();
  std::size_t shipment = 0;
  for (std::size_t i = 0; i < documents.size();) {
    std::size_t end = i;
    while (end < documents.size() && documents[end].scn == documents[i].scn) ++end;
    const auto& carrier = documents[i].carrier;
    const bool wanted = shipment >= plan.from && shipment - plan.from < plan.count &&
                        (plan.carriers.empty() ||
                         std::find(plan.carriers.begin(), plan.carriers.end(), carrier) != plan.carriers.end());
    if (wanted) {
      auto& of = units[{carrier, shipment % plan.connections}];
      if (plan.shuffled) {
        for (std::size_t d = i; d < end; ++d) of.push_back({d});
      } else {
        of.emplace_back();
        for (std::size_t d = i; d < end; ++d) of.back().push_back(d);
      }
    }
    i = end;
    ++shipment;
  }
  if (plan.shuffled) {
    std::mt19937 random(plan.seed);
    for (auto& [key, of] : units)
      for (std::size_t i = 0; i < of.size(); i += kShuffleBlock)
        std::shuffle(of.begin() + static_cast<std::ptrdiff_t>(i),
                     of.begin() + static_cast<std::ptrdiff_t>(std::min(of.size(), i + kShuffleBlock)), random);
  }
  return units;
}

}  // namespace

int run_carriers(Wire& wire, const Corpus& corpus, const CarrierPlan& plan) {
  const ReceiptCheck check(plan.certificates / "receipt.crt");
  Journal journal(plan.log);
  Totals totals;
  Pace pace(plan.rate);
  std::vector<std::unique_ptr<Connection>> connections;
  std::size_t documents = 0;
  std::uint32_t seed = plan.seed;
  for (auto& [key, units] : shares(corpus, plan)) {
    for (const auto& unit : units) documents += unit.size();
    connections.push_back(std::make_unique<Connection>(wire, corpus, plan, check, journal, totals, pace, key.first,
                                                       std::move(units), ++seed));
  }
  const auto began = now_us();
  const bool asked = tick_until(plan.seconds, [&](bool stopping) {
    for (auto& connection : connections) connection->tick(stopping);
    return std::all_of(connections.begin(), connections.end(),
                       [&](auto& connection) { return stopping ? connection->quiet() : connection->done(); });
  });
  const double seconds = static_cast<double>(now_us() - began) / 1e6;
  connections.clear();
  const auto count = [](const std::atomic<std::uint64_t>& value) { return static_cast<std::int64_t>(value.load()); };
  const bool good = totals.bad_receipts == 0 && totals.different_receipts == 0 && totals.conflicts_taken == 0 &&
                    totals.repeats_unmarked == 0;
  auto summary = json_line({{"program", std::string("carriers")},
                            {"transport", std::string(wire.name())},
                            {"documents", static_cast<std::int64_t>(documents)},
                            {"sent", count(totals.sent)},
                            {"receipts", count(totals.receipts)},
                            {"refused", count(totals.refused)},
                            {"repeats", count(totals.repeats)},
                            {"conflicts", count(totals.conflicts)},
                            {"lost", count(totals.lost)},
                            {"connections", count(totals.lines)},
                            {"bad_receipts", count(totals.bad_receipts)},
                            {"different_receipts", count(totals.different_receipts)},
                            {"conflicts_taken", count(totals.conflicts_taken)},
                            {"repeats_unmarked", count(totals.repeats_unmarked)},
                            {"stopped", asked},
                            {"milliseconds", static_cast<std::int64_t>(seconds * 1000)}});
  summary.erase(summary.size() - 2);
  std::printf("%s,\"latency\":%s,\"per_second\":%.1f}\n", summary.c_str(), totals.latency.json().c_str(),
              seconds > 0 ? static_cast<double>(totals.receipts.load()) / seconds : 0.0);
  return good ? 0 : 1;
}

}  // namespace puente::load
