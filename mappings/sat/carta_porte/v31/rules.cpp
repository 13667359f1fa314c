// Rules of Carta Porte 3.1. Source: validation-rules.csv, scopes Carta Porte 3.1 and gateway, needs doc; formats
// sections 2 to 4.
#include <algorithm>
#include <vector>

#include "mappings/sat/rule.h"

namespace puente::sat::carta_porte::v31 {
namespace {

using namespace rule;  // NOLINT(google-build-using-namespace): the words of the rules

// CP109: the freight services an income document with Carta Porte may charge.
bool is_freight(std::string_view code) {
  static constexpr std::string_view kSingle[] = {"78121603", "78141500", "78141501", "84121806",
                                                 "92121800", "92121801", "92121802"};
  return (code >= "78101500" && code <= "78102205") || std::ranges::find(kSingle, code) != std::end(kSingle);
}

bool is_destination(const Node& ubicacion) { return is(ubicacion, "TipoUbicacion", "Destino"); }

// An attribute that is there exactly when the transport is international (formats section 3).
template <const char* kName>
Verdict only_international(const Facts& facts, const Node& node) {
  return facts.international == has(node, kName);
}
constexpr char kEntradaSalidaMerc[] = "EntradaSalidaMerc";
constexpr char kPaisOrigenDestino[] = "PaisOrigenDestino";
constexpr char kViaEntradaSalida[] = "ViaEntradaSalida";

Verdict distance_is_sum(const Facts&, const Node& carta_porte) {
  if (lacks(carta_porte, "TotalDistRec")) return true;
  Decimal total;
  for (const Node* stop : carta_porte.find_all("Ubicaciones/Ubicacion"))
    if (is_destination(*stop)) total += number(*stop, "DistanciaRecorrida");
  return equals(carta_porte, "TotalDistRec", total);
}

Verdict distance_fits(const Facts& facts, const Node& stop) {
  if (!facts.road && !facts.rail) return true;
  return has(stop, "DistanciaRecorrida") == is_destination(stop);
}

Verdict id_fits_kind(const Facts&, const Node& stop) {
  const auto id = stop.attribute("IDUbicacion");
  return !id || id->starts_with(is_destination(stop) ? "DE" : "OR");
}

Verdict id_is_unique(const Facts&, const Node& ubicaciones) {
  std::vector<std::string_view> ids;
  for (const Node* stop : ubicaciones.children("Ubicacion"))
    if (const auto id = stop->attribute("IDUbicacion")) ids.push_back(*id);
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) == ids.end();
}

Verdict documents_fit(const Facts& facts, const Node& mercancia) {
  const bool documented = has_child(mercancia, "DocumentacionAduanera");
  if (!facts.international) return !documented;
  return implies(facts.entry, documented);
}

Verdict parts_add_up(const Facts&, const Node& mercancia) {
  if (!has_child(mercancia, "CantidadTransporta")) return true;
  return equals(mercancia, "Cantidad", sum(mercancia, "CantidadTransporta", "Cantidad"));
}

Verdict container_fits(const Facts&, const Node& container) {
  const bool ferry = is(container, "TipoContenedor", "CM011");
  for (const std::string_view name : {"IdCCPRelacionado", "PlacaVMCCP", "FechaCertificacionCCP"})
    if (has(container, name) != ferry) return false;
  for (const std::string_view name : {"MatriculaContenedor", "NumPrecinto"})
    if (has(container, name) == ferry) return false;
  return true;
}

Verdict weight_is_sum(const Facts& facts, const Node& mercancias) {
  if (facts.sea)
    return equals(mercancias, "PesoBrutoTotal", sum(mercancias, "Mercancia/DetalleMercancia", "PesoBruto"));
  return equals(mercancias, "PesoBrutoTotal", sum(mercancias, "Mercancia", "PesoEnKg"));
}

Verdict net_weight_is_sum(const Facts& facts, const Node& mercancias) {
  if (facts.sea) return equals(mercancias, "PesoNetoTotal", sum(mercancias, "Mercancia/DetalleMercancia", "PesoNeto"));
  if (facts.rail)
    return equals(mercancias, "PesoNetoTotal", sum(mercancias, "TransporteFerroviario/Carro", "ToneladasNetasCarro"));
  return true;
}

// One row a rule.
constexpr Rule kRules[] = {
    {"CARTA_PORTE_TYPE", From::comprobante, "", "TipoDeComprobante",
     [](const Facts& f, const Node&) -> Verdict { return f.is_type("IT"); }},
    {"CARTA_PORTE_CURRENCY", From::comprobante, "", "Moneda",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("T"), is(n, "Moneda", "XXX")) && implies(f.is_type("I"), !is(n, "Moneda", "XXX"));
     }},
    {"CARTA_PORTE_TOTAL_NOT_ZERO", From::comprobante, "", "Total",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), number(n, "Total").is_zero()); }},
    {"CARTA_PORTE_RECEPTOR", From::comprobante, "Receptor", "Rfc",
     [](const Facts& f, const Node& n) -> Verdict {
       const std::string_view issuer = f.emisor->attribute_or("Rfc");
       return {implies(f.is_type("T"), is(n, "Rfc", issuer)), std::string(issuer)};
     }},
    {"CARTA_PORTE_USO_CFDI", From::comprobante, "Receptor", "UsoCFDI",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), is(n, "UsoCFDI", "S01")); }},
    {"CARTA_PORTE_NOT_FREIGHT", From::comprobante, "Conceptos/Concepto", "ClaveProdServ",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("I"), is_freight(n.attribute_or("ClaveProdServ")));
     }},
    {"REGIMENES_ADUANEROS_MISMATCH", From::carta_porte, "", "TranspInternac",
     [](const Facts& f, const Node& n) -> Verdict { return f.international == has_child(n, "RegimenesAduaneros"); }},
    {"ENTRADA_SALIDA_MISMATCH", From::carta_porte, "", "EntradaSalidaMerc", only_international<kEntradaSalidaMerc>},
    {"PAIS_ORIGEN_DESTINO_MISMATCH", From::carta_porte, "", "PaisOrigenDestino",
     only_international<kPaisOrigenDestino>},
    {"VIA_ENTRADA_SALIDA_MISMATCH", From::carta_porte, "", "ViaEntradaSalida", only_international<kViaEntradaSalida>},
    {"TOTAL_DIST_REC_MISMATCH", From::carta_porte, "", "TotalDistRec",
     [](const Facts& f, const Node& n) -> Verdict { return (f.road || f.rail) == has(n, "TotalDistRec"); }},
    {"TOTAL_DIST_REC_NOT_SUM", From::carta_porte, "", "TotalDistRec", distance_is_sum},
    {"POLOS_WITHOUT_ISTMO", From::carta_porte, "", "RegistroISTMO",
     [](const Facts&, const Node& n) -> Verdict {
       return has(n, "RegistroISTMO") || (lacks(n, "UbicacionPoloOrigen") && lacks(n, "UbicacionPoloDestino"));
     }},
    {"UBICACION_ID_REPEATED", From::carta_porte, "Ubicaciones", "", id_is_unique},
    {"UBICACION_ID_MISSING", From::carta_porte, "Ubicaciones/Ubicacion", "IDUbicacion",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.uses_parts, has(n, "IDUbicacion")); }},
    {"UBICACION_ID_KIND", From::carta_porte, "Ubicaciones/Ubicacion", "IDUbicacion", id_fits_kind},
    {"UBICACION_NUM_REG_ID_MISSING", From::carta_porte, "Ubicaciones/Ubicacion", "NumRegIdTrib",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "RFCRemitenteDestinatario", kForeignRfc), has(n, "NumRegIdTrib"));
     }},
    {"ESTACION_ON_ROAD", From::carta_porte, "Ubicaciones/Ubicacion", "NumEstacion",
     [](const Facts& f, const Node& n) -> Verdict {
       const bool road_only = f.road && !f.sea && !f.air && !f.rail;
       return implies(road_only, lacks(n, "NumEstacion"));
     }},
    {"DISTANCIA_RECORRIDA_MISMATCH", From::carta_porte, "Ubicaciones/Ubicacion", "DistanciaRecorrida", distance_fits},
    {"TRANSPORT_MISSING", From::carta_porte, "Mercancias", "",
     [](const Facts& f, const Node&) -> Verdict { return f.road || f.sea || f.air || f.rail; }},
    {"PESO_BRUTO_TOTAL_NOT_SUM", From::carta_porte, "Mercancias", "PesoBrutoTotal", weight_is_sum},
    {"PESO_NETO_TOTAL_NOT_SUM", From::carta_porte, "Mercancias", "PesoNetoTotal", net_weight_is_sum},
    {"NUM_TOTAL_MERCANCIAS_WRONG", From::carta_porte, "Mercancias", "NumTotalMercancias",
     [](const Facts&, const Node& n) -> Verdict {
       return equals(n, "NumTotalMercancias", Decimal(static_cast<std::int64_t>(n.children("Mercancia").size())));
     }},
    {"LOGISTICA_INVERSA_NOT_ROAD", From::carta_porte, "Mercancias", "LogisticaInversaRecoleccionDevolucion",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(has(n, "LogisticaInversaRecoleccionDevolucion"), f.road);
     }},
    {"VALOR_MERCANCIA_MISSING", From::carta_porte, "Mercancias/Mercancia", "ValorMercancia",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.air, has(n, "ValorMercancia")); }},
    {"VALOR_MERCANCIA_CURRENCY", From::carta_porte, "Mercancias/Mercancia", "Moneda",
     [](const Facts&, const Node& n) -> Verdict { return implies(has(n, "ValorMercancia"), has(n, "Moneda")); }},
    {"TIPO_MATERIA_MISSING", From::carta_porte, "Mercancias/Mercancia", "TipoMateria",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.international, has(n, "TipoMateria")); }},
    {"DESCRIPCION_MATERIA_MISSING", From::carta_porte, "Mercancias/Mercancia", "DescripcionMateria",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "TipoMateria", "05"), has(n, "DescripcionMateria"));
     }},
    {"HAZMAT_KEY_MISSING", From::carta_porte, "Mercancias/Mercancia", "CveMaterialPeligroso",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "MaterialPeligroso", "Sí"), has(n, "CveMaterialPeligroso") && has(n, "Embalaje"));
     }},
    {"CANTIDAD_TRANSPORTA_NOT_SUM", From::carta_porte, "Mercancias/Mercancia", "Cantidad", parts_add_up},
    {"DOCUMENTACION_ADUANERA_MISMATCH", From::carta_porte, "Mercancias/Mercancia", "", documents_fit},
    {"DOCUMENTO_PEDIMENTO_ON_EXIT", From::carta_porte, "Mercancias/Mercancia/DocumentacionAduanera", "TipoDocumento",
     [](const Facts& f, const Node& n) -> Verdict { return f.entry || !is(n, "TipoDocumento", "01"); }},
    {"DOCUMENTO_ID_MISSING", From::carta_porte, "Mercancias/Mercancia/DocumentacionAduanera", "IdentDocAduanero",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "TipoDocumento", "01") || has(n, "IdentDocAduanero"); }},
    {"CANTIDAD_TRANSPORTA_ORIGIN", From::carta_porte, "Mercancias/Mercancia/CantidadTransporta", "IDOrigen",
     [](const Facts& f, const Node& n) -> Verdict { return f.origin_ids.contains(n.attribute_or("IDOrigen")); }},
    {"CANTIDAD_TRANSPORTA_DESTINATION", From::carta_porte, "Mercancias/Mercancia/CantidadTransporta", "IDDestino",
     [](const Facts& f, const Node& n) -> Verdict { return f.destination_ids.contains(n.attribute_or("IDDestino")); }},
    {"DETALLE_MERCANCIA_NOT_SEA", From::carta_porte, "Mercancias/Mercancia/DetalleMercancia", "",
     [](const Facts& f, const Node&) -> Verdict { return f.sea; }},
    {"SEGURO_AMBIENTAL_MISSING", From::carta_porte, "Mercancias/Autotransporte/Seguros", "AseguraMedAmbiente",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.hazardous, has(n, "AseguraMedAmbiente")); }},
    {"POLIZA_AMBIENTAL_MISSING", From::carta_porte, "Mercancias/Autotransporte/Seguros", "PolizaMedAmbiente",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(has(n, "AseguraMedAmbiente"), has(n, "PolizaMedAmbiente"));
     }},
    {"PERMISO_NAVEGACION_MISSING", From::carta_porte, "Mercancias/TransporteMaritimo", "PermisoTempNavegacion",
     [](const Facts&, const Node& n) -> Verdict {
       return is(n, "NacionalidadEmbarc", "MEX") || has(n, "PermisoTempNavegacion");
     }},
    {"CONTENEDOR_MISMATCH", From::carta_porte, "Mercancias/TransporteMaritimo/Contenedor", "TipoContenedor",
     container_fits},
    {"EMBARCADOR_MISSING", From::carta_porte, "Mercancias/TransporteAereo", "RFCEmbarcador",
     [](const Facts&, const Node& n) -> Verdict { return has(n, "RFCEmbarcador") != has(n, "NumRegIdTribEmbarc"); }},
    {"FIGURA_TRANSPORTE_MISSING", From::carta_porte, "", "",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.road, has_child(n, "FiguraTransporte")); }},
    {"OPERADOR_MISSING", From::carta_porte, "FiguraTransporte", "",
     [](const Facts& f, const Node& n) -> Verdict {
       const auto figures = n.children("TiposFigura");
       return implies(f.road, std::ranges::any_of(figures, [](const Node* t) { return is(*t, "TipoFigura", "01"); }));
     }},
    {"NUM_LICENCIA_MISMATCH", From::carta_porte, "FiguraTransporte/TiposFigura", "NumLicencia",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "TipoFigura", "01") == has(n, "NumLicencia"); }},
    {"FIGURA_ID_MISMATCH", From::carta_porte, "FiguraTransporte/TiposFigura", "RFCFigura",
     [](const Facts&, const Node& n) -> Verdict { return has(n, "RFCFigura") != has(n, "NumRegIdTribFigura"); }},
    {"PARTES_TRANSPORTE_FORBIDDEN", From::carta_porte, "FiguraTransporte/TiposFigura", "TipoFigura",
     [](const Facts&, const Node& n) -> Verdict {
       return !has_child(n, "PartesTransporte") || is(n, "TipoFigura", "02") || is(n, "TipoFigura", "03");
     }},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace puente::sat::carta_porte::v31
