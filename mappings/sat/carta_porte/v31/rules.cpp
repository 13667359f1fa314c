// Rules of Carta Porte 3.1. Source: validation-rules.csv, scopes Carta Porte 3.1 and gateway; formats sections 2 to 4.
// That a code is in its list (CP117 and the like) stands in the element table.
#include <algorithm>
#include <vector>

#include "mappings/sat/rule.h"

namespace puente::sat::carta_porte::v31 {
namespace {

using namespace rule;  // NOLINT(google-build-using-namespace): the words of the rules

constexpr std::string_view kStop = "Ubicaciones/Ubicacion";
constexpr std::string_view kStopAddress = "Ubicaciones/Ubicacion/Domicilio";
constexpr std::string_view kGoods = "Mercancias/Mercancia";
constexpr std::string_view kDocument = "Mercancias/Mercancia/DocumentacionAduanera";
constexpr std::string_view kFigure = "FiguraTransporte/TiposFigura";
constexpr std::string_view kFigureAddress = "FiguraTransporte/TiposFigura/Domicilio";

// CP109: the freight services an income document with Carta Porte may charge.
bool is_freight(std::string_view code) {
  static constexpr std::string_view kSingle[] = {"78121603", "78141500", "78141501", "84121806",
                                                 "92121800", "92121801", "92121802"};
  return (code >= "78101500" && code <= "78102205") || std::ranges::find(kSingle, code) != std::end(kSingle);
}

bool is_destination(const Node& ubicacion) { return is(ubicacion, "TipoUbicacion", "Destino"); }

// The key of c_CveTransporte of a document with one kind of transport, "" else.
std::string_view transport_key(const Facts& facts) {
  if (facts.transports != 1) return "";
  return facts.road ? "01" : facts.sea ? "02" : facts.air ? "03" : "04";
}

Verdict coexists(const Facts& facts, const Node&) {
  return complements_may_stand(facts, &UnreadComplement::beside_carta_porte);
}

Verdict intermodal_has_two_transports(const Facts& facts, const Node& concepto) {
  const std::string_view code = text(concepto, "ClaveProdServ");
  return implies(facts.is_type("I") && code >= "78101900" && code <= "78101904", facts.transports >= 2);
}

Verdict regime_fits_direction(const Facts& facts, const Node& regime) {
  const auto code = look_up(facts, "c_RegimenAduanero", {text(regime, "RegimenAduanero")});
  if (!code.known()) return true;
  const std::string_view direction = text_of(facts.carta_porte, "EntradaSalidaMerc");
  return {code.text("impoexpo").find(direction) != std::string_view::npos, code.text("impoexpo")};
}

Verdict distance_is_sum(const Facts& facts, const Node& carta_porte) {
  if (lacks(carta_porte, "TotalDistRec") || (!facts.road && !facts.rail)) return true;
  Decimal total;
  for (const Node* stop : carta_porte.find_all(kStop))
    if (is_destination(*stop)) total += number(*stop, "DistanciaRecorrida");
  return equals(carta_porte, "TotalDistRec", total);
}

Verdict distance_fits(const Facts& facts, const Node& stop) {
  if (!facts.road && !facts.rail) return true;
  return has(stop, "DistanciaRecorrida") == is_destination(stop);
}

std::size_t count_stops(const Node& ubicaciones, std::string_view kind) {
  const auto stops = ubicaciones.children("Ubicacion");
  return static_cast<std::size_t>(
      std::ranges::count_if(stops, [&](const Node* stop) { return is(*stop, "TipoUbicacion", kind); }));
}

// CP134, CP190, CP198: the country of a foreign tax id goes with it, and is not Mexico.
Verdict residence_fits(const Node& node, AttributeName tax_id, AttributeName residence) {
  return has(node, tax_id) == has(node, residence) && !is(node, residence, "MEX");
}

Verdict station_fits_transport(const Facts& facts, const Node& stop) {
  const auto station = stop.at("NumEstacion");
  const std::string_view transport = transport_key(facts);
  if (!station || transport.empty() || facts.road_only()) return true;  // on road there is none at all (CP135)
  const auto code = look_up(facts, "c_Estaciones", {*station});
  return {!code.known() || code.text("clave_transporte") == transport, transport};
}

// CP138: the list calls every station abroad "Extranjera"; the document names it.
Verdict foreign_station_is_named(const Facts& facts, const Node& stop) {
  const auto code = look_up(facts, "c_Estaciones", {text(stop, "NumEstacion")});
  if (!code.known() || code.text("nombre") != "Extranjera") return true;
  const std::string_view name = text(stop, "NombreEstacion");
  return name != "Extranjera" && name.find_first_not_of(" .-0Xx") != std::string_view::npos;
}

Verdict station_kind_fits(const Facts& facts, const Node& stop) {
  if (facts.road_only()) return lacks(stop, "TipoEstacion");
  return implies(facts.transports == 1, has(stop, "TipoEstacion"));
}

// CP142. In what combines transports nobody says whose stop it is.
Verdict address_fits(const Facts& facts, const Node& stop) {
  if (facts.transports != 1) return true;
  const bool passing = facts.rail && is(stop, "TipoEstacion", "02");
  return has_child(stop, "Domicilio") != passing;
}

Verdict id_fits_kind(const Facts&, const Node& stop) {
  const auto id = stop.at("IDUbicacion");
  return !id || id->starts_with(is_destination(stop) ? "DE" : "OR");
}

Verdict id_is_unique(const Facts&, const Node& ubicaciones) {
  std::vector<std::string_view> ids;
  for (const Node* stop : ubicaciones.children("Ubicacion"))
    if (const auto id = stop->at("IDUbicacion")) ids.push_back(*id);
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) == ids.end();
}

// GW07. Times are local to their stop: the zones of Mexico and its neighbours lie that far apart.
Verdict stops_follow_each_other(const Facts&, const Node& ubicaciones) {
  constexpr std::chrono::hours kZones{4};
  std::optional<std::chrono::sys_seconds> before;
  for (const Node* stop : ubicaciones.children("Ubicacion")) {
    const auto time = parse_local_time(text(*stop, "FechaHoraSalidaLlegada"));
    if (!time) continue;
    if (before && time->as_if_utc() + kZones < *before) return {false, text(*stop, "FechaHoraSalidaLlegada")};
    before = time->as_if_utc();
  }
  return true;
}

// CP155. A key without flag is not judged, nor one whose flag leaves it to the shipper.
Verdict hazard_fits(const Facts& facts, const Node& goods) {
  const auto code = look_up(facts, "c_ClaveProdServCP", {text(goods, "BienesTransp")});
  if (!code.known()) return true;
  const std::string_view flag = code.text("material_peligroso");
  if (flag == "0") return {lacks(goods, "MaterialPeligroso"), "0"};
  if (flag == "1") return {has(goods, "MaterialPeligroso"), "1"};
  return true;
}

// What COFEPRIS wants of a product, by the key of c_SectorCOFEPRIS (CP159 to CP163).
template <const char* kSector>
Verdict sector_is_described(const Facts&, const Node& goods) {
  struct Demands {
    std::string_view sector;
    std::array<std::string_view, 8> attributes;
  };
  static constexpr Demands kDemands[] = {
      {"01",
       {"DenominacionGenericaProd", "DenominacionDistintivaProd", "Fabricante", "FechaCaducidad", "LoteMedicamento",
        "FormaFarmaceutica", "CondicionesEspTransp", "RegistroSanitarioFolioAutorizacion"}},
      {"02",
       {"NombreIngredienteActivo", "NomQuimico", "Fabricante", "FechaCaducidad", "LoteMedicamento", "FormaFarmaceutica",
        "CondicionesEspTransp"}},
      {"03",
       {"DenominacionGenericaProd", "DenominacionDistintivaProd", "Fabricante", "FechaCaducidad", "LoteMedicamento",
        "FormaFarmaceutica", "CondicionesEspTransp", "RegistroSanitarioFolioAutorizacion"}},
      {"04", {"NomQuimico", "NumCAS"}},
      {"05",
       {"NombreIngredienteActivo", "NumRegSanPlagCOFEPRIS", "DatosFabricante", "DatosFormulador", "DatosMaquilador",
        "UsoAutorizado"}}};
  if (!is(goods, "SectorCOFEPRIS", kSector)) return true;
  std::string missing;
  for (const Demands& demands : kDemands) {
    if (demands.sector != kSector) continue;
    for (const std::string_view name : demands.attributes)
      if (!name.empty() && !goods.attribute(name)) (missing += missing.empty() ? "" : ", ") += name;
  }
  return {missing.empty(), missing};
}
constexpr char kMedicine[] = "01", kPrecursor[] = "02", kPsychotropic[] = "03", kToxic[] = "04", kPesticide[] = "05";

Verdict documents_fit(const Facts& facts, const Node& mercancia) {
  const bool documented = has_child(mercancia, "DocumentacionAduanera");
  if (!facts.international) return !documented;
  return implies(facts.entry, documented);
}

Verdict pedimento_of_entry_fits(const Facts& facts, const Node& document) {
  if (!facts.entry || !is(document, "TipoDocumento", "01")) return true;
  const auto pedimento = document.at("NumPedimento");
  return pedimento ? pedimento_fits(facts, *pedimento) : Verdict(false, "NumPedimento");
}

Verdict guides_are_given(const Facts& facts, const Node& goods) {
  return implies(facts.is_type("T") && is_any(goods, "BienesTransp", {"31181701", "24112700"}),
                 has_child(goods, "GuiasIdentificacion"));
}

Verdict parts_add_up(const Facts&, const Node& mercancia) {
  if (!has_child(mercancia, "CantidadTransporta")) return true;
  return equals(mercancia, "Cantidad", sum(mercancia, "CantidadTransporta", "Cantidad"));
}

Verdict trailers_fit(const Facts& facts, const Node& road) {
  const Node* vehicle = road.child("IdentificacionVehicular");
  const auto code = look_up(facts, "c_ConfigAutotransporte", {text_of(vehicle, "ConfigVehicular")});
  if (!code.known()) return true;
  const std::string_view flag = code.text("remolque");
  if (flag == "1") return {has_child(road, "Remolques"), "1"};
  if (flag == "0") return {!has_child(road, "Remolques"), "0"};
  return true;
}

Verdict container_fits(const Facts&, const Node& container) {
  const bool ferry = is(container, "TipoContenedor", "CM011");
  for (const AttributeName name :
       {AttributeName("IdCCPRelacionado"), AttributeName("PlacaVMCCP"), AttributeName("FechaCertificacionCCP")})
    if (has(container, name) != ferry) return false;
  for (const AttributeName name : {AttributeName("MatriculaContenedor"), AttributeName("NumPrecinto")})
    if (has(container, name) == ferry) return false;
  return true;
}

Verdict car_weighs_its_containers(const Facts&, const Node& car) {
  if (!has_child(car, "Contenedor")) return true;
  const Decimal tonnes = sum(car, "Contenedor", "PesoNetoMercancia") * *Decimal::parse("0.001");
  return equals_rounded(car, "ToneladasNetasCarro", tonnes);
}

Verdict containers_fit_service(const Facts& facts, const Node& rail) {
  const auto service = look_up(facts, "c_TipoDeServicio", {text(rail, "TipoDeServicio")});
  if (!service.known() || service.text("contenedor") == "1") return true;
  const auto cars = rail.children("Carro");
  return std::ranges::none_of(cars, [](const Node* car) { return has_child(*car, "Contenedor"); });
}

Verdict zip_of_usa_fits(const Facts& facts, const Node& domicilio) {
  return is(domicilio, "Pais", "USA") ? foreign_codigo_postal_fits(facts, domicilio) : Verdict(true);
}

// One row a rule.
constexpr Rule kRules[] = {
    {"CP103", "CARTA_PORTE_CURRENCY", From::comprobante, "", "Moneda",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), is(n, "Moneda", "XXX")); }},
    {"CP104", "CARTA_PORTE_CURRENCY", From::comprobante, "", "Moneda",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("I"), !is(n, "Moneda", "XXX")); }},
    {"CP105", "CARTA_PORTE_TOTAL_NOT_ZERO", From::comprobante, "", "Total",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), number(n, "Total").is_zero()); }},
    {"CP107", "CARTA_PORTE_RECEPTOR", From::comprobante, "Receptor", "Rfc",
     [](const Facts& f, const Node& n) -> Verdict {
       const std::string_view issuer = text_of(f.emisor, "Rfc");
       return {implies(f.is_type("T"), is(n, "Rfc", issuer)), issuer};
     }},
    {"CP109", "CARTA_PORTE_NOT_FREIGHT", From::comprobante, "Conceptos/Concepto", "ClaveProdServ",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("I"), is_freight(text(n, "ClaveProdServ")));
     }},
    {"CP110", "CARTA_PORTE_INTERMODAL", From::comprobante, "Conceptos/Concepto", "ClaveProdServ",
     intermodal_has_two_transports},
    {"CP111", "CARTA_PORTE_USO_CFDI", From::comprobante, "Receptor", "UsoCFDI",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), is(n, "UsoCFDI", "S01")); }},
    {"CP113", "CARTA_PORTE_BESIDE", From::carta_porte, "", "", coexists},
    {"CP114", "CARTA_PORTE_TYPE", From::comprobante, "", "TipoDeComprobante",
     [](const Facts& f, const Node&) -> Verdict { return f.is_type("IT"); }},
    {"CP116", "REGIMENES_ADUANEROS_MISMATCH", From::carta_porte, "", "TranspInternac",
     [](const Facts& f, const Node& n) -> Verdict { return f.international == has_child(n, "RegimenesAduaneros"); }},
    {"CP118", "REGIMEN_ADUANERO_DIRECTION", From::carta_porte, "RegimenesAduaneros/RegimenAduaneroCCP",
     "RegimenAduanero", regime_fits_direction, Needs::catalog},
    {"CP119", "ENTRADA_SALIDA_MISMATCH", From::carta_porte, "", "EntradaSalidaMerc",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.international, has(n, "EntradaSalidaMerc")); }},
    {"CP120", "ENTRADA_SALIDA_MISMATCH", From::carta_porte, "", "EntradaSalidaMerc",
     [](const Facts& f, const Node& n) -> Verdict { return f.international || lacks(n, "EntradaSalidaMerc"); }},
    {"CP121", "PAIS_ORIGEN_DESTINO_MISMATCH", From::carta_porte, "", "PaisOrigenDestino",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.international, has(n, "PaisOrigenDestino")); }},
    {"CP122", "PAIS_ORIGEN_DESTINO_MISMATCH", From::carta_porte, "", "PaisOrigenDestino",
     [](const Facts& f, const Node& n) -> Verdict { return f.international || lacks(n, "PaisOrigenDestino"); }},
    {"CP123", "VIA_ENTRADA_SALIDA_MISMATCH", From::carta_porte, "", "ViaEntradaSalida",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.international, has(n, "ViaEntradaSalida")); }},
    {"CP124", "VIA_ENTRADA_SALIDA_MISMATCH", From::carta_porte, "", "ViaEntradaSalida",
     [](const Facts& f, const Node& n) -> Verdict { return f.international || lacks(n, "ViaEntradaSalida"); }},
    {"CP125", "TOTAL_DIST_REC_MISMATCH", From::carta_porte, "", "TotalDistRec",
     [](const Facts& f, const Node& n) -> Verdict { return (f.road || f.rail) == has(n, "TotalDistRec"); }},
    {"CP126", "TOTAL_DIST_REC_NOT_SUM", From::carta_porte, "", "TotalDistRec", distance_is_sum},
    {"CP127", "POLOS_WITHOUT_ISTMO", From::carta_porte, "", "RegistroISTMO",
     [](const Facts&, const Node& n) -> Verdict {
       return has(n, "RegistroISTMO") || (lacks(n, "UbicacionPoloOrigen") && lacks(n, "UbicacionPoloDestino"));
     }},

    {"CP128", "UBICACION_ORIGEN_MISSING", From::carta_porte, "Ubicaciones", "",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.rail, count_stops(n, "Origen") >= 1); }},
    {"CP129", "UBICACION_RAIL_DESTINOS", From::carta_porte, "Ubicaciones", "",
     [](const Facts& f, const Node& n) -> Verdict {
       return {implies(f.rail, count_stops(n, "Destino") >= 5), std::to_string(count_stops(n, "Destino"))};
     }},
    {"CP130", "UBICACION_ORIGEN_MISSING", From::carta_porte, "Ubicaciones", "",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.road || f.sea || f.air, count_stops(n, "Origen") >= 1 && count_stops(n, "Destino") >= 1);
     }},
    {"CP131", "UBICACION_ID_MISSING", From::carta_porte, kStop, "IDUbicacion",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.uses_parts, has(n, "IDUbicacion")); }},
    {"CP133", "UBICACION_NUM_REG_ID_MISSING", From::carta_porte, kStop, "NumRegIdTrib",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "RFCRemitenteDestinatario", kForeignRfc), has(n, "NumRegIdTrib"));
     }},
    {"CP134", "RESIDENCIA_EXTRANJERA", From::carta_porte, kStop, "ResidenciaFiscal",
     [](const Facts&, const Node& n) -> Verdict {
       // That the tax id itself is missing, CP133 says.
       if (is(n, "RFCRemitenteDestinatario", kForeignRfc) && lacks(n, "NumRegIdTrib")) return true;
       return residence_fits(n, "NumRegIdTrib", "ResidenciaFiscal");
     }},
    {"CP135", "ESTACION_ON_ROAD", From::carta_porte, kStop, "NumEstacion",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.road_only(), lacks(n, "NumEstacion")); }},
    {"CP136", "ESTACION_TRANSPORT", From::carta_porte, kStop, "NumEstacion", station_fits_transport, Needs::catalog},
    {"CP137", "ESTACION_NAME_MISSING", From::carta_porte, kStop, "NombreEstacion",
     [](const Facts&, const Node& n) -> Verdict { return implies(has(n, "NumEstacion"), has(n, "NombreEstacion")); }},
    {"CP138", "ESTACION_NAME_PLACEHOLDER", From::carta_porte, kStop, "NombreEstacion", foreign_station_is_named},
    {"CP139", "NAVEGACION_NOT_SEA", From::carta_porte, kStop, "NavegacionTrafico",
     [](const Facts& f, const Node& n) -> Verdict { return f.sea || lacks(n, "NavegacionTrafico"); }},
    {"CP140", "TIPO_ESTACION_MISMATCH", From::carta_porte, kStop, "TipoEstacion", station_kind_fits},
    {"CP141", "DISTANCIA_RECORRIDA_MISMATCH", From::carta_porte, kStop, "DistanciaRecorrida", distance_fits},
    {"CP142", "UBICACION_DOMICILIO_MISMATCH", From::carta_porte, kStop, "", address_fits},
    {"CP143", "COLONIA_WRONG", From::carta_porte, kStopAddress, "Colonia", colonia_fits, Needs::catalog},
    {"CP144", "LOCALIDAD_WRONG", From::carta_porte, kStopAddress, "Localidad", localidad_fits, Needs::catalog},
    {"CP145", "MUNICIPIO_WRONG", From::carta_porte, kStopAddress, "Municipio", municipio_fits, Needs::catalog},
    {"CP146", "ESTADO_WRONG", From::carta_porte, kStopAddress, "Estado", estado_fits, Needs::catalog},
    {"CP147", "CODIGO_POSTAL_WRONG", From::carta_porte, kStopAddress, "CodigoPostal", codigo_postal_fits,
     Needs::catalog},
    {"GW06", "UBICACION_ID_REPEATED", From::carta_porte, "Ubicaciones", "", id_is_unique},
    {"GW06", "UBICACION_ID_KIND", From::carta_porte, kStop, "IDUbicacion", id_fits_kind},
    {"GW07", "UBICACION_TIMES", From::carta_porte, "Ubicaciones", "", stops_follow_each_other},
    {"GW12", "US_ZIP_PATTERN", From::carta_porte, kStopAddress, "CodigoPostal", zip_of_usa_fits, Needs::catalog},

    {"CP148", "TRANSPORT_MISSING", From::carta_porte, "Mercancias", "",
     [](const Facts& f, const Node&) -> Verdict { return f.transports > 0; }},
    {"CP149", "PESO_BRUTO_TOTAL_NOT_SUM", From::carta_porte, "Mercancias", "PesoBrutoTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       return f.sea ? true : equals(n, "PesoBrutoTotal", sum(n, "Mercancia", "PesoEnKg"));
     }},
    {"CP150", "PESO_BRUTO_TOTAL_NOT_SUM", From::carta_porte, "Mercancias", "PesoBrutoTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       return !f.sea ? true : equals(n, "PesoBrutoTotal", sum(n, "Mercancia/DetalleMercancia", "PesoBruto"));
     }},
    {"CP151", "PESO_NETO_TOTAL_NOT_SUM", From::carta_porte, "Mercancias", "PesoNetoTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       return !f.sea ? true : equals(n, "PesoNetoTotal", sum(n, "Mercancia/DetalleMercancia", "PesoNeto"));
     }},
    {"CP152", "PESO_NETO_TOTAL_NOT_SUM", From::carta_porte, "Mercancias", "PesoNetoTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!f.rail) return true;
       return equals(n, "PesoNetoTotal", sum(n, "TransporteFerroviario/Carro", "ToneladasNetasCarro"));
     }},
    {"CP153", "LOGISTICA_INVERSA_NOT_ROAD", From::carta_porte, "Mercancias", "LogisticaInversaRecoleccionDevolucion",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(has(n, "LogisticaInversaRecoleccionDevolucion"), f.road);
     }},
    {"CP154", "NUM_TOTAL_MERCANCIAS_WRONG", From::carta_porte, "Mercancias", "NumTotalMercancias",
     [](const Facts&, const Node& n) -> Verdict {
       return equals(n, "NumTotalMercancias", Decimal(static_cast<std::int64_t>(n.children("Mercancia").size())));
     }},

    {"CP155", "MATERIAL_PELIGROSO_MISMATCH", From::carta_porte, kGoods, "MaterialPeligroso", hazard_fits,
     Needs::catalog},
    {"CP156", "HAZMAT_KEY_MISMATCH", From::carta_porte, kGoods, "CveMaterialPeligroso",
     [](const Facts&, const Node& n) -> Verdict {
       return is(n, "MaterialPeligroso", "Sí") == has(n, "CveMaterialPeligroso");
     }},
    {"CP157", "EMBALAJE_MISSING", From::carta_porte, kGoods, "Embalaje",
     [](const Facts&,
        const Node& n) -> Verdict { return implies(has(n, "CveMaterialPeligroso"), has(n, "Embalaje")); }},
    {"CP159", "SECTOR_COFEPRIS_INCOMPLETE", From::carta_porte, kGoods, "SectorCOFEPRIS",
     sector_is_described<kMedicine>},
    {"CP160", "SECTOR_COFEPRIS_INCOMPLETE", From::carta_porte, kGoods, "SectorCOFEPRIS",
     sector_is_described<kPrecursor>},
    {"CP161", "SECTOR_COFEPRIS_INCOMPLETE", From::carta_porte, kGoods, "SectorCOFEPRIS",
     sector_is_described<kPsychotropic>},
    {"CP162", "SECTOR_COFEPRIS_INCOMPLETE", From::carta_porte, kGoods, "SectorCOFEPRIS", sector_is_described<kToxic>},
    {"CP163", "SECTOR_COFEPRIS_INCOMPLETE", From::carta_porte, kGoods, "SectorCOFEPRIS",
     sector_is_described<kPesticide>},
    {"CP164", "COFEPRIS_PERMIT_MISSING", From::carta_porte, kGoods, "PermisoImportacion",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.entry && is_any(n, "SectorCOFEPRIS", {"01", "02", "03"}), has(n, "PermisoImportacion"));
     }},
    {"CP165", "COFEPRIS_PERMIT_MISSING", From::carta_porte, kGoods, "FolioImpoVUCEM",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.entry && is_any(n, "SectorCOFEPRIS", {"01", "02", "04", "05"}), has(n, "FolioImpoVUCEM"));
     }},
    {"CP166", "COFEPRIS_PERMIT_MISSING", From::carta_porte, kGoods, "RazonSocialEmpImp",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.entry && is(n, "SectorCOFEPRIS", "04"), has(n, "RazonSocialEmpImp"));
     }},
    {"CP167", "VALOR_MERCANCIA_MISSING", From::carta_porte, kGoods, "ValorMercancia",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.air, has(n, "ValorMercancia")); }},
    {"CP168", "VALOR_MERCANCIA_CURRENCY", From::carta_porte, kGoods, "Moneda",
     [](const Facts&, const Node& n) -> Verdict { return implies(has(n, "ValorMercancia"), has(n, "Moneda")); }},
    {"CP170", "TIPO_MATERIA_MISSING", From::carta_porte, kGoods, "TipoMateria",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.international, has(n, "TipoMateria")); }},
    {"CP171", "DESCRIPCION_MATERIA_MISSING", From::carta_porte, kGoods, "DescripcionMateria",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "TipoMateria", "05"), has(n, "DescripcionMateria"));
     }},
    {"CP172", "DOCUMENTACION_ADUANERA_MISMATCH", From::carta_porte, kGoods, "", documents_fit},
    {"CP173", "DOCUMENTO_PEDIMENTO_ON_EXIT", From::carta_porte, kDocument, "TipoDocumento",
     [](const Facts& f, const Node& n) -> Verdict { return f.entry || !is(n, "TipoDocumento", "01"); }},
    {"CP174", "PEDIMENTO_INVALID", From::carta_porte, kDocument, "NumPedimento", pedimento_of_entry_fits,
     Needs::catalog},
    {"CP175", "DOCUMENTO_ID_MISSING", From::carta_porte, kDocument, "IdentDocAduanero",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "TipoDocumento", "01") || has(n, "IdentDocAduanero"); }},
    {"CP177", "GUIAS_MISSING", From::carta_porte, kGoods, "BienesTransp", guides_are_given},
    {"CP178", "CANTIDAD_TRANSPORTA_ORIGIN", From::carta_porte, "Mercancias/Mercancia/CantidadTransporta", "IDOrigen",
     [](const Facts& f, const Node& n) -> Verdict { return !f.whole || f.origin_ids.contains(text(n, "IDOrigen")); }},
    {"CP179", "CANTIDAD_TRANSPORTA_DESTINATION", From::carta_porte, "Mercancias/Mercancia/CantidadTransporta",
     "IDDestino",
     [](const Facts& f,
        const Node& n) -> Verdict { return !f.whole || f.destination_ids.contains(text(n, "IDDestino")); }},
    {"CP180", "CVES_TRANSPORTE_MISSING", From::carta_porte, "Mercancias/Mercancia/CantidadTransporta", "CvesTransporte",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.transports > 1, has(n, "CvesTransporte")); }},
    {"CP181", "DETALLE_MERCANCIA_NOT_SEA", From::carta_porte, "Mercancias/Mercancia/DetalleMercancia", "",
     [](const Facts& f, const Node&) -> Verdict { return f.sea; }},
    {"GW05", "CANTIDAD_TRANSPORTA_NOT_SUM", From::carta_porte, kGoods, "Cantidad", parts_add_up},

    {"CP182", "SEGURO_AMBIENTAL_MISSING", From::carta_porte, "Mercancias/Autotransporte/Seguros", "AseguraMedAmbiente",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.hazardous, has(n, "AseguraMedAmbiente")); }},
    {"CP183", "POLIZA_AMBIENTAL_MISSING", From::carta_porte, "Mercancias/Autotransporte/Seguros", "PolizaMedAmbiente",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(has(n, "AseguraMedAmbiente"), has(n, "PolizaMedAmbiente"));
     }},
    {"CP184", "REMOLQUES_MISMATCH", From::carta_porte, "Mercancias/Autotransporte", "", trailers_fit, Needs::catalog},
    {"CP185", "PERMISO_NAVEGACION_MISSING", From::carta_porte, "Mercancias/TransporteMaritimo", "PermisoTempNavegacion",
     [](const Facts&, const Node& n) -> Verdict {
       return is(n, "NacionalidadEmbarc", "MEX") || has(n, "PermisoTempNavegacion");
     }},
    {"CP186", "CONTENEDOR_MISMATCH", From::carta_porte, "Mercancias/TransporteMaritimo/Contenedor", "TipoContenedor",
     container_fits},
    {"CP187", "REMOLQUES_CCP_FORBIDDEN", From::carta_porte, "Mercancias/TransporteMaritimo/Contenedor",
     "TipoContenedor",
     [](const Facts&,
        const Node& n) -> Verdict { return is(n, "TipoContenedor", "CM011") || !has_child(n, "RemolquesCCP"); }},
    {"CP189", "EMBARCADOR_MISSING", From::carta_porte, "Mercancias/TransporteAereo", "RFCEmbarcador",
     [](const Facts&, const Node& n) -> Verdict { return has(n, "RFCEmbarcador") != has(n, "NumRegIdTribEmbarc"); }},
    {"CP190", "RESIDENCIA_EXTRANJERA", From::carta_porte, "Mercancias/TransporteAereo", "ResidenciaFiscalEmbarc",
     [](const Facts&, const Node& n) { return residence_fits(n, "NumRegIdTribEmbarc", "ResidenciaFiscalEmbarc"); }},
    {"CP191", "CARRO_TONELADAS_NOT_SUM", From::carta_porte, "Mercancias/TransporteFerroviario/Carro",
     "ToneladasNetasCarro", car_weighs_its_containers},
    {"CP192", "CARRO_CONTENEDOR_FORBIDDEN", From::carta_porte, "Mercancias/TransporteFerroviario", "TipoDeServicio",
     containers_fit_service, Needs::catalog},

    {"CP193", "FIGURA_TRANSPORTE_MISSING", From::carta_porte, "", "",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.road, has_child(n, "FiguraTransporte")); }},
    {"CP194", "OPERADOR_MISSING", From::carta_porte, "FiguraTransporte", "",
     [](const Facts& f, const Node& n) -> Verdict {
       const auto figures = n.children("TiposFigura");
       return implies(f.road, std::ranges::any_of(figures, [](const Node* t) { return is(*t, "TipoFigura", "01"); }));
     }},
    {"CP196", "NUM_LICENCIA_MISMATCH", From::carta_porte, kFigure, "NumLicencia",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "TipoFigura", "01") == has(n, "NumLicencia"); }},
    {"CP197", "FIGURA_ID_MISMATCH", From::carta_porte, kFigure, "RFCFigura",
     [](const Facts&, const Node& n) -> Verdict { return has(n, "RFCFigura") != has(n, "NumRegIdTribFigura"); }},
    {"CP198", "RESIDENCIA_EXTRANJERA", From::carta_porte, kFigure, "ResidenciaFiscalFigura",
     [](const Facts&, const Node& n) { return residence_fits(n, "NumRegIdTribFigura", "ResidenciaFiscalFigura"); }},
    {"CP199", "PARTES_TRANSPORTE_FORBIDDEN", From::carta_porte, kFigure, "TipoFigura",
     [](const Facts&, const Node& n) -> Verdict {
       return !has_child(n, "PartesTransporte") || is_any(n, "TipoFigura", {"02", "03"});
     }},
    {"CP200", "COLONIA_WRONG", From::carta_porte, kFigureAddress, "Colonia", colonia_fits, Needs::catalog},
    {"CP201", "LOCALIDAD_WRONG", From::carta_porte, kFigureAddress, "Localidad", localidad_fits, Needs::catalog},
    {"CP202", "MUNICIPIO_WRONG", From::carta_porte, kFigureAddress, "Municipio", municipio_fits, Needs::catalog},
    {"CP203", "ESTADO_WRONG", From::carta_porte, kFigureAddress, "Estado", estado_fits, Needs::catalog},
    {"CP204", "CODIGO_POSTAL_WRONG", From::carta_porte, kFigureAddress, "CodigoPostal", codigo_postal_fits,
     Needs::catalog},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace puente::sat::carta_porte::v31
