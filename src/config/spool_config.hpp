#pragma once

#include "pbxbridge/config/values.hpp"
#include "pbxbridge/enum_names.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pbxbridge::config {

/// Start of a sink that the spool does not know yet.
enum class StartAt : std::uint8_t { latest, earliest };

enum class SpoolType : std::uint8_t { disk, memory };

enum class SyncMode : std::uint8_t { always, interval, none };

enum class WhenFull : std::uint8_t { drop_oldest, reject_newest };

struct SpoolConfig {
  SpoolType type = SpoolType::disk;
  std::filesystem::path path = "/var/lib/pbxbridge";
  std::optional<ByteSize> max_size;
  Duration max_age{std::chrono::hours(7 * 24)};
  SyncMode sync = SyncMode::always;
  Duration sync_interval{100};
  WhenFull full = WhenFull::drop_oldest;
  ByteSize queue_size{4 * 1024 * 1024};
  Duration max_pause{5'000};
  ByteSize dead_letters_max_size{64 * 1024 * 1024};  ///< for each sink
  static const Schema<SpoolConfig>& schema();

  std::uint64_t max_bytes() const;
};

}  // namespace pbxbridge::config

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::config::StartAt> pbxbridge::enum_names<pbxbridge::config::StartAt>[] = {
    {config::StartAt::latest, "latest"}, {config::StartAt::earliest, "earliest"}};

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::config::SpoolType>
    pbxbridge::enum_names<pbxbridge::config::SpoolType>[] = {{config::SpoolType::disk, "disk"},
                                                             {config::SpoolType::memory, "memory"}};

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::config::SyncMode> pbxbridge::enum_names<pbxbridge::config::SyncMode>[] =
    {{config::SyncMode::always, "always"}, {config::SyncMode::interval, "interval"}, {config::SyncMode::none, "none"}};

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::config::WhenFull> pbxbridge::enum_names<pbxbridge::config::WhenFull>[] =
    {{config::WhenFull::drop_oldest, "drop_oldest"}, {config::WhenFull::reject_newest, "reject_newest"}};
