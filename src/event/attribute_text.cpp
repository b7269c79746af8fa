#include "event/attribute_text.hpp"

#include "text/exchangeable.hpp"
#include "text/utf8.hpp"

namespace pbxbridge::event {

std::string_view attribute_text(std::string_view text, std::string& buffer) {
  return text::exchangeable(text::utf8_prefix(text, attribute_size_max), buffer);
}

}  // namespace pbxbridge::event
