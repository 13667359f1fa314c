#include "mappings/sat/estado.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "mappings/sat/xml_parser.h"

namespace puente::sat {
namespace {

constexpr std::string_view kSoap = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr std::string_view kService = "http://tempuri.org/";
constexpr std::string_view kData = "http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio";

// The SAT's words, in the order of the enumerations.
constexpr std::array<std::string_view, 3> kEstados = {"Vigente", "Cancelado", "No Encontrado"};
constexpr std::array<std::string_view, 4> kCancelables = {"", "No cancelable", "Cancelable sin aceptación",
                                                          "Cancelable con aceptación"};
constexpr std::array<std::string_view, 6> kCancelaciones = {
    "", "En proceso", "Cancelado sin aceptación", "Cancelado con aceptación", "Plazo vencido", "Solicitud rechazada"};

// CodigoEstatus.
constexpr std::string_view kFound = "S - Comprobante obtenido satisfactoriamente.";
constexpr std::string_view kInvalid = "N - 601: La expresión impresa proporcionada no es válida.";
constexpr std::string_view kNotFound = "N - 602: Comprobante no encontrado.";

constexpr Limits kLimits = {.bytes = kConsultaBytes,
                            .depth = 16,
                            .elements = 128,
                            .attributes = 16,
                            .prefixes = 16,
                            .text = 16 * 1024,
                            .cpu_seconds = 0.5};

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The service writes "No Encontrado" and "No encontrado".
bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

template <typename Value, std::size_t N>
std::optional<Value> known(std::string_view text, const std::array<std::string_view, N>& words) {
  for (std::size_t i = 0; i < N; ++i)
    if (same_word(text, words[i])) return static_cast<Value>(i);
  return std::nullopt;
}

struct Step {
  std::string_view uri, name;
};

// The texts of the elements below one path, by local name.
class Envelope : public XmlHandler {
 public:
  // `path` from the root down; the element itself is looked for below it, in namespace `uri`.
  Envelope(std::span<const Step> path, std::string_view uri) : path_(path), uri_(uri) {}

  void start_element(std::string_view uri, std::string_view name, std::span<const XmlAttribute>) override {
    const std::size_t depth = depth_++;
    open_ = nullptr;
    if (depth == matched_ && depth < path_.size()) {
      if (path_[depth].uri == uri && path_[depth].name == name) {
        ++matched_;
        reached_ = reached_ || matched_ == path_.size();
      }
      return;
    }
    if (matched_ != path_.size() || depth != path_.size() || uri != uri_) return;
    const auto [found, fresh] = texts_.try_emplace(std::string(name));
    twice_ = twice_ || !fresh;
    open_ = &found->second;
  }
  void end_element() override {
    --depth_;
    open_ = nullptr;
    matched_ = std::min(matched_, depth_);
  }
  void text(bool) override {}
  bool keeps_text() const override { return open_ != nullptr; }
  void characters(std::string_view chars) override { open_->append(chars); }

  bool reached() const { return reached_; }
  bool twice() const { return twice_; }
  // "" where it is not there or empty.
  std::string_view value(std::string_view name) const {
    const auto found = texts_.find(name);
    return found == texts_.end() ? std::string_view() : trimmed(found->second);
  }

