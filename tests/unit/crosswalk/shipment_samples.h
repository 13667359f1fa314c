// Small shipments by hand: one or two export invoices, a Carta Porte and a notice, with what a test wants different.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mappings/crosswalk/draft.h"
#include "mappings/sat/read.h"

namespace puente::crosswalk::samples {

inline const std::string kUuidA = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11";
inline const std::string kUuidB = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0B22";
inline const std::string kUuidCartaPorte = "0D3F1C2A-5E6B-4A79-8C90-1B2D3E4F5A60";
inline const std::string kIdCcp = "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5";

struct GoodSample {
  std::string part = "BR-320V", importe = "90000.00", cantidad = "4800", fraccion = "8708309901", extra;
};

struct InvoiceSample {
  std::string folio = "10452", uuid = kUuidA, tax_id = "741234567", buyer = "RIO GRANDE BRAKE SYSTEMS LLC";
  std::string currency = "USD", fecha = "2026-11-09T09:12:33", replaces, relation = "04";
  std::string emisor = "ARB100415K72", exportacion = "02", type = "I";
  std::vector<GoodSample> goods = {GoodSample()};
};

inline std::string stamp(const std::string& uuid) {
  if (uuid.empty()) return {};
  return "<tfd:TimbreFiscalDigital xmlns:tfd=\"http://www.sat.gob.mx/TimbreFiscalDigital\" Version=\"1.1\" UUID=\"" +
         uuid +
         "\" FechaTimbrado=\"2026-11-09T09:13:21\" RfcProvCertif=\"SPR190613I52\" SelloCFD=\"x\" "
         "NoCertificadoSAT=\"00009900000700000001\" SelloSAT=\"x\"/>";
}

inline std::string xml(const InvoiceSample& s) {
  std::string conceptos, mercancias;
  for (const GoodSample& good : s.goods) {
    const std::string part = good.part.empty() ? "" : " NoIdentificacion=\"" + good.part + "\"";
    conceptos += "<cfdi:Concepto ClaveProdServ=\"25171715\"" + part + " Cantidad=\"" + good.cantidad +
                 "\" ClaveUnidad=\"H87\" Descripcion=\"Disco\" ValorUnitario=\"1\" Importe=\"" + good.importe +
                 "\" ObjetoImp=\"01\"" + good.extra + "/>";
    mercancias += "<cce20:Mercancia" + part + " FraccionArancelaria=\"" + good.fraccion + "\" CantidadAduana=\"" +
                  good.cantidad + "\" UnidadAduana=\"06\" ValorUnitarioAduana=\"1\" ValorDolares=\"" + good.importe +
                  "\"/>";
  }
  const std::string related = s.replaces.empty() ? ""
                                                 : "<cfdi:CfdiRelacionados TipoRelacion=\"" + s.relation +
                                                       "\"><cfdi:CfdiRelacionado UUID=\"" + s.replaces +
                                                       "\"/></cfdi:CfdiRelacionados>";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
         "<cfdi:Comprobante xmlns:cfdi=\"http://www.sat.gob.mx/cfd/4\" "
         "xmlns:cce20=\"http://www.sat.gob.mx/ComercioExterior20\" "
         "Version=\"4.0\" Serie=\"EXP\" Folio=\"" +
         s.folio + "\" Fecha=\"" + s.fecha + "\" SubTotal=\"1.00\" Moneda=\"" + s.currency +
         "\" TipoCambio=\"18.4512\" Total=\"140880.00\" TipoDeComprobante=\"" + s.type + "\" Exportacion=\"" + s.exportacion +
         "\" LugarExpedicion=\"25900\">" + related + "<cfdi:Emisor Rfc=\"" + s.emisor +
         "\" Nombre=\"AUTOPARTES DEL RÍO BRAVO\" RegimenFiscal=\"601\"/>"
         "<cfdi:Receptor Rfc=\"XEXX010101000\" Nombre=\"" +
         s.buyer +
         "\" DomicilioFiscalReceptor=\"25900\" "
         "ResidenciaFiscal=\"USA\" NumRegIdTrib=\"" +
         s.tax_id +
         "\" RegimenFiscalReceptor=\"616\" UsoCFDI=\"S01\"/>"
         "<cfdi:Conceptos>" +
         conceptos +
         "</cfdi:Conceptos><cfdi:Complemento>"
         "<cce20:ComercioExterior Version=\"2.0\" ClaveDePedimento=\"A1\" CertificadoOrigen=\"0\" Incoterm=\"FCA\" "
         "TipoCambioUSD=\"18.4512\" TotalUSD=\"140880.00\"><cce20:Emisor><cce20:Domicilio Calle=\"Blvd. Industrial\" "
         "NumeroExterior=\"1450\" Localidad=\"16\" Municipio=\"027\" Estado=\"COA\" Pais=\"MEX\" "
         "CodigoPostal=\"25900\"/></cce20:Emisor>"
         "<cce20:Receptor><cce20:Domicilio Calle=\"Killam Industrial Blvd\" NumeroExterior=\"14201\" "
         "Municipio=\"Laredo\" "
         "Estado=\"TX\" Pais=\"USA\" CodigoPostal=\"78045\"/></cce20:Receptor><cce20:Mercancias>" +
         mercancias + "</cce20:Mercancias></cce20:ComercioExterior>" + stamp(s.uuid) +
         "</cfdi:Complemento></cfdi:Comprobante>";
}

struct LoadSample {
  std::string uuid = kUuidA, kg = "16320.000", value = "90000.00", cantidad = "1200", fraccion = "8708309901";
};

inline std::string carta_porte_xml(const std::vector<LoadSample>& loads = {LoadSample()},
                                   const std::string& weight = "") {
  std::string goods;
  for (const LoadSample& load : loads)
    goods += "<cartaporte31:Mercancia BienesTransp=\"25171715\" Descripcion=\"Disco\" Cantidad=\"" + load.cantidad +
             "\" ClaveUnidad=\"XCT\" PesoEnKg=\"" + load.kg + "\" ValorMercancia=\"" + load.value +
             "\" Moneda=\"USD\" FraccionArancelaria=\"" + load.fraccion + "\"" +
             (load.uuid.empty() ? "" : " UUIDComercioExt=\"" + load.uuid + "\"") + "/>";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
         "<cfdi:Comprobante xmlns:cfdi=\"http://www.sat.gob.mx/cfd/4\" "
         "xmlns:cartaporte31=\"http://www.sat.gob.mx/CartaPorte31\" "
         "Version=\"4.0\" Serie=\"TFN\" Folio=\"88120\" Fecha=\"2026-11-10T15:41:08\" SubTotal=\"38500.00\" "
         "Moneda=\"MXN\" "
         "Total=\"38500.00\" TipoDeComprobante=\"I\" Exportacion=\"01\" LugarExpedicion=\"88000\">"
         "<cfdi:Emisor Rfc=\"TFR080521QW3\" Nombre=\"TRANSPORTES FRONTERA DEL NORTE\" RegimenFiscal=\"601\"/>"
         "<cfdi:Receptor Rfc=\"ARB100415K72\" Nombre=\"AUTOPARTES DEL RÍO BRAVO\" DomicilioFiscalReceptor=\"25900\" "
         "RegimenFiscalReceptor=\"601\" UsoCFDI=\"G03\"/><cfdi:Conceptos/><cfdi:Complemento>"
         "<cartaporte31:CartaPorte Version=\"3.1\" IdCCP=\"" +
         kIdCcp +
         "\" TranspInternac=\"Sí\" EntradaSalidaMerc=\"Salida\" "
         "PaisOrigenDestino=\"USA\" ViaEntradaSalida=\"01\" TotalDistRec=\"330.00\"><cartaporte31:Ubicaciones>"
         "<cartaporte31:Ubicacion TipoUbicacion=\"Origen\" RFCRemitenteDestinatario=\"ARB100415K72\" "
         "FechaHoraSalidaLlegada=\"2026-11-10T18:00:00\"/>"
         "<cartaporte31:Ubicacion TipoUbicacion=\"Destino\" RFCRemitenteDestinatario=\"XEXX010101000\" "
         "FechaHoraSalidaLlegada=\"2026-11-11T12:00:00\" DistanciaRecorrida=\"330.00\"/></cartaporte31:Ubicaciones>"
         "<cartaporte31:Mercancias" +
         (weight.empty() ? "" : " PesoBrutoTotal=\"" + weight + "\"") + " UnidadPeso=\"KGM\" NumTotalMercancias=\"" +
         std::to_string(loads.size()) + "\">" + goods +
         "<cartaporte31:Autotransporte PermSCT=\"TPAF01\" NumPermisoSCT=\"1\"><cartaporte31:IdentificacionVehicular "
         "ConfigVehicular=\"T3S2\" PesoBrutoVehicular=\"36.00\" PlacaVM=\"57AM9K\" AnioModeloVM=\"2021\"/>"
         "<cartaporte31:Remolques><cartaporte31:Remolque SubTipoRem=\"CTR007\" "
         "Placa=\"88UD4T\"/></cartaporte31:Remolques>"
         "</cartaporte31:Autotransporte></cartaporte31:Mercancias></cartaporte31:CartaPorte>" +
         stamp(kUuidCartaPorte) + "</cfdi:Complemento></cfdi:Comprobante>";
}

inline ShipmentDocument document(const std::string& id, const std::string& text) {
  const sat::ReadOutcome outcome =
      sat::read(id, text, sat::ReadContext{sat::TrustStore::empty(sat::Environment::test), {}});
  EXPECT_NE(outcome.document, nullptr) << id;
  ShipmentDocument one{id, outcome.document, outcome.stages, true};
  one.stages.seal = one.stages.stamp = sat::Stage::pass;  // signatures are not what these tests are about
  return one;
}
inline ShipmentDocument invoice(const InvoiceSample& sample = {}) {
  return document("invoice-" + sample.folio, xml(sample));
}
inline ShipmentDocument carta_porte(const std::vector<LoadSample>& loads = {LoadSample()}) {
  return document("carta-porte", carta_porte_xml(loads));
}

// One bill per list of invoices.
inline Notice notice(const std::vector<std::vector<std::string>>& bills = {{kUuidA}}) {
  std::string text = R"({"schema":"puente.notice/1","notice_id":"N1","sent_at":"2026-11-10T19:05:00-06:00",
    "carrier_scac":"TFNB","trip_number":"TFNB07731","port_of_arrival":"2304","eta":"2026-11-11T09:30:00-06:00",
    "carta_porte":[")" +
                     kIdCcp +
                     R"("],"conveyance":{"type":"TR","plate":"57AM9K","plate_country":"MX","plate_state":"TAM"},
    "equipment":[{"type":"TF","plate":"88UD4T","plate_country":"MX","plate_state":"TAM","number":"TFN1","seals":["S1"]}],
    "crew":[{"role":"driver","person_in_charge":true,"first_name":"Jorge","last_name":"Gómez","fast":"42700118435201",
             "licence":{"number":"LFD00123456","country":"MX"}}],"bills":[)";
  for (std::size_t i = 0; i < bills.size(); ++i) {
    text += std::string(i == 0 ? "" : ",") + R"({"scn":"TFNB0041882)" + std::to_string(i) +
            R"(","type":"PAPS","invoices":[)";
    for (std::size_t k = 0; k < bills[i].size(); ++k) text += (k == 0 ? "\"" : ",\"") + bills[i][k] + "\"";
    text += R"(],"equipment":["88UD4T"]})";
  }
  const NoticeOutcome outcome = read_notice("notice.json", text + "]}");
  EXPECT_TRUE(outcome.notice.has_value());
  return outcome.notice.value_or(Notice());
}

