#include "gateway/flow/asking.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "gateway/estado/consulta.h"
#include "gateway/flow/estado.h"
#include "gateway/ledger/lifecycle.h"
#include "gateway/ops/log.h"

namespace puente::flow {
namespace {

constexpr std::chrono::seconds kPoll{1};  // what is due is looked for at least this often
constexpr std::size_t kEnrolled = 256;    // in one write

class AskingImpl final : public Asking {
 public:
  AskingImpl(ledger::Ledger& ledger, partners::Partners& partners, std::function<Knowledge()> knowledge,
             FlowOptions options)
      : ledger_(ledger), partners_(partners), knowledge_(std::move(knowledge)), options_(std::move(options)) {}
  ~AskingImpl() override { stop(); }

  void start() override {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable() || stopping_) return;
    listening_ = ledger_.listen([this](std::uint64_t) { look(); });
    thread_ = std::thread([this] { run(); });
  }

  void stop() override {
    std::thread thread;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      thread.swap(thread_);
    }
    wake_.notify_all();
    if (!thread.joinable()) return;
    ledger_.unlisten(listening_);
    options_.estado.consulta->stop();
    thread.join();
  }

 private:
  struct Answer {
    std::string document;
    Result<sat::Estado> answer;
  };
  // A question that can be asked, or why not: an empty expression is asked no more.
  struct Question {
    std::string document, expression;
  };

  void look() {
    {
      const std::lock_guard lock(mutex_);
      look_ = true;
    }
    wake_.notify_all();
  }

  void run() {
    bool enrolled = false;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      bool went_well = true;
      if (!answers_.empty()) {
        const auto answer = std::move(answers_.front());
        answers_.pop_front();
        lock.unlock();
        went_well = keep(answer);
        lock.lock();
        in_hand_.erase(answer.document);
        look_ = true;
      } else if (look_ && in_hand_.size() < options_.estado.at_once) {
        look_ = false;
        lock.unlock();
        enrolled = enrolled || enrol_open();
        went_well = enrolled && ask_due();
        lock.lock();
      } else {
        if (!wake_.wait_for(lock, kPoll, [this] { return stopping_ || !answers_.empty() || wanted(); })) look_ = true;
        continue;
      }
      // The store's trouble is over when it is over.
      if (!went_well) wake_.wait_for(lock, kPoll, [this] { return stopping_; });
    }
  }

  bool wanted() const { return look_ && in_hand_.size() < options_.estado.at_once; }

  // Those that came while nobody was asked. Which of them can be asked for is seen when they are due.
  bool enrol_open() {
    while (true) {
      std::size_t found = 0;
      const auto done = ledger_.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
        const auto ids = writer.documents_without_estado(v1::SAT_XML, kEnrolled);
        found = ids.size();
        for (const auto& id : ids) {
          ledger::EstadoRow row;
          row.document = id;
          row.next_at = options_.clock();
          if (auto put = writer.put_estado(row, {}); !put) return put;
        }
        return {};
      });
      if (!done) return false;
      if (found < kEnrolled) return true;
    }
  }

  bool ask_due() {
    std::set<std::string> busy;
    {
      const std::lock_guard lock(mutex_);
      busy = in_hand_;
    }
    std::vector<Question> questions;
    const auto known = knowledge_();
    const auto limit = options_.estado.at_once;
    const auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
      for (const auto& row : reader.estados_due(options_.clock(), limit + busy.size())) {
        if (busy.size() + questions.size() >= limit) break;
        if (!busy.contains(row.document)) questions.push_back({row.document, expression_of(reader, row, known)});
      }
      return {};
    });
    if (!read) return false;
    for (auto& question : questions)
      if (!begin(std::move(question))) return false;
    return true;
  }

  bool begin(Question question) {
    if (question.expression.empty()) {
      look();
      return ledger_.write_and_wait([&](ledger::Writer& writer) { return ask_no_more(writer, question.document); })
          .has_value();
    }
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return true;
      in_hand_.insert(question.document);
    }
    options_.estado.consulta->ask(std::move(question.expression), options_.estado.deadline,
                                  [this, id = question.document](Result<sat::Estado> answer) {
                                    {
                                      const std::lock_guard lock(mutex_);
                                      answers_.push_back({id, std::move(answer)});
                                    }
                                    wake_.notify_all();
                                  });
    return true;
  }

  // "" for what is not asked for any more: not in force, of a shipment that is finished, or not to be asked at all.
  std::string expression_of(ledger::Reader& reader, const ledger::EstadoRow& row, const Knowledge& known) const {
    const auto document = reader.document(row.document);
    const auto shipment_id = reader.shipment_of_document(row.document);
    const auto shipment = shipment_id ? reader.shipment(*shipment_id) : std::nullopt;
    if (!document || document->state != "joined" || !shipment) return {};
    const auto* state = ledger::state_row("shipment", shipment->state);
    if (state == nullptr || state->terminal) return {};
    const auto read = read_stored(reader, *document, known, options_);
    if (!askable(*read)) return {};
    return sat::consulta_expression(*read->document).value_or("");
  }

  bool keep(const Answer& answer) {
    if (!answer.answer && answer.answer.error().code == "consulta_stopped") return true;
    tell(answer.answer);
    const auto known = knowledge_();
    const auto registry = partners_.current();
    return ledger_
        .write_and_wait([&](ledger::Writer& writer) {
          return take_answer(writer, answer.document, answer.answer, known, *registry, options_);
        })
        .has_value();
  }

  // When it begins to fail and when it answers again.
  void tell(const Result<sat::Estado>& answer) {
    if (answer.has_value() == answers_well_) return;
    answers_well_ = answer.has_value();
    if (answers_well_)
      ops::log_info("sat_status_answers");
    else
      ops::log_warn("sat_status_unknown", {{"code", answer.error().code}, {"text", answer.error().text}});
  }

  ledger::Ledger& ledger_;
  partners::Partners& partners_;
  const std::function<Knowledge()> knowledge_;
  const FlowOptions options_;
  bool answers_well_ = true;  // of the thread alone

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Answer> answers_;
  std::set<std::string> in_hand_;  // asked, or answered and not kept yet
  bool look_ = true;               // something may be due
  bool stopping_ = false;
  std::uint64_t listening_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Asking> make_asking(ledger::Ledger& ledger, partners::Partners& partners,
                                    std::function<Knowledge()> knowledge, FlowOptions options) {
  return std::make_unique<AskingImpl>(ledger, partners, std::move(knowledge), std::move(options));
}

}  // namespace puente::flow
