#include "gateway/transport/spool/spool.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "gateway/delivery/filing_message.h"
#include "gateway/ops/fault_points.h"
#include "gateway/transport/spool/spool_folder.h"
#include "mappings/findings/projection.h"

namespace puente::transport {
namespace {

constexpr std::string_view kChannel = "spool";
constexpr std::array<std::string_view, 4> kAnswerSuffixes{".sx", ".so", ".ax", ".txt"};
constexpr std::size_t kTokenLength = 36;

// One attached filer. `offered` is filled by delivery's thread, the rest belongs to the spool's.
struct Filer {
  std::filesystem::path root;
  SpoolFolder folder;
  std::map<std::string, SpoolFile> seen;  // files of in/ at the look before
  std::shared_ptr<std::deque<v1::Filing>> offered = std::make_shared<std::deque<v1::Filing>>();
  std::unique_ptr<delivery::FilerSession> session;

  Filer(std::filesystem::path path, SpoolFolder opened) : root(std::move(path)), folder(std::move(opened)) {}
};

std::string findings_json(const v1::FilerActResult& result) {
  auto shown = result;
  shown.clear_rebuilt();
  return dump(project(shown)) + "\n";
}

bool is_token(std::string_view stem) {
  return stem.size() == kTokenLength && stem[8] == '-' && stem[13] == '-' && stem[18] == '-' && stem[23] == '-';
}

// What a file of in/ says; or the finding why it cannot be told.
struct Taken {
  v1::FilerAct act;
  std::optional<Finding> wrong;
};

Taken read_act(const std::string& name, const std::string& bytes) {
  Taken taken;
  const auto dot = name.rfind('.');
  const std::string_view suffix = dot == std::string::npos ? std::string_view() : std::string_view(name).substr(dot);
  if (suffix == ".json") {
    const auto parsed = google::protobuf::util::JsonStringToMessage(bytes, &taken.act);
    if (!parsed.ok()) taken.wrong = make_finding("SPOOL_JSON_INVALID", {{"file", name}});
  } else if (std::find(kAnswerSuffixes.begin(), kAnswerSuffixes.end(), suffix) != kAnswerSuffixes.end()) {
    const auto stem = name.substr(0, dot);
    if (is_token(stem)) taken.act.mutable_answer()->set_token(stem);
    taken.act.mutable_answer()->set_lines(bytes);
  } else {
    taken.wrong = make_finding("SPOOL_FILE_UNKNOWN", {{"file", name}});
  }
  return taken;
}

// The .json first: who sees it may rely on the records.
void remove_offer(const Filer& filer, const std::string& token) {
  for (const auto* suffix : {".json", ".se", ".ae"}) filer.folder.remove_out(token + suffix);
}

class Spool final : public SpoolTransport {
 public:
  Spool(partners::Partners& partners, delivery::Delivery& delivery, SpoolOptions options)
      : partners_(partners), delivery_(delivery), options_(std::move(options)) {}
  ~Spool() override { stop(); }

  void start() override;
  void look() override;
  void stop() override;

 private:
  void follow_registry();
  void write_offers(Filer& filer);
  void take(const std::string& partner, Filer& filer);
  Result<v1::FilerActResult> apply(const std::string& partner, v1::FilerAct act);
  void put_away(Filer& filer, const std::string& name, bool done, const v1::FilerActResult& result);
  void clear_out(Filer& filer, const v1::FilerAct& act);
  void clear_settled(const std::string& partner, Filer& filer);

  partners::Partners& partners_;
  delivery::Delivery& delivery_;
  const SpoolOptions options_;

  std::mutex look_mutex_;  // one look at a time
  std::map<std::string, Filer> filers_;

  std::mutex offered_mutex_;  // the queues of all filers

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, offered_ = false;
  std::thread thread_;
};

void Spool::start() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable() || stopping_) return;
  thread_ = std::thread([this] {
    for (;;) {
      look();
      std::unique_lock wait(mutex_);
      wake_.wait_for(wait, options_.poll, [this] { return stopping_ || offered_; });
      if (stopping_) return;
      offered_ = false;
    }
  });
}

void Spool::stop() {
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    thread.swap(thread_);
  }
  wake_.notify_all();
  if (thread.joinable()) thread.join();
  const std::lock_guard lock(look_mutex_);
  filers_.clear();  // sessions close
}

void Spool::look() {
  const std::lock_guard lock(look_mutex_);
  follow_registry();
  for (auto& [partner, filer] : filers_) {
    take(partner, filer);
    clear_settled(partner, filer);
    write_offers(filer);
  }
}

void Spool::follow_registry() {
  const auto registry = partners_.current();
  std::erase_if(filers_, [&](const auto& held) {
    const auto* partner = registry->by_id(held.first);
    return partner == nullptr || partner->channel != kChannel || partner->spool != held.second.root;
  });
  for (const auto& partner : registry->partners()) {
    if (partner.channel != kChannel || filers_.contains(partner.id)) continue;
    auto folder = SpoolFolder::open(partner.spool);
    if (!folder) {
      options_.on_fault(folder.error());
      continue;
    }
    auto& filer = filers_.emplace(partner.id, Filer(partner.spool, std::move(*folder))).first->second;
    filer.session = delivery_.attach({partner.id, partner.roles}, kChannel,
                                     [this, queue = filer.offered](const v1::Filing& filing) {
                                       {
                                         const std::lock_guard lock(offered_mutex_);
                                         queue->push_back(filing);
                                       }
                                       const std::lock_guard lock(mutex_);
                                       offered_ = true;
                                       wake_.notify_all();
                                     });
    // A folder takes whatever its partner's window lets through.
    filer.session->grant(static_cast<std::uint32_t>(partner.window));
  }
}

