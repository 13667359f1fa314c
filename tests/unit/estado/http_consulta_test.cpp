// The client of the SAT's service against the simulator, over real sockets.
#include "gateway/estado/http_consulta.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <vector>

#include "gateway/partners/certificates.h"
#include "gateway/simulators/sat_estado.h"

namespace puente::estado {
namespace {

using namespace std::chrono_literals;
using sat::EstadoCfdi;

constexpr std::string_view kFolio = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11";
constexpr auto kPatience = 30s;

std::string question(std::string_view folio = kFolio) {
  return "?re=EKU9003173C9&rr=URE180429TM6&tt=116.0&id=" + std::string(folio) + "&fe=TU5PUA==";
}

class HttpConsulta : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string made = (std::filesystem::temp_directory_path() / "puente-estado-XXXXXX").string();
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    folder_ = made;
    says("vigente");
  }
  void TearDown() override {
    consulta_.reset();
    simulator_.reset();
    std::filesystem::remove_all(folder_);
  }

  void says(std::string_view word, std::string_view folio = "*") {
    std::ofstream(folder_ / "folios.txt") << folio << " " << word << "\n";
  }
  void simulate(bool tls = false) {
    simulators::SatEstadoOptions options;
    options.folios = folder_ / "folios.txt";
    if (tls) {
      ASSERT_TRUE(partners::write_development_certificates(folder_ / "tls", {}));
      options.certificate = folder_ / "tls" / "server.crt";
      options.key = folder_ / "tls" / "server.key";
    }
    auto started = simulators::SatEstado::start(options, [this](std::string_view folio, std::string_view word) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(std::string(folio) + " " + std::string(word));
    });
    ASSERT_TRUE(started) << started.error().text;
    simulator_ = std::move(*started);
  }
  void connect(HttpConsultaOptions options = {}) {
    if (options.url.empty()) options.url = simulator_->url();
    auto made = make_http_consulta(std::move(options));
    ASSERT_TRUE(made);
    consulta_ = std::move(*made);
  }
  static HttpConsultaOptions of_test() {
    HttpConsultaOptions options;
    options.refuse_simulators = false;
    return options;
  }
  std::future<Result<sat::Estado>> begin(std::chrono::milliseconds deadline, std::string expression = question()) {
    auto promise = std::make_shared<std::promise<Result<sat::Estado>>>();
    consulta_->ask(std::move(expression), deadline,
                   [promise](Result<sat::Estado> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  Result<sat::Estado> ask(std::chrono::milliseconds deadline = kPatience) { return begin(deadline).get(); }
  std::string fault(std::chrono::milliseconds deadline = kPatience) {
    const auto answer = ask(deadline);
    return answer ? "none" : answer.error().code;
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::unique_ptr<simulators::SatEstado> simulator_;
  std::unique_ptr<Consulta> consulta_;
};

TEST_F(HttpConsulta, EachWordOfTheSimulator_ArrivesAsTheSatSaysIt) {
  simulate();
  connect(of_test());
  for (const auto& [word, estado, cancelacion] :
       {std::tuple{"vigente", EstadoCfdi::vigente, sat::Cancelacion::nothing},
        {"cancelable", EstadoCfdi::vigente, sat::Cancelacion::nothing},
        {"en_proceso", EstadoCfdi::vigente, sat::Cancelacion::en_proceso},
        {"cancelado", EstadoCfdi::cancelado, sat::Cancelacion::con_aceptacion},
        {"no_encontrado", EstadoCfdi::no_encontrado, sat::Cancelacion::nothing}}) {
    says(word, kFolio);
    const auto answer = ask();
    ASSERT_TRUE(answer) << word << ": " << answer.error().text;
    EXPECT_EQ(answer->estado, estado) << word;
    EXPECT_EQ(answer->cancelacion, cancelacion) << word;
  }
  EXPECT_EQ(asked().front(), std::string(kFolio) + " vigente");
}

TEST_F(HttpConsulta, AnswersThatAreNone_AreFaultsOfTheirKind) {
  simulate();
  connect(of_test());
  for (const auto& [word, code] : {std::pair{"garbage", "consulta_malformed"},
                                   {"huge", "consulta_malformed"},
                                   {"error", "consulta_http"},
                                   {"dropped", "consulta_unreachable"},
                                   {"invalid", "consulta_refused"}}) {
    says(word);
    EXPECT_EQ(fault(), code) << word;
  }
  says("vigente");
  EXPECT_EQ(fault(), "none");  // and serves on
}

TEST_F(HttpConsulta, ServiceThatDoesNotAnswer_IsLateAtTheDeadline) {
  simulate();
  says("late");
  connect(of_test());
  EXPECT_EQ(fault(200ms), "consulta_late");
}

TEST_F(HttpConsulta, QuestionsBesideOneWithoutAnswer_AreAnswered) {
  simulate();
  connect(of_test());
  says("late", kFolio);
  auto stuck = begin(kPatience);
  constexpr std::string_view kOther = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A22";
  const auto answer = begin(kPatience, question(kOther)).get();
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_NE(stuck.wait_for(0s), std::future_status::ready);
  consulta_->stop();
  const auto stopped = stuck.get();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, "consulta_stopped");
  EXPECT_EQ(fault(), "consulta_stopped");
}

TEST_F(HttpConsulta, NobodyListening_IsUnreachable) {
  simulate();
  auto options = of_test();
  options.url = simulator_->url();
  simulator_.reset();
  connect(options);
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "consulta_unreachable");
  EXPECT_EQ(answer.error().kind, FaultKind::retryable);
}

TEST_F(HttpConsulta, Proxy_IsAskedForAHostThatOnlyItKnows) {
  simulate();
  auto options = of_test();
  options.url = "http://consultaqr.sat.invalid/ConsultaCFDIService.svc";
  options.proxy = "http://127.0.0.1:" + std::to_string(simulator_->port());
  connect(options);
  EXPECT_EQ(fault(), "none");
  EXPECT_EQ(asked().size(), 1u);
}

TEST_F(HttpConsulta, ProxyOfTheEnvironment_IsNotUsed) {
  simulate();
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  connect(of_test());
  EXPECT_EQ(fault(), "none");
  ::unsetenv("http_proxy");
}

TEST_F(HttpConsulta, Simulator_IsRefusedWhereProductionIs) {
  simulate();
  connect();
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "consulta_simulated");
}

