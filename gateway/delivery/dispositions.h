// What CBP's answer lines mean for the state of a filing.
#pragma once

#include <optional>
#include <string_view>

namespace puente::delivery {

// The lifecycle state that a line moves its filing to; nothing for a line that only informs. `code` as cbp::AnswerLine
// gives it.
std::optional<std::string_view> state_of_line(std::string_view record, std::string_view code);

}  // namespace puente::delivery
