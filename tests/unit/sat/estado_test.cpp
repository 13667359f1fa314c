// The SAT's "Consulta de CFDI": what is asked and what its answers say. The answers are written here from the public
// shapes of the service; none of them was made by the code they test.
#include "mappings/sat/estado.h"

#include <gtest/gtest.h>

#include "mappings/sat/read.h"
#include "tests/unit/sat/documents.h"

namespace puente::sat {
namespace {

std::optional<std::string> expression(const std::string& text) {
  const auto outcome = read("factura.xml", text, {});
  EXPECT_NE(outcome.document, nullptr);
  return outcome.document == nullptr ? std::nullopt : consulta_expression(*outcome.document);
}

std::string stamped(std::string_view sello = "QUJDREVGR0hJSktMTU5PUA==") {
  return replace(signed_invoice(timbre()), "Sello=\"c2VsbG8=\" NoCertificado",
                 "Sello=\"" + std::string(sello) + "\" NoCertificado");
}

// An answer as the service writes it; `fields` in the order of its data contract.
std::string answer(std::string_view fields) {
  return R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><ConsultaResponse xmlns="http://tempuri.org/">)"
         R"(<ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio" )"
         R"(xmlns:i="http://www.w3.org/2001/XMLSchema-instance">)" +
         std::string(fields) + "</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>";
}
std::string answer(std::string_view code, std::string_view cancelable, std::string_view estado,
                   std::string_view cancelacion) {
  const auto element = [](std::string name, std::string_view text) {
    return "<a:" + name + ">" + std::string(text) + "</a:" + name + ">";
  };
  return answer(element("CodigoEstatus", code) + element("EsCancelable", cancelable) + element("Estado", estado) +
                element("EstatusCancelacion", cancelacion) + element("ValidacionEFOS", "200"));
}
constexpr std::string_view kObtained = "S - Comprobante obtenido satisfactoriamente.";

std::string fault_of(std::string_view bytes) {
  const auto read = read_consulta(bytes);
  return read ? "none" : read.error().code;
}

TEST(ConsultaExpression, StampedDocument_HasBothRfcsTotalFolioAndTheSealsEnd) {
  EXPECT_EQ(expression(stamped()),
            "?re=EKU9003173C9&rr=URE180429TM6&tt=116.0&id=a1b2c3d4-0000-1111-2222-333344445555&fe=TU5PUA==");
}

TEST(ConsultaExpression, Total_LosesZerosThatSayNothing) {
  for (const auto& [written, asked] : {std::pair{"2010.01", "2010.01"},
                                       {"100.50", "100.5"},
                                       {"0", "0.0"},
                                       {"7", "7.0"},
                                       {"1000.000000", "1000.0"},
                                       {"0.10", "0.1"},
                                       {"120", "120.0"}})
    EXPECT_NE(expression(replace(stamped(), "Total=\"116.00\" Tipo", "Total=\"" + std::string(written) + "\" Tipo"))
                  .value_or("")
                  .find("&tt=" + std::string(asked) + "&id="),
              std::string::npos)
        << written;
}

TEST(ConsultaExpression, AmpersandOfAnRfc_IsEscaped) {
  const auto asked = expression(replace(stamped(), "Rfc=\"EKU9003173C9\"", "Rfc=\"E&amp;U9003173C9\""));
  EXPECT_TRUE(asked.value_or("").starts_with("?re=E&amp;U9003173C9&rr=")) << asked.value_or("none");
}

TEST(ConsultaExpression, SealBrokenIntoLines_IsItsLastEightCharacters) {
  const auto asked = expression(stamped("QUJDREVGR0hJSktM TU5P UA=="));
  EXPECT_TRUE(asked.value_or("").ends_with("&fe=TU5PUA==")) << asked.value_or("none");
}

TEST(ConsultaExpression, DocumentWithoutStamp_HasNone) { EXPECT_EQ(expression(signed_invoice()), std::nullopt); }

TEST(ConsultaRequest, Expression_ArrivesAsItWasAsked) {
  const std::string asked = "?re=E&amp;U9003173C9&rr=URE180429TM6&tt=116.0&id=A&fe=TU5PUA==";
  const auto request = consulta_request(asked);
  EXPECT_NE(request.find("<Consulta xmlns=\"http://tempuri.org/\"><expresionImpresa>?re=E&amp;amp;U9003173C9&amp;rr="),
            std::string::npos)
      << request;
  EXPECT_EQ(expression_of_request(request), asked);
}

TEST(ConsultaRequest, ExpressionInACdataSection_IsRead) {
  EXPECT_EQ(
      expression_of_request(
          R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>)"
          R"(<Consulta xmlns="http://tempuri.org/"><expresionImpresa><![CDATA[?re=A&rr=B&tt=1.0&id=C&fe=D]]></expresionImpresa>)"
          R"(</Consulta></s:Body></s:Envelope>)"),
      "?re=A&rr=B&tt=1.0&id=C&fe=D");
  EXPECT_EQ(expression_of_request("<a/>"), std::nullopt);
}