 private:
  const std::span<const Step> path_;
  const std::string_view uri_;
  std::size_t depth_ = 0, matched_ = 0;
  bool reached_ = false, twice_ = false;
  std::map<std::string, std::string, std::less<>> texts_;
  std::string* open_ = nullptr;
};

constexpr std::array<Step, 4> kAnswer = {
    {{kSoap, "Envelope"}, {kSoap, "Body"}, {kService, "ConsultaResponse"}, {kService, "ConsultaResult"}}};
constexpr std::array<Step, 3> kQuestion = {{{kSoap, "Envelope"}, {kSoap, "Body"}, {kService, "Consulta"}}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string escaped(std::string_view text) {
  std::string out(text);
  for (const auto& [from, to] : {std::pair{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}}) replace_all(out, from, to);
  return out;
}

// 18 digits, a point, 6 decimals at most: "0100.50" is 100.5, "0" is 0.0.
std::string significant(std::string_view total) {
  const auto point = std::min(total.find('.'), total.size());
  auto whole = total.substr(0, point);
  auto decimals = point < total.size() ? total.substr(point + 1) : std::string_view();
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  while (!decimals.empty() && decimals.back() == '0') decimals.remove_suffix(1);
  return (whole.empty() ? "0" : std::string(whole)) + "." + (decimals.empty() ? "0" : std::string(decimals));
}

}  // namespace

std::string_view word(EstadoCfdi value) { return kEstados.at(static_cast<std::size_t>(value)); }
std::string_view word(Cancelable value) { return kCancelables.at(static_cast<std::size_t>(value)); }
std::string_view word(Cancelacion value) { return kCancelaciones.at(static_cast<std::size_t>(value)); }

std::optional<std::string> consulta_expression(const Document& document) {
  constexpr std::size_t kSealCharacters = 8;
  const Node& comprobante = document.comprobante();
  const Node* emisor = comprobante.child("Emisor");
  const Node* receptor = comprobante.child("Receptor");
  if (document.timbre() == nullptr || emisor == nullptr || receptor == nullptr) return std::nullopt;
  std::string sello(comprobante.attribute_or("Sello"));
  std::erase_if(sello, [](char c) { return kBlank.find(c) != std::string_view::npos; });
  const auto re = emisor->attribute_or("Rfc"), rr = receptor->attribute_or("Rfc");
  const auto total = comprobante.attribute_or("Total"), id = document.timbre()->attribute_or("UUID");
  if (sello.size() < kSealCharacters || re.empty() || rr.empty() || total.empty() || id.empty()) return std::nullopt;
  return "?re=" + escaped(re) + "&rr=" + escaped(rr) + "&tt=" + significant(total) + "&id=" + std::string(id) +
         "&fe=" + sello.substr(sello.size() - kSealCharacters);
}

std::string consulta_request(std::string_view expression) {
  return R"(<?xml version="1.0" encoding="UTF-8"?>)"
         "\n<s:Envelope xmlns:s=\"" +
         std::string(kSoap) + R"("><s:Body><Consulta xmlns=")" + std::string(kService) + R"("><expresionImpresa>)" +
         escaped(expression) + "</expresionImpresa></Consulta></s:Body></s:Envelope>";
}

std::optional<std::string> expression_of_request(std::string_view bytes) {
  Envelope envelope(kQuestion, kService);
  if (parse_xml(bytes, kLimits, envelope) || !envelope.reached() || envelope.twice()) return std::nullopt;
  const auto expression = envelope.value("expresionImpresa");
  return expression.empty() ? std::nullopt : std::optional<std::string>(expression);
}

std::string consulta_response(const Estado& estado) {
  const bool found = estado.estado != EstadoCfdi::no_encontrado;
  const auto element = [](std::string_view name, std::string_view text) {
    const std::string tag = "a:" + std::string(name);
    return text.empty() ? "<" + tag + "/>" : "<" + tag + ">" + escaped(text) + "</" + tag + ">";
  };
  return "<s:Envelope xmlns:s=\"" + std::string(kSoap) + R"("><s:Body><ConsultaResponse xmlns=")" +
         std::string(kService) + R"("><ConsultaResult xmlns:a=")" + std::string(kData) +
         R"(" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">)" +
         element("CodigoEstatus", found ? kFound : kNotFound) + element("EsCancelable", word(estado.cancelable)) +
         element("Estado", word(estado.estado)) + element("EstatusCancelacion", word(estado.cancelacion)) +
         element("ValidacionEFOS", found ? "200" : "") + "</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>";
}

Result<Estado> read_consulta(std::string_view bytes) {
  Envelope envelope(kAnswer, kData);
  if (const auto refusal = parse_xml(bytes, kLimits, envelope))
    return retryable("consulta_malformed", "no readable XML: " + std::string(refusal->code));
  if (!envelope.reached()) return retryable("consulta_malformed", "XML that is no answer of the service");
  const auto unexpected = [](std::string what) { return permanent("consulta_unexpected", std::move(what)); };
  if (envelope.twice()) return unexpected("an element twice");
  const auto code = envelope.value("CodigoEstatus");
  if (code.starts_with(kInvalid.substr(0, kInvalid.find(':'))))
    return permanent("consulta_refused", "601: the expression is not valid");
  const auto estado = known<EstadoCfdi>(envelope.value("Estado"), kEstados);
  if (!estado) return unexpected("an Estado that is not known");
  const bool found = code.starts_with("S - ");
  const bool not_found = code.starts_with(kNotFound.substr(0, kNotFound.find(':')));
  if (!found && !not_found) return unexpected("a CodigoEstatus that is not known");
  if (found != (*estado != EstadoCfdi::no_encontrado)) return unexpected("CodigoEstatus and Estado contradict");
  if (!found) return Estado{};
  const auto cancelable = known<Cancelable>(envelope.value("EsCancelable"), kCancelables);
  const auto cancelacion = known<Cancelacion>(envelope.value("EstatusCancelacion"), kCancelaciones);
  if (!cancelable) return unexpected("an EsCancelable that is not known");
  if (!cancelacion) return unexpected("an EstatusCancelacion that is not known");
  return Estado{*estado, *cancelable, *cancelacion};
}

}  // namespace puente::sat
