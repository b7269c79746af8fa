#pragma once

#include "pbxbridge/enum_names.hpp"
#include "pbxbridge/system_time.hpp"
#include "status/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::status {

enum class Level : std::uint8_t {
  well,
  warning,  ///< nothing is being lost, and somebody should look
  failing,  ///< events are being lost, or wait
};

struct Problem {
  Level level = Level::warning;
  std::string subject;  ///< "pbx hq", "sink lake", "spool", "configuration"
  std::string text;     ///< a whole sentence: what, since when, and what waits or is lost because of it
  std::optional<SystemTime> since;
};

/// Judges a snapshot as an operator would. The worst problem stands first.
struct Verdict {
  Level level = Level::well;
  std::string sentence;
  std::vector<Problem> problems;
};

Verdict judge(const Snapshot& snapshot);

/// `02:25:10 UTC (3 min ago)`, with the date where it is another day.
std::string since_text(SystemTime since, SystemTime now);
/// `45 s`, `3 min`, `2 h`, `5 d`.
std::string duration_text(std::chrono::duration<double> duration);

}  // namespace pbxbridge::status

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::status::Level> pbxbridge::enum_names<pbxbridge::status::Level>[] = {
    {status::Level::well, "well"}, {status::Level::warning, "warning"}, {status::Level::failing, "failing"}};
