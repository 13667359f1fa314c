#include "tests/support/load/brokers.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "tests/support/load/journal.h"
#include "tests/support/load/proof.h"
#include "tests/support/load/stopping.h"

namespace puente::load {
namespace {

constexpr std::int64_t kFirstWait = 50'000, kLongestWait = 1'000'000;  // microseconds, before another connection

// CATAIR's entry check digit, worked out here on its own.
char check_digit(const std::string& filer_code, const std::string& seven) {
  int total = 0, place = 0;
  const std::string all = filer_code + seven;
  for (auto c = all.rbegin(); c != all.rend(); ++c, ++place) {
    int digit = *c - '0';
    if (*c >= 'A') {
      const int n = *c - 'A';
      digit = n < 18 ? n % 9 + 1 : n - 16;
    }
    const int value = place % 2 == 0 ? digit * 2 : digit;
    total += value / 10 + value % 10;
  }
  return static_cast<char>('0' + (10 - total % 10) % 10);
}

std::string padded(std::string line) {
  line.resize(80, ' ');
  return line + "\n";
}

// What CBP says of a filing in the end: SO releases the entry, AX accepts the summary.
std::string cbp_lines(const v1::Filing& filing, const std::string& number) {
  const std::string code = filing.draft().entries(0).filer_code();
  if (filing.kind() == "se")
    return padded("B  2506" + code + "SO") + padded("SO102506" + code + "  " + number) +
           padded("SO60111126165698RELEASED                                11112603") +
           padded("Y  2506" + code + "SO00002");
  std::string line = padded("E1A 995   FINAL");
  line.replace(50, 3, code);
  line.replace(55, number.size(), number);
  return padded("B  2506" + code + "AX") + line;
}

// A text field of a line of our own.
std::string field(const std::string& line, const std::string& name) {
  const std::string start = "\"" + name + "\":\"";
  const auto at = line.find(start);
  if (at == std::string::npos) return {};
  const auto from = at + start.size();
  return line.substr(from, line.find('"', from) - from);
}

struct Totals {
  std::atomic<std::uint64_t> arrivals{0}, repeats{0}, effects{0}, confirmed{0}, refused{0}, answers{0}, lines{0},
      findings{0}, rewritten{0};  // came again with other bytes: the entry's number has been written into them
  // What must never be.
  std::atomic<std::uint64_t> unmarked{0}, bad_digests{0}, bad_receipts{0};
};

struct Logs {
  explicit Logs(const BrokerPlan& plan) : memory(plan.memory), seen(plan.log), answers(plan.answers) {}
  Journal memory, seen, answers;
};

class Filer {
 public:
  Filer(Wire& wire, const BrokerPlan& plan, const ReceiptCheck& check, Logs& logs, Totals& totals, std::string name,
        BrokerMode mode)
      : wire_(wire), plan_(plan), check_(check), logs_(logs), totals_(totals), name_(std::move(name)), mode_(mode) {}
  ~Filer() {
    std::unique_ptr<FilerLine> old;
    {
      const std::scoped_lock lock(mutex_);
      old = std::move(line_);
    }
    old.reset();  // its callbacks come while it ends
  }

  // A line of the memory of an earlier run of this filer.
  void remember(const std::string& line) {
    auto& known = tokens_[field(line, "token")];
    known.records = field(line, "records_sha256");
    if (field(line, "act") != "confirm") return;
    known.acted = true;
    known.arrival = line;
    const auto number = field(line, "entry_number");
    numbers_[field(line, "scn")] = number;
    serial_ = std::max(serial_, static_cast<std::uint32_t>(std::stoul(number.substr(0, 7))) + 1);
  }
  // A line of its log: what is there has been told.
  void told(const std::string& line) {
    if (line.find("\"effect\":true") != std::string::npos) tokens_[field(line, "token")].arrival.clear();
  }
  // What was acted on before a kill of this program and had no line in the log yet.
  void tell_rest() {
    for (auto& [token, known] : tokens_) {
      if (!known.acted || known.arrival.empty()) continue;
      const auto number = [&](const char* name) {
        const auto at = known.arrival.find(std::string("\"") + name + "\":");
        return at == std::string::npos ? 0 : std::stoll(known.arrival.substr(at + std::string_view(name).size() + 3));
      };
      Arrival arrival{field(known.arrival, "filing_id"),
                      token,
                      field(known.arrival, "kind"),
                      field(known.arrival, "action"),
                      field(known.arrival, "scn"),
                      known.records,
                      number("at"),
                      number("revision"),
                      number("attempt"),
                      known.arrival.find("\"possible_duplicate\":true") != std::string::npos,
                      true,
                      "confirm"};
      logs_.seen.write(line_of(arrival, false, false, {}, 0));
      known.arrival.clear();
    }
  }

