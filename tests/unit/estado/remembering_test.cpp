// What is remembered of the SAT's answers, and for how long.
#include <gtest/gtest.h>

#include <vector>

#include "gateway/estado/consulta.h"

namespace puente::estado {
namespace {

using namespace std::chrono_literals;
using sat::EstadoCfdi;

class Service final : public Consulta {
 public:
  explicit Service(std::vector<std::string>& asked, Result<sat::Estado>& answer) : asked_(asked), answer_(answer) {}
  void ask(std::string expression, std::chrono::milliseconds, Done done) override {
    asked_.push_back(std::move(expression));
    done(answer_);
  }
  void stop() override {}

 private:
  std::vector<std::string>& asked_;
  Result<sat::Estado>& answer_;
};

class Remembering : public ::testing::Test {
 protected:
  void says(EstadoCfdi estado) { answer_ = sat::Estado{estado, sat::Cancelable::no, sat::Cancelacion::nothing}; }
  EstadoCfdi ask(const std::string& expression = "?id=A") {
    std::optional<Result<sat::Estado>> got;
    consulta_->ask(expression, 1s, [&](Result<sat::Estado> answer) { got = std::move(answer); });
    EXPECT_TRUE(got && *got);
    return got && *got ? (*got)->estado : EstadoCfdi::no_encontrado;
  }

  std::vector<std::string> asked_;
  Result<sat::Estado> answer_;
  std::chrono::microseconds now_{1000s};
  std::unique_ptr<Consulta> consulta_ = remembering(
      std::make_unique<Service>(asked_, answer_), 1h, [this] { return now_; }, 2);
};

TEST_F(Remembering, Vigente_IsAskedAgainAfterItsTime) {
  says(EstadoCfdi::vigente);
  ask();
  now_ += 59min;
  EXPECT_EQ(ask(), EstadoCfdi::vigente);
  EXPECT_EQ(asked_.size(), 1u);
  now_ += 1min;
  says(EstadoCfdi::cancelado);
  EXPECT_EQ(ask(), EstadoCfdi::cancelado);
  EXPECT_EQ(asked_.size(), 2u);
}

TEST_F(Remembering, Cancelado_IsFinal) {
  says(EstadoCfdi::cancelado);
  ask();
  says(EstadoCfdi::vigente);
  now_ += 24h * 365;
  EXPECT_EQ(ask(), EstadoCfdi::cancelado);
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(Remembering, NotFoundAndFaults_AreAskedAgain) {
  says(EstadoCfdi::no_encontrado);
  ask();
  says(EstadoCfdi::vigente);
  EXPECT_EQ(ask(), EstadoCfdi::vigente);
  answer_ = retryable("consulta_late", "");
  now_ += 1h;
  consulta_->ask("?id=A", 1s, [](const Result<sat::Estado>& answer) { EXPECT_FALSE(answer); });
  EXPECT_EQ(asked_.size(), 3u);
}

TEST_F(Remembering, TheAnswersUsedLast_AreKept) {
  says(EstadoCfdi::vigente);
  ask("?id=A");
  ask("?id=B");
  ask("?id=A");
  ask("?id=C");
  ask("?id=A");
  EXPECT_EQ(asked_, (std::vector<std::string>{"?id=A", "?id=B", "?id=C"}));
  ask("?id=B");
  EXPECT_EQ(asked_.size(), 4u);
}

}  // namespace
}  // namespace puente::estado
