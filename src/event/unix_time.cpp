#include "event/unix_time.hpp"

#include "event/number_text.hpp"

#include <cstdint>

namespace pbxbridge::event {

std::optional<std::chrono::sys_seconds> unix_time(std::string_view text) {
  constexpr std::int64_t year_10000 = 253'402'300'800;
  const auto seconds = whole_part(text);
  if (!seconds || *seconds == 0 || *seconds >= year_10000) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(*seconds));
}

}  // namespace pbxbridge::event