  void tick(bool stopping) {
    if (mode_.kind == BrokerMode::absent) return;
    bool fresh = false;
    std::deque<std::pair<v1::Filing, Arrival>> due;
    {
      const std::scoped_lock lock(mutex_);
      fresh = ended_ && !stopping && now_us() >= not_before_;
      if (mode_.kind == BrokerMode::slow && !ended_) {
        const auto allowed = static_cast<double>(now_us() - slow_from_) / 1e6 * mode_.rate;
        while (!waiting_.empty() && static_cast<double>(slow_done_) < allowed) {
          due.push_back(std::move(waiting_.front()));
          waiting_.pop_front();
          ++slow_done_;
        }
        if (waiting_.empty()) {  // no credit for idle time
          slow_from_ = now_us();
          slow_done_ = 0;
        }
      }
    }
    for (auto& [filing, arrival] : due) act_on(filing, std::move(arrival));
    if (!fresh) return;
    std::unique_ptr<FilerLine> old;
    {
      const std::scoped_lock lock(mutex_);
      old = std::move(line_);
    }
    old.reset();
    auto line = wire_.filer(
        {plan_.address, plan_.certificates, name_},
        {[this](const v1::Filing& filing) { arrived(filing); },
         [this](const v1::FilerActResult& result) { answered(result); }, [this](std::string_view) { ended(); }});
    v1::FilerAct credits;
    credits.mutable_credits()->set_filings(plan_.credits);
    line->send(credits);
    const std::scoped_lock lock(mutex_);
    line_ = std::move(line);
    ended_ = over_;
    over_ = false;
    ++totals_.lines;
    for (const auto& act : early_) line_->send(act);
    early_.clear();
  }

  std::string latencies() const { return "\"" + name_ + "\":" + latency_.json(); }

 private:
  struct Known {
    std::string records;
    bool acted = false;
    std::string arrival;  // of an earlier run: memory that has no line in the log
  };
  struct Arrival {
    std::string filing_id, token, kind, action, scn, records;
    std::int64_t at = 0, revision = 0, attempt = 0;
    bool possible_duplicate = false, effect = false;
    std::string act = "none";
    std::int64_t left = 0;  // the act
  };

  std::string line_of(const Arrival& arrival, bool applied, bool repeat, const std::vector<std::string>& findings,
                      std::int64_t latency) const {
    return json_line({{"at", arrival.at},
                      {"filer", name_},
                      {"filing_id", arrival.filing_id},
                      {"token", arrival.token},
                      {"kind", arrival.kind},
                      {"revision", arrival.revision},
                      {"action", arrival.action},
                      {"scn", arrival.scn},
                      {"possible_duplicate", arrival.possible_duplicate},
                      {"attempt", arrival.attempt},
                      {"records_sha256", arrival.records},
                      {"act", arrival.act},
                      {"applied", applied},
                      {"repeat", repeat},
                      {"effect", arrival.effect},
                      {"findings", findings},
                      {"latency_us", latency},
                      {"transport", std::string(wire_.name())}});
  }

  std::string memory_of(const Arrival& arrival, const std::string& number) const {
    return json_line({{"at", arrival.at},
                      {"filer", name_},
                      {"filing_id", arrival.filing_id},
                      {"token", arrival.token},
                      {"kind", arrival.kind},
                      {"action", arrival.action},
                      {"scn", arrival.scn},
                      {"revision", arrival.revision},
                      {"attempt", arrival.attempt},
                      {"possible_duplicate", arrival.possible_duplicate},
                      {"records_sha256", arrival.records},
                      {"act", arrival.act},
                      {"entry_number", number}});
  }

