// Shapes of profile and catalog values; private to this room.
#pragma once

#include <string_view>

#include "mappings/crosswalk/profile.h"

namespace puente::crosswalk {

// Whether the non-empty text is of the shape. For the list shapes: one item of the list.
bool has_shape(Shape shape, std::string_view values, std::string_view text);

// What the shape asks for, in words for a fault: "a date YYYY-MM-DD".
std::string_view shape_name(Shape shape);

inline bool is_list(Shape shape) { return shape == Shape::list || shape == Shape::entry_ranges; }

// Whether `key` is what the table writes as `pattern`: N stands for a number from 1, * for one name or more.
bool key_matches(std::string_view pattern, std::string_view key);

}  // namespace puente::crosswalk
