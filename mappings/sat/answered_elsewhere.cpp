// The rows of validation-rules.csv that need no registry of the SAT's and yet have no row of ours.
#include "mappings/sat/rule.h"

namespace puente::sat {
namespace {

// One row a line.
// clang-format off
constexpr AnsweredElsewhere kRows[] = {
    {"CFDI40101", "ATTRIBUTE_PATTERN", "structure; the zone of the place of issue counts in the checks of seal and stamp"},
    {"CFDI40102", "SEAL_INVALID", "check 7 of the seal"},
    {"CFDI40106", "SEAL_CERTIFICATE_UNREADABLE", "check 1 of the seal"},
    {"CFDI40117", "ATTRIBUTE_DECIMALS", "structure"},
    {"CFDI40163", "", "c_ClaveProdServ as it is published for loading does not say which complement a key demands"},
    {"CFDI40164", "", "c_ClaveProdServ as it is published for loading does not say which taxes a key demands"},
    {"CFDI40174", "ATTRIBUTE_RANGE", "structure"},
    {"CFDI40181", "ATTRIBUTE_RANGE", "structure"},
    {"CFDI40209", "TOTAL_RETENIDOS_MISSING", "the same as CFDI40206"},
    {"CFDI40999", "", "the authority's number for what has none"},
    {"CP101", "CFDI_VERSION_REFUSED", "structure"},
    {"CP102", "SUBTOTAL_NOT_ZERO", "the same as CFDI40109"},
    {"CP106", "OBJETO_IMP_TAXES", "the same as CFDI40170 and CFDI40171"},
    {"CP112", "COMPLEMENT_REPEATED", "structure; elsewhere than in Complemento: ELEMENT_MISPLACED"},
    {"CP115", "COMPLEMENT_VERSION_REFUSED", "structure; another version in the namespace of 3.1: ATTRIBUTE_FIXED"},
    {"CP169", "REGIMEN_ADUANERO_DIRECTION", "text not published; taken as CP117 and CP118"},
    {"CP999", "", "the authority's number for what has none"},
    {"CCE109", "CARTA_PORTE_RECEPTOR", "the same as CP107"},
    {"CCE110", "OBJETO_IMP_TAXES", "the same as CFDI40171"},
    {"CCE114", "COMPLEMENT_REPEATED", "structure"},
    {"CCE115", "ELEMENT_MISPLACED", "structure"},
    {"CCE119", "EXPORT_PROPIETARIO_MISMATCH", "the same as CCE102 and CCE103"},
    {"CCE120", "", "a rule of version 1.1 whose attribute is gone"},
    {"CCE123", "EXPORT_EXPORTADOR_CONFIABLE", "text not published; taken as CCE122"},
    {"CCE137", "NUM_REG_ID_TRIB_MISSING", "the same as CFDI40155"},
    {"CCE138", "", "text not published"},
    {"CCE162", "IMPORTE_OUT_OF_LIMITS", "the same as CFDI40167"},
    {"CCE172", "EXPORT_CUSTOMS_QUANTITY", "text not published; taken as CCE170"},
    {"CCE176", "", "text not published"},
    {"CCE177", "", "text not published"},
    {"301", "XML_MALFORMED", "reader and structure"},
    {"302", "SEAL_INVALID", "check 7 of the seal"},
    {"303", "SEAL_RFC_MISMATCH", "check 3 of the seal"},
    {"305", "SEAL_CERTIFICATE_NOT_VALID", "check 5 of the seal"},
    {"306", "SEAL_CERTIFICATE_NOT_CSD", "check 4 of the seal"},
    {"307", "STAMP_REPEATED", "check 8, of the stamp"},
    {"308", "SEAL_ISSUER_REFUSED", "check 6 of the seal"},
    {"401", "STAMP_TIME", "check 12, of the stamp"},
    {"GW01", "SEAL_SERIAL_MISMATCH", "check 2 of the seal"},
    {"GW02", "STAMP_REPEATED", "check 8, of the stamp"},
    {"GW03", "STAMP_OF_ANOTHER_DOCUMENT", "check 9, of the stamp"},
    {"GW04", "STAMP_INVALID", "check 10, of the stamp"},
    {"GW08", "IDCCP_REUSED", "said when the document joins its shipment"},
    {"GW09", "", "the shipment names what it waits for"},
    {"GW11", "CP_DIRECTION", "said when an entry is drafted"},
};
// clang-format on

}  // namespace

std::span<const AnsweredElsewhere> answered_elsewhere() { return kRows; }

}  // namespace puente::sat