  void send_locked(const v1::FilerAct& act) {
    if (line_ && !ended_)
      line_->send(act);
    else
      early_.push_back(act);  // the first filings may come before the line is known here
  }

  static std::string scn_of(const v1::Filing& filing) {
    const auto& entry = filing.draft().entries(0);
    return entry.bills_size() > 0 && !entry.bills(0).scn().empty() ? entry.bills(0).scn() : filing.token();
  }

  void arrived(const v1::Filing& filing) {
    const std::string digest = sha256(filing.records());
    Arrival arrival{
        filing.filing_id(), filing.token(), filing.kind(),     filing.action(),  scn_of(filing),
        hex(digest),        now_us(),       filing.revision(), filing.attempt(), filing.possible_duplicate()};
    ++totals_.arrivals;
    if (filing.sha256() != digest) ++totals_.bad_digests;
    {
      const std::scoped_lock lock(mutex_);
      auto& known = tokens_[filing.token()];
      if (!known.records.empty()) {
        ++totals_.repeats;
        if (!filing.possible_duplicate()) ++totals_.unmarked;
        if (known.records != arrival.records) ++totals_.rewritten;
      }
      known.records = arrival.records;
      if (mode_.kind == BrokerMode::slow) {
        logs_.memory.write(memory_of(arrival, ""));
        if (waiting_.empty()) slow_from_ = now_us();
        waiting_.emplace_back(filing, std::move(arrival));
        return;
      }
    }
    if (mode_.kind == BrokerMode::dead) {
      logs_.memory.write(memory_of(arrival, ""));
      logs_.seen.write(line_of(arrival, false, false, {}, 0));
      return;
    }
    act_on(filing, std::move(arrival));
  }

  // The same token is refused or not whatever comes again, in this run and in the next.
  void decide_refusal(const v1::Filing& filing, bool& refuses, bool& retry) const {
    if (mode_.kind != BrokerMode::refusing) return;
    const auto dice = sha256(filing.token());
    const double share = (static_cast<unsigned char>(dice[0]) * 256 + static_cast<unsigned char>(dice[1])) / 65536.0;
    if (share < mode_.refused) {
      refuses = true;
    } else if (share < mode_.refused + mode_.refused_once) {
      refuses = filing.attempt() <= 1;
      retry = true;
    }
  }

  // An entry has one number, in both filings and every revision of it.
  std::string number_locked(const v1::Entry& entry, const std::string& scn) {
    std::string given = entry.entry_number();
    if (given.size() > 8) given = given.substr(given.size() - 8);
    auto& number = numbers_[scn];
    if (!given.empty()) number = given;
    if (number.empty()) {
      std::string seven = std::to_string(serial_++);
      seven.insert(0, 7 - seven.size(), '0');
      number = seven + check_digit(entry.filer_code(), seven);
    }
    return number;
  }

  // What is done is written down before it leaves.
  void act_on(const v1::Filing& filing, Arrival arrival) {
    v1::FilerAct act;
    const std::scoped_lock lock(mutex_);
    auto& known = tokens_[filing.token()];
    bool refuses = false, retry = false;
    decide_refusal(filing, refuses, retry);
    std::string number;
    if (refuses && !known.acted) {
      arrival.act = "refuse";
      act.mutable_refusal()->set_token(filing.token());
      act.mutable_refusal()->set_reason("LOAD");
      act.mutable_refusal()->set_retry(retry);
      ++totals_.refused;
    } else {
      arrival.act = "confirm";
      arrival.effect = !known.acted;
      known.acted = true;
      if (arrival.effect) ++totals_.effects;
      number = number_locked(filing.draft().entries(0), arrival.scn);
      auto& confirmation = *act.mutable_confirmation();
      confirmation.set_token(filing.token());
      confirmation.set_sha256(filing.sha256());
      confirmation.set_entry_number(number);
      confirmation.set_filer_reference("LD" + number);
      if (mode_.kind == BrokerMode::answering && filing.action() != "D")
        to_answer_[filing.token()] = cbp_lines(filing, number);
    }
    logs_.memory.write(memory_of(arrival, number));
    arrival.left = now_us();
    // The same filing again before the answer to the first act: that act's line is not lost.
    const auto [held, fresh] = pending_.try_emplace(filing.token());
    if (!fresh) logs_.seen.write(line_of(held->second, false, false, {}, 0));
    held->second = std::move(arrival);
    send_locked(act);
  }

