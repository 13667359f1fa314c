#include "gateway/simulators/sat_estado.h"

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "gateway/estado/http_consulta.h"
#include "mappings/sat/estado.h"

namespace puente::simulators {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using sat::Cancelable;
using sat::Cancelacion;
using sat::EstadoCfdi;

constexpr std::string_view kPath = "/ConsultaCFDIService.svc";
constexpr std::size_t kHugeBytes = 4 * sat::kConsultaBytes;

enum class Manner { answer, invalid, error, garbage, huge, late, dropped };

struct WordRow {
  std::string_view word;
  Manner manner;
  sat::Estado estado;
};
constexpr std::array<WordRow, 11> kWords = {{
    {"vigente", Manner::answer, {EstadoCfdi::vigente, Cancelable::no, Cancelacion::nothing}},
    {"cancelable", Manner::answer, {EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::nothing}},
    {"en_proceso", Manner::answer, {EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::en_proceso}},
    {"cancelado", Manner::answer, {EstadoCfdi::cancelado, Cancelable::no, Cancelacion::con_aceptacion}},
    {"no_encontrado", Manner::answer, {}},
    {"invalid", Manner::invalid, {}},
    {"error", Manner::error, {}},
    {"garbage", Manner::garbage, {}},
    {"huge", Manner::huge, {}},
    {"late", Manner::late, {}},
    {"dropped", Manner::dropped, {}},
}};

const WordRow* row_of(std::string_view word) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const WordRow& row) { return row.word == word; });
  return found == kWords.end() ? nullptr : &*found;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// The folio of ?re=..&rr=..&tt=..&id=FOLIO&fe=..
std::string folio_of(std::string_view expression) {
  constexpr std::string_view kId = "&id=";
  const auto at = expression.find(kId);
  if (at == std::string_view::npos) return {};
  const auto rest = expression.substr(at + kId.size());
  return upper(std::string(rest.substr(0, rest.find('&'))));
}

// What the file says now; a word that is not known is an error, so that a slip of the pen is seen.
const WordRow& word_for(const std::filesystem::path& file, const std::string& folio) {
  const WordRow* found = row_of("vigente");
  if (file.empty()) return *found;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string named, word;
    if (!(words >> named >> word) || (named != "*" && upper(named) != folio)) continue;
    found = row_of(word);
    if (found == nullptr) found = row_of("error");
    if (named != "*") break;
  }
  return *found;
}

http::response<http::string_body> response_of(const WordRow& row) {
  http::response<http::string_body> response(http::status::ok, 11);
  response.set(http::field::content_type, "text/xml; charset=utf-8");
  response.set(std::string(estado::kSimulatorHeader), "sat-estado");
  response.body() = sat::consulta_response(row.estado);
  if (row.manner == Manner::invalid) {
    auto& body = response.body();
    const auto begin = body.find("<a:CodigoEstatus>") + 17, end = body.find("</a:CodigoEstatus>");
    body.replace(begin, end - begin, "N - 601: La expresión impresa proporcionada no es válida.");
  }
  if (row.manner == Manner::garbage) response.body() = "<html><body>Servicio no disponible</body></html>";
  if (row.manner == Manner::huge) response.body().append(kHugeBytes, ' ');
  if (row.manner == Manner::error) response.result(http::status::internal_server_error);
  return response;
}

}  // namespace

std::string sat_estado_words() {
  std::string out;
  for (const auto& row : kWords) out.append(out.empty() ? "" : " ").append(row.word);
  return out;
}

class SatEstado::Server {
 public:
  Server(SatEstadoOptions options, SatEstadoAsked asked) : options_(std::move(options)), asked_(std::move(asked)) {}
  ~Server() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start() {
    ErrorCode error;
    if (!options_.certificate.empty()) {
      tls_.emplace(asio::ssl::context::tls_server);
      tls_->use_certificate_chain_file(options_.certificate.string(), error);
      if (!error) tls_->use_private_key_file(options_.key.string(), asio::ssl::context::pem, error);
      if (error) return permanent("cannot_open", options_.certificate.string() + ": " + error.message());
    }
    const auto address = asio::ip::make_address(options_.host, error);
    const tcp::endpoint endpoint(address, options_.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) return permanent("listen_failed", options_.host + ": " + error.message());
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  std::uint16_t port() const { return port_; }
  std::string url() const {
    return (tls_ ? "https://" : "http://") + options_.host + ":" + std::to_string(port_) + std::string(kPath);
  }

 private:
  asio::awaitable<void> accept() {
    while (true) {
      ErrorCode error;
      tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (!error) asio::co_spawn(context_, greet(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> greet(tcp::socket socket) {
    ErrorCode error;
    if (!tls_) {
      co_await serve(socket);
      co_return;
    }
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls_);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_await serve(stream);
  }

  template <typename Stream>
  asio::awaitable<void> serve(Stream& stream) {
    boost::beast::flat_buffer buffer(2 * sat::kConsultaBytes);
    while (true) {
      ErrorCode error;
      http::request<http::string_body> request;
      co_await http::async_read(stream, buffer, request, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      const auto expression = sat::expression_of_request(request.body());
      const auto folio = folio_of(expression.value_or(""));
      const WordRow& row = expression ? word_for(options_.folios, folio) : *row_of("error");
      if (asked_) asked_(folio, row.word);
      if (row.manner == Manner::dropped) co_return;
      if (row.manner == Manner::late) {  // until the client hangs up
        http::request<http::string_body> next;
        co_await http::async_read(stream, buffer, next, asio::redirect_error(asio::use_awaitable, error));
        co_return;
      }
      auto response = response_of(row);
      response.keep_alive(request.keep_alive());
      response.prepare_payload();
      co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
      if (error || !request.keep_alive()) co_return;
    }
  }

  const SatEstadoOptions options_;
  const SatEstadoAsked asked_;
  std::optional<asio::ssl::context> tls_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

SatEstado::SatEstado(std::unique_ptr<Server> server) : server_(std::move(server)) {}
SatEstado::~SatEstado() = default;

Result<std::unique_ptr<SatEstado>> SatEstado::start(const SatEstadoOptions& options, SatEstadoAsked asked) {
  auto server = std::make_unique<Server>(options, std::move(asked));
  if (auto started = server->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<SatEstado>(new SatEstado(std::move(server)));
}

std::uint16_t SatEstado::port() const { return server_->port(); }
std::string SatEstado::url() const { return server_->url(); }

}  // namespace puente::simulators