TEST_F(HttpConsulta, Tls_HoldsWithTheGivenAuthorityAndNotWithTheSystems) {
  simulate(true);
  auto options = of_test();
  connect(options);
  EXPECT_EQ(fault(), "consulta_unreachable");
  EXPECT_EQ(asked().size(), 0u);
  std::ifstream in(folder_ / "tls" / "ca.crt");
  options.authorities = {std::istreambuf_iterator<char>(in), {}};
  connect(options);
  EXPECT_EQ(fault(), "none");
}

TEST_F(HttpConsulta, FileOrOtherScheme_IsNotFollowed) {
  auto options = of_test();
  options.url = "file:///etc/hostname";
  connect(options);
  EXPECT_EQ(fault(), "consulta_unreachable");
}

TEST(SatEstado, PortThatIsTaken_IsAFault) {
  const auto first = simulators::SatEstado::start({}, {});
  ASSERT_TRUE(first);
  simulators::SatEstadoOptions options;
  options.port = (*first)->port();
  const auto second = simulators::SatEstado::start(options, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "listen_failed");
}

TEST(SatEstado, CertificateThatIsNotThere_IsAFault) {
  simulators::SatEstadoOptions options;
  options.certificate = options.key = "/none.pem";
  const auto started = simulators::SatEstado::start(options, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "cannot_open");
}

}  // namespace
}  // namespace puente::estado
