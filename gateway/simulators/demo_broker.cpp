#include "gateway/simulators/demo_broker.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "mappings/cbp/filing.h"
#include "mappings/findings/projection.h"

namespace puente::simulators {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds kFirstWait{1}, kLongestWait{30};
constexpr std::string_view kNumbersFile = "entry-numbers.txt";

// What both filings of an entry, and every revision and repeat of them, have in common: they get one number.
std::string entry_key(const v1::Filing& filing) {
  if (filing.draft().entries().empty()) return filing.token();
  const v1::Entry& entry = filing.draft().entries(0);
  std::set<std::string> uuids;
  for (const v1::Invoice& invoice : entry.invoices()) uuids.insert(invoice.uuid());
  std::string key = entry.importer_of_record();
  for (const std::string& uuid : uuids) key += "/" + uuid;
  return key;
}

std::string file_stem(const v1::Filing& filing) {
  std::string out = filing.kind() + "-" + std::to_string(filing.revision()) + "-" + filing.token();
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_'; }, '_');
  return out;
}

// A reader of the folder sees a whole file or none.
bool put_file(const fs::path& file, std::string_view content) {
  const fs::path beside = file.parent_path() / ("." + file.filename().string() + ".new");
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << content;
    if (!out.flush()) return false;
  }
  std::error_code error;
  fs::rename(beside, file, error);
  return !error;
}

class Broker {
 public:
  Broker(const DemoBrokerOptions& options, const DemoBrokerEvents& events)
      : options_(options), events_(events), next_serial_(options.first_number) {}

  Result<void> run() {
    if (!options_.save.empty()) {
      std::error_code error;
      fs::create_directories(options_.save, error);
      if (error) return permanent("save_failed", options_.save.string() + ": " + error.message());
      read_numbers();
    }
    seconds wait = kFirstWait;
    for (bool connected_before = false;; connected_before = true) {
      auto client = client::Client::connect(options_.connection);
      Result<void> ended = client ? feed(**client, wait) : tl::unexpected(client.error());
      {
        const std::scoped_lock lock(mutex_);
        if (!fault_.code.empty()) return tl::unexpected(fault_);
        if (finished_locked()) return {};
      }
      if (!ended && (ended.error().kind == FaultKind::permanent || (!client && !connected_before))) return ended;
      const Fault lost =
          ended ? Fault{FaultKind::retryable, "feed_ended", "the gateway closed the stream"} : ended.error();
      if (events_.on_lost) events_.on_lost(lost, wait);
      std::this_thread::sleep_for(wait);
      wait = std::min(wait * 2, kLongestWait);
    }
  }

 private:
  // One connection, until it ends or enough was done.
  Result<void> feed(client::Client& client, seconds& wait) {
    const auto stream = client.feed({.on_filing = [this](const v1::Filing& filing) { take(filing); },
                                     .on_result = [this](const v1::FilerActResult& result) { take(result); }});
    {
      const std::scoped_lock lock(mutex_);
      stream_ = stream.get();
      granted_ = 0;
      in_hand_.clear();  // what was not answered on an earlier connection comes again
      grant_locked();
    }
    const Result<void> ended = stream->wait();
    const std::scoped_lock lock(mutex_);
    stream_ = nullptr;
    if (answered_ > answered_before_) wait = kFirstWait;
    answered_before_ = answered_;
    return ended;
  }

  bool finished_locked() const { return options_.stop_after > 0 && answered_ >= options_.stop_after; }

  // Never more than are still wanted, so that nothing is taken that would not be answered.
  void grant_locked() {
    std::uint64_t wanted = options_.window;
    if (options_.stop_after > 0) wanted = std::min(wanted, options_.stop_after - answered_);
    const std::uint64_t coming = granted_ + in_hand_.size();
    if (wanted <= coming) return;
    stream_->grant(static_cast<std::uint32_t>(wanted - coming));
    granted_ += wanted - coming;
  }

