// Findings for people: one block each, the most severe first.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/app/terminal.h"
#include "mappings/findings/findings.h"

namespace puente::app {

std::string_view message_of(const Finding& finding, Language language);
std::string_view remedy_of(const Finding& finding, Language language);
Tone tone_of(Severity severity);
Text severity_word(Severity severity);

//   error CFDI40108  factura.xml:12:34  /cfdi:Comprobante/@SubTotal
//         The sum of the lines is ...
//         > Ask the issuer for ...
// A note that asks nothing of anyone takes one line where it fits. On a terminal, and where `document` holds the bytes
// that the finding is about, the line of the place follows with a caret below it.
void print_finding(Printer& printer, const Finding& finding, Language language, std::string_view indent = "  ",
                   std::string_view document = "");
void print_findings(Printer& printer, std::vector<Finding> findings, Language language, std::string_view indent = "  ",
                    std::string_view document = "");
// What the terminal shows of the document at the place: two lines, the text around it and the caret; "" where the place
// has no line. The text is made safe for a terminal.
std::string excerpt(std::string_view document, const SourcePlace& place, std::size_t width);
// The findings that name a list that is not loaded as one, in the place of the first.
std::vector<Finding> lists_together(std::vector<Finding> findings);
// "2 errors, 1 warning"; "no findings".
std::string count_of(const std::vector<Finding>& findings, Language language);
// Array of findings as in puente.entry/1.
nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

bool any_error(const std::vector<Finding>& findings);

}  // namespace puente::app
