#include "truth/cloudevent.hpp"

#include <fmt/format.h>

namespace pbxbridge::bench {

void CloudEvent::set(std::string_view name, std::string_view value) {
  if (name == "specversion") specversion = value;
  if (name == "id") id = value;
  if (name == "source") source = value;
  if (name == "type") type = value;
}

std::string fault_of(const CloudEvent& event) {
  if (event.id.empty()) return "without an id";
  if (event.source.empty()) return "without a source";
  if (event.type.empty()) return "without a type";
  if (event.specversion != "1.0") return fmt::format("with the specversion '{}'", event.specversion);
  return {};
}

}  // namespace pbxbridge::bench