TEST(ReadConsulta, EachWordOfTheService_IsKnown) {
  struct Row {
    std::string_view cancelable, estado, cancelacion;
    Estado expected;
  };
  // The table of mutually exclusive states that public clients document.
  for (const auto& row : {
           Row{"No cancelable", "Vigente", "", {EstadoCfdi::vigente, Cancelable::no, Cancelacion::nothing}},
           Row{"Cancelable sin aceptación",
               "Vigente",
               "",
               {EstadoCfdi::vigente, Cancelable::sin_aceptacion, Cancelacion::nothing}},
           Row{"Cancelable con aceptación",
               "Vigente",
               "En proceso",
               {EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::en_proceso}},
           Row{"Cancelable con aceptación",
               "Vigente",
               "Solicitud rechazada",
               {EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::rechazada}},
           Row{"No cancelable",
               "Cancelado",
               "Plazo vencido",
               {EstadoCfdi::cancelado, Cancelable::no, Cancelacion::plazo_vencido}},
           Row{"",
               "Cancelado",
               "Cancelado con aceptación",
               {EstadoCfdi::cancelado, Cancelable::nothing, Cancelacion::con_aceptacion}},
           Row{"Cancelable sin aceptación",
               "Cancelado",
               "Cancelado sin aceptación",
               {EstadoCfdi::cancelado, Cancelable::sin_aceptacion, Cancelacion::sin_aceptacion}},
       }) {
    const auto read = read_consulta(answer(kObtained, row.cancelable, row.estado, row.cancelacion));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(*read, row.expected) << row.estado << " " << row.cancelacion;
  }
}

TEST(ReadConsulta, AnswerInLinesWithADeclaration_IsRead) {
  const auto read = read_consulta(R"(<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
    <s:Body>
        <ConsultaResponse xmlns="http://tempuri.org/">
            <ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio">
                <a:CodigoEstatus>S - Comprobante obtenido satisfactoriamente.</a:CodigoEstatus>
                <a:EsCancelable>Cancelable con aceptaci&#243;n</a:EsCancelable>
                <a:Estado>
                  Vigente
                </a:Estado>
                <a:EstatusCancelacion/>
            </ConsultaResult>
        </ConsultaResponse>
    </s:Body>
</s:Envelope>
)");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, (Estado{EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::nothing}));
}

TEST(ReadConsulta, NotFound_IsAnEstadoAndNoFault) {
  for (const auto* estado : {"No Encontrado", "No encontrado"}) {
    const auto read = read_consulta(answer("N - 602: Comprobante no encontrado.", "", estado, ""));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->estado, EstadoCfdi::no_encontrado);
  }
}

TEST(ReadConsulta, NilAndElementsNotKnownHere_AreLeft) {
  const auto read = read_consulta(answer(
      "<a:CodigoEstatus>S - Comprobante obtenido satisfactoriamente.</a:CodigoEstatus><a:EsCancelable>No cancelable"
      "</a:EsCancelable><a:Estado>Vigente</a:Estado><a:EstatusCancelacion i:nil=\"true\"/><a:Nuevo>x</a:Nuevo>"));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->estado, EstadoCfdi::vigente);
}

TEST(ReadConsulta, ExpressionRefused_IsAFault) {
  EXPECT_EQ(fault_of(answer("N - 601: La expresión impresa proporcionada no es válida.", "", "No Encontrado", "")),
            "consulta_refused");
}

TEST(ReadConsulta, WordsThatAreNotKnownOrContradict_AreNoGuess) {
  for (const auto& bytes :
       {answer(kObtained, "No cancelable", "Suspendido", ""), answer(kObtained, "", "", ""),
        answer(kObtained, "Quizá", "Vigente", ""), answer(kObtained, "No cancelable", "Vigente", "Mañana"),
        answer(kObtained, "", "No Encontrado", ""), answer("N - 602: Comprobante no encontrado.", "", "Cancelado", ""),
        answer("X", "No cancelable", "Cancelado", ""), answer(""),
        answer("<a:CodigoEstatus>S - x</a:CodigoEstatus><a:Estado>Vigente</a:Estado><a:Estado>Cancelado</a:Estado>"),
        answer("<CodigoEstatus>S - x</CodigoEstatus><Estado>Cancelado</Estado>"),
        answer("<a:CodigoEstatus>S - x</a:CodigoEstatus><a:Estado><a:Estado>Cancelado</a:Estado></a:Estado>")})
    EXPECT_EQ(fault_of(bytes), "consulta_unexpected") << bytes;
}

TEST(ReadConsulta, WhatIsNoAnswer_IsMalformedAndTriedAgain) {
  const std::string whole = answer(kObtained, "No cancelable", "Cancelado", "");
  for (
      const std::string& bytes :
      {std::string(), std::string("not xml"), std::string("<html><body>504</body></html>"),
       whole.substr(0, whole.size() - 9), "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]>" + whole,
       whole + whole,
       std::string(
           R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>)"
           R"(<faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>)"),
       "<a>" + whole + "</a>", std::string(kConsultaBytes + 1, ' ')}) {
    const auto read = read_consulta(bytes);
    ASSERT_FALSE(read) << bytes.substr(0, 60);
    EXPECT_EQ(read.error().code, "consulta_malformed") << bytes.substr(0, 60);
    EXPECT_EQ(read.error().kind, FaultKind::retryable);
  }
}

TEST(ReadConsulta, TextWithoutEnd_IsBounded) {
  EXPECT_EQ(fault_of(answer(kObtained, "No cancelable", "Vigente", std::string(40'000, 'x'))), "consulta_malformed");
}

// Both directions of the simulator and the client agree with what was written above by hand.
TEST(ConsultaResponse, EveryEstado_IsReadBack) {
  for (const auto estado : {EstadoCfdi::vigente, EstadoCfdi::cancelado}) {
    for (int cancelable = 0; cancelable < 4; ++cancelable) {
      for (int cancelacion = 0; cancelacion < 6; ++cancelacion) {
        const Estado written{estado, static_cast<Cancelable>(cancelable), static_cast<Cancelacion>(cancelacion)};
        const auto read = read_consulta(consulta_response(written));
        ASSERT_TRUE(read) << read.error().text;
        EXPECT_EQ(*read, written);
      }
    }
  }
  const auto none = read_consulta(consulta_response({}));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->estado, EstadoCfdi::no_encontrado);
}

}  // namespace
}  // namespace puente::sat
