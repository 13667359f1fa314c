// Which table describes a line: by its control identifier, the application of the batch it stands in, and the columns
// that select among layouts of one identifier.
#pragma once

#include <string_view>

#include "mappings/cbp/catair/record.h"

namespace puente::cbp::catair {

// The layout of an 80-column line, or null. `application` is that of the A or B record (SE, SX, SO, AE, AX), "" when it
// is not known: then every application is tried. Envelope records are found under any application.
const Record* find_layout(std::string_view application, std::string_view line);

// Whether the application is one of those that trade sends (AE, SE...), not one of CBP's answers.
bool is_input_application(std::string_view application);

// The text of a field in a line of 80 columns.
std::string_view columns_of(const Field& field, std::string_view line);

}  // namespace puente::cbp::catair
