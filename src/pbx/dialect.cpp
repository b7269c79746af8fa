#include "pbx/dialect.hpp"

#include "pbx/frame_search.hpp"

namespace pbxbridge::pbx {

std::string Answer::words() const {
  const std::string said = status ? "status " + std::to_string(*status) : "no valid status";
  return error.empty() ? said : said + ": " + error;
}

std::unique_ptr<Dialect> make_dialect(config::Dialect dialect) {
  return dialect == config::Dialect::v16 ? make_dialect_16() : make_dialect_22();
}

std::string_view glance_at_event_type(std::string_view frame) {
  constexpr std::string_view name = R"("event_type")";
  constexpr std::string_view space = " \t\r\n";
  const std::size_t found = find_in_frame(frame, name);
  if (found == std::string_view::npos) return {};
  const std::size_t colon = frame.find_first_not_of(space, found + name.size());
  if (colon == std::string_view::npos || frame[colon] != ':') return {};
  const std::size_t quote = frame.find_first_not_of(space, colon + 1);
  if (quote == std::string_view::npos || frame[quote] != '"') return {};
  const std::size_t end = frame.find('"', quote + 1);
  return end == std::string_view::npos ? std::string_view{} : frame.substr(quote + 1, end - quote - 1);
}

}  // namespace pbxbridge::pbx