  void take(const v1::Filing& filing) {
    const std::scoped_lock lock(mutex_);
    if (granted_ > 0) --granted_;
    const fs::path saved = save_locked(filing);
    in_hand_.insert(filing.token());
    if (events_.on_filing) events_.on_filing(filing, saved);
    if (!options_.confirm) {
      ++answered_;
      return more_or_end_locked();
    }
    v1::FilerAct act;
    if (!options_.refuse.empty()) {
      act.mutable_refusal()->set_token(filing.token());
      act.mutable_refusal()->set_reason(options_.refuse);
    } else {
      act.mutable_confirmation()->set_token(filing.token());
      if (const auto number = number_locked(filing)) act.mutable_confirmation()->set_entry_number(*number);
    }
    if (stream_ != nullptr) stream_->send(act);
  }

  void take(const v1::FilerActResult& result) {
    const std::scoped_lock lock(mutex_);
    if (result.has_rebuilt()) save_locked(result.rebuilt());
    if (events_.on_result) events_.on_result(result);
    if (in_hand_.erase(result.token()) > 0) ++answered_;
    more_or_end_locked();
  }

  void more_or_end_locked() {
    if (stream_ == nullptr) return;
    if (finished_locked()) {
      stream_->half_close();
    } else {
      grant_locked();
    }
  }

  fs::path save_locked(const v1::Filing& filing) {
    if (options_.save.empty()) return {};
    const fs::path file = options_.save / (file_stem(filing) + ".txt");
    nlohmann::ordered_json json = project(filing);
    fs::path beside = file;
    beside.replace_extension(".json");
    if (!put_file(file, filing.records()) || !put_file(beside, dump(json) + "\n"))
      fault_ = {FaultKind::permanent, "save_failed", file.string()};
    return file;
  }

  // The number this entry was given before, else the next of the range. None where the filing already has one.
  std::optional<std::string> number_locked(const v1::Filing& filing) {
    if (filing.draft().entries().empty() || !filing.draft().entries(0).entry_number().empty()) return std::nullopt;
    const std::string key = entry_key(filing);
    if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
    const auto number = entry_number(filing.draft().entries(0).filer_code(), next_serial_);
    if (!number) return std::nullopt;
    ++next_serial_;
    numbers_[key] = *number;
    if (!options_.save.empty()) {
      std::string text;
      for (const auto& [entry, given] : numbers_) text += given + " " + entry + "\n";
      if (!put_file(options_.save / kNumbersFile, text))
        fault_ = {FaultKind::permanent, "save_failed", std::string(kNumbersFile)};
    }
    return number;
  }

  // Numbers given in an earlier run: the same entry keeps its number, and no number is given twice.
  void read_numbers() {
    std::ifstream in(options_.save / kNumbersFile);
    for (std::string number, key; in >> number && std::getline(in >> std::ws, key);) {
      numbers_[key] = number;
      if (number.size() == 8 && number.find_first_not_of("0123456789") == std::string::npos)
        next_serial_ = std::max(next_serial_, static_cast<std::uint32_t>(std::stoul(number.substr(0, 7))) + 1);
    }
  }

  const DemoBrokerOptions& options_;
  const DemoBrokerEvents& events_;
  std::mutex mutex_;
  std::map<std::string, std::string> numbers_;  // entry_key -> entry number
  std::set<std::string> in_hand_;               // tokens not answered yet
  client::Feed* stream_ = nullptr;
  std::uint64_t granted_ = 0, answered_ = 0, answered_before_ = 0;
  std::uint32_t next_serial_;
  Fault fault_;
};

}  // namespace

std::optional<std::string> entry_number(std::string_view filer_code, std::uint32_t serial) {
  std::string digits = std::to_string(serial);
  if (digits.size() > 7) return std::nullopt;
  digits.insert(0, 7 - digits.size(), '0');
  const auto check = cbp::entry_check_digit(filer_code, digits);
  if (!check) return std::nullopt;
  return digits + *check;
}

Result<void> run_demo_broker(const DemoBrokerOptions& options, const DemoBrokerEvents& events) {
  return Broker(options, events).run();
}

}  // namespace puente::simulators