  void answered(const v1::FilerActResult& result) {
    const auto at = now_us();
    std::vector<std::string> findings;
    for (const auto& finding : result.findings()) findings.push_back(finding.code());
    totals_.findings += findings.size();
    if (result.has_receipt() && !check_.good(result.receipt(), result.receipt().body().sha256()))
      ++totals_.bad_receipts;
    const std::scoped_lock lock(mutex_);
    if (const auto report = reported_.find(result.token()); report != reported_.end()) {
      logs_.answers.write(json_line({{"at", at},
                                     {"filer", name_},
                                     {"token", result.token()},
                                     {"answer_sha256", report->second},
                                     {"applied", result.applied()},
                                     {"repeat", result.repeat()},
                                     {"findings", findings}}));
      reported_.erase(report);
      return;
    }
    const auto found = pending_.find(result.token());
    if (found == pending_.end()) return;
    const Arrival arrival = std::move(found->second);
    pending_.erase(found);
    latency_.add(at - arrival.left);
    logs_.seen.write(line_of(arrival, result.applied(), result.repeat(), findings, at - arrival.left));
    v1::FilerAct credits;
    credits.mutable_credits()->set_filings(1);
    send_locked(credits);
    if (arrival.act != "confirm" || !result.applied()) return;
    ++totals_.confirmed;
    const auto due = to_answer_.find(result.token());
    if (due == to_answer_.end()) return;
    v1::FilerAct answer;
    answer.mutable_answer()->set_token(result.token());
    answer.mutable_answer()->set_lines(due->second);
    reported_[result.token()] = hex(sha256(due->second));
    to_answer_.erase(due);
    ++totals_.answers;
    send_locked(answer);
  }

  // What is not answered comes again.
  void ended() {
    const std::scoped_lock lock(mutex_);
    over_ = line_ == nullptr;
    ended_ = true;
    not_before_ = now_us() + wait_;
    wait_ = pending_.empty() ? std::min(wait_ * 2, kLongestWait) : kFirstWait;
    for (const auto& [token, arrival] : pending_) logs_.seen.write(line_of(arrival, false, false, {}, 0));
    for (const auto& [filing, arrival] : waiting_) logs_.seen.write(line_of(arrival, false, false, {}, 0));
    for (const auto& [token, digest] : reported_)
      logs_.answers.write(json_line(
          {{"at", now_us()}, {"filer", name_}, {"token", token}, {"answer_sha256", digest}, {"applied", false}}));
    pending_.clear();
    waiting_.clear();
    reported_.clear();
    early_.clear();
  }

  Wire& wire_;
  const BrokerPlan& plan_;
  const ReceiptCheck& check_;
  Logs& logs_;
  Totals& totals_;
  const std::string name_;
  const BrokerMode mode_;
  Latencies latency_;