inline std::string partners_toml() {
  return R"([broker.laredo]
filer_code = "B7P"
name = "LAREDO CUSTOMS BROKERS INC"
abi_port = "2304"
[broker.laredo.contact]
name = "LAURA MENDEZ"
phone = "9565550142"
[carrier.tfn]
rfc = "TFR080521QW3"
scac = "TFNB"
usdot = "2471836"
[importer.rio-grande]
ior_number = "74-123456700"
name = "RIO GRANDE BRAKE SYSTEMS LLC"
tax_id_mx_view = "741234567"
bond_type = "8"
surety_code = "891"
related_to_supplier = false
[importer.alamo]
ior_number = "27-165009300"
name = "ALAMO RACK SUPPLY LLC"
tax_id_mx_view = "271650093"
bond_type = "8"
surety_code = "891"
related_to_supplier = false
[routing.laredo]
port_of_entry = "2304"
firms_code = "S512"
[supplier.arb]
rfc = "ARB100415K72"
mid = "MXAUTDEL1450RAM"
[reference.cbp_fx.MXN]
usd_per_unit = "0.054512"
valid_on = "2026-11-01..2026-11-30"
)";
}

inline std::string catalog_csv() {
  return "part,supplier_rfc,hts10,description_en,description_manifest,origin,mfn_rate,uom1,s232.program\n"
         "BR-320V,ARB100415K72,8708305030,BRAKE ROTORS,BRAKE ROTORS,MX,0.025,NO,auto_parts\n"
         "SHELF,ARB100415K72,9403200050,STEEL SHELVES,STEEL SHELVES,MX,0.00,NO,none\n";
}

inline DraftContext context() {
  DraftContext out;
  const auto profiles = Profiles::parse({{"partners.toml", partners_toml()}});
  const auto catalog = ProductCatalog::parse("catalog.csv", catalog_csv());
  EXPECT_TRUE(profiles) << (profiles ? "" : profiles.error().text);
  EXPECT_TRUE(catalog) << (catalog ? "" : catalog.error().text);
  if (profiles) out.profiles = *profiles;
  if (catalog) out.catalog = *catalog;
  return out;
}

inline v1::Draft draft_of(std::vector<ShipmentDocument> documents, std::optional<Notice> the_notice) {
  return draft(join(std::move(documents), std::move(the_notice)), context());
}

template <typename List>
bool says(const List& findings, std::string_view code, std::string_view where = "") {
  for (const Finding& finding : findings)
    if (finding.code() == code && (where.empty() || finding.where() == where)) return true;
  return false;
}

}  // namespace puente::crosswalk::samples