// Records first: the .json tells that both are there. A filing that cannot be written is offered again when its lease
// is over.
void Spool::write_offers(Filer& filer) {
  std::deque<v1::Filing> offers;
  {
    const std::lock_guard lock(offered_mutex_);
    offers.swap(*filer.offered);
  }
  for (auto& filing : offers) {
    const auto records = filing.token() + "." + filing.kind();
    auto written = filer.folder.write_out(records, filing.records());
    if (written) {
      ops::cross(ops::FaultPoint::spool_records_out);
      filing.clear_records();
      written =
          filer.folder.write_out(filing.token() + ".json", dump(project(delivery::with_draft_read(filing))) + "\n");
    }
    if (!written) options_.on_fault(written.error());
    filer.session->grant(1);  // the window alone bounds a folder
  }
}

Result<v1::FilerActResult> Spool::apply(const std::string& partner, v1::FilerAct act) {
  std::promise<Result<v1::FilerActResult>> promise;
  auto answer = promise.get_future();
  delivery_.act({partner, {partners::Role::filer}}, std::move(act), kChannel,
                [&promise](Result<v1::FilerActResult> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

void Spool::take(const std::string& partner, Filer& filer) {
  std::map<std::string, SpoolFile> now;
  for (auto& file : filer.folder.incoming()) now.emplace(file.name, file);
  for (const auto& [name, file] : now) {
    const auto before = filer.seen.find(name);
    if (before == filer.seen.end() || before->second != file) continue;  // still being written, perhaps
    v1::FilerActResult result;
    const auto bytes =
        file.size > options_.file_limit ? std::nullopt : filer.folder.read_incoming(name, options_.file_limit);
    if (file.size > options_.file_limit) {
      *result.add_findings() =
          make_finding("SPOOL_FILE_TOO_LARGE", {{"file", name}, {"limit", std::to_string(options_.file_limit)}});
      put_away(filer, name, false, result);
      continue;
    }
    if (!bytes) continue;  // gone or changed meanwhile
    auto taken = read_act(name, *bytes);
    if (taken.wrong) {
      *result.add_findings() = *taken.wrong;
      put_away(filer, name, false, result);
      continue;
    }
    const auto applied = apply(partner, taken.act);
    if (!applied) {  // not committed: the file stays and is taken again
      options_.on_fault(applied.error());
      continue;
    }
    ops::cross(ops::FaultPoint::spool_act_applied);
    if (taken.act.has_confirmation() && applied->has_rebuilt()) {
      const auto& rebuilt = applied->rebuilt();
      const auto written = filer.folder.write_done(rebuilt.token() + "." + rebuilt.kind(), rebuilt.records());
      if (!written) {  // taken again: the repeat brings the same records
        options_.on_fault(written.error());
        continue;
      }
    }
    put_away(filer, name, applied->applied() || applied->repeat(), *applied);
    if (applied->applied()) clear_out(filer, taken.act);
  }
  filer.seen = std::move(now);
}

void Spool::put_away(Filer& filer, const std::string& name, bool done, const v1::FilerActResult& result) {
  if (auto moved = filer.folder.put_away(name, done, findings_json(result)); !moved) options_.on_fault(moved.error());
}

// What the filer has confirmed, refused or had corrected is no longer out for it to take. Files of an earlier run go
// too.
void Spool::clear_out(Filer& filer, const v1::FilerAct& act) {
  const auto& token = act.has_confirmation() ? act.confirmation().token()
                      : act.has_refusal()    ? act.refusal().token()
                                             : act.correction().token();
  if (act.has_answer() || !is_token(token)) return;
  remove_offer(filer, token);
}

// What became of a filing without a word of this filer's, or in an earlier run: replaced, cancelled, answered by CBP.
void Spool::clear_settled(const std::string& partner, Filer& filer) {
  std::vector<std::string> tokens;
  for (const auto& name : filer.folder.outgoing()) {
    auto token = name.substr(0, name.rfind('.'));
    if (is_token(token) && (tokens.empty() || tokens.back() != token)) tokens.push_back(std::move(token));
  }
  if (tokens.empty()) return;
  const auto over = delivery_.settled({partner, {partners::Role::filer}}, tokens);
  if (!over) return options_.on_fault(over.error());
  for (const auto& token : *over) remove_offer(filer, token);
}

}  // namespace

std::unique_ptr<SpoolTransport> make_spool(partners::Partners& partners, delivery::Delivery& delivery,
                                           SpoolOptions options) {
  return std::make_unique<Spool>(partners, delivery, std::move(options));
}

}  // namespace puente::transport
