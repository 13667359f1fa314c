// The spool as its filer's program sees it: files of out/ read, files of in/ written. The test itself makes the gateway
// look, so nothing waits for a poll.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include "door.h"
#include "gateway/transport/spool/spool.h"

namespace puente::conformance {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <typename Message>
Message message_of(const fs::path& json) {
  Message message;
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  lenient.case_insensitive_enum_parsing = true;
  (void)google::protobuf::util::JsonStringToMessage(text_of(json), &message, lenient);
  return message;
}

class SpoolFiler final : public FilerDoor {
 public:
  // `look`: the gateway looks at its folders, while it serves.
  SpoolFiler(std::function<void()> look, fs::path folder) : look_(std::move(look)), folder_(std::move(folder)) {}

  void take(std::uint32_t) override {}

  // A filing that is written anew is another offer: its attempt tells.
  std::vector<v1::Filing> taken() override {
    look_();
    std::vector<v1::Filing> fresh;
    for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
      if (entry.path().extension() != ".json" || entry.path().filename().string().front() == '.') continue;
      auto filing = message_of<v1::Filing>(entry.path());
      auto& attempt = attempts_[filing.token()];
      if (filing.attempt() <= attempt) continue;
      attempt = filing.attempt();
      filing.set_records(text_of(folder_ / "out" / (filing.token() + "." + filing.kind())));
      fresh.push_back(std::move(filing));
    }
    std::sort(fresh.begin(), fresh.end(), [](const auto& a, const auto& b) { return a.revision() < b.revision(); });
    for (auto& filing : fresh) taken_.push_back(std::move(filing));
    return taken_;
  }

  Result<v1::FilerActResult> act(const v1::FilerAct& act) override {
    std::string json;
    google::protobuf::util::JsonPrintOptions names;
    names.preserve_proto_field_names = true;
    (void)google::protobuf::util::MessageToJsonString(act, &json, names);
    static int acts = 0;
    const std::string name = "act-" + std::to_string(++acts) + ".json";
    std::ofstream(folder_ / "in" / name, std::ios::binary) << json;
    look_();
    look_();  // one look apart, unchanged: it is whole
    for (const char* end : {"done", "bad"}) {
      const auto findings = folder_ / end / (name + ".findings.json");
      if (!fs::exists(findings)) continue;
      auto result = message_of<v1::FilerActResult>(findings);
      for (const char* kind : {".se", ".ae"})
        if (const auto records = folder_ / "done" / (result.token() + kind); fs::exists(records))
          result.mutable_rebuilt()->set_records(text_of(records));
      return result;
    }
    return retryable("not_taken", "the file lies in in/ as before");
  }

 private:
  const std::function<void()> look_;
  const fs::path folder_;
  std::map<std::string, std::uint32_t> attempts_;  // by token: the last one seen
  std::vector<v1::Filing> taken_;
};

class SpoolDoors final : public Transport {
 public:
  explicit SpoolDoors(const Rooms& rooms) : folder_(rooms.folder / "spool") {
    transport::SpoolOptions options;
    spool_ = transport::make_spool(rooms.partners, rooms.delivery, options);
  }
  std::uint16_t port() const override { return 0; }
  Result<std::unique_ptr<SenderDoor>> sender(const std::string&, std::uint16_t) override {
    return permanent("no_senders", "a spool is a filer's");
  }
  Result<std::unique_ptr<FilerDoor>> filer(const std::string& partner, std::uint16_t) override {
    spool_->look();
    return std::make_unique<SpoolFiler>([this] { look(); }, folder_ / partner);
  }
  void drain() override {
    stopped_ = true;
    spool_->stop();
  }

 private:
  void look() const {
    if (!stopped_) spool_->look();
  }

  bool stopped_ = false;
  const fs::path folder_;
  std::unique_ptr<transport::SpoolTransport> spool_;
};

}  // namespace

Result<std::unique_ptr<Transport>> start_spool(const Rooms& rooms) { return std::make_unique<SpoolDoors>(rooms); }

}  // namespace puente::conformance
