// Carta Porte 3.1: CartaPorte31.xsd. Road, sea, air and rail. Every attribute is signed.
#pragma once

#include "mappings/sat/element_tables.h"

namespace puente::sat::carta_porte::v31 {

// One row a line.
// clang-format off
using namespace row;  // NOLINT(google-build-using-namespace): the words of the tables

inline constexpr Namespace kNamespace = {"http://www.sat.gob.mx/CartaPorte31", "cartaporte31", "Carta Porte", "3.1",
                                         "cfd/CartaPorte/CartaPorte31.xsd"};
inline constexpr Pattern kIdCcp("[C]{3}[a-f0-9A-F]{5}-[a-f0-9A-F]{4}-[a-f0-9A-F]{4}-[a-f0-9A-F]{4}-[a-f0-9A-F]{12}");
inline constexpr Pattern kIdUbicacion("(OR|DE)[0-9]{6}");
inline constexpr Pattern kIdOrigen("OR[0-9]{6}");
inline constexpr Pattern kIdDestino("DE[0-9]{6}");
// Meant as "no white space, no dash"; as a class it forbids these characters: ( ? ! . * ) - and white space.
inline constexpr Pattern kPlaca("[^(?!.*\\s)-]{5,7}");
inline constexpr Pattern kClaveStcc("[0-9|]{6,7}");
inline constexpr Pattern kDimensiones("([0-9]{1,3}[/]){2}([0-9]{1,3})(cm|plg)");
inline constexpr Pattern kNumeroOmi("IMO[0-9]{7}");
inline constexpr Pattern kMatriculaAeronave("([A-Z]|[0-9]|-){5,11}");

inline constexpr std::string_view kSi[] = {"Sí"};
inline constexpr std::string_view kSiNo[] = {"Sí", "No"};
inline constexpr std::string_view kEntradaSalida[] = {"Entrada", "Salida"};
inline constexpr std::string_view kOrigenDestino[] = {"Origen", "Destino"};
inline constexpr std::string_view kAlturaCabotaje[] = {"Altura", "Cabotaje"};

inline constexpr AttributeRow kRegimenAduaneroCCPAttributes[] = {
    {"RegimenAduanero", code("c_RegimenAduanero", "CP117"), required},
};
inline constexpr ElementRow kRegimenAduaneroCCP = {
    "RegimenAduaneroCCP", &kNamespace, kRegimenAduaneroCCPAttributes, {}};

inline constexpr ChildRow kRegimenesAduanerosChildren[] = {
    {&kRegimenAduaneroCCP, 1, 10},
};
inline constexpr ElementRow kRegimenesAduaneros = {"RegimenesAduaneros", &kNamespace, {}, kRegimenesAduanerosChildren};

inline constexpr AttributeRow kDomicilioAttributes[] = {
    {"Calle", text(1, 100), optional},
    {"NumeroExterior", text(1, 55), optional},
    {"NumeroInterior", text(1, 55), optional},
    {"Colonia", text(1, 120), optional},
    {"Localidad", text(1, 120), optional},
    {"Referencia", text(1, 250), optional},
    {"Municipio", text(1, 120), optional},
    {"Estado", text(1, 30), required},
    {"Pais", code("c_Pais"), required},
    {"CodigoPostal", free_text(1, 12), required},
};
inline constexpr ElementRow kDomicilio = {"Domicilio", &kNamespace, kDomicilioAttributes, {}};

inline constexpr AttributeRow kUbicacionAttributes[] = {
    {"TipoUbicacion", one_of(kOrigenDestino), required},
    {"IDUbicacion", matching(kIdUbicacion), optional},
    {"RFCRemitenteDestinatario", matching(kRfc), required},
    {"NombreRemitenteDestinatario", text(1, 254), optional},
    {"NumRegIdTrib", text(6, 40), optional},
    {"ResidenciaFiscal", code("c_Pais", "CP134"), optional},
    {"NumEstacion", code("c_Estaciones", "CP136"), optional},
    {"NombreEstacion", text(1, 50), optional},
    {"NavegacionTrafico", one_of(kAlturaCabotaje), optional},
    {"FechaHoraSalidaLlegada", kFechaHora, required},
    {"TipoEstacion", code("c_TipoEstacion", "CP140"), optional},
    {"DistanciaRecorrida", decimal(kAnyDecimals, "0.01", "99999"), optional},
};
inline constexpr ChildRow kUbicacionChildren[] = {
    {&kDomicilio, 0, 1},
};
inline constexpr ElementRow kUbicacion = {"Ubicacion", &kNamespace, kUbicacionAttributes, kUbicacionChildren};

inline constexpr ChildRow kUbicacionesChildren[] = {
    {&kUbicacion, 2, kMany},
};
inline constexpr ElementRow kUbicaciones = {"Ubicaciones", &kNamespace, {}, kUbicacionesChildren};

inline constexpr AttributeRow kDocumentacionAduaneraAttributes[] = {
    {"TipoDocumento", code("c_DocumentoAduanero"), required},
    {"NumPedimento", preserved(matching(kPedimento)), optional},
    {"IdentDocAduanero", text(1, 150), optional},
    {"RFCImpo", matching(kRfc), optional},
};
inline constexpr ElementRow kDocumentacionAduanera = {
    "DocumentacionAduanera", &kNamespace, kDocumentacionAduaneraAttributes, {}};

inline constexpr AttributeRow kGuiasIdentificacionAttributes[] = {
    {"NumeroGuiaIdentificacion", text(10, 30), required},
    {"DescripGuiaIdentificacion", text(1, 1000), required},
    {"PesoGuiaIdentificacion", decimal(3, "0.001"), required},
};
inline constexpr ElementRow kGuiasIdentificacion = {
    "GuiasIdentificacion", &kNamespace, kGuiasIdentificacionAttributes, {}};

inline constexpr AttributeRow kCantidadTransportaAttributes[] = {
    {"Cantidad", decimal(6, "0.000001"), required},
    {"IDOrigen", matching(kIdOrigen), required},
    {"IDDestino", matching(kIdDestino), required},
    {"CvesTransporte", code("c_CveTransporte", "CP180"), optional},
};
inline constexpr ElementRow kCantidadTransporta = {
    "CantidadTransporta", &kNamespace, kCantidadTransportaAttributes, {}};

inline constexpr AttributeRow kDetalleMercanciaAttributes[] = {
    {"UnidadPesoMerc", code("c_ClaveUnidadPeso"), required},
    {"PesoBruto", decimal(3, "0.001"), required},
    {"PesoNeto", decimal(3, "0.001"), required},
    {"PesoTara", decimal(3, "0.001"), required},
    {"NumPiezas", integer("1"), optional},
};
inline constexpr ElementRow kDetalleMercancia = {"DetalleMercancia", &kNamespace, kDetalleMercanciaAttributes, {}};

inline constexpr AttributeRow kMercanciaAttributes[] = {
    {"BienesTransp", code("c_ClaveProdServCP"), required},
    {"ClaveSTCC", matching(kClaveStcc), optional},
    {"Descripcion", text(1, 1000), required},
    {"Cantidad", decimal(6, "0.000001"), required},
    {"ClaveUnidad", code("c_ClaveUnidad"), required},
    {"Unidad", text(1, 20), optional},
    {"Dimensiones", preserved(matching(kDimensiones)), optional},
    {"MaterialPeligroso", one_of(kSiNo), optional},
    {"CveMaterialPeligroso", code("c_MaterialPeligroso", "CP156"), optional},
    {"Embalaje", code("c_TipoEmbalaje", "CP157"), optional},
    {"DescripEmbalaje", text(1, 100), optional},
    {"SectorCOFEPRIS", code("c_SectorCOFEPRIS", "CP158"), optional},
    {"NombreIngredienteActivo", text(1, 1000), optional},
    {"NomQuimico", text(1, 150), optional},
    {"DenominacionGenericaProd", text(1, 50), optional},
    {"DenominacionDistintivaProd", text(1, 50), optional},
    {"Fabricante", text(1, 240), optional},
    {"FechaCaducidad", kFecha, optional},
    {"LoteMedicamento", text(1, 10), optional},
    {"FormaFarmaceutica", code("c_FormaFarmaceutica"), optional},
    {"CondicionesEspTransp", code("c_CondicionesEspeciales"), optional},
    {"RegistroSanitarioFolioAutorizacion", text(1, 15), optional},
    {"PermisoImportacion", text(1, 6), optional},
    {"FolioImpoVUCEM", text(1, 25), optional},
    {"NumCAS", text(1, 15), optional},
    {"RazonSocialEmpImp", text(1, 80), optional},
    {"NumRegSanPlagCOFEPRIS", text(1, 60), optional},
    {"DatosFabricante", text(1, 600), optional},
    {"DatosFormulador", text(1, 600), optional},
    {"DatosMaquilador", text(1, 600), optional},
    {"UsoAutorizado", text(1, 1000), optional},
    {"PesoEnKg", decimal(3, "0.001"), required},
    {"ValorMercancia", kImporte, optional},
    {"Moneda", code("c_Moneda", "CP168"), optional},
    {"FraccionArancelaria", advised_code("c_FraccionArancelaria", "GW10"), optional},
    {"UUIDComercioExt", preserved(matching(kUuid)), optional},
    {"TipoMateria", code("c_TipoMateria", "CP170"), optional},
    {"DescripcionMateria", text(1, 50), optional},
};
inline constexpr ChildRow kMercanciaChildren[] = {
    {&kDocumentacionAduanera, 0, kMany},
    {&kGuiasIdentificacion, 0, kMany},
    {&kCantidadTransporta, 0, kMany},
    {&kDetalleMercancia, 0, 1},
};
inline constexpr ElementRow kMercancia = {"Mercancia", &kNamespace, kMercanciaAttributes, kMercanciaChildren};

inline constexpr AttributeRow kIdentificacionVehicularAttributes[] = {
    {"ConfigVehicular", code("c_ConfigAutotransporte"), required},
    {"PesoBrutoVehicular", decimal(2, "0.01"), required},
    {"PlacaVM", matching(kPlaca), required},
    {"AnioModeloVM", kYear, required},
};
inline constexpr ElementRow kIdentificacionVehicular = {
    "IdentificacionVehicular", &kNamespace, kIdentificacionVehicularAttributes, {}};

inline constexpr AttributeRow kSegurosAttributes[] = {
    {"AseguraRespCivil", text(3, 50), required},
    {"PolizaRespCivil", text(3, 30), required},
    {"AseguraMedAmbiente", text(3, 50), optional},
    {"PolizaMedAmbiente", text(3, 30), optional},
    {"AseguraCarga", text(3, 50), optional},
    {"PolizaCarga", text(3, 30), optional},
    {"PrimaSeguro", kImporte, optional},
};
inline constexpr ElementRow kSeguros = {"Seguros", &kNamespace, kSegurosAttributes, {}};

inline constexpr AttributeRow kRemolqueAttributes[] = {
    {"SubTipoRem", code("c_SubTipoRem"), required},
    {"Placa", matching(kPlaca), required},
};
inline constexpr ElementRow kRemolque = {"Remolque", &kNamespace, kRemolqueAttributes, {}};

inline constexpr ChildRow kRemolquesChildren[] = {
    {&kRemolque, 1, 2},
};
inline constexpr ElementRow kRemolques = {"Remolques", &kNamespace, {}, kRemolquesChildren};

inline constexpr AttributeRow kAutotransporteAttributes[] = {
    {"PermSCT", code("c_TipoPermiso"), required},
    {"NumPermisoSCT", text(1, 50), required},
};
inline constexpr ChildRow kAutotransporteChildren[] = {
    {&kIdentificacionVehicular, 1, 1},
    {&kSeguros, 1, 1},
    {&kRemolques, 0, 1},
};
inline constexpr ElementRow kAutotransporte = {"Autotransporte", &kNamespace, kAutotransporteAttributes,
                                               kAutotransporteChildren};

inline constexpr AttributeRow kRemolqueCCPAttributes[] = {
    {"SubTipoRemCCP", code("c_SubTipoRem"), required},
    {"PlacaCCP", matching(kPlaca), required},
};
inline constexpr ElementRow kRemolqueCCP = {"RemolqueCCP", &kNamespace, kRemolqueCCPAttributes, {}};

inline constexpr ChildRow kRemolquesCCPChildren[] = {
    {&kRemolqueCCP, 1, 2},
};
inline constexpr ElementRow kRemolquesCCP = {"RemolquesCCP", &kNamespace, {}, kRemolquesCCPChildren};

inline constexpr AttributeRow kContenedorMaritimoAttributes[] = {
    {"TipoContenedor", code("c_ContenedorMaritimo"), required},
    {"MatriculaContenedor", text(11, 15), optional},
    {"NumPrecinto", text(5, 20), optional},
    {"IdCCPRelacionado", matching(kIdCcp), optional},
    {"PlacaVMCCP", matching(kPlaca), optional},
    {"FechaCertificacionCCP", kFechaHora, optional},
};
inline constexpr ChildRow kContenedorMaritimoChildren[] = {
    {&kRemolquesCCP, 0, 1},
};
inline constexpr ElementRow kContenedorMaritimo = {"Contenedor", &kNamespace, kContenedorMaritimoAttributes,
                                                   kContenedorMaritimoChildren};

inline constexpr AttributeRow kTransporteMaritimoAttributes[] = {
    {"PermSCT", code("c_TipoPermiso"), optional},
    {"NumPermisoSCT", text(1, 30), optional},
    {"NombreAseg", text(3, 50), optional},
    {"NumPolizaSeguro", text(3, 30), optional},
    {"TipoEmbarcacion", code("c_ConfigMaritima"), required},
    {"Matricula", text(7, 30), required},
    {"NumeroOMI", matching(kNumeroOmi), required},
    {"AnioEmbarcacion", kYear, optional},
    {"NombreEmbarc", preserved(text(1, 50)), optional},
    {"NacionalidadEmbarc", code("c_Pais"), required},
    {"UnidadesDeArqBruto", decimal(3, "0.001"), required},
    {"TipoCarga", code("c_ClaveTipoCarga"), required},
    {"Eslora", decimal(2, "0.01"), optional},
    {"Manga", decimal(2, "0.01"), optional},
    {"Calado", decimal(2, "0.01"), optional},
    {"Puntal", decimal(2, "0.01"), optional},
    {"LineaNaviera", text(3, 50), optional},
    {"NombreAgenteNaviero", text(1, 100), required},
    {"NumAutorizacionNaviero", code("c_NumAutorizacionNaviero"), required},
    {"NumViaje", text(1, 30), optional},
    {"NumConocEmbarc", text(1, 30), optional},
    {"PermisoTempNavegacion", text(1, 19), optional},
};
inline constexpr ChildRow kTransporteMaritimoChildren[] = {
    {&kContenedorMaritimo, 0, kMany},
};
inline constexpr ElementRow kTransporteMaritimo = {"TransporteMaritimo", &kNamespace, kTransporteMaritimoAttributes,
                                                   kTransporteMaritimoChildren};

inline constexpr AttributeRow kTransporteAereoAttributes[] = {
    {"PermSCT", code("c_TipoPermiso"), required},
    {"NumPermisoSCT", text(1, 50), required},
    {"MatriculaAeronave", matching(kMatriculaAeronave), optional},
    {"NombreAseg", text(3, 50), optional},
    {"NumPolizaSeguro", text(3, 30), optional},
    {"NumeroGuia", text(12, 15), required},
    {"LugarContrato", text(1, 120), optional},
    {"CodigoTransportista", code("c_CodigoTransporteAereo"), required},
    {"RFCEmbarcador", matching(kRfc), optional},
    {"NumRegIdTribEmbarc", text(6, 40), optional},
    {"ResidenciaFiscalEmbarc", code("c_Pais", "CP190"), optional},
    {"NombreEmbarcador", text(1, 254), optional},
};
inline constexpr ElementRow kTransporteAereo = {"TransporteAereo", &kNamespace, kTransporteAereoAttributes, {}};

inline constexpr AttributeRow kDerechosDePasoAttributes[] = {
    {"TipoDerechoDePaso", code("c_DerechosDePaso"), required},
    {"KilometrajePagado", decimal(2, "0.01"), required},
};
inline constexpr ElementRow kDerechosDePaso = {"DerechosDePaso", &kNamespace, kDerechosDePasoAttributes, {}};

inline constexpr AttributeRow kContenedorFerroviarioAttributes[] = {
    {"TipoContenedor", code("c_Contenedor"), required},
    {"PesoContenedorVacio", decimal(3, "0.001"), required},
    {"PesoNetoMercancia", decimal(3, "0.001"), required},
};
inline constexpr ElementRow kContenedorFerroviario = {"Contenedor", &kNamespace, kContenedorFerroviarioAttributes, {}};

inline constexpr AttributeRow kCarroAttributes[] = {
    {"TipoCarro", code("c_TipoCarro"), required},
    {"MatriculaCarro", text(6, 15), required},
    {"GuiaCarro", text(1, 15), required},
    {"ToneladasNetasCarro", decimal(3, "0.001"), required},
};
inline constexpr ChildRow kCarroChildren[] = {
    {&kContenedorFerroviario, 0, kMany},
};
inline constexpr ElementRow kCarro = {"Carro", &kNamespace, kCarroAttributes, kCarroChildren};

inline constexpr AttributeRow kTransporteFerroviarioAttributes[] = {
    {"TipoDeServicio", code("c_TipoDeServicio"), required},
    {"TipoDeTrafico", code("c_TipoDeTrafico"), required},
    {"NombreAseg", text(3, 50), optional},
    {"NumPolizaSeguro", text(3, 30), optional},
};
inline constexpr ChildRow kTransporteFerroviarioChildren[] = {
    {&kDerechosDePaso, 0, kMany},
    {&kCarro, 1, kMany},
};
inline constexpr ElementRow kTransporteFerroviario = {"TransporteFerroviario", &kNamespace,
                                                      kTransporteFerroviarioAttributes, kTransporteFerroviarioChildren};

inline constexpr AttributeRow kMercanciasAttributes[] = {
    {"PesoBrutoTotal", decimal(3, "0.001"), required},
    {"UnidadPeso", code("c_ClaveUnidadPeso"), required},
    {"PesoNetoTotal", decimal(3, "0.001"), optional},
    {"NumTotalMercancias", integer("1"), required},
    {"CargoPorTasacion", kImporte, optional},
    {"LogisticaInversaRecoleccionDevolucion", preserved(one_of(kSi)), optional},
};
inline constexpr ChildRow kMercanciasChildren[] = {
    {&kMercancia, 1, kMany},
    {&kAutotransporte, 0, 1},
    {&kTransporteMaritimo, 0, 1},
    {&kTransporteAereo, 0, 1},
    {&kTransporteFerroviario, 0, 1},
};
inline constexpr ElementRow kMercancias = {"Mercancias", &kNamespace, kMercanciasAttributes, kMercanciasChildren};

inline constexpr AttributeRow kPartesTransporteAttributes[] = {
    {"ParteTransporte", code("c_ParteTransporte"), required},
};
inline constexpr ElementRow kPartesTransporte = {"PartesTransporte", &kNamespace, kPartesTransporteAttributes, {}};

inline constexpr AttributeRow kTiposFiguraAttributes[] = {
    {"TipoFigura", code("c_FiguraTransporte"), required},
    {"RFCFigura", matching(kRfc), optional},
    {"NumLicencia", text(6, 16), optional},
    {"NombreFigura", text(1, 254), required},
    {"NumRegIdTribFigura", text(6, 40), optional},
    {"ResidenciaFiscalFigura", code("c_Pais", "CP198"), optional},
};
inline constexpr ChildRow kTiposFiguraChildren[] = {
    {&kPartesTransporte, 0, kMany},
    {&kDomicilio, 0, 1},
};
inline constexpr ElementRow kTiposFigura = {"TiposFigura", &kNamespace, kTiposFiguraAttributes, kTiposFiguraChildren};

inline constexpr ChildRow kFiguraTransporteChildren[] = {
    {&kTiposFigura, 1, kMany},
};
inline constexpr ElementRow kFiguraTransporte = {"FiguraTransporte", &kNamespace, {}, kFiguraTransporteChildren};

inline constexpr AttributeRow kCartaPorteAttributes[] = {
    {"Version", preserved(fixed("3.1")), required},
    {"IdCCP", matching(kIdCcp), required},
    {"TranspInternac", one_of(kSiNo), required},
    {"EntradaSalidaMerc", one_of(kEntradaSalida), optional},
    {"PaisOrigenDestino", code("c_Pais", "CP121"), optional},
    {"ViaEntradaSalida", code("c_CveTransporte", "CP123"), optional},
    {"TotalDistRec", decimal(kAnyDecimals, "0.01", "99999"), optional},
    {"RegistroISTMO", preserved(one_of(kSi)), optional},
    {"UbicacionPoloOrigen", code("c_RegistroISTMO"), optional},
    {"UbicacionPoloDestino", code("c_RegistroISTMO"), optional},
};
inline constexpr ChildRow kCartaPorteChildren[] = {
    {&kRegimenesAduaneros, 0, 1},
    {&kUbicaciones, 1, 1},
    {&kMercancias, 1, 1},
    {&kFiguraTransporte, 0, 1},
};
inline constexpr ElementRow kCartaPorte = {"CartaPorte", &kNamespace, kCartaPorteAttributes, kCartaPorteChildren};

// clang-format on
}  // namespace puente::sat::carta_porte::v31
