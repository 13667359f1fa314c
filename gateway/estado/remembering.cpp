#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "gateway/estado/consulta.h"

namespace puente::estado {
namespace {

// Outlives the client that fills it: answers may come while it is being destroyed.
class Answers {
 public:
  Answers(std::chrono::microseconds keep, Clock clock, std::size_t most)
      : keep_(keep), clock_(std::move(clock)), most_(most) {}

  std::optional<sat::Estado> find(const std::string& expression) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(expression);
    if (found == index_.end()) return std::nullopt;
    const auto& slot = *found->second;
    if (slot.estado.estado != sat::EstadoCfdi::cancelado && clock_() - slot.at >= keep_) return std::nullopt;
    slots_.splice(slots_.begin(), slots_, found->second);
    return slot.estado;
  }

  void put(std::string expression, const sat::Estado& estado) {
    if (estado.estado == sat::EstadoCfdi::no_encontrado) return;
    const std::lock_guard lock(mutex_);
    if (const auto known = index_.find(expression); known != index_.end()) {
      slots_.erase(known->second);
      index_.erase(known);
    }
    slots_.push_front({expression, estado, clock_()});
    index_.emplace(std::move(expression), slots_.begin());
    if (slots_.size() <= most_) return;
    index_.erase(slots_.back().expression);
    slots_.pop_back();
  }

 private:
  struct Slot {
    std::string expression;
    sat::Estado estado;
    std::chrono::microseconds at;
  };
  const std::chrono::microseconds keep_;
  const Clock clock_;
  const std::size_t most_;
  std::mutex mutex_;
  std::list<Slot> slots_;  // used last first
  std::map<std::string, std::list<Slot>::iterator, std::less<>> index_;
};

class Remembering final : public Consulta {
 public:
  Remembering(std::unique_ptr<Consulta> asked, std::shared_ptr<Answers> answers)
      : answers_(std::move(answers)), asked_(std::move(asked)) {}

  void ask(std::string expression, std::chrono::milliseconds deadline, Done done) override {
    if (const auto known = answers_->find(expression)) {
      done(*known);
      return;
    }
    asked_->ask(expression, deadline,
                [answers = answers_, expression, done = std::move(done)](Result<sat::Estado> answer) {
                  if (answer) answers->put(expression, *answer);
                  done(std::move(answer));
                });
  }
  void stop() override { asked_->stop(); }

 private:
  const std::shared_ptr<Answers> answers_;
  const std::unique_ptr<Consulta> asked_;
};

}  // namespace

std::unique_ptr<Consulta> remembering(std::unique_ptr<Consulta> asked, std::chrono::microseconds keep, Clock clock,
                                      std::size_t most) {
  return std::make_unique<Remembering>(std::move(asked), std::make_shared<Answers>(keep, std::move(clock), most));
}

}  // namespace puente::estado