  std::mutex mutex_;
  std::map<std::string, Known> tokens_;
  std::map<std::string, std::string> numbers_;          // of entries, by SCN
  std::map<std::string, Arrival> pending_;              // acts without result, by token
  std::map<std::string, std::string> to_answer_;        // CBP's lines, by token
  std::map<std::string, std::string> reported_;         // digest of lines without result, by token
  std::deque<std::pair<v1::Filing, Arrival>> waiting_;  // slow: not confirmed yet
  std::deque<v1::FilerAct> early_;
  std::uint32_t serial_ = 1'000'000;
  bool ended_ = true, over_ = false;
  std::int64_t not_before_ = 0, wait_ = kFirstWait, slow_from_ = 0;
  std::uint64_t slow_done_ = 0;
  std::unique_ptr<FilerLine> line_;
};

}  // namespace

BrokerMode BrokerMode::parse(const std::string& text) {
  const auto word = text.substr(0, text.find(':'));
  const auto rest = word.size() == text.size() ? std::string() : text.substr(word.size() + 1);
  BrokerMode mode;
  const std::map<std::string, Kind> kinds = {{"prompt", prompt}, {"slow", slow},         {"dead", dead},
                                             {"absent", absent}, {"refusing", refusing}, {"answering", answering}};
  const auto kind = kinds.find(word);
  if (kind == kinds.end()) throw std::runtime_error("no such mode: " + text);
  mode.kind = kind->second;
  if (mode.kind == slow) mode.rate = std::stod(rest);
  if (mode.kind == refusing) {
    mode.refused = std::stod(rest);
    mode.refused_once = std::stod(rest.substr(rest.find(':') + 1));
  }
  return mode;
}

int run_brokers(Wire& wire, const BrokerPlan& plan) {
  const ReceiptCheck check(plan.certificates / "receipt.crt");
  Totals totals;
  // Lines of earlier runs, by filer; the last one may have been cut off by a kill.
  const auto lines_of = [](const std::filesystem::path& file) {
    std::map<std::string, std::vector<std::string>> lines;
    if (std::ifstream log(file); log)
      for (std::string line; std::getline(log, line);)
        if (line.ends_with("}")) lines[field(line, "filer")].push_back(line);
    return lines;
  };
  auto memory = lines_of(plan.memory), seen = lines_of(plan.log);
  Logs logs(plan);
  std::vector<std::unique_ptr<Filer>> filers;
  for (const auto& name : plan.filers) {
    const auto mode = plan.modes.find(name);
    filers.push_back(std::make_unique<Filer>(wire, plan, check, logs, totals, name,
                                             mode == plan.modes.end() ? BrokerMode() : mode->second));
    for (const auto& line : memory[name]) filers.back()->remember(line);
    for (const auto& line : seen[name]) filers.back()->told(line);
    filers.back()->tell_rest();
  }
  memory.clear();
  seen.clear();
  const auto began = now_us();
  const bool asked = tick_until(plan.seconds, [&](bool stopping) {
    for (auto& filer : filers) filer->tick(stopping);
    return stopping || (plan.until > 0 && totals.confirmed >= plan.until);
  });
  const double seconds = static_cast<double>(now_us() - began) / 1e6;
  std::string latencies;
  for (const auto& filer : filers) latencies += (latencies.empty() ? "" : ",") + filer->latencies();
  filers.clear();
  const auto count = [](const std::atomic<std::uint64_t>& value) { return static_cast<std::int64_t>(value.load()); };
  const bool good = totals.unmarked == 0 && totals.bad_digests == 0 && totals.bad_receipts == 0;
  auto summary = json_line({{"program", std::string("brokers")},
                            {"transport", std::string(wire.name())},
                            {"arrivals", count(totals.arrivals)},
                            {"repeats", count(totals.repeats)},
                            {"effects", count(totals.effects)},
                            {"confirmed", count(totals.confirmed)},
                            {"refused", count(totals.refused)},
                            {"answers", count(totals.answers)},
                            {"findings", count(totals.findings)},
                            {"connections", count(totals.lines)},
                            {"unmarked", count(totals.unmarked)},
                            {"rewritten", count(totals.rewritten)},
                            {"bad_digests", count(totals.bad_digests)},
                            {"bad_receipts", count(totals.bad_receipts)},
                            {"stopped", asked},
                            {"milliseconds", static_cast<std::int64_t>(seconds * 1000)}});
  summary.erase(summary.size() - 2);
  std::printf("%s,\"act_latency\":{%s},\"per_second\":%.1f}\n", summary.c_str(), latencies.c_str(),
              seconds > 0 ? static_cast<double>(totals.confirmed.load()) / seconds : 0.0);
  return good ? 0 : 1;
}

}  // namespace puente::load
