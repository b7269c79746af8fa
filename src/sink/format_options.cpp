#include "pbxbridge/format.hpp"

namespace pbxbridge {

const config::Schema<FormatOptions>& FormatOptions::schema() {
  static const auto schema =
      config::Schema<FormatOptions>("").field("format", &FormatOptions::format, {.text = destination_format_text});
  return schema;
}

}  // namespace pbxbridge
